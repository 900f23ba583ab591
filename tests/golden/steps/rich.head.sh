# left out: begin 'execution host'
# left out: begin 'sge execution host'
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

begin 'data volume'
put /usr/lib/hpcctl/volumes.sh 0644 root:root <<'END_84c968fb759a6aa9'
# Written by hpcctl, for its own steps: EBS volumes and their file systems. Every function begins with the same words:
#   SERIAL   the volume's id without the dash        DEVICE  the name that was asked for at its attachment, such as sdf
#   POINT    where it is mounted

# NVMe and virtio disks carry the volume's id as a serial number; Xen's keep the name that was asked for.
disk_of() { # SERIAL DEVICE
  local disk
  for disk in /dev/disk/by-id/*"$1" "/dev/xvd${2#sd}" "/dev/$2"; do
    [ -b "$disk" ] && echo "$disk" && return
  done
  return 1
}

# What carries the file system: the whole disk, or the only partition of a disk that has a table of them.
source_of() { # SERIAL DEVICE
  local disk part
  disk=$(disk_of "$1" "$2") || return
  set -- $(lsblk -lnpo TYPE,NAME "$disk" | awk '$1 == "part" { print $2 }')
  case $# in
    0) echo "$disk" ;;
    1) for part in "$disk-part1" "${disk}1" "$1"; do [ -b "$part" ] && echo "$part" && return; done ;;
    *) echo "$disk has $# partitions: hpcctl mounts a volume with one file system" >&2 && return 1 ;;
  esac
}

# The line of /etc/fstab is right as long as it names this volume's disk.
volume_listed() { # SERIAL DEVICE POINT
  local disk line
  line=$(awk -v point="$3" '$2 == point && $1 ~ "^/" { print; exit }' /etc/fstab)
  disk=$(disk_of "$1" "$2") && [[ "$line" == "$disk"[-\ p1]* ]]
}

# A file system for a volume that is blank, the line for /etc/fstab, the mount. What is not blank is never formatted.
mount_volume() { # SERIAL DEVICE POINT FILE_SYSTEM LABEL
  local point=$3 source kind code=0 fresh=no
  source=$(source_of "$1" "$2") || return
  kind=$(blkid -p -s TYPE -o value "$source") || code=$?
  if [ "$code" = 2 ]; then # blkid's word for "nothing there"
    case $4 in
      ext4) mkfs.ext4 -q -E lazy_itable_init=1,lazy_journal_init=1 -L "$5" "$source" || return ;;
      xfs) mkfs.xfs -q -L "$5" "$source" || return ;;
    esac
    kind=$4 fresh=yes
  elif [ "$code" != 0 ]; then
    echo "$source cannot be read" >&2
    return "$code"
  fi
  case $kind in
    ext2 | ext3 | ext4 | xfs | btrfs) ;;
    *) echo "$source holds ${kind:-data} that is no file system which hpcctl mounts; it is left as it is" >&2 && return 1 ;;
  esac
  {
    awk -v point="$point" '$2 != point' /etc/fstab
    echo "$source $point $kind defaults,nofail,x-systemd.device-timeout=300s 0 2"
  } >/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab || return
  mountpoint -q "$point" || { mkdir -p "$point" && mount "$point"; } || return
  # A file system that was made here belongs to nobody yet.
  [ "$fresh" = no ] || chmod 1777 "$point"
}

# How many bytes of the disk its file system does not use yet.
spare_bytes() { # SERIAL DEVICE POINT
  local source used
  source=$(source_of "$1" "$2") || return
  case $(findmnt -fno FSTYPE "$3") in
    ext?) used=$(dumpe2fs -h "$source" 2>/dev/null | awk -F: '/^Block count/ { n = $2 } /^Block size/ { print n * $2 }') ;;
    xfs) used=$(($(xfs_info "$3" | sed -n 's/^data .*bsize=\([0-9]*\) *blocks=\([0-9]*\).*/\1 * \2/p'))) ;;
    *) return 1 ;;
  esac
  [ -n "$used" ] && echo $(($(blockdev --getsize64 "$source") - used))
}

