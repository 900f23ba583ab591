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
work=$(runuser -u hpc -- mktemp -d "$home/.hpcctl-check.XXXXXX")
trap '"'"'rm -rf "$work"'"'"' EXIT
cat >"$work/job.sh" <<'"'"'JOB'"'"'
#!/bin/sh
#$ -S /bin/sh -cwd -j y -o out -N hpcctl-check -pe pernode 3
mpirun -np 3 --map-by node /usr/local/bin/hpcctl-mpi-hello
JOB
chown -R "$(stat -c %U:%G "$work")" "$work"
cd "$work"
# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
submit() { runuser -u hpc -- env PATH="$PATH" SGE_ROOT="$SGE_ROOT" SGE_CELL="$SGE_CELL" qsub -terse job.sh; }
job=$(submit)
finished() { ! qstat -j "$job"; }
if ! retry 180 finished >/dev/null 2>&1; then
  qstat -f -explain aAcE
  qdel "$job"
  echo "job $job did not end within 180 s"
  exit 1
fi
silent=
for name in head node001 node002; do
  grep -q " on $name\$" out || silent="$silent $name"
done
[ -z "$silent" ] || { cat out; echo "no rank answered from:$silent"; exit 1; }
' false
end
