#!/bin/bash
# The demonstration behind `make demo`: a cluster of two nodes on this machine, and an MPI job on all of it.
set -euo pipefail
hpcctl=${1:-hpcctl}
examples=$(dirname "$0")
say() { printf '\n==> %s\n' "$*" >&2; }

if ! "$hpcctl" show demo >/dev/null 2>&1; then
  "$hpcctl" create --profile sandbox --timings demo 2 c5.xlarge 4
fi

say "an MPI job: examples/hello.c on all slots of both nodes, by qsub"
tar -C "$examples" -c hello.c mpi.sh | "$hpcctl" ssh demo -- 'mkdir -p demo && tar -C demo -x'
"$hpcctl" ssh demo -- 'cd demo && rm -f hello.out && qsub -sync y -pe orte "$(qhost | awk "\$3 ~ /^[0-9]+\$/ { n += \$3 } END { print n }")" mpi.sh'

say "its output, a line from each rank"
"$hpcctl" ssh demo -- 'sort -k2n demo/hello.out'

say "what to do next"
cat >&2 <<TEXT
    log in       $hpcctl ssh demo          (or: ssh demo)
    look         $hpcctl show demo
    take away    $hpcctl terminate demo    (or, with the sandbox: make demo-clean)
TEXT
