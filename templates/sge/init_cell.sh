# A new cell. A baked image carries another host's spool, or none.
cell=/var/lib/gridengine/default spool=/var/spool/gridengine
systemctl stop gridengine-master gridengine-exec
rm -rf "$spool/spooldb" "$spool/qmaster"
install -d -o sgeadmin -g sgeadmin "$cell" "$cell/common" "$spool" "$spool/qmaster" "$spool/qmaster/job_scripts" "$spool/spooldb"
[ -e /var/lib/gridengine/util ] || ln -s /usr/share/gridengine/util /var/lib/gridengine/util
runuser -u sgeadmin -- /usr/share/gridengine/scripts/init_cluster /var/lib/gridengine default "$spool/spooldb" sgeadmin
touch "$cell/common/hpcctl-cell"
