# A new cell. A baked image carries another host's spool, or none.
cell=/var/lib/gridengine/default spool=/var/spool/gridengine
systemctl stop gridengine-master gridengine-exec
rm -rf "$spool/spooldb" "$spool/qmaster"
install -d -o sgeadmin -g sgeadmin "$spool/qmaster" "$spool/qmaster/job_scripts" "$spool/spooldb"
runuser -u sgeadmin -- /usr/share/gridengine/scripts/init_cluster /var/lib/gridengine default "$spool/spooldb" sgeadmin
touch "$cell/common/hpcctl-cell"
