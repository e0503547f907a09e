#!/bin/sh
# SPDX-License-Identifier: ISC
# Looking for devices, learning links and groups, and contradictions, on simulated devices over SSH.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
}
expect 0 lab up --fabric small --dir "$L" || finish
port=$(grep -m1 '"port"' "$L/inventory.json" | tr -dc 0-9)
user=$(cat "$L/user")
has() {
	grep -qE -- "$1" "$TMP/out" || { fail "no line like $1"; sed 's/^/    | /' "$TMP/out" >&2; }
}
refusals() { # how many logins the devices refused so far
	grep -c '"event":"login-refused"' "$L/lab.log"
}
fault() {
	expect 0 lab fault --dir "$L" "$@"
}
discover() {
	status=$1
	shift
	expect "$status" inventory discover --port "$port" "$@"
}

bad 'there is no credential "default"' inventory discover 127.66.0.11 --port "$port"
expect 0 credential add default --user "$user" --key "$L/id_ed25519"
bad 'is no network' inventory discover 127.66.0.0/99
bad 'there is no network before it' inventory discover 24-64

# Unknown host keys are shown, and nobody logs in
discover 4 127.66.0.0/24
shown '254 addresses: 6 host key unknown, 248 not reachable'
said '254 addresses take 5.0s at 50 a second, up to 40s where nobody answers'
has '^127.66.0.11 port [0-9]+ +host key unknown .* SHA256:'
said '6 new keys, none added; --accept adds them'
grep -q '"event":"login"' "$L/lab.log" && fail "somebody logged in"
[ -e "$S/known_hosts" ] && fail "a key was accepted"

# Approved, they are found; the rate is kept (16 connections at 20 a second take at least 0.7 s)
ms() {
	echo $(($(date +%s%N) / 1000000))
}
start=$(ms)
discover 0 127.66.0.10-25 --accept --rate 20
[ $(($(ms) - start)) -ge 700 ] || fail "16 connections at 20 a second in $(($(ms) - start)) ms"
has '^127.66.0.11 .* found +leaf01 +cumulus-linux +4.1.1 '
shown '16 addresses: 6 found, 10 not reachable'

# A known_hosts that cannot be read: who answered is told, and that nobody can say whether the key is the
# known one (it is no other key), then the error
mv "$S/known_hosts" "$TMP/known_hosts" && mkdir "$S/known_hosts"
"$PROG" --state "$S" inventory discover --port "$port" 127.66.0.11 127.66.0.10 >"$TMP/out" 2>"$TMP/err"
[ $? -ne 0 ] || fail "an error is no success"
has '^127.66.0.11 ' && not_shown 'other host key' && said 'known_hosts'
"$PROG" --state "$S" --json inventory discover --port "$port" 127.66.0.11 >"$TMP/out" 2>"$TMP/err"
shown '"error":{"kind"' && shown '"address":"127.66.0.11"'
rmdir "$S/known_hosts" && mv "$TMP/known_hosts" "$S/known_hosts"

# One that lets us in and then says nothing, and one that is named and not there: a row with the reason
fault 'leaf01:hangs=lsb' leaf04:refused
discover 5 127.66.0.11-12 --timeout 1 && has '^127.66.0.11 .* not reachable .* logged in to and did not answer within 6 s'
shown '2 addresses: 1 found, 1 not reachable' && said 'and 6.0s more where a device lets us in'
fault 'leaf01:hangs=lsb'
discover 5 127.66.0.11-12 --timeout 1 --json && shown '"class":"not-reachable"'
discover 0 127.66.0.14 && has '^127.66.0.14 .* not reachable .*[a-z]'
discover 0 no-such-host.invalid --timeout 2 && has '^no-such-host.invalid .* not reachable .*[a-z]'
expect 0 lab fault --dir "$L" --clear '*'

# Another system, nobody at home, another key, an incorrect login
fault spine01:foreign-os leaf04:refused
cp "$S/known_hosts" "$TMP/known_hosts"
other=$(sed -n 's/^.*127\.66\.0\.21[^ ]* //p' "$TMP/known_hosts")
sed "s|^\(.*127\.66\.0\.22[^ ]*\) .*|\1 $other|" "$TMP/known_hosts" >"$S/known_hosts"
discover 5 127.66.0.10-25
has '^127.66.0.21 .* OS not supported .*"cat /etc/lsb-release" says: DISTRIB_ID=Debian DISTRIB_RELEASE=12 '
has '^127.66.0.22 .* other host key .* another key than'
shown '16 addresses: 3 found, 1 other host key, 1 OS not supported, 11 not reachable'
not_shown 127.66.0.14
cp "$TMP/known_hosts" "$S/known_hosts"
discover 0 127.66.0.14 127.66.0.11 --all --json
shown '"class":"not-reachable"' && shown '"class":"found","name":"leaf01"' && shown '"serial":"46:'
expect 0 lab fault --dir "$L" --clear '*'
fault leaf03:wrong-password
discover 5 127.66.0.13 && has '^127.66.0.13 .* incorrect credentials'
expect 0 lab fault --dir "$L" --clear '*'