# A rest of less than 16 MiB is too small for a file system to use.
volume_full() { # SERIAL DEVICE POINT
  local spare
  ! spare=$(spare_bytes "$@") || [ "$spare" -lt $((16 << 20)) ]
}

grow_volume() { # SERIAL DEVICE POINT
  case $(findmnt -fno FSTYPE "$3") in
    ext?) resize2fs "$(source_of "$1" "$2")" ;;
    xfs) xfs_growfs "$3" ;;
  esac
}
END_84c968fb759a6aa9
wait_for '. /usr/lib/hpcctl/volumes.sh; disk_of vol0aaaaaaaaaaaaaaa1 sdg' 120 'the volume vol-0aaaaaaaaaaaaaaa1 is not attached to the head'
run '. /usr/lib/hpcctl/volumes.sh; mount_volume vol0aaaaaaaaaaaaaaa1 sdg /data/long-term ext4 hpcctl-data' '. /usr/lib/hpcctl/volumes.sh; volume_listed vol0aaaaaaaaaaaaaaa1 sdg /data/long-term'
run 'umount -l /data/long-term 2>/dev/null || true; mkdir -p /data/long-term && retry 0 mount /data/long-term' 'mountpoint -q /data/long-term'
end

begin 'fast volume'
put /usr/lib/hpcctl/volumes.sh 0644 root:root <<'END_84c968fb759a6aa9'
# Written by hpcctl, for its own steps: EBS volumes and their file systems. Every function begins with the same words:
#   SERIAL   the volume's id without the dash        DEVICE  the name that was asked for at its attachment, such as sdf
#   POINT    where it is mounted

# NVMe and virtio disks carry the volume's id as a serial number; Xen's keep the name that was asked for.
disk_of() { # SERIAL DEVICE
  local disk
  for disk in /dev/disk/by-id/*"$1" "/dev/xvd${2#sd}" "/dev/$2"; do
    [ -b "$disk" ] && echo "$disk" && return
  done
  return 1
}

# What carries the file system: the whole disk, or the only partition of a disk that has a table of them.
source_of() { # SERIAL DEVICE
  local disk part
  disk=$(disk_of "$1" "$2") || return
  set -- $(lsblk -lnpo TYPE,NAME "$disk" | awk '$1 == "part" { print $2 }')
  case $# in
    0) echo "$disk" ;;
    1) for part in "$disk-part1" "${disk}1" "$1"; do [ -b "$part" ] && echo "$part" && return; done ;;
    *) echo "$disk has $# partitions: hpcctl mounts a volume with one file system" >&2 && return 1 ;;
  esac
}

# The line of /etc/fstab is right as long as it names this volume's disk.
volume_listed() { # SERIAL DEVICE POINT
  local disk line
  line=$(awk -v point="$3" '$2 == point && $1 ~ "^/" { print; exit }' /etc/fstab)
  disk=$(disk_of "$1" "$2") && [[ "$line" == "$disk"[-\ p1]* ]]
}

# A file system for a volume that is blank, the line for /etc/fstab, the mount. What is not blank is never formatted.
mount_volume() { # SERIAL DEVICE POINT FILE_SYSTEM LABEL
  local point=$3 source kind code=0 fresh=no
  source=$(source_of "$1" "$2") || return
  kind=$(blkid -p -s TYPE -o value "$source") || code=$?
  if [ "$code" = 2 ]; then # blkid's word for "nothing there"
    case $4 in
      ext4) mkfs.ext4 -q -E lazy_itable_init=1,lazy_journal_init=1 -L "$5" "$source" || return ;;
      xfs) mkfs.xfs -q -L "$5" "$source" || return ;;
    esac
    kind=$4 fresh=yes
  elif [ "$code" != 0 ]; then
    echo "$source cannot be read" >&2
    return "$code"
  fi
  case $kind in
    ext2 | ext3 | ext4 | xfs | btrfs) ;;
    *) echo "$source holds ${kind:-data} that is no file system which hpcctl mounts; it is left as it is" >&2 && return 1 ;;
  esac
  {
    awk -v point="$point" '$2 != point' /etc/fstab
    echo "$source $point $kind defaults,nofail,x-systemd.device-timeout=300s 0 2"
  } >/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab || return
  mountpoint -q "$point" || { mkdir -p "$point" && mount "$point"; } || return
  # A file system that was made here belongs to nobody yet.
  [ "$fresh" = no ] || chmod 1777 "$point"
}

# How many bytes of the disk its file system does not use yet.
spare_bytes() { # SERIAL DEVICE POINT
  local source used
  source=$(source_of "$1" "$2") || return
  case $(findmnt -fno FSTYPE "$3") in
    ext?) used=$(dumpe2fs -h "$source" 2>/dev/null | awk -F: '/^Block count/ { n = $2 } /^Block size/ { print n * $2 }') ;;
    xfs) used=$(($(xfs_info "$3" | sed -n 's/^data .*bsize=\([0-9]*\) *blocks=\([0-9]*\).*/\1 * \2/p'))) ;;
    *) return 1 ;;
  esac
  [ -n "$used" ] && echo $(($(blockdev --getsize64 "$source") - used))
}

