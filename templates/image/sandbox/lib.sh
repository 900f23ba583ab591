# shellcheck shell=bash
# What a machine does with its two cards and its metadata service. Sourced by `network` and `wake`.
# The shell itself speaks to the metadata service: without hardware virtualisation a process is dear at boot.

imds=169.254.169.254
# The card towards the metadata service and the user has this address on every machine; the other is the VPC's.
outer_mac=02:68:70:63:74:6c

# Finds the cards: $outer, and $private with its address in $mac.
find_cards() {
    local folder address
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

# Asks for a path; leaves the connection open at the body of the answer, and fails unless there is one.
ask() { # method, path, header
    local line status
    exec 4<>"/dev/tcp/$imds/80" || return 1
    printf '%s /latest/%s HTTP/1.0\r\nHost: %s\r\n%s\r\n\r\n' "$1" "$2" "$imds" "$3" >&4
    read -r _ status _ <&4
    while IFS= read -r line <&4; do [ "$line" = $'\r' ] && break; done
    [ "${status%$'\r'}" = 200 ]
} 2>/dev/null

# A fact of one line, in $line; nothing where the service knows nothing.
fact() { # path
    line=
    ask GET "$1" "X-aws-ec2-metadata-token: $token" && { read -r line <&4 || true; }
}

# A document as a file; no file where there is none.
document() { # path, file
    ask GET "$1" "X-aws-ec2-metadata-token: $token" && (umask 077 && cat <&4 >"$2")
}

# Without the token nothing is answered; the service may take a moment on a busy computer.
get_token() {
    local attempt
    for attempt in {1..60}; do
        token=
        ask PUT api/token 'X-aws-ec2-metadata-token-ttl-seconds: 600' && { read -r token <&4 || true; }
        [ -n "$token" ] && return
        sleep 1
    done
    echo "no answer from the metadata service" >&2
    return 1
}

raise_private() {
    local address
    fact meta-data/local-ipv4 && address=$line || return
    fact "meta-data/network/interfaces/macs/$mac/vpc-ipv4-cidr-block" || return
    ip addr flush dev "$private"
    ip link set "$private" up
    ip addr add "$address/${line#*/}" dev "$private"
}
