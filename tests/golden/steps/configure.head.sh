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
wait_for '# The disk of /share by its volume'"'"'s id: NVMe and virtio disks carry it as a serial number; Xen'"'"'s keep the name asked for.
share_disk() {
  local disk
  for disk in /dev/disk/by-id/*vol0123456789abcdef0 /dev/xvdf /dev/sdf; do
    [ -b "$disk" ] && readlink -f "$disk" && return
  done
  return 1
}
share_disk' 120 'the volume vol-0123456789abcdef0 is not attached to the head'
run '# The disk of /share by its volume'"'"'s id: NVMe and virtio disks carry it as a serial number; Xen'"'"'s keep the name asked for.
share_disk() {
  local disk
  for disk in /dev/disk/by-id/*vol0123456789abcdef0 /dev/xvdf /dev/sdf; do
    [ -b "$disk" ] && readlink -f "$disk" && return
  done
  return 1
}
disk=$(share_disk)
# blkid says 2 for "nothing there"; anything else is data, which is never formatted.
code=0
blkid -p "$disk" || code=$?
if [ "$code" = 0 ]; then
  echo "$disk holds data that is no file system called" hpcctl-share"; it is left as it is" >&2
  exit 1
fi
[ "$code" = 2 ] || exit "$code"
mkfs.ext4 -q -E lazy_itable_init=1,lazy_journal_init=1 -L hpcctl-share "$disk"
' 'blkid -L hpcctl-share'
run 'awk -v point=/share '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'LABEL=hpcctl-share /share ext4 defaults,nofail,x-systemd.device-timeout=300s 0 2'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'LABEL=hpcctl-share /share ext4 defaults,nofail,x-systemd.device-timeout=300s 0 2'"'"' /etc/fstab'
run 'umount -l /share 2>/dev/null || true; mkdir -p /share && retry 0 mount /share' 'mountpoint -q /share'
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
put /etc/systemd/system/nfs-server.service.d/hpcctl.conf 0644 root:root <<'END_0b14cafba1724e72'
[Unit]
RequiresMountsFor=/share
END_0b14cafba1724e72
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
run 'install -d -m 0700 -o 1500 -g 1500 /home/hpc/.ssh' 'test -d /home/hpc/.ssh'
put /home/hpc/.ssh/id_ed25519 0600 hpc:hpc <<'END_63b3abaad6965f9b'
PRIVATE KEY
END_63b3abaad6965f9b
put /home/hpc/.ssh/id_ed25519.pub 0644 hpc:hpc <<'END_5ecd77e3c4b9ce95'
ssh-ed25519 AAAAcluster
END_5ecd77e3c4b9ce95
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
put /etc/hpcctl/sge/allhosts 0644 root:root <<'END_df9a1e0514995c29'
group_name @allhosts
hostlist head node001 node002
END_df9a1e0514995c29
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
change=A; qconf -shgrp @allhosts >/dev/null 2>&1 && change=M; qconf -${change}hgrp /etc/hpcctl/sge/allhosts' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
cmp <(qconf -shgrp @allhosts) /etc/hpcctl/sge/allhosts'
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
run 'awk -v point=/permanent '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'hpcctl-123456789012-us-east-1 /permanent fuse.s3fs _netdev,nofail,allow_other,iam_role=hpcctl-us-east-1,uid=1500,gid=1500,umask=0002,mp_umask=0002,stat_cache_expire=5,endpoint=us-east-1,url=https://s3.us-east-1.amazonaws.com 0 0'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'hpcctl-123456789012-us-east-1 /permanent fuse.s3fs _netdev,nofail,allow_other,iam_role=hpcctl-us-east-1,uid=1500,gid=1500,umask=0002,mp_umask=0002,stat_cache_expire=5,endpoint=us-east-1,url=https://s3.us-east-1.amazonaws.com 0 0'"'"' /etc/fstab'
run 'umount -l /permanent 2>/dev/null || true; mkdir -p /permanent && retry 0 mount /permanent' 'mountpoint -q /permanent'
end
