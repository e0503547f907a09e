#!/bin/sh
# SPDX-License-Identifier: ISC
# A job that holds after a failure and is told to go on: who is left behind is named before it does.
. "${srcdir:-.}/tests/cli/lib.sh"

lab_up small --to 4.2.0 --fault spine01:install-fails --fault spine02:install-fails || finish
lab_images
fails() { # JOB DEVICE OTHER
	expect 4 upgrade --name "$1" --hosts "$2,$3" --to 4.2.0 --yes --batch-size 1 --set rollback=no \
		--set drain-settle=0
}
left='Failed and passed over, left as now: spine01. The others begin'
fails plain spine01 leaf04
expect 1 resume plain && said "$left"
# nobody is left behind a second time
expect 2 resume plain
not_said() { ! grep -qF -- "$1" "$TMP/err" || fail "said: $1"; }
not_said 'left as now'
# in JSON, too
fails lines spine02 leaf03
expect 1 --json resume lines && said 'left as now: spine02' &&
	shown '"type":"order","job":"lines","verb":"resume","passed_over":["spine02"]'
finish
