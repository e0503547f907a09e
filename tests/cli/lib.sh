# SPDX-License-Identifier: ISC
# For the tests of the command line: `. lib.sh` gives $PROG, $TMP (removed at the end), and the
# functions below. Run in the build directory, or with PROG set.
set -u
srcdir=${srcdir:-.}
PROG=${PROG:-$PWD/hitless}
HITLESS_DATA_DIR=$(cd "$srcdir" && pwd)/src
LC_ALL=C
export HITLESS_DATA_DIR LC_ALL
unset SUDO_USER
TMP=$(mktemp -d "${TMPDIR:-/tmp}/hitless-test.XXXXXX") || exit 99
S=$TMP/state L=$TMP/lab
XDG_CONFIG_HOME=$TMP/config
export XDG_CONFIG_HOME
FAILED=0

at_end() { # more to do at the end, in one command
	[ ! -e "$L" ] || "$PROG" lab down --dir "$L" >/dev/null 2>&1
}
trap 'at_end; chmod -R u+w "$TMP"; rm -rf "$TMP"' EXIT
trap 'exit 99' HUP INT TERM

fail() {
	echo "FAILED: $*" >&2
	FAILED=$((FAILED + 1))
}

# expect STATUS WORDS...: run the program; its output is in $TMP/out and $TMP/err
expect() {
	want=$1
	shift
	"$PROG" --state "$S" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	got=$?
	[ "$got" -eq "$want" ] && return 0
	fail "status $got instead of $want: hitless $*"
	sed 's/^/    | /' "$TMP/out" "$TMP/err" | tail -20 >&2
	return 1
}

# said TEXT: it is in the messages (one line with it); shown TEXT: in the output
said() {
	grep -qF -- "$1" "$TMP/err" || { fail "not said: $1"; sed 's/^/    | /' "$TMP/err" >&2; }
}
shown() {
	grep -qF -- "$1" "$TMP/out" || { fail "not shown: $1"; sed 's/^/    | /' "$TMP/out" | head -40 >&2; }
}
not_shown() {
	if grep -qF -- "$1" "$TMP/out" "$TMP/err"; then fail "shown: $1"; fi
}

