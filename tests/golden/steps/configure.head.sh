begin 'sge cell'
put /var/lib/gridengine/default/common/act_qmaster 0644 sgeadmin:sgeadmin <<'END_8944e854e3f44472'
head
END_8944e854e3f44472
end

begin 'sge master'
put /var/lib/gridengine/default/common/master 0644 sgeadmin:sgeadmin <<'END_8944e854e3f44472'
head
END_8944e854e3f44472
run 'systemctl start gridengine-master' 'systemctl is-active -q gridengine-master'
end

begin 'share volume'
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
wait_for '. /usr/lib/hpcctl/volumes.sh; disk_of vol0123456789abcdef0 sdf' 120 'the volume vol-0123456789abcdef0 is not attached to the head'
run '. /usr/lib/hpcctl/volumes.sh; mount_volume vol0123456789abcdef0 sdf /share ext4 hpcctl-share' '. /usr/lib/hpcctl/volumes.sh; volume_listed vol0123456789abcdef0 sdf /share'
run 'umount -l /share 2>/dev/null || true; mkdir -p /share && retry 0 mount /share' 'mountpoint -q /share'
run '. /usr/lib/hpcctl/volumes.sh; grow_volume vol0123456789abcdef0 sdf /share' '. /usr/lib/hpcctl/volumes.sh; volume_full vol0123456789abcdef0 sdf /share'
end

begin homes
run 'rm -rf /share/home.new && cp -a /home /share/home.new && mv -T /share/home.new /share/home' 'test -d /share/home'
run 'awk -v point=/home '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'/share/home /home none bind,nofail,x-systemd.requires-mounts-for=/share 0 0'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'/share/home /home none bind,nofail,x-systemd.requires-mounts-for=/share 0 0'"'"' /etc/fstab'
run 'umount -l /home 2>/dev/null || true; mkdir -p /home && retry 0 mount /home' 'mountpoint -q /home'
end

begin 'nfs server'
put /etc/nfs.conf.d/hpcctl.conf 0644 root:root <<'END_7e20224fd9bb4742'
[nfsd]
vers3 = n
threads = 16
END_7e20224fd9bb4742
put /etc/exports.d/hpcctl.exports 0644 root:root <<'END_1c92a4ef9fb60c0b'
# Written by hpcctl: for the nodes of this cluster, by address, and only while the volume is mounted.
/share 10.71.0.11(rw,sync,no_root_squash,no_subtree_check,mountpoint) 10.71.0.12(rw,sync,no_root_squash,no_subtree_check,mountpoint)
END_1c92a4ef9fb60c0b
put /etc/systemd/system/nfs-server.service.d/hpcctl.conf 0644 root:root <<'END_e015ac2b2b2c0bdb'
# At a boot the server must find what it serves mounted: an export of the bare folder hangs the clients for good.
[Unit]
RequiresMountsFor=/share
END_e015ac2b2b2c0bdb
run 'chmod 1777 /share' '[ $(stat -c %a /share) = 1777 ]'
run 'systemctl start nfs-server' 'systemctl is-active -q nfs-server'
run 'rpc.nfsd 16' '[ $(cat /proc/fs/nfsd/threads) = 16 ]'
when_changed 'exportfs -ra'
end

begin logins
run 'file=/etc/hpcctl/authorized_keys/hpc
lacking() { printf '"'"'%s\n'"'"' '"'"'ssh-ed25519 AAAAlogin hpcctl-demo'"'"' '"'"'ssh-ed25519 AAAAcluster hpc@demo'"'"' | grep -vxF -f "$file"; }
mkdir -p "${file%/*}" && touch "$file" && { awk 1 "$file"; lacking; } >"$file.hpcctl-new" && mv -f "$file.hpcctl-new" "$file"' 'file=/etc/hpcctl/authorized_keys/hpc
lacking() { printf '"'"'%s\n'"'"' '"'"'ssh-ed25519 AAAAlogin hpcctl-demo'"'"' '"'"'ssh-ed25519 AAAAcluster hpc@demo'"'"' | grep -vxF -f "$file"; }
[ -s "$file" ] && ! lacking'
end

begin 'login user'
run 'cp -a /etc/skel /home/hpc.new && chown -R hpc:hpc /home/hpc.new && chmod 0750 /home/hpc.new && mv -T /home/hpc.new /home/hpc' 'test -d /home/hpc'
run '# A home that came with a volume and belongs to somebody with another number: it opens for its user, but what lies in it is
# left as it is, for nobody knows whose it ought to be.
home=/home/hpc user=hpc
before=$(stat -c %u "$home")
chown "$user:$user" "$home"
for path in "$home/.ssh" "$home"/.bash* "$home/.profile"; do
  [ ! -e "$path" ] || [ "$(stat -c %u "$path")" != "$before" ] || chown -h "$user:$user" "$path"
