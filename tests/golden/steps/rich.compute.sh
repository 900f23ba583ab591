# left out: begin permanent
# left out: begin s3
begin 'user'"'"'s scripts'
run '# The first boot runs the user'"'"'s scripts one after the other, and leaves a mark for each that ended well; ``failed`` holds the
# name of one that did not, ``running`` that of the one which runs.
folder=/etc/hpcctl/scripts
all_done() { [ ! -d $folder ] || [ -e $folder/done ]; }
ended() { all_done || [ -e $folder/failed ]; }
wait_for_scripts() {
  retry 900 ended || {
    tail -n 20 /var/log/hpcctl-scripts.log
    echo "$(cat $folder/running) has not ended after 900 s"
    return 1
  }
  [ ! -e $folder/failed ] || {
    tail -n 20 /var/log/hpcctl-scripts.log
    echo "$(cat $folder/failed)"
    return 1
  }
}
wait_for_scripts' '# The first boot runs the user'"'"'s scripts one after the other, and leaves a mark for each that ended well; ``failed`` holds the
# name of one that did not, ``running`` that of the one which runs.
folder=/etc/hpcctl/scripts
all_done() { [ ! -d $folder ] || [ -e $folder/done ]; }
ended() { all_done || [ -e $folder/failed ]; }
wait_for_scripts() {
  retry 900 ended || {
    tail -n 20 /var/log/hpcctl-scripts.log
    echo "$(cat $folder/running) has not ended after 900 s"
    return 1
  }
  [ ! -e $folder/failed ] || {
    tail -n 20 /var/log/hpcctl-scripts.log
    echo "$(cat $folder/failed)"
    return 1
  }
}
all_done'
end

begin 'login shell'
run '[ -x /usr/bin/zsh ] || { echo /usr/bin/zsh is not there, nor could it be installed; exit 1; }; usermod -s /usr/bin/zsh hpc' '[ "$(getent passwd hpc | cut -d: -f7)" = /usr/bin/zsh ]'
end

begin 'open mpi'
put /etc/openmpi/openmpi-mca-params.conf 0644 root:root <<'END_f9b7465ca8e73619'
# Written by hpcctl: MPI talks over the cluster's private network only.
btl_tcp_if_include = 10.71.0.0/16
oob_tcp_if_include = 10.71.0.0/16
END_f9b7465ca8e73619
put /etc/hpcctl/hostfile 0644 root:root <<'END_905a3aab6c523b78'
node001
node002
END_905a3aab6c523b78
end

begin 'nfs mounts'
wait_for ': </dev/tcp/head/2049' 300 'the head serves no NFS; see its step '"'"'nfs server'"'"''
run 'awk -v point=/share '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'head:/share /share nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'head:/share /share nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' /etc/fstab'
run 'umount -l /share 2>/dev/null || true; mkdir -p /share && retry 60 mount /share' 'mountpoint -q /share'
run 'awk -v point=/home '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'head:/share/home /home nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'head:/share/home /home nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' /etc/fstab'
run 'umount -l /home 2>/dev/null || true; mkdir -p /home && retry 60 mount /home' 'mountpoint -q /home'
run 'awk -v point=/data/long-term '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'head:/data/long-term /data/long-term nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'head:/data/long-term /data/long-term nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' /etc/fstab'
run 'umount -l /data/long-term 2>/dev/null || true; mkdir -p /data/long-term && retry 60 mount /data/long-term' 'mountpoint -q /data/long-term'
end

begin lifetime
put /usr/lib/hpcctl/leave 0700 root:root <<'END_07acc020733610d0'
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

begin 'file systems'
run '# What has been written goes out first, each within a time: a server that is gone must hold nobody up. What somebody
# still uses is let go as soon as they end.
is_mounted() { awk -v point="$1" '"'"'$2 == point { found = 1 } END { exit !found }'"'"' /proc/self/mounts; }
flushed=yes
for point in /models /data/long-term /home /share ; do
  is_mounted "$point" || continue
  timeout -k 1 20 sync -f "$point" || flushed=no
  timeout -k 1 10 umount "$point" 2>/dev/null || umount -l "$point" || true