# and not tried there by the next search, which says so and is told so by --again; who accepted it is asked again
n=$(refusals)
discover 5 127.66.0.13 && has '^127.66.0.13 .* incorrect credentials .*not tried there again'
said '1 address refused default in an earlier search'
discover 0 127.66.0.13 --again && shown '1 found'
discover 0 127.66.0.13 && shown '1 found'
# another key file is another credential: the search below tries it
fault leaf03:wrong-password
discover 5 127.66.0.13
[ $(($(refusals) - n)) -eq 1 ] || fail "$(($(refusals) - n)) logins were refused, not one"
expect 0 lab fault --dir "$L" --clear '*'
touch -d '2026-01-01 UTC' "$L/id_ed25519"

# A refused credential is tried once, on one device, whoever is left
fault '*:wrong-password'
n=$(refusals)
discover 5 127.66.0.10-25 --at-once 8
[ $(($(refusals) - n)) -eq 1 ] || fail "$(($(refusals) - n)) logins were refused, not one"
shown '1 incorrect credentials, 5 login not tried'
said 'refused the credential default: it was not tried on 5 others'
said "leave it out: hitless --state $S inventory discover 127.66.0.10-25 --port $port --at-once 8 --from 127.66.0.1"
# and remembered across runs, as 'credential test' does: the second run warns
expect 0 credential list && has ' 2, 127.66.0.1[0-9] port [0-9]+ ' # one of them above
n=$(refusals)
discover 5 127.66.0.10-25 --at-once 8
[ "$(refusals)" -eq "$n" ] || fail "a refused credential was tried again"
shown '1 incorrect credentials, 5 login not tried' && said '1 address refused default in an earlier search'
expect 0 credential list && has ' 2, 127.66.0.1[0-9] port '
discover 5 127.66.0.10-25 --at-once 8 --again
said 'default was refused 3 times since it worked last: see that the account is not locked'
expect 0 credential list && has ' 3, 127.66.0.1[0-9] port '
expect 0 lab fault --dir "$L" --clear '*'

discover 0 127.66.0.10-25 --again && expect 0 credential list && has '^default .* - +[0-9]' # it works again

# One that others accept is not tried again where it was refused, and on all the others it is
fault leaf03:wrong-password
discover 5 127.66.0.10-25 --at-once 1 && shown '2 found, 1 incorrect credentials, 3 login not tried'
n=$(refusals)
discover 5 127.66.0.10-25 && shown '5 found, 1 incorrect credentials, 10 not reachable'
has '^127.66.0.13 .* incorrect credentials .*not tried there again'
[ "$(refusals)" -eq "$n" ] || fail "a refused credential was tried again"
expect 0 lab fault --dir "$L" --clear '*'
discover 0 127.66.0.13 --again

# A second credential where the first was refused: each once a device
expect 0 credential add wrong --user nobody --key "$L/id_ed25519"
n=$(refusals)
discover 0 127.66.0.10-25 --credential wrong --credential default
shown '6 found' && [ $(($(refusals) - n)) -eq 1 ] || fail "$(($(refusals) - n)) refusals"

# ... also when the first goes on to the second by itself, in one connection: nowhere is a refused one tried
# again, neither here nor by what asks the devices of the inventory
ssh-keygen -q -t ed25519 -N '' -f "$TMP/key"
expect 0 credential add way --user "$user" --key "$TMP/key" --otherwise default
once() { # WORDS...: one refusal in it
	n=$(refusals)
	"$@"
	[ $(($(refusals) - n)) -eq 1 ] || fail "$(($(refusals) - n)) refusals, not one: $*"
}
once discover 0 127.66.0.10-25 --credential way --at-once 8 && shown '6 found'