# A rest of less than 16 MiB is too small for a file system to use.
volume_full() { # SERIAL DEVICE POINT
  local spare
  ! spare=$(spare_bytes "$@") || [ "$spare" -lt $((16 << 20)) ]
}

grow_volume() { # SERIAL DEVICE POINT
  case $(findmnt -fno FSTYPE "$3") in
    ext?) resize2fs "$(source_of "$1" "$2")" ;;
    xfs) xfs_growfs "$3" ;;
  esac
}
END_84c968fb759a6aa9
wait_for '. /usr/lib/hpcctl/volumes.sh; disk_of vol0aaaaaaaaaaaaaaa2 sdh' 120 'the volume vol-0aaaaaaaaaaaaaaa2 is not attached to the head'
run '. /usr/lib/hpcctl/volumes.sh; mount_volume vol0aaaaaaaaaaaaaaa2 sdh /fast xfs hpcctl-fast' '. /usr/lib/hpcctl/volumes.sh; volume_listed vol0aaaaaaaaaaaaaaa2 sdh /fast'
run 'umount -l /fast 2>/dev/null || true; mkdir -p /fast && retry 0 mount /fast' 'mountpoint -q /fast'
run '. /usr/lib/hpcctl/volumes.sh; grow_volume vol0aaaaaaaaaaaaaaa2 sdh /fast' '. /usr/lib/hpcctl/volumes.sh; volume_full vol0aaaaaaaaaaaaaaa2 sdh /fast'
end

begin 'nfs server'
put /etc/nfs.conf.d/hpcctl.conf 0644 root:root <<'END_7e20224fd9bb4742'
[nfsd]
vers3 = n
threads = 16
END_7e20224fd9bb4742
put /etc/exports.d/hpcctl.exports 0644 root:root <<'END_6ed60233e01ac13d'
# Written by hpcctl: for the nodes of this cluster, by address, and only while the volume is mounted.
/share 10.71.0.11(rw,sync,no_root_squash,no_subtree_check,mountpoint) 10.71.0.12(rw,sync,no_root_squash,no_subtree_check,mountpoint)
/data/long-term 10.71.0.11(rw,sync,no_root_squash,no_subtree_check,mountpoint) 10.71.0.12(rw,sync,no_root_squash,no_subtree_check,mountpoint)
END_6ed60233e01ac13d
put /etc/systemd/system/nfs-server.service.d/hpcctl.conf 0644 root:root <<'END_050f479429f50040'
# At a boot the server must find what it serves mounted: an export of the bare folder hangs the clients for good.
[Unit]
RequiresMountsFor=/share
Wants=data-long\x2dterm.mount
After=data-long\x2dterm.mount
END_050f479429f50040
run 'chmod 1777 /share' '[ $(stat -c %a /share) = 1777 ]'
run 'systemctl start nfs-server' 'systemctl is-active -q nfs-server'
run 'rpc.nfsd 16' '[ $(cat /proc/fs/nfsd/threads) = 16 ]'
when_changed 'exportfs -ra'
end