done
timeout -k 1 30 sync || flushed=no
[ "$flushed" = yes ]
' false
end
begin 'models (EFS)'
run 'awk -v point=/models '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'fs-0123.efs.us-east-1.amazonaws.com:/ /models nfs4 nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,_netdev,nofail 0 0'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'fs-0123.efs.us-east-1.amazonaws.com:/ /models nfs4 nfsvers=4.1,rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2,noresvport,_netdev,nofail 0 0'"'"' /etc/fstab'
run 'umount -l /models 2>/dev/null || true; mkdir -p /models && retry 30 mount /models' 'mountpoint -q /models'
end

begin welcome
put /etc/motd 0644 root:root <<'END_f7ff3987f1ea5fa9'

  demo: 3 nodes with SGE, Open MPI and NFS

    /share      shared by all nodes (homes are on it); lost when the cluster is terminated
    /data/long-term the volume data, on all nodes
    /fast       the volume fast, on the head alone
    /models     EFS, on all nodes
    /scratch    this node's own disk

    qhost       the nodes            qsub -pe orte N job.sh    an MPI job with N slots
    qstat -f    the queue            mpirun --hostfile /etc/hpcctl/hostfile ...

END_f7ff3987f1ea5fa9
end

begin 'sge execution host'
put /etc/systemd/system/gridengine-exec.service.d/hpcctl.conf 0644 root:root <<'END_a84e64f22862309c'
[Unit]
RequiresMountsFor=/share /home
END_a84e64f22862309c
wait_for '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qconf -sh | grep -qxF "$(hostname)"' 300 'the queue master on the head does not know this node; see the head'"'"'s step '"'"'sge members'"'"''
run 'systemctl start gridengine-exec' 'systemctl is-active -q gridengine-exec'
end
begin accounts
run '# Who else may log in. What must outlive machines is on /share, written by root alone:
#   accounts       USER UID, one a line, in the order in which they came: an id never changes its owner
#   nodes/USER     the key with which the user goes from node to node
#   authorize/     the head'"'"'s copy of the keys, for the nodes to fetch
# A user without a file in $keys has an account, a home and perhaps jobs, and can no longer log in.
store=/share/.hpcctl register=$store/accounts keys=/etc/hpcctl/authorize
conf=/etc/ssh/sshd_config.d/05-hpcctl-authorize.conf
line="AuthorizedKeysFile /etc/hpcctl/authorized_keys/%u $keys/%u .ssh/authorized_keys"
people='"'"''"'"'
login=hpc

keys_of() {
  case $1 in
  esac
  [ ! -e "$store/nodes/$1" ] || cat "$store/nodes/$1"
}

nobody() { [ -z "$people" ] && [ ! -s "$register" ] && [ ! -e "$keys" ]; }

# Accounts that this machine lacks, as in the register.
lacking() { [ ! -e "$register" ] || comm -23 <(sort "$register") <(awk -F: '"'"'{ print $1, $3 }'"'"' /etc/passwd | sort); }
closed() { awk '"'"'FNR == NR { mine[$1]; next } $1 in mine && $8 == 1 { print $1 }'"'"' "$register" FS=: /etc/shadow | sort; }
to_close() { while read -r user _; do [ -e "$keys/$user" ] || echo "$user"; done <"$register" | sort; }

same_here() {
  [ -z "$(lacking)" ] && [ "$(cat "$conf" 2>/dev/null)" = "$line" ] &&
    { [ ! -e "$register" ] || [ "$(closed)" = "$(to_close)" ]; }
}

make_accounts() {
  local user uid
  while read -r user uid; do
    if id -u "$user" >/dev/null 2>&1; then
      echo "the machine has a user $user of its own: give the account another name"
      return 1
    fi
    groupadd -g "$uid" "$user" && useradd -M -u "$uid" -g "$uid" -d "/home/$user" -s /usr/bin/zsh -p '"'"'*'"'"' "$user" || return 1
  done < <(lacking)
  [ -e "$register" ] || return 0
  for user in $(comm -13 <(closed) <(to_close)); do usermod -e 1 "$user" || return 1; done
  for user in $(comm -23 <(closed) <(to_close)); do usermod -e '"'"''"'"' "$user" || return 1; done
}

