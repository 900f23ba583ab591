# slots_wanted: for every execution host as many slots as it reports processors, and none elsewhere.
slots_wanted() {
  qhost | awk '$3 ~ /^[0-9]+$/ { list = list sprintf(",[%s=%s]", $1, $3) } END { print "0" list }'
}
slots_set() { qconf -sq all.q | awk '$1 == "slots" { $1 = ""; gsub(/ /, ""); print }'; }
slots_sorted() { tr , '\n' | sort; }
