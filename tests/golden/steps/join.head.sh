begin slots
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it reports processors, and none elsewhere.
slots_wanted() {
  qhost | awk '"'"'$3 ~ /^[0-9]+$/ { list = list sprintf(",[%s=%s]", $1, $3) } END { print "0" list }'"'"'
}
slots_set() { qconf -sq all.q | awk '"'"'$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'"'"'; }
slots_sorted() { tr , '"'"'\n'"'"' | sort; }
wait_reported() { [ "$(slots_wanted | slots_sorted | wc -l)" -gt "$(set -- $hosts_here; echo $#)" ]; }
retry 60 wait_reported || true' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it reports processors, and none elsewhere.
slots_wanted() {
  qhost | awk '"'"'$3 ~ /^[0-9]+$/ { list = list sprintf(",[%s=%s]", $1, $3) } END { print "0" list }'"'"'
}
slots_set() { qconf -sq all.q | awk '"'"'$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'"'"'; }
slots_sorted() { tr , '"'"'\n'"'"' | sort; }
[ "$(slots_wanted | slots_sorted | wc -l)" -gt "$(set -- $hosts_here; echo $#)" ]'
run '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it reports processors, and none elsewhere.
slots_wanted() {
  qhost | awk '"'"'$3 ~ /^[0-9]+$/ { list = list sprintf(",[%s=%s]", $1, $3) } END { print "0" list }'"'"'
}
slots_set() { qconf -sq all.q | awk '"'"'$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'"'"'; }
slots_sorted() { tr , '"'"'\n'"'"' | sort; }
qconf -rattr queue slots "$(slots_wanted)" all.q' '# The programs themselves instead of their wrappers, each of which starts a dozen processes.
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default SGE_SINGLE_LINE=1 PATH="/usr/lib/gridengine:$PATH"
# slots_wanted: for every execution host as many slots as it reports processors, and none elsewhere.
slots_wanted() {
  qhost | awk '"'"'$3 ~ /^[0-9]+$/ { list = list sprintf(",[%s=%s]", $1, $3) } END { print "0" list }'"'"'
}
slots_set() { qconf -sq all.q | awk '"'"'$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'"'"'; }
slots_sorted() { tr , '"'"'\n'"'"' | sort; }
cmp <(slots_wanted | slots_sorted) <(slots_set | slots_sorted)'
end
