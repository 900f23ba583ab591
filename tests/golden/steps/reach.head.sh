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

begin 'cluster key'
put /etc/hpcctl/cluster_key 0600 root:root <<'END_63b3abaad6965f9b'
PRIVATE KEY
END_63b3abaad6965f9b
end
