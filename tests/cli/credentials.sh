#!/bin/sh
# SPDX-License-Identifier: ISC
# Credentials on a lab: changed, tested, several in order, refused once; and no secret anywhere.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
expect 0 lab up --fabric small --dir "$L" --speed 100 || finish
user=$(cat "$L/user") secret=$(cat "$L/password")
expect 0 inventory import "$L/inventory.json"
expect 0 host-key scan --accept
ssh-keygen -q -t ed25519 -N '' -f "$TMP/wrong"
with_password() {
	"$PROG" --state "$S" "$@" --password-stdin <"$L/password" >"$TMP/out" 2>"$TMP/err"
}
refusals() { # how often the lab has refused a login with this method
	grep '"event":"login-refused"' "$L/lab.log" | grep -c "$1"
}

# Changing one: only what is given
expect 0 credential add default --user nobody --agent
bad 'what is to be another' credential set default
bad 'there is no credential' credential set other --agent
expect 0 credential set default --user "$user"
expect 0 credential list && shown agent && shown "$user" && not_shown nobody
expect 0 credential set default --key "$L/id_ed25519"
expect 0 --json credential list && shown '"method":"key"' && shown "$L/id_ed25519"
bad 'give one of' credential set default --agent --password
expect 0 credential test default --on leaf01 && shown 'accepted: publickey'
expect 0 --json credential test default --on leaf01
shown '"works":true' && shown '"outcome":"accepted"' && shown '"accepted_by":"publickey"'

# A command is kept as it is typed: none with a secret among its words, and that is said
for words in '--token=geheim-aB3x' '--password geheim-aB3x' '-u anna:geheim-aB3x https://h/' \
	'https://anna:geheim-aB3x@vault/'; do
	# shellcheck disable=SC2086 # words
	bad 'holds what looks like a secret (/usr/bin/curl ' credential add leaky --user a --command /usr/bin/curl $words
	not_shown geheim
	# shellcheck disable=SC2086 # words
	bad 'let it read that from a file' credential set default --command /usr/bin/curl $words
done
if grep -rlF geheim "$S"; then fail "a refused command is in a file"; fi
expect 0 credential add fine --user a --command /usr/bin/pass show network/password
shown 'its command is stored as typed' && not_shown 'nothing secret'
for words in 'cat /run/secrets/password' 'vault kv get -field=password secret/net' \
	'op read op://net/leafs/password' 'secret-tool lookup service net' \
	'security find-generic-password -a net -w' 'systemd-ask-password Password:' \
	'bw get password net' 'az keyvault secret show --name net'; do
	# shellcheck disable=SC2086 # words
	expect 0 credential set fine --command /usr/bin/$words
done
shown 'its command is stored as typed' && not_shown 'nothing secret'
expect 0 credential del fine

# The way from one to the next has an end, and is one user's
expect 0 credential add spare --user "$user" --password
expect 0 credential add stranger --user someone --password
bad 'is not there' credential set default --otherwise nowhere
bad 'of another user' credential set default --otherwise stranger
expect 0 credential set default --otherwise spare
bad 'comes back to itself' credential set spare --otherwise default
bad 'is not there' credential del spare
bad 'devices of the inventory use credential default' credential del default
expect 0 credential list && shown spare

# One that is refused: the next is tried, in the same connection
expect 0 credential set default --key "$TMP/wrong"
with_password credential test default --on leaf01 || fail "the second credential was not tried"
shown "default ($user, key): refused" && shown "spare ($user, password): accepted: password"
[ "$(refusals 'by key')" -eq 1 ] || fail "$(refusals 'by key') refusals of the key"
expect 0 credential list && shown '1, leaf01 '
expect 0 --json credential list && shown '"refused":1'
with_password credential test default --on leaf02 || fail "again"
said 'was refused 2 times since it worked last'

# ... and over a fleet the first is given up after three, the second works everywhere
before=$(refusals 'by key')
with_password --json check --to 4.2.0 --hosts 'leaf*,spine*' --name fleet
grep -q '"kind":"auth"' "$TMP/out" && fail "a device was not logged in to"
grep -c '"event":"login"' "$L/lab.log" >"$TMP/logins"
[ "$(refusals 'by key')" -le $((before + 3)) ] ||
	fail "$(($(refusals 'by key') - before)) refusals over the fleet"
