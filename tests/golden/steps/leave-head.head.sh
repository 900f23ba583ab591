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

begin 'jobs put back'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# The hosts'"'"' daemons have ended: what ran there goes back into the queue, and nothing of it is counted as finished.
running() { qstat -u '"'"'*'"'"' -s r -q '"'"'*@head,*@node001,*@node002'"'"' 2>/dev/null | awk '"'"'NR > 2 { print $1 }'"'"' | sort -un; }
before=$(running | wc -l)
if [ "$before" -gt 0 ]; then
  qmod -rj $(running) >/dev/null || true
  put_back() { [ "$(running | wc -l)" = 0 ]; }
  retry 3 put_back || true
  lost=$(running | tr '"'"'\n'"'"' '"'"' '"'"')
  again=$((before - $(running | wc -l)))
  [ "$again" = 0 ] || tell "running jobs that were put back into the queue and will start anew: $again"
  [ -z "$lost" ] || tell "jobs that end here, because they may not start anew (qsub -r n, or interactive): $lost"
fi
' '! systemctl is-active -q gridengine-master'
end

begin 'sge master ends'
run 'timeout 60 systemctl stop gridengine-master' '! systemctl is-active -q gridengine-master'
end

begin 'file systems'
run '# What has been written goes out first, each within a time: a server that is gone must hold nobody up. What somebody
# still uses is let go as soon as they end.
is_mounted() { awk -v point="$1" '"'"'$2 == point { found = 1 } END { exit !found }'"'"' /proc/self/mounts; }
flushed=yes
for point in /permanent ; do
  is_mounted "$point" || continue
  timeout -k 1 20 sync -f "$point" || flushed=no
  timeout -k 1 10 umount "$point" 2>/dev/null || umount -l "$point" || true
done
timeout -k 1 30 sync || flushed=no
[ "$flushed" = yes ]
' false
end