# Into the inventory, with what they are; rules give the roles; a second time all are known
printf 'ip,port,hostname\n127.66.0.11,%s,mine\n127.66.0.12,%s,\n' "$port" "$port" >"$TMP/two.csv"
expect 0 inventory discover "$TMP/two.csv" --add && has '^\+ device mine '
said '127.66.0.11 calls itself leaf01, the file calls it mine: that is its name now'
has '^\+ device leaf02 '
discover 0 127.66.0.10-25 --add
has '^127.66.0.11 .* already known +mine'
shown '16 addresses: 4 found, 2 already known'
expect 0 --json inventory list && shown '"name":"spine02"' && shown '"model":"cumulus,vx"'
discover 0 127.66.0.10-25 --add --json && shown '"known":6' && shown '"changes":[]'
expect 0 inventory list && has '^spine01 .* 4.1.1 ' # what they said is remembered
expect 1 image missing --to 4.2.0 && has '^MISSING .* 4.2.0 +target .* 6 ' && has ' 4.1.1 +way back .* 6 '

cp "$L"/images/*4.2.0*.bin "$TMP/" && expect 0 image add "$TMP"/*4.2.0*.bin && expect 0 image default 4.2.0
expect 1 image missing && has '^there .* 4.2.0 +target .* 6 ' && has ' 4.1.1 +way back .* 6 '
expect 0 image del "$(basename "$TMP"/*4.2.0*.bin)" --yes && expect 0 image default -

# Links and pairs as the devices see them; nothing before --apply, nothing new after it
sed -i '/"name":/s/mine/leaf01/' "$S/inventory.json"
expect 0 inventory learn && has '^\+ group leaf01-02  mlag leaf01 leaf02$' && shown 'nothing was changed'
expect 0 inventory list && not_shown leaf01-02
# What check and learn hear is kept, of those that are themselves
if command -v python3 >/dev/null; then
	python3 -c 'import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute("DELETE FROM device_facts"); d.commit()' \
		"$S/hitless.db"
	expect 1 image missing --to 4.2.0 && said '6 devices were never asked'
	expect 0 inventory learn && expect 0 inventory list && has '^leaf01 .* 4.1.1 ' && has '^spine02 .* 4.1.1 '
	expect 1 image missing --to 4.2.0 && has ' 4.1.1 +way back .* 6 '
	grep -q 'never asked' "$TMP/err" && fail "those that were asked are never asked"
	expect 0 plan --offline --to 4.2.0 && shown 'leaf01  4.1.1 -> 4.2.0'
fi
expect 0 inventory learn --apply && has '^\+ link leaf01:swp51 -- spine01:swp1$'
expect 0 inventory learn && shown 'nothing changes'
expect 0 inventory role-rule add 'leaf*' leaf
expect 0 inventory role-rule add 'spine*' spine
expect 0 inventory check && shown '6 devices, 2 redundancy groups, 12 links'
[ "$(wc -l <"$TMP/out")" -eq 1 ] || fail "contradictions where there are none"
all_by() { # CREDENTIAL
	for device in leaf01 leaf02 leaf03 leaf04 spine01 spine02; do
		expect 0 inventory set "$device" credential "$1"
	done
}
all_by way
once expect 0 inventory check && shown '6 devices, 2 redundancy groups, 12 links'
once expect 0 inventory learn
all_by default

# What the file says otherwise: a link, a pair, a serial number
cp "$S/inventory.json" "$TMP/good.json"
sed -i 's/"spine01:swp1"/"spine01:swp7"/; s/"46:[0-9a-f:]*02:02"/"MT0815"/' "$S/inventory.json"
tr -d '\n\t' <"$S/inventory.json" | sed 's/"members":\["leaf02", *"leaf01"\]/"members":["leaf01","spine02"]/' \
	>"$TMP/bent.json"
cp "$TMP/bent.json" "$S/inventory.json"
expect 1 inventory check
shown 'leaf01: the inventory says serial MT0815, the device says 46:'
shown 'a link is another one: leaf01:swp51 -- spine01:swp7 -> leaf01:swp51 -- spine01:swp1'
shown 'a group has other members: leaf01-02 (mlag leaf01 spine02 -> mlag leaf01 leaf02)'
expect 1 inventory check --json && shown '"code":"serial-differs"' && shown '"code":"link-differs"'
expect 0 inventory learn --apply && has '^~ link ' && has '^~ group leaf01-02'
cp "$TMP/good.json" "$S/inventory.json"

# Who is no device of the inventory is named, with the port where it is seen
expect 0 inventory decommission spine02
expect 0 inventory learn && has '^[?] link leaf01:swp52 -- spine02:swp1$' && said '4 neighbours are no devices'
expect 0 inventory learn --json
shown '{"device":"leaf01","port":"swp52","neighbour":"spine02","neighbour_port":"swp1"}'
expect 0 inventory recommission spine02
cp "$TMP/good.json" "$S/inventory.json"

# Two addresses that were swapped: nothing comes of it, and nothing goes
expect 0 inventory set leaf01 address 127.66.0.99 && expect 0 inventory set leaf02 address 127.66.0.11
expect 0 inventory set leaf01 address 127.66.0.12
before=$(cksum <"$S/inventory.json")
expect 1 inventory learn --apply && said 'at the address of leaf01 is leaf02' && shown 'nothing changes'
[ "$before" = "$(cksum <"$S/inventory.json")" ] || fail "two swapped addresses changed the links"
cp "$TMP/good.json" "$S/inventory.json"

# What the network says otherwise: a name, a cable; and what cannot be asked is not guessed
fault leaf01:hostname-default leaf02:link-down=swp51 leaf04:refused
expect 1 inventory check
shown 'leaf01: the inventory says name leaf01, the device says cumulus'
shown 'a link of the file is seen by neither end: leaf02:swp51 -- spine01:swp2'
shown 'leaf04: ' && shown 'check address, cable and power'
expect 1 inventory learn --keep && said 'is seen by neither end' && said 'leaf04 was not asked'
said 'leaf01 calls itself cumulus: nothing is learnt from it'
[ "$(grep -c '^- ' "$TMP/out")" -eq 0 ] || fail "something was removed in spite of --keep"
expect 1 inventory learn && has '^- link leaf02:swp51 -- spine01:swp2$'
grep -q leaf03-04 "$TMP/out" && fail "a pair with a member that was not asked was changed"
expect 0 lab fault --dir "$L" --clear '*'

# Out of service: discovery leaves it out; refused while a job that runs has it
expect 0 inventory decommission leaf03
discover 0 127.66.0.13 --add && shown '1 decommissioned'
expect 0 inventory recommission leaf03
for image in "$L"/images/*.bin; do
	expect 0 image add "$image"
done
expect 0 inventory import "$TMP/good.json"
fault spine01:install-hangs
"$PROG" --state "$S" upgrade --to 4.2.0 --hosts spine01 --name busy --yes >"$TMP/job" 2>&1 </dev/null &
job=$!
working() {
	"$PROG" --state "$S" show busy 2>/dev/null | grep -q '^spine01 .*running'
}
wait_for 60 working || { fail "the job does not begin"; cat "$TMP/job" >&2; }
expect 6 inventory decommission spine01 && said 'spine01 is in the job "busy", which is not over'
expect 0 inventory decommission leaf04
expect 0 cancel busy || true
wait $job

# Ctrl-C: what was seen until then is shown
S=$TMP/other expect 0 credential add default --user "$user" --key "$L/id_ed25519"
fault '*:unreachable'
"$PROG" --state "$TMP/other" inventory discover --port "$port" 127.66.0.10-25 --timeout 60 >"$TMP/out" \
	2>"$TMP/err" </dev/null &
search=$!
scanning() { # a thread for each connection
	[ "$(ls "/proc/$search/task" 2>/dev/null | wc -l)" -gt 5 ]
}
wait_for 60 scanning || fail "no connections are made"
kill -INT $search
wait $search
[ $? -eq 130 ] || fail "the end by SIGINT is not 130"
said 'stopped after'
said 'the same with --from 127.66.0.1'
expect 0 lab fault --dir "$L" --clear '*'

# and the rest of the range another time
discover 0 127.66.0.10-25 --from 127.66.0.13
shown '13 addresses: 3 already known, 1 decommissioned, 9 not reachable'
bad '"127.66.0.9" is none of the addresses' inventory discover 127.66.0.10-25 --from 127.66.0.9

# A range of millions: it says how long that takes; stopped, those who answered are asked and added
bad 'more than 2^40 addresses together' inventory discover 2001:db8::/64
search() {
	pgrep -f -- "^$PROG --state $TMP/other inventory discover"
}
if command -v script >/dev/null; then
	script -qefc "exec $PROG --state $TMP/other inventory discover --port $port \
		127.66.0.0-127.95.255.255 --rate 1000 --at-once 64 --accept --add" "$TMP/out" \
		</dev/null >/dev/null 2>&1 &
	terminal=$!
	wait_for 60 grep -q 'asking for host keys: [0-9][0-9][0-9]* of 1966080' "$TMP/out" ||
		fail "no progress is shown"
	kill -INT "$(search)"
	wait $terminal
	[ $? -eq 130 ] || fail "the end of a large search by SIGINT is not 130"
	shown '1966080 addresses take 32m46s at 1000 a second, up to 42h40m where nobody answers'
	shown 'of 1966080 addresses' && has '1966080 addresses: [0-9]+ not asked, 6 found, '
	S=$TMP/other expect 0 inventory list
	has '^leaf02 .* 4.1.1 ' && has '^spine02 .* 4.1.1 '
fi
finish
