#!/bin/sh
# SPDX-License-Identifier: ISC
# What is seen before a MicroCloud is touched: channels that there are not, that lie lower or too far
# up, or that do not go together.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/cli/microcloud-lib.sh"

up() { # NAME SNAP=CHANNEL...: the checks of an upgrade to these channels
	name=$1
	shift
	set -- check --to 3.0 --name "$name" --set way=upgrade --set backups=yes \
		--set microcloud-channel=3/stable --set lxd-channel=6/stable "$@"
	expect "$want_status" "$@"
}

cloud 3 channels
# The set that is known to be good, and what is not known together
want_status=0
up good && not_shown 'known to have tried'
up odd --set lxd-channel=5.21/stable && shown 'Nobody is known to have tried these channels together'
# One at a time
n=0
want_status=3
while read -r set text; do
	n=$((n + 1))
	up "c$n" --set "$set" && shown "$text"
done <<'END'
microceph-channel=quincy/stable microceph of micro01 cannot go to quincy/stable
microceph-channel=nosuch/stable microceph of micro01 cannot go to nosuch/stable
microovn-channel=22.03/stable microovn of micro01 cannot go to 22.03/stable
microovn-channel=22.03/stable microcloud of 3/stable refuses what it finds
lxd-channel=latest/stable lxd of micro01 cannot go to latest/stable
lxd-channel=nosuch/stable lxd of micro01 cannot go to nosuch/stable
END
[ $n -eq 6 ] || fail "$n channels"
judged

# Too far up
cloud 3 far 1.1
set -- --to $TO --set way=upgrade --set backups=yes
expect 0 check --name right "$@"
expect 3 check --name ceph "$@" --set microceph-channel=tentacle/stable &&
	shown 'microceph of micro01 cannot go to tentacle/stable'
expect 3 check --name ovn "$@" --set microovn-channel=26.03/stable &&
	shown 'microovn of micro01 cannot go to 26.03/stable'
expect 3 check --name cloud --to 3.0 --set way=upgrade --set backups=yes \
	--set microcloud-channel=3/stable --set lxd-channel=6/stable &&
	shown 'microcloud of micro01 cannot go to 3/stable'
judged
finish
