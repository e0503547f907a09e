#!/bin/sh
# SPDX-License-Identifier: ISC
# Random keys on all screens: MONKEY_KEYS of them, from MONKEY_SEED on, in several lives (each on a
# fresh copy of the state directory, in half of them without UTF-8).
. "${srcdir:-.}/tests/tui/golden-lib.sh"

keys=${MONKEY_KEYS:-10000} seed=${MONKEY_SEED:-1} lives=4
BUILD=$PWD
make_fixture
mkdir "$T/work"
for life in 1 2 3 4; do
	rm -rf "$T/state" "$T/work"
	mkdir "$T/work" "$T/work/empty"
	cp -R "$T/fresh" "$T/state"
	case $life in 1 | 3) LC_ALL=C.UTF-8 ;; *) LC_ALL=C ;; esac
	(cd "$T/work" && "$BUILD/tests/tui/monkey" --state "$T/state" --seed $((seed + life)) \
		--keys $((keys / lives))) || fail "life $life (seed $((seed + life)), LC_ALL=$LC_ALL)"
done
[ "$FAILED" -eq 0 ]
