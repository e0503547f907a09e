# SPDX-License-Identifier: ISC
# For the tests whose process is killed: `. lib.sh` gives $prog, $crash (the program that kills itself at
# a journal write), $order, $dir (removed at the end, with its lab) and the functions below.
set -u

prog=${top_builddir:-.}/hitless
crash=${top_builddir:-.}/tests/crash/hitless-crash
order=${top_builddir:-.}/tests/crash/order
HITLESS_DATA_DIR=$(cd "${top_srcdir:-.}/src" && pwd)
export HITLESS_DATA_DIR
dir=$(mktemp -d)
log=$dir/lab/lab.log

end() {
	local rc=$?
	"$prog" lab down --dir "$dir/lab" >/dev/null 2>&1
	if test $rc != 0 && test $rc != 77; then
		"$prog" --state "$dir/state" show kill 2>&1 | tail -n 40
		tail -n 15 "$dir/state/hitless.log"
	fi
	rm -rf "$dir"
	exit $rc
}
trap end EXIT
h() { "$prog" --state "$dir/state" "$@"; }
fail() { echo "FAIL: $*"; exit 1; }

# A lab in $dir/lab, and all that a job on its devices needs.
lab_up() { # fabric
	"$prog" lab up --fabric "$1" --speed 60 --dir "$dir/lab" >/dev/null || fail "lab up"
	h setting set clock-speed 60 >/dev/null || fail "setting"
	h inventory import "$dir/lab/inventory.json" >/dev/null || fail "inventory"
	cp "$dir/lab/known_hosts" "$dir/state/known_hosts"
	h credential add default --user "$(cat "$dir/lab/user")" --key "$dir/lab/id_ed25519" \
		>/dev/null || fail "credential"
	for image in "$dir"/lab/images/*.{bin,tgz}; do
		test ! -e "$image" || h image add "$image" >/dev/null || fail "image"
	done
}

# A job without snapshots, its pre-checks passed, with the order to start.
started() { # job option...
	local job=$1
	shift
	h check --name "$job" --set snapshots=no "$@" >"$dir/check.out" ||
		fail "check: $(cat "$dir/check.out")"
	"$order" "$dir/state" "$job" start || fail "start"
}

# Run a job to its end, killed at every write. The first write of a process is that it owns the job; the
# second one is work. A step that makes several records (a list of checks) is begun anew by the next
# process, so that one lives a write longer each time until the step is done.
killed() { # job; gives $rc of the last run and $kills
	local said at=2
	kills=0
	while :; do
		said=$( { HITLESS_KILL_AT=$at timeout 120 "$crash" --state "$dir/state" run "$1"; } \
			2>/dev/null)
		rc=$?
		test $rc != 124 || fail "a run took longer than two minutes"
		test $rc = 137 || break
		case $said in *outcome*) at=2 ;; *) at=$((at + 1)) ;; esac
		kills=$((kills + 1))
		test $kills -lt 1500 || fail "no end after $kills kills"
	done
}

# Killed at every write, it still came to a good end.
killed_and_done() { # job least-number-of-kills
	killed "$1"
	test "$rc" = 0 || fail "the last run ended with $rc"
	h show "$1" --json >"$dir/show.json"
	grep -q '"state": *"done"' "$dir/show.json" || fail "the job did not end well"
	test $kills -gt "$2" || fail "only $kills kills: the hook does not work"
}
