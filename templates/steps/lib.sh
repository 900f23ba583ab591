# What every script of hpcctl's steps begins with: actions that change something only when they must.
# Protocol, on standard output, one line each, fields separated by tabs:
#   @@ step changed|unchanged|failed milliseconds base64-of-the-last-output (of what was told, where nothing failed)
# The conductor sets hosts_here before all this: the names of the hosts that are neither lost nor late.
umask 022
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
step_log=$(mktemp) || exit 1
trap 'rm -f "$step_log" "$step_log.told"' EXIT
exec 3>&1

# A run whose driver was killed may still be at its last step here. Daemons must not inherit the lock.
lock=/run/hpcctl-steps.lock alone=no
[ -w "${lock%/*}" ] || lock=$step_log.lock
exec 9>"$lock"

now_ms() { local t=$EPOCHREALTIME; echo "$((${t%[.,]*} * 1000 + 10#${t#*[.,]} / 1000))"; }

be_alone() {
  [ "$alone" = no ] || return
  flock -w 120 9 || fail "another run of hpcctl is still at work on this host"
  alone=yes
}

# begin NAME: what follows belongs to this step.
begin() { step=$1 changed=0 started=$(now_ms); : >"$step_log" >"$step_log.told"; exec >>"$step_log" 2>&1; be_alone; }

# tell TEXT: words of a command for the person who waits; they go with the end of the step.
tell() { printf '%s\n' "$*" >>"$step_log.told"; }

# end: tell how the step went.
end() {
  local state=unchanged words=
  [ "$changed" = 0 ] || state=changed
  [ ! -s "$step_log.told" ] || words=$(base64 -w0 "$step_log.told")
  printf '@@\t%s\t%s\t%s\t%s\n' "$step" "$state" "$(($(now_ms) - started))" "$words" >&3
}

# fail: tell it, with what the step wrote, and go no further on this host.
fail() {
  [ $# = 0 ] || echo "$*"
  printf '@@\t%s\tfailed\t%s\t%s\n' "$step" "$(($(now_ms) - started))" "$(tail -c 3000 "$step_log" | base64 -w0)" >&3
  exit 1
}

# put PATH MODE OWNER: the file has this content (standard input), mode and owner. Few processes: under emulation each
# one costs tens of milliseconds.
put() {
  local path=$1 mode=$2 owner=$3 content new=$1.hpcctl-new
  IFS= read -r -d '' content
  if [ -f "$path" ] && [ "$(cat "$path"; echo .)" = "$content." ] &&
    [ "$(stat -c '0%a %U:%G' "$path")" = "$mode $owner" ]; then
    return
  fi
  [ -d "${path%/*}/" ] || mkdir -p "${path%/*}" || fail "cannot make the folder of $path"
  rm -f "$new"
  (umask 077; set -C; printf %s "$content" >"$new") || fail "cannot write $path"
  [ "$owner" = root:root ] || chown "$owner" "$new" || fail "cannot give $path to $owner"
  chmod "$mode" "$new" && mv -f "$new" "$path" || fail "cannot write $path"
  changed=1
}

# run COMMAND UNLESS: the command runs where the test fails.
run() {
  (eval "$2") </dev/null >/dev/null 2>&1 3>&- 9>&- && return
  (
    set -eo pipefail
    eval "$1"
  ) </dev/null 3>&- 9>&- # a daemon that keeps our standard output open would keep ssh waiting
  [ $? = 0 ] || fail
  changed=1
}

# when_changed COMMAND: runs if an earlier action of this step changed something.
when_changed() { [ "$changed" = 0 ] || run "$1" false; }

# wait_for CONDITION SECONDS HINT
wait_for() {
  local deadline=$((SECONDS + $2))
  until (eval "$1") </dev/null >/dev/null 2>&1 3>&- 9>&-; do
    [ "$SECONDS" -lt "$deadline" ] || fail "waited $2 s in vain: $3"
    sleep 1 # whoever waits takes time from the head that it waits for
  done
}

# retry SECONDS COMMAND...: until it succeeds, at most so long.
retry() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.5
  done
}
