begin 'first boot'
wait_for 'test -e /etc/hpcctl/ready' 900 'user data did not finish; see /var/log/cloud-init-output.log on the node'
end

begin names
put /etc/hosts 0644 root:root <<'END_d263fdaaa429eb35'
# Written by hpcctl; changes are lost.
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
ff02::1 ip6-allnodes
ff02::2 ip6-allrouters
10.71.0.10 head demo-head demo
10.71.0.11 node001 demo-node001
10.71.0.12 node002 demo-node002
END_d263fdaaa429eb35
end

begin 'host keys'
put /etc/ssh/ssh_known_hosts 0644 root:root <<'END_ec85b90ba375cc89'
head,demo-head,10.71.0.10 ssh-ed25519 AAAAhead
node001,demo-node001,10.71.0.11 ssh-ed25519 AAAAnode001
node002,demo-node002,10.71.0.12 ssh-ed25519 AAAAnode002
END_ec85b90ba375cc89
put /etc/ssh/ssh_config.d/10-hpcctl.conf 0644 root:root <<'END_0b442de06e2715a6'
# Written by hpcctl: between the nodes of this cluster, keys only.
Host head demo-head node001 demo-node001 node002 demo-node002
    GlobalKnownHostsFile /etc/ssh/ssh_known_hosts
    StrictHostKeyChecking yes
    PasswordAuthentication no
    GSSAPIAuthentication no
END_0b442de06e2715a6
end

begin 'sge cell'
put /var/lib/gridengine/default/common/act_qmaster 0644 sgeadmin:sgeadmin <<'END_8944e854e3f44472'
head
END_8944e854e3f44472
end

begin logins
run 'file=/etc/hpcctl/authorized_keys/hpc
lacking() { printf '"'"'%s\n'"'"' '"'"'ssh-ed25519 AAAAlogin hpcctl-demo'"'"' '"'"'ssh-ed25519 AAAAcluster hpc@demo'"'"' | grep -vxF -f "$file"; }
mkdir -p "${file%/*}" && touch "$file" && { awk 1 "$file"; lacking; } >"$file.hpcctl-new" && mv -f "$file.hpcctl-new" "$file"' 'file=/etc/hpcctl/authorized_keys/hpc
lacking() { printf '"'"'%s\n'"'"' '"'"'ssh-ed25519 AAAAlogin hpcctl-demo'"'"' '"'"'ssh-ed25519 AAAAcluster hpc@demo'"'"' | grep -vxF -f "$file"; }
[ -s "$file" ] && ! lacking'
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

begin 'nfs mounts'
wait_for ': </dev/tcp/head/2049' 300 'the head serves no NFS; see its step '"'"'nfs server'"'"''
run 'awk -v point=/share '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'head:/share /share nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'head:/share /share nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' /etc/fstab'
run 'umount -l /share 2>/dev/null || true; mkdir -p /share && retry 60 mount /share' 'mountpoint -q /share'
run 'awk -v point=/home '"'"'$2 != point'"'"' /etc/fstab >/etc/fstab.hpcctl && printf '"'"'%s\n'"'"' '"'"'head:/share/home /home nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' >>/etc/fstab.hpcctl && chmod 0644 /etc/fstab.hpcctl && mv -f /etc/fstab.hpcctl /etc/fstab' 'grep -qxF -e '"'"'head:/share/home /home nfs4 rw,hard,noatime,_netdev,nofail,x-systemd.mount-timeout=120s 0 0'"'"' /etc/fstab'
run 'umount -l /home 2>/dev/null || true; mkdir -p /home && retry 60 mount /home' 'mountpoint -q /home'
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
