#!/bin/sh
# SPDX-License-Identifier: ISC
# A rehearsal of more devices than one batch takes: 4 spines and 10 pairs, everything at once.
. "${srcdir:-.}/tests/cli/lib.sh"

TMPDIR=$TMP
export TMPDIR
write_fabric "$TMP/inventory.json" 4 10
expect 0 inventory import "$TMP/inventory.json"
expect 1 --json rehearse --to 4.2.0 --name many --from 4.1.1 --canary --rollback none \
	--fault leaf007:install-failsx1 --fault job:killed@Reboot
grep -q '"devices":24,' "$TMP/out" || fail "not all devices"
grep -q '"groups_down":\[\],"isolated":\[\],"violations":\[\]' "$TMP/out" ||
	fail "the simulated network lost something"
grep -q '"pushes":0' "$TMP/out" || fail "time had to be pushed on"
grep -q '"failures":\[{"device":"leaf007",' "$TMP/out" || fail "leaf007 did not fail"
grep -q '"most_dark":4,' "$TMP/out" || fail "not four at a time"
[ "$(grep -o '"state":"[a-z ]*","step"' "$TMP/out" | wc -l)" -eq 1 ] || fail "more than one failed"
finish
