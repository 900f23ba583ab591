# The daemon first, so that it does not report as finished what is killed next; the jobs are told before they are killed.
timeout 30 systemctl stop gridengine-exec || systemctl kill -s KILL gridengine-exec
group=/sys/fs/cgroup/system.slice/gridengine-exec.service
processes() { cat "$group/cgroup.procs" 2>/dev/null; }
if [ -n "$(processes)" ]; then
  kill -TERM $(processes) 2>/dev/null || true
  none_left() { [ -z "$(processes)" ]; }
  retry 5 none_left || echo 1 >"$group/cgroup.kill"
fi
