#!/bin/sh
# SPDX-License-Identifier: ISC
# The site provisions new switches by itself (first-login=new-key): a fresh system that refuses the
# login until that is through is waited for, and its new host key is taken once.
. "${srcdir:-.}/tests/cli/lib.sh"

L=$TMP/lab
at_end() { "$PROG" lab down --dir "$L" >/dev/null 2>&1; }
expect 0 lab up --fabric small --dir "$L" --to 4.2.0 --speed 120 --fault spine01:site-ztp || finish
expect 0 setting set clock-speed 120
expect 0 inventory import "$L/inventory.json"
cp "$L/known_hosts" "$S/known_hosts"
expect 0 credential add default --user "$(cat "$L/user")" --key "$L/id_ed25519"
for image in "$L"/images/*.bin; do expect 0 image add "$image"; done
expect 0 upgrade --name fresh --hosts spine01 --to 4.2.0 --set first-login=new-key --yes
shown '1 done, 0 failed'
expect 0 show fresh --device spine01
for step in install-unprovisioned reboot-new-key wait-boot-new-key; do
	grep -q " $step  *done" "$TMP/out" || fail "$step was not done"
done
! grep -q ' install  *done' "$TMP/out" || fail 'installed twice'
grep -q '"device":"spine01","event":"login-refused"' "$L/lab.log" ||
	fail 'the fresh system refused nobody: nothing was tested'
finish
