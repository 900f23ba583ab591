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
