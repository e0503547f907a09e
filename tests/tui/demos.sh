#!/bin/sh
# SPDX-License-Identifier: ISC
# `hitless demo` of each fabric that has a procedure of its own, as a person sees it: in a terminal of
# 80x24, from the first screen to the results, by Enter and Tab in the dialogs that ask. The lab's
# log proves in which order the devices were worked on.
. "${srcdir:-.}/tests/cli/lib.sh"
. "${srcdir:-.}/tests/tui/tmux-lib.sh"

ALL=$TMP
at_end() { # the demo ends its lab when its window is closed, the job goes on
	for TMP in "$ALL"/*/; do
		SOCKET=$TMP/tmux S=$TMP/demo/state
		term_end
		jobs_end demo
		"$PROG" lab down --dir "$TMP/demo/lab" >/dev/null 2>&1
	done
	TMP=$ALL
}

# press_to KEY PATTERN: the key, until that is on the screen: what is to be read first opens and is
# closed, too, and a dialog takes no key in its first moment
press_to() {
	pressed=0
	until on_screen "$2"; do
		[ $pressed -lt 60 ] || { broken "$fabric: never on the screen: $2"; return; }
		pressed=$((pressed + 1))
		press "$1"
		wait_for 2 on_screen "$2"
	done
}

# Whatever asks on the way is answered with its first choice.
asks() { on_screen '\[>Later<\]'; }
over() { on_screen 'The job is over'; }
turn() { asks || over; }
to_the_end() {
	answers=0
	while wait_for 150 turn; do
		over && return
		press_to Tab '\[>Go on<\]' || return
		press Enter
		gone '\[>Go on<\]' || return
		answers=$((answers + 1))
	done
	broken "$fabric: neither a question nor an end"
}

log() { cat "$D/lab/lab.log"; }
events() { # EVENT: "DEVICE DETAIL" of each
	log | sed -n 's/.*"device":"\([^"]*\)","event":"'"$1"'","detail":"\(.*\)"}/\1 \2/p'
}
is() { # WHAT IS WANTED
	[ "$2" = "$3" ] || fail "$fabric: $1: $2"
}
each_once() { # DEVICE...: one reboot
	for device; do
		is "reboots of $device" "$(events reboot | grep -c "^$device ")" 1
	done
}

proves_junos_clos() {
	each_once leaf1 leaf2 leaf3 leaf4 spine1 spine2 border1
	is 'order of the roles' "$(events reboot | sed 's/[0-9]* .*//' | uniq | tr '\n' ' ')" \
		'leaf spine border '
}
proves_srx_pairs() {
	each_once fw1-node0 fw1-node1 fw2-node0 fw2-node1
	for cluster in fw1 fw2; do
		is "order of $cluster" "$(events installed | sed -n "s/^$cluster-\(node[01]\) .*/\1/p" |
			tr '\n' ' ')" 'node1 node0 '
	done
}
proves_microcloud() {
	is 'order of the components' "$(events refresh-begin | cut -d' ' -f2 | uniq | tr '\n' ' ')" \
		'microceph microovn lxd microcloud '
	is 'members that had lxd refreshed before one was through' \
		"$(log | sed -n 's/.*"event":"\(refresh-[a-z]*\)","detail":"lxd.*/\1/p' |
			sed '/refresh-end/,$d' | grep -c begin)" "$(events refresh-begin | grep -c ' lxd ')"
	is 'questions' "$answers" 4
}
proves_calico() {
	is 'order of the components' "$(events package-begin |
		awk '{ print $2 ~ /^etcd/ ? "etcd" : substr($1, 1, 3) }' | uniq | tr '\n' ' ')" 'etcd cmp ctl '
	is 'order of the members of etcd' "$(events package-begin | sed -n 's/ etcd-server.*//p' |
		tr '\n' ' ')" 'ctl2 ctl3 ctl1 '
	is 'questions' "$answers" 1
}

wizard() {
	fabric=$1 TMP=$ALL/$1 D=$ALL/$1/demo
	SOCKET=$TMP/tmux
	mkdir "$TMP"
	term_begin 80 24
	run "clear; $PROG demo --fabric $fabric --speed 100 --dir $D"
	waits_for 'hitless  Select devices' || return
	for title in Review Name 'Job options' Pre-checks Plan Confirm 'Live run'; do
		press_to Enter "hitless  $title" || return
		[ "$title $fabric" != 'Confirm calico' ] || waits_for 'Requests to the API of OpenStack may'
	done
	to_the_end || return
	press_to Enter 'hitless  Results' || return
	on_screen '+ done  elapsed' && on_screen '^ + [0-9]* done$' || broken "$fabric: not all went well"
	! log | grep violation || fail "$fabric: violations"
	"proves_$(echo "$fabric" | tr - _)"
}

ended=
for fabric in ${*:-junos-clos srx-pairs microcloud calico}; do
	(wizard "$fabric"; [ "$FAILED" -eq 0 ]) &
	ended="$ended $!"
done
for pid in $ended; do
	wait "$pid" || FAILED=$((FAILED + 1))
done
finish
