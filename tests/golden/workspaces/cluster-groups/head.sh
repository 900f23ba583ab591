#!/bin/bash
# First boot of a node: identity and login, nothing else. Runs as root under cloud-init on a stock image, and may run
# again at any time. Everything further is done over SSH.
set -eu
umask 022
exec >>/var/log/hpcctl-first-boot.log 2>&1

name=head
address=10.71.0.10
user=hpc
uid=1500

mkdir -p /etc/hpcctl/authorized_keys /etc/ssh/sshd_config.d

# Once for each node: what has taken the place of these keys since must stay where this script runs again.
bootstrap='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyYQL6o0p6sF7QdQY0r0VzYj0mYv1rV6e1pXf4E3n5V head'
if ! grep -qsxF "$bootstrap" /etc/hpcctl/bootstrap; then
    # This host key is made by the driver, which so knows it before the first connection. It is replaced at the first
    # contact, because user data can be read by all who can log in.
    rm -f /etc/ssh/ssh_host_*
    (umask 077; cat >/etc/ssh/ssh_host_ed25519_key) <<'KEY'
the private key of head
KEY
    echo "$bootstrap" >/etc/ssh/ssh_host_ed25519_key.pub
    cat >"/etc/hpcctl/authorized_keys/$user" <<'KEYS'
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyYQL6o0p6sF7QdQY0r0VzYj0mYv1rV6e1pXf4E3n5V login
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGyYQL6o0p6sF7QdQY0r0VzYj0mYv1rV6e1pXf4E3n5V internal
KEYS
    echo "$bootstrap" >/etc/hpcctl/bootstrap
fi

# Whom AWS lets in for a minute (EC2 Instance Connect): the metadata service has the key. sshd wants the program and
# its folders to be root's alone; it must answer soon, with nothing if need be, for every login may wait for it.
mkdir -p /usr/lib/hpcctl
cat >/usr/lib/hpcctl/instance-keys <<'PROGRAM'
#!/bin/sh
[ -e "/etc/hpcctl/authorized_keys/$1" ] || exit 0
ask() { curl -sf --noproxy '*' -m 2 "$@"; }
imds=http://169.254.169.254/latest
token=$(ask -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $imds/api/token) || exit 0
ask -H "X-aws-ec2-metadata-token: $token" "$imds/meta-data/managed-ssh-keys/active-keys/$1/" | grep -E '^(ssh|ecdsa|sk)-'
exit 0
PROGRAM
chmod 755 /usr/lib/hpcctl/instance-keys

# Keys outside the home, so that logging in never waits for a file server.
cat >/etc/ssh/sshd_config.d/10-hpcctl.conf <<'CONF'
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/hpcctl/authorized_keys/%u .ssh/authorized_keys
AuthorizedKeysCommand /usr/lib/hpcctl/instance-keys %u
AuthorizedKeysCommandUser nobody
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
CONF

if ! id -u "$user" >/dev/null 2>&1; then
    groupadd -g "$uid" "$user"
    useradd -m -u "$uid" -g "$uid" -s /bin/bash -p '*' "$user"
fi
(umask 227; echo "$user ALL=(ALL) NOPASSWD:ALL" >/etc/sudoers.d/90-hpcctl.new; mv -f /etc/sudoers.d/90-hpcctl.new /etc/sudoers.d/90-hpcctl)

echo "$name" >/etc/hostname
hostname "$name"
grep -qxF "$address $name" /etc/hosts || echo "$address $name" >>/etc/hosts

# cloud-init would take back the name, the hosts file and the host key at the next boot.
if [ -d /etc/cloud/cloud.cfg.d ]; then
    cat >/etc/cloud/cloud.cfg.d/99-hpcctl.cfg <<'CONF'
preserve_hostname: true
manage_etc_hosts: false
ssh_deletekeys: false
CONF
fi

# Where sshd does not run yet it will read all this when it starts.
if [ -e /run/sshd.pid ]; then
    systemctl --no-block try-reload-or-restart ssh
fi

# Nodes without a way out fetch their packages through the head. Nobody else does: the firewall lets in nothing of the
# kind from outside, and the proxy serves this network alone.
serve_packages() {
    local listen=10.71.0.10 port=3128 network=10.71.0.0/20
    if ! command -v tinyproxy >/dev/null; then
        DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update &&
            DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 install tinyproxy
    fi || return 1
    cat >/etc/tinyproxy/tinyproxy.conf <<CONF
User tinyproxy
Group tinyproxy
Listen $listen
Port $port
Allow $network
ConnectPort 443
MaxClients 1000
Timeout 600
DisableViaHeader Yes
Syslog On
CONF
    systemctl --no-block restart tinyproxy
}
[ ! -e /etc/hpcctl/image-version ] || serve_packages &

# A stock image lacks the packages; an image of our own says here that it has them.
if [ ! -e /etc/hpcctl/image-version ]; then
    serve_packages || echo "no packages for nodes without a way out"
    base64 -d <<'INSTALL' | gunzip >/etc/hpcctl/install.sh
PACKED
INSTALL
    bash /etc/hpcctl/install.sh
fi

touch /etc/hpcctl/ready
