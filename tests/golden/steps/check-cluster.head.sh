begin 'files of all nodes'
run 'folder=/share/.hpcctl-check
missing=
for name in head node001 node002; do
  seen() { [ "$(timeout 20 cat "$folder/$name")" = "$name" ]; }
  retry 15 seen || missing="$missing $name"
done
[ -z "$missing" ] || { echo "$folder on the head lacks what was written by:$missing"; exit 1; }
rm -rf "$folder"
' false
run 'folder=/permanent/.hpcctl-check/demo
missing=
for name in head node001 node002; do
  seen() { [ "$(timeout 20 cat "$folder/$name")" = "$name" ]; }
  retry 15 seen || missing="$missing $name"
done
[ -z "$missing" ] || { echo "$folder on the head lacks what was written by:$missing"; exit 1; }
rm -rf "$folder"
' false
end

begin 'mpi job'
run 'home=$(getent passwd hpc | cut -d: -f6)
as_user() { setpriv --reuid hpc --regid hpc --init-groups env HOME="$home" "$@"; }
work=$(as_user mktemp -d "$home/.hpcctl-check.XXXXXX")
cat >"$work/job.sh" <<'"'"'JOB'"'"'
#!/bin/sh
#$ -S /bin/sh -cwd -j y -o out -N hpcctl-check -pe pernode 3
mpirun -np 3 --map-by node /usr/local/bin/hpcctl-mpi-hello
echo "finished with exit code $?"
JOB
chown hpc: "$work/job.sh"
cd "$work"
# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# The job'"'"'s output tells its end sooner than qsub -sync does. The shell reads it without a process.
finished() { [ -e out ] && [[ $(<out) == *"finished with"* ]]; }
running() { qstat -u '"'"'*'"'"' -s r | awk '"'"'NR > 2 { print $1 }'"'"'; }
job=$(as_user qsub -terse job.sh)
if ! retry 15 finished && [ -n "$(running)" ] && ! running | grep -qx "$job"; then
  # Other people'"'"'s jobs have the slots, as after a start: what is to be tried is tried beside them.
  qdel "$job" || true
  tell "the queue is busy with jobs: MPI was tried on all nodes, but not through the queue"
  code=0
  as_user timeout 150 mpirun --hostfile /etc/hpcctl/hostfile -npernode 1 hpcctl-mpi-hello >out 2>&1 || code=$?
  echo "finished with exit code $code" >>out
fi
if ! retry 165 finished; then
  qstat -f -explain aAcE
  [ ! -e out ] || cat out
  qdel "$job"
  echo "job $job did not end within 180 s"
  exit 1
fi
# The output of the acceptance check'"'"'s MPI program has a line from each of these nodes.
output=$(<out)
silent=
for name in head node001 node002; do
  [[ "$output"$'"'"'\n'"'"' == *" on $name"$'"'"'\n'"'"'* ]] || silent="$silent $name"
done
[ -z "$silent" ] || { echo "$output"; echo "no rank answered from:$silent"; exit 1; }
# The job is still leaving: its folder goes when it has left.
left() { ! qstat -j "$job"; }
(cd / && retry 60 left && rm -rf "$work") >/dev/null 2>&1 &
' false
end
