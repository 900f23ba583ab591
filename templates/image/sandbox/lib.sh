# shellcheck shell=sh
# What a machine does with its two cards and its metadata service. Sourced by `network` and `wake`.

imds=http://169.254.169.254/latest
facts=/run/hpcctl/imds
# The card towards the metadata service and the user has this address on every machine; the other is the VPC's.
outer_mac=02:68:70:63:74:6c

# Finds the cards: $outer, and $private with its address in $mac.
find_cards() {
    for folder in /sys/class/net/e*; do
        read -r address <"$folder/address"
        if [ "$address" = "$outer_mac" ]; then
            outer=${folder##*/}
        else
            private=${folder##*/} mac=$address
        fi
    done
}

raise_outer() {
    ip link set "$outer" up
    ip addr replace 169.254.169.15/24 dev "$outer"
}

# The facts of this machine as files; no file where the service knows nothing.
learn_facts() {
    rm -rf $facts
    mkdir -p -m 700 $facts
    token=$(curl -sf --retry 30 --retry-delay 1 --retry-all-errors --max-time 60 -X PUT \
        -H 'X-aws-ec2-metadata-token-ttl-seconds: 600' "$imds/api/token") || return 1
    curl -sf --max-time 60 -H "X-aws-ec2-metadata-token: $token" \
        -o $facts/ip "$imds/meta-data/local-ipv4" \
        -o $facts/network "$imds/meta-data/network/interfaces/macs/$mac/vpc-ipv4-cidr-block" \
        -o $facts/hostname "$imds/meta-data/local-hostname" \
        -o $facts/instance "$imds/meta-data/instance-id" \
        -o $facts/keys "$imds/meta-data/public-keys/0/openssh-key" \
        -o $facts/user-data "$imds/user-data" || true
}

# The first line of a file, or nothing; read by the shell itself, because processes are dear without KVM.
first_line() {
    line=
    [ ! -e "$1" ] || read -r line <"$1" || true
}

raise_private() {
    first_line $facts/ip && address=$line
    first_line $facts/network && prefix=${line#*/}
    [ -n "$address" ] && [ -n "$prefix" ] || return 1
    ip addr flush dev "$private"
    ip link set "$private" up
    ip addr add "$address/$prefix" dev "$private"
}
