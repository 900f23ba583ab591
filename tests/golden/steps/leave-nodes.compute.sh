begin 'boot id'
run 'tell "$(cat /proc/sys/kernel/random/boot_id)"' false
end

begin 'jobs end'
run '# The daemon first, so that it does not report as finished what is killed next; the jobs are told before they are killed.
timeout 30 systemctl stop gridengine-exec || systemctl kill -s KILL gridengine-exec
group=/sys/fs/cgroup/system.slice/gridengine-exec.service
processes() { cat "$group/cgroup.procs" 2>/dev/null; }
if [ -n "$(processes)" ]; then
  kill -TERM $(processes) 2>/dev/null || true
  none_left() { [ -z "$(processes)" ]; }
  retry 5 none_left || echo 1 >"$group/cgroup.kill"
fi
' false
end

begin 'file systems'
run '# What has been written goes out first, each within a time: a server that is gone must hold nobody up. What somebody
# still uses is let go as soon as they end.
is_mounted() { awk -v point="$1" '"'"'$2 == point { found = 1 } END { exit !found }'"'"' /proc/self/mounts; }
flushed=yes
for point in /permanent /home /share ; do
  is_mounted "$point" || continue
  timeout -k 1 20 sync -f "$point" || flushed=no
  timeout -k 1 10 umount "$point" 2>/dev/null || umount -l "$point" || true
done
timeout -k 1 30 sync || flushed=no
[ "$flushed" = yes ]
' false
end
