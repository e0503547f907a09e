# SPDX-License-Identifier: ISC
# For the tests with a MicroCloud: behind lib.sh. cloud() sets $L, its lab, and $S, a state of its own.

TO=2.1.1
L=$TMP/lab
process() {
	"$PROG" --state "$S" show "$1" 2>/dev/null | sed -n 's/^Process: .*pid \([0-9]*\) .*/\1/p'
}
at_end() { # of every cloud that this test had
	for S in "$TMP"/state*; do
		p=$(process all)
		[ -z "$p" ] || kill -9 "$p" 2>/dev/null
	done
	for L in "$TMP"/lab*; do
		"$PROG" lab down --dir "$L" >/dev/null 2>&1
	done
}
# cloud N NAME [FROM]: a lab of so many members, with a state directory of its own
cloud() {
	L=$TMP/lab$1$2 S=$TMP/state$1$2
	expect 0 lab up --fabric microcloud --size "$1" --from "${3:-2.1.0}" --dir "$L" \
		--speed 150 || finish
	expect 0 setting set clock-speed 150
	expect 0 inventory import "$L/inventory.json"
	cp "$L/known_hosts" "$S/known_hosts"
	expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
}
# The lab ends and says what it holds against us.
judged() {
	"$PROG" lab down --dir "$L" >/dev/null 2>&1
	if grep violation "$L/lab.log" >"$TMP/bad"; then fail "violations: $(cat "$TMP/bad")"; fi
}
events() { # EVENT: details of the lab's log, with devices
	sed -n 's/.*"device":"\([a-z0-9]*\)","event":"'"$1"'","detail":"\([^"]*\)".*/\1 \2/p' "$L/lab.log"
}
count() {
	grep -c "\"event\":\"$1\"" "$L/lab.log"
}
ssh_to() { # MEMBER COMMAND...: by hand
	port=$(sed -n 's/.*"port":[^0-9]*\([0-9]*\).*/\1/p' "$L/inventory.json" | head -n 1)
	host=127.66.0.1${1#micro0}
	shift
	ssh -F none -o "UserKnownHostsFile=$L/known_hosts" -o IdentitiesOnly=yes \
		-i "$L/id_ed25519" -p "$port" "ubuntu@$host" "$@" >"$TMP/out" 2>"$TMP/err"
}
revision() { # MEMBER SNAP
	ssh_to "$1" snap list "$2"
	sed -n "s/^$2 *[^ ]* *\([0-9]*\) .*/\1/p" "$TMP/out"
}