begin 'login shell'
run '[ -x /usr/bin/zsh ] || { echo /usr/bin/zsh is not there, nor could it be installed; exit 1; }; usermod -s /usr/bin/zsh hpc' '[ "$(getent passwd hpc | cut -d: -f7)" = /usr/bin/zsh ]'
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

# The head keeps the register, makes the homes, and says which keys are good.
whole=no

extra() { [ "$whole" = no ] || for path in "$keys"/*; do
  [ ! -e "$path" ] || case " $people " in *" ${path##*/} "*) ;; *) echo "$path" ;; esac
done; }

homeless() { while read -r user _; do [ -d "/home/$user" ] || echo "$user"; done <"$register"; }

registered() { for user in $people; do
  [ "$user" = "$login" ] || grep -qs "^$user " "$register" || return 1
done; }

opened() { for user in $people; do [ "$(cat "$keys/$user" 2>/dev/null)" = "$(keys_of "$user")" ] || return 1; done; }

settled() {
  nobody || { registered && [ -e "$keys" ] && opened && [ -z "$(extra)" ] && same_here &&
    { [ ! -e "$register" ] || [ -z "$(homeless)" ]; } && diff -rq "$keys" "$store/authorize" >/dev/null 2>&1; }
}

enter() {
  local uid
  uid=$(awk '"'"'$2 > most { most = $2 } END { print (most > 1500 ? most : 1500) + 1 }'"'"' "$register")
  while getent passwd "$uid" >/dev/null || getent group "$uid" >/dev/null; do uid=$((uid + 1)); done
  echo "$1 $uid" >>"$register"
}

make_home() {
  local home=/home/$1 user=$1
  rm -rf "$home.new" && cp -a /etc/skel "$home.new" && mkdir -m 700 "$home.new/.ssh" || return 1
  ssh-keygen -q -t ed25519 -N '"'"''"'"' -C "$user@"demo -f "$home.new/.ssh/id_ed25519" || return 1
  cp "$home.new/.ssh/id_ed25519.pub" "$store/nodes/$user" && chown -R "$user:$user" "$home.new" || return 1
  chmod 0700 "$home.new" && mv -T "$home.new" "$home"
}

settle() {
  local user
  if [ -e "$store" ] && [ "$(stat -c '"'"'%U %F'"'"' "$store")" != "root directory" ]; then
    echo "$store is not a folder of root: remove it"
    return 1
  fi
  mkdir -p "$store/nodes" "$keys" && touch "$register" || return 1
  for user in $people; do [ "$user" = "$login" ] || grep -q "^$user " "$register" || enter "$user" || return 1; done
  make_accounts || return 1
  for user in $(homeless); do make_home "$user" || return 1; done
  for user in $people; do keys_of "$user" >"$keys/.new" && mv -f "$keys/.new" "$keys/$user" || return 1; done
  for path in $(extra); do rm -f "$path" || return 1; done
  make_accounts && tell_sshd || return 1
  rm -rf "$store/authorize.new" && cp -r "$keys" "$store/authorize.new" && rm -rf "$store/authorize" &&
    mv -T "$store/authorize.new" "$store/authorize"
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

# The head keeps the register, makes the homes, and says which keys are good.
whole=no

extra() { [ "$whole" = no ] || for path in "$keys"/*; do
  [ ! -e "$path" ] || case " $people " in *" ${path##*/} "*) ;; *) echo "$path" ;; esac
done; }