tell_sshd() {
  [ "$(cat "$conf" 2>/dev/null)" != "$line" ] || return 0
  echo "$line" >"$conf"
  [ ! -e /run/sshd.pid ] || kill -HUP "$(cat /run/sshd.pid)"
}

# A compute node does as the head does: the accounts of the register, the keys that the head has.
settled() {
  { [ ! -s "$register" ] && [ ! -e "$store/authorize" ]; } ||
    { diff -rq "$store/authorize" "$keys" >/dev/null 2>&1 && same_here; }
}

settle() {
  rm -rf "$keys.new" && cp -r "$store/authorize" "$keys.new" && rm -rf "$keys" && mv -T "$keys.new" "$keys" || return 1
  make_accounts && tell_sshd
}

settle' '# Who else may log in. What must outlive machines is on /share, written by root alone:
#   accounts       USER UID, one a line, in the order in which they came: an id never changes its owner
#   nodes/USER     the key with which the user goes from node to node
#   authorize/     the head'"'"'s copy of the keys, for the nodes to fetch
# A user without a file in $keys has an account, a home and perhaps jobs, and can no longer log in.
store=/share/.hpcctl register=$store/accounts keys=/etc/hpcctl/authorize
conf=/etc/ssh/sshd_config.d/05-hpcctl-authorize.conf
line="AuthorizedKeysFile /etc/hpcctl/authorized_keys/%u $keys/%u .ssh/authorized_keys"
people='"'"''"'"'
login=hpc

keys_of() {
  case $1 in
  esac
  [ ! -e "$store/nodes/$1" ] || cat "$store/nodes/$1"
}

nobody() { [ -z "$people" ] && [ ! -s "$register" ] && [ ! -e "$keys" ]; }

# Accounts that this machine lacks, as in the register.
lacking() { [ ! -e "$register" ] || comm -23 <(sort "$register") <(awk -F: '"'"'{ print $1, $3 }'"'"' /etc/passwd | sort); }
closed() { awk '"'"'FNR == NR { mine[$1]; next } $1 in mine && $8 == 1 { print $1 }'"'"' "$register" FS=: /etc/shadow | sort; }
to_close() { while read -r user _; do [ -e "$keys/$user" ] || echo "$user"; done <"$register" | sort; }

same_here() {
  [ -z "$(lacking)" ] && [ "$(cat "$conf" 2>/dev/null)" = "$line" ] &&
    { [ ! -e "$register" ] || [ "$(closed)" = "$(to_close)" ]; }
}

make_accounts() {
  local user uid
  while read -r user uid; do
    if id -u "$user" >/dev/null 2>&1; then
      echo "the machine has a user $user of its own: give the account another name"
      return 1
    fi
    groupadd -g "$uid" "$user" && useradd -M -u "$uid" -g "$uid" -d "/home/$user" -s /usr/bin/zsh -p '"'"'*'"'"' "$user" || return 1
  done < <(lacking)
  [ -e "$register" ] || return 0
  for user in $(comm -13 <(closed) <(to_close)); do usermod -e 1 "$user" || return 1; done
  for user in $(comm -23 <(closed) <(to_close)); do usermod -e '"'"''"'"' "$user" || return 1; done
}

tell_sshd() {
  [ "$(cat "$conf" 2>/dev/null)" != "$line" ] || return 0
  echo "$line" >"$conf"
  [ ! -e /run/sshd.pid ] || kill -HUP "$(cat /run/sshd.pid)"
}

# A compute node does as the head does: the accounts of the register, the keys that the head has.
settled() {
  { [ ! -s "$register" ] && [ ! -e "$store/authorize" ]; } ||
    { diff -rq "$store/authorize" "$keys" >/dev/null 2>&1 && same_here; }
}

settle() {
  rm -rf "$keys.new" && cp -r "$store/authorize" "$keys.new" && rm -rf "$keys" && mv -T "$keys.new" "$keys" || return 1
  make_accounts && tell_sshd
}

settled'
end
begin volumes
run 'bad=
for point in /data/long-term /models; do
  mountpoint -q "$point" && timeout 30 stat -f "$point" >/dev/null || bad="$bad $point"
done
[ -z "$bad" ] || { echo "not mounted, or without an answer:$bad"; exit 1; }
' false
end

