#!/bin/sh
# SPDX-License-Identifier: ISC
# Rehearsals of what is no fabric of Cumulus Linux switches: the operator's own inventory, groups and
# roles on simulated Junos devices, firewall clusters, and hosts.
. "${srcdir:-.}/tests/cli/lib.sh"

json() { # the result's member, as text
	tail -n 1 "$TMP/out" | grep -o "\"$1\":[^,]*" | head -n 1 | cut -d: -f2-
}
is() { # MEMBER VALUE
	[ "$(json "$1")" = "$2" ] || fail "$1 is $(json "$1"), not $2"
}
# play STATUS VERDICT OPTIONS...: the inventory on standard input
play() {
	wanted=$1 verdict=$2
	shift 2
	rm -rf "$S"
	cat >"$TMP/inventory.json"
	expect 0 inventory import "$TMP/inventory.json"
	expect "$wanted" --json rehearse --name trial "$@"
	is verdict "\"$verdict\""
}
device() { # NAME ROLE PLATFORM
	printf '{"name":"%s","role":"%s","platform":"%s","address":"192.0.2.%d"}' "$@" $((n += 1))
}
list() { # PLATFORM NAME:ROLE...
	platform=$1 n=10 sep=
	shift
	for one; do
		printf '%s' "$sep"
		device "${one%:*}" "${one#*:}" "$platform"
		sep=,
	done
}
group() { # KIND NAME MEMBER...
	kind=$1 name=$2 members=
	shift 2
	for one; do members="$members${members:+,}\"$one\""; done
	printf '{"name":"%s","kind":"%s","members":[%s]}' "$name" "$kind" "$members"
}

# --- what it says is about the operator's addresses, not about those that are simulated
write_inventory "$TMP/own.json"
play 1 trouble --to 4.2.0 --from 4.1.1 --hosts leaf01,leaf02 --fault leaf01:never-returns \
	--rollback none <"$TMP/own.json"
shown 'ip addr add 192.0.2.11/LEN'
shown '192.0.2.11 port 22:'
not_shown '127.66.'

# --- a fabric of Junos devices: two leafs with the same hosts, the spine of another make
play 0 good --procedure junos-hitless --to 23.4R2-S3.9 --from 21.4R3-S5.4 --hosts 'qa,qb,top' <<-END
	{"format":1,"devices":[$(list junos qa:leaf qb:leaf top:spine),
	  {"name":"other","role":"spine","platform":"cumulus-linux","address":"192.0.2.99"}],
	 "groups":[$(group esi qa-qb qa qb)],
	 "links":[["qa:xe-0/0/1","top:xe-0/0/1"],["qb","top"],["qa:et-0/0/48","other:swp1"],
	  ["qb","other:swp2"]]}
END
is devices 3
shown '"groups_down":[]'
shown '"device":"top","one_ms":' # the last of the plan went back, measured

# --- firewalls: the nodes of a cluster, one after the other; what is done does not go back
play 0 good --procedure junos-issu --to 23.4R2-S3.9 --from 22.4R3-S2.11 <<-END
	{"format":1,"devices":[$(list junos-srx edge-a:firewall edge-b:firewall)],
	 "groups":[$(group cluster edge edge-a edge-b)]}
END
is devices 2
shown '"groups_down":[]' # one takes over at the very moment at which the other stops
shown 'edge-b is done and cannot go back: both nodes run the new version'
not_shown '"state":"failed"'
# a node whose other one the inventory does not know cannot be played
rm -rf "$S"
printf '{"format":1,"devices":[%s]}' "$(list junos-srx alone:firewall)" >"$TMP/inventory.json"
expect 0 inventory import "$TMP/inventory.json"
bad 'alone is a node of no group' rehearse --procedure junos-issu --to 23.4R2-S3.9 --from 22.4R3-S2.11

# --- a MicroCloud: component by component, asked at each point of no return
play 0 good --procedure microcloud --to 2.1.1 --from 2.1.0 --set backups=yes <<-END
	{"format":1,"devices":[$(list microcloud m1:member m2:member m3:member)],
	 "groups":[$(group cluster cloud m1 m2 m3)]}
END
[ "$(grep -o '"kind":"no-return"' "$TMP/out" | wc -l)" -eq 4 ] || fail 'not four points of no return'
shown 'you are asked at 4 points of no return'
# each component has times of its own
[ "$(grep -o '"stage":"[a-z-]*","done":3,"failed":0,"other":0,"at_ms":[0-9]*' "$TMP/out" |
	grep -E '"(microceph|microovn|lxd|microcloud)"' | cut -d: -f6 | sort -nu | wc -l)" -eq 4 ] ||
	fail 'the components have the same times'
# a member that does not come back is seen here, and not at night
expect 1 --json rehearse --name trial --procedure microcloud --to 2.1.1 --from 2.1.0 \
	--set backups=yes --fault m2:change-aborts
shown '"device":"m2"'

# --- hosts of OpenStack: etcd, compute, control; the mirror has what the job asks for
play 0 good --procedure calico-openstack --to 3.6.2 --from 3.5.1 --set api-closed=yes <<-END
	{"format":1,"devices":[$(list calico-openstack c1:control c2:control c3:control k1:compute)],
	 "groups":[$(group cluster etcd c1 c2 c3)]}
END
is devices 4
shown 'you are asked once, at a point of no return'
finish
