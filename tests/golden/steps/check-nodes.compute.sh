begin nfs
run 'mountpoint -q /share || { echo /share "is not mounted"; exit 1; }
# As the login user, in one process: setpriv opens no session, which costs seconds under emulation.
timeout 60 setpriv --reuid hpc --regid hpc --init-groups bash -eu -c '"'"'
  mkdir -p "$0"
  hostname >"$0/$1"
  read -r found <"$0/$1"
  [ "$found" = "$1" ] || { echo "$0/$1 does not hold what was written"; exit 1; }
'"'"' /share/.hpcctl-check "$(hostname)"
' false
end

begin s3
run 'mountpoint -q /permanent || { echo /permanent "is not mounted"; exit 1; }
# As the login user, in one process: setpriv opens no session, which costs seconds under emulation.
timeout 60 setpriv --reuid hpc --regid hpc --init-groups bash -eu -c '"'"'
  mkdir -p "$0"
  hostname >"$0/$1"
  read -r found <"$0/$1"
  [ "$found" = "$1" ] || { echo "$0/$1 does not hold what was written"; exit 1; }
'"'"' /permanent/.hpcctl-check/demo "$(hostname)"
' false
end

begin 'execution host'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qhost -h "$(hostname)" | awk '"'"'$3 ~ /^[0-9]+$/ { found = 1 } END { exit !found }'"'"'' false
end
