begin slots
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it has processors by the number that one slot stands for (one,
# where nothing else is said), and none elsewhere.
cpus_per_slot='"'"''"'"'
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
wait_reported() { [ "$(slots_wanted | slots_sorted | wc -l)" -gt "$(set -- $hosts_here; echo $(($# - 0)))" ]; }
retry 60 wait_reported || true' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it has processors by the number that one slot stands for (one,
# where nothing else is said), and none elsewhere.
cpus_per_slot='"'"''"'"'
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
[ "$(slots_wanted | slots_sorted | wc -l)" -gt "$(set -- $hosts_here; echo $(($# - 0)))" ]'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it has processors by the number that one slot stands for (one,
# where nothing else is said), and none elsewhere.
cpus_per_slot='"'"''"'"'
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
cpus_per_slot='"'"''"'"'
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
