# SPDX-License-Identifier: ISC
# For the tests that compare pictures of the screens: every script of tests/tui/screens is played on
# a fresh copy of one state directory, and what it dumps has to be what tests/tui/golden has.
#
#   GENERATE=1 tests/tui/golden.sh          write the pictures anew (look at the difference!)
#   SCREENS="home live" tests/tui/golden.sh only these
#
# Run in the build directory. A variant is a name, a locale and options of tests/tui/drive.
set -u
LC_ALL=C
TZ=UTC
HOME=/home/anna
srcdir=${srcdir:-.}
TOP=$(cd "$srcdir" && pwd)
GOLDEN=$TOP/tests/tui/golden
export LC_ALL TZ HOME
unset LANGUAGE NO_COLOR SUDO_USER
# A path of the same length everywhere, that is masked in the pictures.
T=$(mktemp -d /tmp/hltui-XXXXXX) || exit 99
trap 'rm -rf "$T"' EXIT
trap 'exit 99' HUP INT TERM
XDG_CONFIG_HOME=$T/config
HITLESS_DATA_DIR=$T/data
export XDG_CONFIG_HOME HITLESS_DATA_DIR
mkdir "$T/data"
ln -s "$TOP/src/procedures" "$T/data/procedures"
ln -s "$TOP/themes" "$T/data/themes"
FAILED=0 PICTURES=0

fail() {
	echo "FAILED: $*" >&2
	FAILED=$((FAILED + 1))
}

make_fixture() {
	tests/tui/fixture "$T/state" >"$T/out" 2>&1 || { cat "$T/out" >&2; exit 99; }
	mv "$T/state" "$T/fresh"
	for desk in cloud cluster clos; do
		tests/tui/fixture "$T/state" $desk >"$T/out" 2>&1 || { cat "$T/out" >&2; exit 99; }
		mv "$T/state" "$T/$desk"
	done
	mkdir -p "$T/at/files/older"
	cp "$srcdir/tests/data/inventory/ansible.json" "$T/at/files/"
	printf 'hostname,ip,port\nleaf05,192.0.2.15,22\nleaf06,192.0.2.16,\n' >"$T/at/files/more.csv"
	head -c 400000 /dev/zero >"$T/at/files/cumulus-linux-4.3.0-vx-amd64.bin"
	cp "$T"/fresh/images/*/cumulus-linux-4.2.0-vx-amd64.bin "$T/at/files/older/again.bin"
	touch -d '2026-11-20 10:00 UTC' "$T/at/files"/* "$T/at/files" "$T/at"
}

# All pictures of a run in one text.
gather() {
	for picture in "$T"/out.d/*."$1"; do
		[ -f "$picture" ] || continue
		shot=${picture##*/}
		echo "=== ${shot%.*}"
		sed "s#/tmp/hltui-[A-Za-z0-9]*#/tmp/hltui-XXXXXX#g" "$picture"
	done
}

compare() {
	if [ "${GENERATE:-}" ]; then
		mkdir -p "${2%/*}"
		cp "$1" "$2"
	elif [ ! -f "$2" ]; then
		fail "$3: there is no picture to compare with (GENERATE=1 makes it)"
	elif ! diff -u "$2" "$1" >"$T/diff"; then
		fail "$3: the pictures differ"
		head -60 "$T/diff" >&2
	fi
}

# play VARIANT KINDS SCRIPT OPTIONS...: kinds: txt, sty, both, or none
play() {
	variant=$1 kinds=$2 script=$3
	shift 3
	name=${script##*/}
	name=${name%.keys}
	rm -rf "$T/state" "$T/out.d" "$T/config"
	mkdir "$T/out.d"
	case $name in # another desk
	cloud | *-cloud) cp -R "$T/cloud" "$T/state" ;;
	cluster | *-cluster) cp -R "$T/cluster" "$T/state" ;;
	clos | *-clos) cp -R "$T/clos" "$T/state" ;;
	*) cp -R "$T/fresh" "$T/state" ;;
	esac
	[ "$name" != themes-broken ] || {
		mkdir -p "$T/config/hitless/themes"
		sed '3s/.*/nonsense = default/' "$TOP/themes/mono.theme" \
			>"$T/config/hitless/themes/torn.theme"
	}
	sed "s#@FILES@#$T/at/files#g; s#@STATE@#$T/state#g" "$script" >"$T/$name.keys"
	if ! PRETEND=1 tests/tui/drive --state "$T/state" --out "$T/out.d" --uncut "$@" "$T/$name.keys" \
		>"$T/out" 2>&1; then
		fail "$name in $variant:"
		head -50 "$T/out" >&2
		return
	fi
	for kind in $kinds; do
		gather "$kind" >"$T/pictures"
		PICTURES=$((PICTURES + $(grep -c '^=== ' "$T/pictures")))
		compare "$T/pictures" "$GOLDEN/$variant/$name.$kind" "$name in $variant"
	done
}

scripts() {
	for path in "$srcdir"/tests/tui/screens/*.keys; do
		name=${path##*/}
		[ -f "$path" ] || continue
		[ -z "${SCREENS:-}" ] || case " $SCREENS " in *" ${name%.keys} "*) ;; *) continue ;; esac
		echo "$path"
	done
}

# each VARIANT KINDS OPTIONS...
each() {
	of=$1 what=$2
	shift 2
	for path in $(scripts); do
		play "$of" "$what" "$path" "$@"
	done
}

# What is only wider, and not in colours or another language for the first time; WIDE=no leaves it out.
wide() {
	[ "${WIDE:-yes}" = no ] || "$@"
}

finish() {
	[ -n "$(scripts)" ] || fail "there is no script in tests/tui/screens"
	[ "$FAILED" -eq 0 ] || { echo "$FAILED failed" >&2; exit 1; }
	echo "$PICTURES pictures"
	exit 0
}