# bad TEXT WORDS...: status 2, one line on standard error that holds TEXT
bad() {
	text=$1
	shift
	expect 2 "$@" || return
	said "$text"
	[ "$(wc -l <"$TMP/err")" -eq 1 ] || fail "more than one line: hitless $*"
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	limit=$1
	shift
	end=$(($(date +%s) + limit))
	until "$@"; do
		[ "$(date +%s)" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# lab_up FABRIC [OPTION]...: simulated devices in $L, 120 times as fast, and all that a job on them needs
lab_up() {
	expect 0 lab up --dir "$L" --speed 120 --fabric "$@" && lab_known "$L/inventory.json"
}

# lab_known INVENTORY: the same for a state directory of its own, and a lab that is up
lab_known() {
	expect 0 setting set clock-speed 120
	expect 0 inventory import "$1" || return
	cp "$L/known_hosts" "$S/known_hosts"
	expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
}

# lab_images: those of the lab
lab_images() {
	for image in "$L"/images/*; do
		expect 0 image add "$image"
	done
}

finish() {
	[ "$FAILED" -eq 0 ] || { echo "$FAILED failed" >&2; exit 1; }
	exit 0
}

# An installer as vendors make them: a script, a line, and a tar archive with a file "control".
# installer FILE RELEASE SWITCH-ARCHITECTURE [TAR-OPTION]
installer() {
	mkdir -p "$TMP/pay"
	{
		echo "Description: Cumulus Linux $2"
		echo "Release: $2"
		echo "Architecture: ${3#*-}"
		echo "Switch-Architecture: $3"
		echo "Min-Disk-Size: 1073741824"
	} >"$TMP/pay/control"
	head -c 300000 /dev/urandom >"$TMP/pay/sysroot.tar"
	tar ${4:-} -cf "$TMP/payload" -C "$TMP/pay" control sysroot.tar
	sum=$(sha256sum <"$TMP/payload" | cut -d' ' -f1)
	{
		printf '%s\n' '#!/bin/bash' "CL_INSTALLER_PASSWORD=''" "CL_INSTALLER_LICENSE=''" \
			"CL_INSTALLER_PAYLOAD_SHA256=\"$sum\"" \
			'echo -n "Verifying image checksum ..."' \
			"sha=\$(sed -e '1,/^exit_marker\$/d' \"\$0\" | sha256sum | awk '{ print \$1 }')" \
			"[ \"\$sha\" = \"\$CL_INSTALLER_PAYLOAD_SHA256\" ] || exit 1" 'exit 0' exit_marker
		cat "$TMP/payload"
	} >"$1"
}

# A fabric of two pairs and two spines, without anybody behind its addresses.
write_inventory() {
	cat >"$1" <<'EOF'
{ "format": 1,
  "devices": [
    {"name": "spine01", "address": "192.0.2.21", "platform": "cumulus-linux", "role": "spine"},
    {"name": "spine02", "address": "192.0.2.22", "platform": "cumulus-linux", "role": "spine"},
    {"name": "leaf01", "address": "192.0.2.11", "platform": "cumulus-linux", "role": "leaf"},
    {"name": "leaf02", "address": "192.0.2.12", "platform": "cumulus-linux", "role": "leaf"},
    {"name": "leaf03", "address": "192.0.2.13", "platform": "cumulus-linux", "role": "leaf"},
    {"name": "leaf04", "address": "192.0.2.14", "platform": "cumulus-linux", "role": "leaf"} ],
  "groups": [
    {"name": "leaf01-02", "kind": "mlag", "members": ["leaf01", "leaf02"]},
    {"name": "leaf03-04", "kind": "mlag", "members": ["leaf03", "leaf04"]} ],
  "links": [
    ["leaf01:swp51", "spine01:swp1"], ["leaf01:swp52", "spine02:swp1"],
    ["leaf02:swp51", "spine01:swp2"], ["leaf02:swp52", "spine02:swp2"],
    ["leaf03:swp51", "spine01:swp3"], ["leaf03:swp52", "spine02:swp3"],
    ["leaf04:swp51", "spine01:swp4"], ["leaf04:swp52", "spine02:swp4"] ] }
EOF
}

# write_fabric FILE SPINES PAIRS: each leaf, in MLAG pairs, to each spine
write_fabric() {
	awk -v spines="$2" -v pairs="$3" 'BEGIN {
		printf "{\"format\":1,\"devices\":["
		for (s = 1; s <= spines; s++)
			printf "%s{\"name\":\"spine%03d\",\"address\":\"192.0.2.%d\",\"platform\":\"cumulus-linux\",\"role\":\"spine\"}", (s > 1 ? "," : ""), s, s
		for (l = 1; l <= 2 * pairs; l++)
			printf ",{\"name\":\"leaf%03d\",\"address\":\"198.51.100.%d\",\"platform\":\"cumulus-linux\",\"role\":\"leaf\"}", l, l
		printf "],\n\"groups\":["
		for (p = 1; p <= pairs; p++)
			printf "%s{\"name\":\"pair%03d\",\"kind\":\"mlag\",\"members\":[\"leaf%03d\",\"leaf%03d\"]}", (p > 1 ? "," : ""), p, 2 * p - 1, 2 * p
		printf "],\n\"links\":["
		for (l = 1; l <= 2 * pairs; l++)
			for (s = 1; s <= spines; s++)
				printf "%s[\"leaf%03d:swp%d\",\"spine%03d:swp%d\"]", (l + s > 2 ? "," : ""), l, 50 + s, s, l
		printf "]}\n"
	}' >"$1"
}
