#!/bin/sh
# SPDX-License-Identifier: ISC
# A MicroCloud whose sessions drop: in every step once before its command is run and once after. The
# end is the same, and nothing is done twice that must not be: the lab counts.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

drops() { # lines MEMBER REGEX: the next command that matches, and the one after that
	while read -r member command; do
		for when in before during; do
			expect 0 lab fault --dir "$L" "$member:drops-$when=$command"
		done
	done
}
cloud 3 drops
drops <<'END'
micro01 refresh --hold microceph
micro01 keep=.*hitless-election-timers
micro01 osd ls-tree
micro01 unit=hitless-evacuate-ceph
micro01 osd set noout
micro01 refresh microceph --no-wait
micro01 snap tasks
micro01 osd unset noout
micro01 hitless-restore-ceph-.*Restoring
micro01 ^snap list microceph$
micro02 refresh --hold microceph
micro02 hitless-election-timers.new
micro02 unit=hitless-evacuate-ceph
micro02 refresh microceph --no-wait
micro02 osd unset noout
END
expect 4 upgrade --to $TO --name drops --set evacuate=yes --set backups=yes --yes
shown 'point of no return of microceph'
drops <<'END'
micro03 ^snap list microceph$
micro01 microceph cluster list
micro01 microceph.ceph versions
micro01 microceph.ceph health
micro01 -le 16000 .. next=16000
micro02 -le 16000 .. next=16000
micro01 unit=hitless-evacuate-ovn
micro01 refresh microovn --no-wait
micro01 snap list microovn;
micro01 hitless-restore-ovn-.*Restoring
micro02 microovn cluster list .*Entries|microovn cluster list
micro02 refresh microovn --no-wait
END
expect 4 answer drops 1 go && shown 'point of no return of microovn'
drops <<'END'
micro01 microovn cluster list
micro01 microovn status
micro01 as they were
micro02 as they were
micro03 as they were
END
expect 4 answer drops 2 go && shown 'point of no return of lxd'
drops <<'END'
micro01 refresh lxd --no-wait
micro02 refresh lxd --no-wait
micro03 refresh lxd --no-wait
micro01 snap list lxd;
micro02 ^snap list lxd$
micro01 lxc cluster list
micro01 refresh microcloud --no-wait
micro02 snap list microcloud;
END
expect 4 answer drops 3 go && shown 'point of no return of microcloud'
drops <<'END'
micro03 refresh microcloud --no-wait
micro01 microcloud cluster list
micro01 microcloud status
micro01 ^snap list microcloud$
micro02 lxc list -f csv
END
expect 0 answer drops 4 go && shown '3 done, 0 failed'
expect 0 snapshot compare drops && not_shown 'removed'

dropped=$(count 'dropped[a-z-]*')
[ "$dropped" -ge 82 ] || fail "only $dropped sessions were dropped"
for m in 1 2 3; do
	for snap in microceph microovn lxd microcloud; do
		n=$(events refresh-begin | grep -c "^micro0$m $snap ")
		[ "$n" -eq 1 ] || fail "micro0$m: $snap was refreshed $n times"
	done
	for what in evacuate restore; do # around microceph and microovn
		n=$(events $what-begin | grep -c "^micro0$m ")
		[ "$n" -eq 2 ] || fail "micro0$m: $what, $n times"
	done
done
[ "$(count noout-set)" -eq "$(count noout-unset)" ] || fail 'noout is left behind'
grep -o '"event":"election-timer","detail":"[^"]*"' "$L/lab.log" | sort | uniq -d | grep . &&
	fail 'an election timer was changed twice'
judged
finish
