begin nfs
run 'mountpoint -q /share || { echo "/share is not mounted"; exit 1; }
as_user() { timeout 60 runuser -u hpc -- "$@"; }
file=/share/.hpcctl-check/$(hostname)
as_user mkdir -p /share/.hpcctl-check
as_user sh -c '"'"'hostname >"$1"'"'"' sh "$file"
[ "$(as_user cat "$file")" = "$(hostname)" ] || { echo "$file does not hold what was written"; exit 1; }
' false
end

begin s3
run 'mountpoint -q /permanent || { echo "/permanent is not mounted"; exit 1; }
as_user() { timeout 60 runuser -u hpc -- "$@"; }
file=/permanent/.hpcctl-check/demo/$(hostname)
as_user mkdir -p /permanent/.hpcctl-check/demo
as_user sh -c '"'"'hostname >"$1"'"'"' sh "$file"
[ "$(as_user cat "$file")" = "$(hostname)" ] || { echo "$file does not hold what was written"; exit 1; }
' false
end

begin 'execution host'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qhost -h "$(hostname)" | awk '"'"'$3 ~ /^[0-9]+$/ { found = 1 } END { exit !found }'"'"'' false
end
