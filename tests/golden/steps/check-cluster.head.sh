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
trap '"'"'rm -rf "$work"'"'"' EXIT
cat >"$work/job.sh" <<'"'"'JOB'"'"'
#!/bin/sh
#$ -S /bin/sh -cwd -j y -o out -N hpcctl-check -pe pernode 3
mpirun -np 3 --map-by node /usr/local/bin/hpcctl-mpi-hello
JOB
chown hpc: "$work/job.sh"
cd "$work"
# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# It waits for the job, and takes the job along when it is told to end.
if ! as_user timeout -s INT -k 10 180 qsub -sync y job.sh; then
  qstat -f -explain aAcE
  echo "the job did not end well within 180 s:"
  cat out
  exit 1
fi
silent=
for name in head node001 node002; do
  seen() { grep -q " on $name\$" out; }
  retry 10 seen || silent="$silent $name" # NFS shows what another node wrote after some seconds
done
[ -z "$silent" ] || { cat out; echo "no rank answered from:$silent"; exit 1; }
' false
end