expect 0 credential set default --key "$L/id_ed25519" --otherwise -
expect 0 credential test default --on leaf01
expect 0 --json credential list && not_shown '"refused":3'

# A wrong one without a next: exactly one refusal over the fleet
expect 0 credential set default --key "$TMP/wrong"
before=$(refusals 'by key')
expect 5 check --to 4.2.0 --hosts 'leaf*,spine*' --name wrong
[ "$(refusals 'by key')" -eq $((before + 1)) ] ||
	fail "$(($(refusals 'by key') - before)) refusals with one credential"
expect 0 credential set default --key "$L/id_ed25519"

# A program prints it; what it complains about is said
printf '#!/bin/sh\ncat %s/password\n' "$L" >"$TMP/vault" && chmod 0700 "$TMP/vault"
expect 0 credential set default --command "$TMP/vault" get "$user"
expect 0 credential test default --on leaf01 && shown 'accepted: password'
printf '#!/bin/sh\necho "vault is sealed" >&2\nexit 2\n' >"$TMP/vault"
expect 2 credential test default --on leaf01 && said 'vault is sealed'
printf '#!/bin/sh\ncat %s/password\nset -x\n: %s\nexit 2\n' "$L" "$secret" >"$TMP/vault"
expect 2 credential test default --on leaf01 && not_shown "$secret"
printf '#!/bin/sh\ncat %s/password\n' "$L" >"$TMP/vault"

# A job that runs: the secret is in no command line and no environment, there can be no core, and
# nothing of it is on the disk or in the report
for image in "$L"/images/*.bin; do expect 0 image add "$image"; done
expect 0 credential set default --password
expect 0 setting set clock-speed 100
with_password check --to 4.2.0 --hosts leaf01 --name quiet >/dev/null
look() { # at a process of ours
	if tr '\0' '\n' <"/proc/$1/cmdline" | grep -qF -- "$secret"; then fail "in a command line"; fi
	if tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | grep -qF -- "$secret"; then
		fail "in an environment"
	fi
}
"$PROG" --state "$S" upgrade --to 4.2.0 --hosts leaf01 --name quiet --yes --password-stdin \
	--set drain-settle=0 \
	<"$L/password" >"$TMP/out" 2>"$TMP/err" &
follower=$!
begun() { # the process that works on the devices
	runner=$(pgrep -f "run .*--secrets-fd" | while read -r p; do
		tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | grep -qF -- "$S" && echo "$p"; done | head -1)
	[ -n "$runner" ] && grep -q 'leaf01 *begins' "$TMP/out"
}
wait_for 60 begun
for pid in $follower $runner; do
	[ -d "/proc/$pid" ] || continue
	look "$pid"
	grep -q '^Max core file size  *0 ' "/proc/$pid/limits" || fail "process $pid may leave a core"
done
[ -n "$runner" ] || fail "the process of the job was not seen"
wait "$follower" || fail "the upgrade failed"
"$PROG" --state "$S" report quiet --format text >"$TMP/report" || fail "no report"
"$PROG" --state "$S" report quiet --format json >>"$TMP/report" || fail "no report"
# the lab has the password, too, and everything else of the test must not
if grep -rlF -- "$secret" "$S" "$TMP/out" "$TMP/err" "$TMP/report"; then fail "the secret is in a file"; fi
grep -rqF -- "$user" "$S" || fail "the search finds nothing at all"

# A device that refuses its login in the middle of its upgrade is a matter of its own: another one that has
# accepted the credential goes on. Who has not is not logged in to, and the message names that one
expect 0 credential set default --key "$L/id_ed25519"
expect 0 lab fault --dir "$L" 'leaf02:drops-during=tar -C' leaf02:wrong-password@upload
expect 1 upgrade --to 4.2.0 --hosts leaf02,leaf04 --name middle --yes --set rollback=no
shown 'leaf02: failed at wait-boot'
shown 'leaf02 is reachable, but it expects another password or key'
shown 'leaf04: failed at wait-mlag-peer'
shown 'Nobody logged in to leaf03: credential default was refused on leaf02'
not_shown 'Left on leaf04'
expect 0 --json show middle --device leaf04 && shown '"step":"wait-boot"'
finish