homeless() { while read -r user _; do [ -d "/home/$user" ] || echo "$user"; done <"$register"; }

registered() { for user in $people; do
  [ "$user" = "$login" ] || grep -qs "^$user " "$register" || return 1
done; }

opened() { for user in $people; do [ "$(cat "$keys/$user" 2>/dev/null)" = "$(keys_of "$user")" ] || return 1; done; }

settled() {
  nobody || { registered && [ -e "$keys" ] && opened && [ -z "$(extra)" ] && same_here &&
    { [ ! -e "$register" ] || [ -z "$(homeless)" ]; } && diff -rq "$keys" "$store/authorize" >/dev/null 2>&1; }
}

enter() {
  local uid
  uid=$(awk '"'"'$2 > most { most = $2 } END { print (most > 1500 ? most : 1500) + 1 }'"'"' "$register")
  while getent passwd "$uid" >/dev/null || getent group "$uid" >/dev/null; do uid=$((uid + 1)); done
  echo "$1 $uid" >>"$register"
}

make_home() {
  local home=/home/$1 user=$1
  rm -rf "$home.new" && cp -a /etc/skel "$home.new" && mkdir -m 700 "$home.new/.ssh" || return 1
  ssh-keygen -q -t ed25519 -N '"'"''"'"' -C "$user@"demo -f "$home.new/.ssh/id_ed25519" || return 1
  cp "$home.new/.ssh/id_ed25519.pub" "$store/nodes/$user" && chown -R "$user:$user" "$home.new" || return 1
  chmod 0700 "$home.new" && mv -T "$home.new" "$home"
}

settle() {
  local user
  if [ -e "$store" ] && [ "$(stat -c '"'"'%U %F'"'"' "$store")" != "root directory" ]; then
    echo "$store is not a folder of root: remove it"
    return 1
  fi
  mkdir -p "$store/nodes" "$keys" && touch "$register" || return 1
  for user in $people; do [ "$user" = "$login" ] || grep -q "^$user " "$register" || enter "$user" || return 1; done
  make_accounts || return 1
  for user in $(homeless); do make_home "$user" || return 1; done
  for user in $people; do keys_of "$user" >"$keys/.new" && mv -f "$keys/.new" "$keys/$user" || return 1; done
  for path in $(extra); do rm -f "$path" || return 1; done
  make_accounts && tell_sshd || return 1
  rm -rf "$store/authorize.new" && cp -r "$keys" "$store/authorize.new" && rm -rf "$store/authorize" &&
    mv -T "$store/authorize.new" "$store/authorize"
}

settled'
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

begin lifetime
put /usr/lib/hpcctl/leave 0700 root:root <<'END_69323ba5e53e669c'
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
for point in /models ; do
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

begin 'sge members'
wait_for '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qconf -sss' 60 'the queue master does not answer; see /var/spool/gridengine/qmaster/messages on the head'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qconf -ah head,node001,node002' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
[ -z "$(comm -13 <(qconf -sh | sort) <(printf '"'"'head\nnode001\nnode002\n'"'"'))" ]'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qconf -as head,node001,node002' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
[ -z "$(comm -13 <(qconf -ss | sort) <(printf '"'"'head\nnode001\nnode002\n'"'"'))" ]'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qconf -am hpc' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qconf -sm | grep -qxF hpc'
put /etc/hpcctl/sge/groups/allhosts 0644 root:root <<'END_15b5cc7a36775479'
group_name @allhosts
hostlist node001 node002
END_15b5cc7a36775479
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
change=A; qconf -shgrp @allhosts >/dev/null 2>&1 && change=M; qconf -${change}hgrp /etc/hpcctl/sge/groups/allhosts' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
cmp <(qconf -shgrp @allhosts) /etc/hpcctl/sge/groups/allhosts'
put /etc/hpcctl/sge/groups/node 0644 root:root <<'END_a2d0f3ef0a0c038a'
group_name @node
hostlist node001 node002
END_a2d0f3ef0a0c038a
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
change=A; qconf -shgrp @node >/dev/null 2>&1 && change=M; qconf -${change}hgrp /etc/hpcctl/sge/groups/node' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
cmp <(qconf -shgrp @node) /etc/hpcctl/sge/groups/node'
end

