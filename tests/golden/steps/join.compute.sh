begin accounts
run '# Who else may log in. What must outlive machines is on /share, written by root alone:
#   accounts       USER UID, one a line, in the order in which they came: an id never changes its owner
#   nodes/USER     the key with which the user goes from node to node
#   authorize/     the head'"'"'s copy of the keys, for the nodes to fetch
# A user without a file in $keys has an account, a home and perhaps jobs, and can no longer log in.
store=/share/.hpcctl register=$store/accounts keys=/etc/hpcctl/authorize
conf=/etc/ssh/sshd_config.d/05-hpcctl-authorize.conf
line="AuthorizedKeysFile /etc/hpcctl/authorized_keys/%u $keys/%u .ssh/authorized_keys"
people='"'"''"'"'
login=hpc

keys_of() {
  case $1 in
  esac
  [ ! -e "$store/nodes/$1" ] || cat "$store/nodes/$1"
}

nobody() { [ -z "$people" ] && [ ! -s "$register" ] && [ ! -e "$keys" ]; }

# Accounts that this machine lacks, as in the register.
lacking() { [ ! -e "$register" ] || comm -23 <(sort "$register") <(awk -F: '"'"'{ print $1, $3 }'"'"' /etc/passwd | sort); }
closed() { awk '"'"'FNR == NR { mine[$1]; next } $1 in mine && $8 == 1 { print $1 }'"'"' "$register" FS=: /etc/shadow | sort; }
to_close() { while read -r user _; do [ -e "$keys/$user" ] || echo "$user"; done <"$register" | sort; }

same_here() {
  [ -z "$(lacking)" ] && [ "$(cat "$conf" 2>/dev/null)" = "$line" ] &&
    { [ ! -e "$register" ] || [ "$(closed)" = "$(to_close)" ]; }
}

make_accounts() {
  local user uid
  while read -r user uid; do
    if id -u "$user" >/dev/null 2>&1; then
      echo "the machine has a user $user of its own: give the account another name"
      return 1
    fi
    groupadd -g "$uid" "$user" && useradd -M -u "$uid" -g "$uid" -d "/home/$user" -s /bin/bash -p '"'"'*'"'"' "$user" || return 1
  done < <(lacking)
  [ -e "$register" ] || return 0
  for user in $(comm -13 <(closed) <(to_close)); do usermod -e 1 "$user" || return 1; done
  for user in $(comm -23 <(closed) <(to_close)); do usermod -e '"'"''"'"' "$user" || return 1; done
}

tell_sshd() {
  [ "$(cat "$conf" 2>/dev/null)" != "$line" ] || return 0
  echo "$line" >"$conf"
  [ ! -e /run/sshd.pid ] || kill -HUP "$(cat /run/sshd.pid)"
}

# A compute node does as the head does: the accounts of the register, the keys that the head has.
settled() {
  { [ ! -s "$register" ] && [ ! -e "$store/authorize" ]; } ||
    { diff -rq "$store/authorize" "$keys" >/dev/null 2>&1 && same_here; }
}

settle() {
  rm -rf "$keys.new" && cp -r "$store/authorize" "$keys.new" && rm -rf "$keys" && mv -T "$keys.new" "$keys" || return 1
  make_accounts && tell_sshd
}

settle' '# Who else may log in. What must outlive machines is on /share, written by root alone:
#   accounts       USER UID, one a line, in the order in which they came: an id never changes its owner
#   nodes/USER     the key with which the user goes from node to node
#   authorize/     the head'"'"'s copy of the keys, for the nodes to fetch
# A user without a file in $keys has an account, a home and perhaps jobs, and can no longer log in.
store=/share/.hpcctl register=$store/accounts keys=/etc/hpcctl/authorize
conf=/etc/ssh/sshd_config.d/05-hpcctl-authorize.conf
line="AuthorizedKeysFile /etc/hpcctl/authorized_keys/%u $keys/%u .ssh/authorized_keys"
people='"'"''"'"'
login=hpc

keys_of() {
  case $1 in
  esac
  [ ! -e "$store/nodes/$1" ] || cat "$store/nodes/$1"
}

nobody() { [ -z "$people" ] && [ ! -s "$register" ] && [ ! -e "$keys" ]; }

# Accounts that this machine lacks, as in the register.
lacking() { [ ! -e "$register" ] || comm -23 <(sort "$register") <(awk -F: '"'"'{ print $1, $3 }'"'"' /etc/passwd | sort); }
closed() { awk '"'"'FNR == NR { mine[$1]; next } $1 in mine && $8 == 1 { print $1 }'"'"' "$register" FS=: /etc/shadow | sort; }
to_close() { while read -r user _; do [ -e "$keys/$user" ] || echo "$user"; done <"$register" | sort; }

same_here() {
  [ -z "$(lacking)" ] && [ "$(cat "$conf" 2>/dev/null)" = "$line" ] &&
    { [ ! -e "$register" ] || [ "$(closed)" = "$(to_close)" ]; }
}

make_accounts() {
  local user uid
  while read -r user uid; do
    if id -u "$user" >/dev/null 2>&1; then
      echo "the machine has a user $user of its own: give the account another name"
      return 1
    fi
    groupadd -g "$uid" "$user" && useradd -M -u "$uid" -g "$uid" -d "/home/$user" -s /bin/bash -p '"'"'*'"'"' "$user" || return 1
  done < <(lacking)
  [ -e "$register" ] || return 0
  for user in $(comm -13 <(closed) <(to_close)); do usermod -e 1 "$user" || return 1; done
  for user in $(comm -23 <(closed) <(to_close)); do usermod -e '"'"''"'"' "$user" || return 1; done
}

tell_sshd() {
  [ "$(cat "$conf" 2>/dev/null)" != "$line" ] || return 0
  echo "$line" >"$conf"
  [ ! -e /run/sshd.pid ] || kill -HUP "$(cat /run/sshd.pid)"
}

# A compute node does as the head does: the accounts of the register, the keys that the head has.
settled() {
  { [ ! -s "$register" ] && [ ! -e "$store/authorize" ]; } ||
    { diff -rq "$store/authorize" "$keys" >/dev/null 2>&1 && same_here; }
}

settle() {
  rm -rf "$keys.new" && cp -r "$store/authorize" "$keys.new" && rm -rf "$keys" && mv -T "$keys.new" "$keys" || return 1
  make_accounts && tell_sshd
}

settled'
end