done
tell "$home came with the volume and was uid $before'"'"'s: $user may enter now; \`sudo chown -R $user: $home\` makes all in it $user'"'"'s"
' '[ "$(stat -c %u /home/hpc)" = 1500 ]'
run 'install -d -m 0700 -o 1500 -g 1500 /home/hpc/.ssh' 'test -d /home/hpc/.ssh'
put /home/hpc/.ssh/id_ed25519 0600 hpc:hpc <<'END_63b3abaad6965f9b'
PRIVATE KEY
END_63b3abaad6965f9b
put /home/hpc/.ssh/id_ed25519.pub 0644 hpc:hpc <<'END_5ecd77e3c4b9ce95'
ssh-ed25519 AAAAcluster
END_5ecd77e3c4b9ce95
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
    groupadd -g "$uid" "$user" && useradd -M -u "$uid" -g "$uid" -d "/home/$user" -s /bin/bash -p '"'"'*'"'"' "$user" || return 1
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
    groupadd -g "$uid" "$user" && useradd -M -u "$uid" -g "$uid" -d "/home/$user" -s /bin/bash -p '"'"'*'"'"' "$user" || return 1
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
put /etc/hpcctl/hostfile 0644 root:root <<'END_ff0ce6bb95612f9d'
head
node001
node002
END_ff0ce6bb95612f9d
end

begin scratch
run 'install -d -m 1777 /scratch' '[ $(stat -c %a /scratch 2>/dev/null) = 1777 ]'
end

begin welcome
put /etc/motd 0644 root:root <<'END_e4f77e096bcbd078'

  demo: 3 nodes with SGE, Open MPI and NFS

    /share      shared by all nodes (homes are on it); lost when the cluster is terminated
    /permanent  the bucket hpcctl-123456789012-us-east-1; slow, but it outlives the cluster
    /scratch    this node's own disk

    qhost       the nodes            qsub -pe orte N job.sh    an MPI job with N slots
    qstat -f    the queue            mpirun --hostfile /etc/hpcctl/hostfile ...

END_e4f77e096bcbd078
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
put /etc/hpcctl/sge/groups/allhosts 0644 root:root <<'END_df9a1e0514995c29'
group_name @allhosts
hostlist head node001 node002
END_df9a1e0514995c29
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

begin permanent
run '# /permanent by s3fs, with the credentials of the node'"'"'s own role. s3fs 1.90 would ask for the role'"'"'s name without a
# token, which IMDSv2 refuses; so it is asked for here.
before='"'"'hpcctl-123456789012-us-east-1 /permanent fuse.s3fs _netdev,nofail,allow_other,iam_role='"'"' after='"'"',uid=1500,gid=1500,umask=0002,mp_umask=0002,stat_cache_expire=5,endpoint=us-east-1,url=https://s3.us-east-1.amazonaws.com 0 0'"'"'
ask() { curl -sf --noproxy '"'"'*'"'"' -m 5 "$@"; }
role_of_node() {
  local imds=http://169.254.169.254/latest token
  token=$(ask -X PUT -H '"'"'X-aws-ec2-metadata-token-ttl-seconds: 60'"'"' $imds/api/token) &&
    ask -H "X-aws-ec2-metadata-token: $token" $imds/meta-data/iam/security-credentials/
}
# A line is right whatever role it names: a node has one, and keeps it.
listed() {
  local line
  while IFS= read -r line; do
    [[ "$line" == "$before"*"$after" && "${line#"$before"}" != *,*"$after" ]] && return
  done </etc/fstab
  return 1
}
list() {
  local role
  role=$(retry 30 role_of_node) || { echo "this node has no role: its instance profile is missing"; return 1; }
  role=${role%%[!A-Za-z0-9+=.@_-]*}
  awk '"'"'$2 != "/permanent"'"'"' /etc/fstab >/etc/fstab.hpcctl
  printf '"'"'%s\n'"'"' "$before$role$after" >>/etc/fstab.hpcctl
  chmod 0644 /etc/fstab.hpcctl
  mv -f /etc/fstab.hpcctl /etc/fstab
}
list' '# /permanent by s3fs, with the credentials of the node'"'"'s own role. s3fs 1.90 would ask for the role'"'"'s name without a
# token, which IMDSv2 refuses; so it is asked for here.
before='"'"'hpcctl-123456789012-us-east-1 /permanent fuse.s3fs _netdev,nofail,allow_other,iam_role='"'"' after='"'"',uid=1500,gid=1500,umask=0002,mp_umask=0002,stat_cache_expire=5,endpoint=us-east-1,url=https://s3.us-east-1.amazonaws.com 0 0'"'"'
ask() { curl -sf --noproxy '"'"'*'"'"' -m 5 "$@"; }
role_of_node() {
  local imds=http://169.254.169.254/latest token
  token=$(ask -X PUT -H '"'"'X-aws-ec2-metadata-token-ttl-seconds: 60'"'"' $imds/api/token) &&
    ask -H "X-aws-ec2-metadata-token: $token" $imds/meta-data/iam/security-credentials/
}
# A line is right whatever role it names: a node has one, and keeps it.
listed() {
  local line
  while IFS= read -r line; do
    [[ "$line" == "$before"*"$after" && "${line#"$before"}" != *,*"$after" ]] && return
  done </etc/fstab
  return 1
}
list() {
  local role
  role=$(retry 30 role_of_node) || { echo "this node has no role: its instance profile is missing"; return 1; }
  role=${role%%[!A-Za-z0-9+=.@_-]*}
  awk '"'"'$2 != "/permanent"'"'"' /etc/fstab >/etc/fstab.hpcctl
  printf '"'"'%s\n'"'"' "$before$role$after" >>/etc/fstab.hpcctl
  chmod 0644 /etc/fstab.hpcctl
  mv -f /etc/fstab.hpcctl /etc/fstab
}
listed'
run 'umount -l /permanent 2>/dev/null || true; mkdir -p /permanent && retry 0 mount /permanent' 'mountpoint -q /permanent'
end