begin 'sge queue'
put /etc/hpcctl/sge/orte 0644 root:root <<'END_ac629a2ab7542a54'
pe_name            orte
slots              99999
user_lists         NONE
xuser_lists        NONE
start_proc_args    NONE
stop_proc_args     NONE
allocation_rule    $fill_up
control_slaves     TRUE
job_is_first_task  FALSE
urgency_slots      min
accounting_summary TRUE
qsort_args         NONE
END_ac629a2ab7542a54
put /etc/hpcctl/sge/smp 0644 root:root <<'END_b0f1daed94497ec6'
pe_name            smp
slots              99999
user_lists         NONE
xuser_lists        NONE
start_proc_args    NONE
stop_proc_args     NONE
allocation_rule    $pe_slots
control_slaves     FALSE
job_is_first_task  TRUE
urgency_slots      min
accounting_summary TRUE
qsort_args         NONE
END_b0f1daed94497ec6
put /etc/hpcctl/sge/pernode 0644 root:root <<'END_12eb54d769596705'
pe_name            pernode
slots              99999
user_lists         NONE
xuser_lists        NONE
start_proc_args    NONE
stop_proc_args     NONE
allocation_rule    1
control_slaves     TRUE
job_is_first_task  FALSE
urgency_slots      min
accounting_summary TRUE
qsort_args         NONE
END_12eb54d769596705
put /etc/hpcctl/sge/all.q 0644 root:root <<'END_d973608b00e8e87c'
qname                 all.q
hostlist              @allhosts
seq_no                0
load_thresholds       NONE
suspend_thresholds    NONE
nsuspend              1
suspend_interval      00:05:00
priority              0
min_cpu_interval      00:05:00
processors            UNDEFINED
qtype                 BATCH INTERACTIVE
ckpt_list             NONE
pe_list               make orte smp pernode
rerun                 TRUE
slots                 0
tmpdir                /tmp
shell                 /bin/bash
prolog                NONE
epilog                NONE
shell_start_mode      unix_behavior
starter_method        NONE
suspend_method        NONE
resume_method         NONE
terminate_method      NONE
notify                00:00:60
owner_list            NONE
user_lists            NONE
xuser_lists           NONE
subordinate_list      NONE
complex_values        NONE
projects              NONE
xprojects             NONE
calendar              NONE
initial_state         default
s_rt                  INFINITY
h_rt                  INFINITY
s_cpu                 INFINITY
h_cpu                 INFINITY
s_fsize               INFINITY
h_fsize               INFINITY
s_data                INFINITY
h_data                INFINITY
s_stack               INFINITY
h_stack               INFINITY
s_core                INFINITY
h_core                INFINITY
s_rss                 INFINITY
h_rss                 INFINITY
s_vmem                INFINITY
h_vmem                INFINITY
END_d973608b00e8e87c
put /etc/hpcctl/sge/scheduler 0644 root:root <<'END_c7a6ba0fc59fa52d'
algorithm                         default
schedule_interval                 0:0:5
maxujobs                          0
queue_sort_method                 load
job_load_adjustments              NONE
load_adjustment_decay_time        0:7:30
load_formula                      np_load_avg
schedd_job_info                   true
flush_submit_sec                  1
flush_finish_sec                  1
params                            none
reprioritize_interval             0:0:0
halftime                          168
usage_weight_list                 cpu=1.000000,mem=0.000000,io=0.000000
compensation_factor               5.000000
weight_user                       0.250000
weight_project                    0.250000
weight_department                 0.250000
weight_job                        0.250000
weight_tickets_functional         0
weight_tickets_share              0
share_override_tickets            TRUE
share_functional_shares           TRUE
max_functional_jobs_to_schedule   200
report_pjob_tickets               TRUE
max_pending_tasks_per_job         50
halflife_decay_list               none
policy_hierarchy                  OFS
weight_ticket                     0.010000
weight_waiting_time               0.000000
weight_deadline                   3600000.000000
weight_urgency                    0.100000
weight_priority                   1.000000
max_reservation                   0
default_duration                  INFINITY
END_c7a6ba0fc59fa52d
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
missing() {
  comm -13 <({ qconf -spl && qconf -sql; } 2>/dev/null | sort) <(printf '"'"'%s\n'"'"' all.q orte smp pernode | sort)
}
add_missing() {
  local lacking
  lacking=" $(missing | tr '"'"'\n'"'"' '"'"' '"'"')"
  for name in orte smp pernode; do
    [[ "$lacking" != *" $name "* ]] || qconf -Ap /etc/hpcctl/sge/$name
  done
  [[ "$lacking" != *" all.q "* ]] || qconf -Aq /etc/hpcctl/sge/all.q
}
add_missing' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
missing() {
  comm -13 <({ qconf -spl && qconf -sql; } 2>/dev/null | sort) <(printf '"'"'%s\n'"'"' all.q orte smp pernode | sort)
}
add_missing() {
  local lacking
  lacking=" $(missing | tr '"'"'\n'"'"' '"'"' '"'"')"
  for name in orte smp pernode; do
    [[ "$lacking" != *" $name "* ]] || qconf -Ap /etc/hpcctl/sge/$name
  done
  [[ "$lacking" != *" all.q "* ]] || qconf -Aq /etc/hpcctl/sge/all.q
}
[ -z "$(missing)" ]'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
qconf -Msconf /etc/hpcctl/sge/scheduler && touch /etc/hpcctl/sge/scheduler.applied' 'test -e /etc/hpcctl/sge/scheduler.applied'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# The jobs of a node that has not been heard of for so long start anew elsewhere. All else is as the distribution has it.
folder=$(mktemp -d)
qconf -sconf global |
  sed -E '"'"'s/^(max_unheard +).*/\100:03:00/; s/^(reschedule_unknown +).*/\100:02:00/'"'"' >"$folder/global"
qconf -Mconf "$folder/global"
rm -r "$folder"
touch /etc/hpcctl/sge/global.applied
' 'test -e /etc/hpcctl/sge/global.applied'
end
begin slots
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it has processors by the number that one slot stands for (one,
# where nothing else is said), and none elsewhere.
cpus_per_slot='"'"'node001 2
node002 2'"'"'
slots_wanted() {
  awk '"'"'NR == FNR { cpus[$1] = $2; next }
       $3 ~ /^[0-9]+$/ {
         slots = int($3 / ($1 in cpus ? cpus[$1] : 1))
         list = list sprintf(",[%s=%s]", $1, slots ? slots : 1)
       }
       END { print "0" list }'"'"' <(printf '"'"'%s\n'"'"' "$cpus_per_slot") <(qhost)
}
slots_set() { qconf -sq all.q | awk '"'"'$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'"'"'; }
slots_sorted() { tr , '"'"'\n'"'"' | sort; }
wait_reported() { [ "$(slots_wanted | slots_sorted | wc -l)" -gt "$(set -- $hosts_here; echo $(($# - 1)))" ]; }
retry 60 wait_reported || true' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it has processors by the number that one slot stands for (one,
# where nothing else is said), and none elsewhere.
cpus_per_slot='"'"'node001 2
node002 2'"'"'
slots_wanted() {
  awk '"'"'NR == FNR { cpus[$1] = $2; next }
       $3 ~ /^[0-9]+$/ {
         slots = int($3 / ($1 in cpus ? cpus[$1] : 1))
         list = list sprintf(",[%s=%s]", $1, slots ? slots : 1)
       }
       END { print "0" list }'"'"' <(printf '"'"'%s\n'"'"' "$cpus_per_slot") <(qhost)
}
slots_set() { qconf -sq all.q | awk '"'"'$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'"'"'; }
slots_sorted() { tr , '"'"'\n'"'"' | sort; }
[ "$(slots_wanted | slots_sorted | wc -l)" -gt "$(set -- $hosts_here; echo $(($# - 1)))" ]'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it has processors by the number that one slot stands for (one,
# where nothing else is said), and none elsewhere.
cpus_per_slot='"'"'node001 2
node002 2'"'"'
slots_wanted() {
  awk '"'"'NR == FNR { cpus[$1] = $2; next }
       $3 ~ /^[0-9]+$/ {
         slots = int($3 / ($1 in cpus ? cpus[$1] : 1))
         list = list sprintf(",[%s=%s]", $1, slots ? slots : 1)
       }
       END { print "0" list }'"'"' <(printf '"'"'%s\n'"'"' "$cpus_per_slot") <(qhost)
}
slots_set() { qconf -sq all.q | awk '"'"'$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'"'"'; }
slots_sorted() { tr , '"'"'\n'"'"' | sort; }
qconf -rattr queue slots "$(slots_wanted)" all.q' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it has processors by the number that one slot stands for (one,
# where nothing else is said), and none elsewhere.
cpus_per_slot='"'"'node001 2
node002 2'"'"'
slots_wanted() {
  awk '"'"'NR == FNR { cpus[$1] = $2; next }
       $3 ~ /^[0-9]+$/ {
         slots = int($3 / ($1 in cpus ? cpus[$1] : 1))
         list = list sprintf(",[%s=%s]", $1, slots ? slots : 1)
       }
       END { print "0" list }'"'"' <(printf '"'"'%s\n'"'"' "$cpus_per_slot") <(qhost)
}
slots_set() { qconf -sq all.q | awk '"'"'$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'"'"'; }
slots_sorted() { tr , '"'"'\n'"'"' | sort; }
cmp <(slots_wanted | slots_sorted) <(slots_set | slots_sorted)'
end
begin volumes
run 'bad=
for point in /data/long-term /models; do
  mountpoint -q "$point" && timeout 30 stat -f "$point" >/dev/null || bad="$bad $point"
done
[ -z "$bad" ] || { echo "not mounted, or without an answer:$bad"; exit 1; }
' false
end

begin 'head'"'"'s own volumes'
run 'bad=
for point in /fast; do
  mountpoint -q "$point" && timeout 30 stat -f "$point" >/dev/null || bad="$bad $point"
done
[ -z "$bad" ] || { echo "not mounted, or without an answer:$bad"; exit 1; }
' false
end
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
end

begin 'mpi job'
run 'home=$(getent passwd hpc | cut -d: -f6)
as_user() { setpriv --reuid hpc --regid hpc --init-groups env HOME="$home" "$@"; }
work=$(as_user mktemp -d "$home/.hpcctl-check.XXXXXX")
cat >"$work/job.sh" <<'"'"'JOB'"'"'
#!/bin/sh
#$ -S /bin/sh -cwd -j y -o out -N hpcctl-check -pe pernode 2
mpirun -np 2 --map-by node /usr/local/bin/hpcctl-mpi-hello
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
for name in node001 node002; do
  [[ "$output"$'"'"'\n'"'"' == *" on $name"$'"'"'\n'"'"'* ]] || silent="$silent $name"
done
[ -z "$silent" ] || { echo "$output"; echo "no rank answered from:$silent"; exit 1; }
# The job is still leaving: its folder goes when it has left.
left() { ! qstat -j "$job"; }
(cd / && retry 60 left && rm -rf "$work") >/dev/null 2>&1 &
' false
end
