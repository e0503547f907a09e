#!/bin/sh
# SPDX-License-Identifier: ISC
# The collectors of snapshots and the facts, against the real thing: two nodes in network namespaces
# with FRR (zebra, bgpd, ospfd), lldpd and iproute2 of this system, and the very commands and judges
# of the procedure. Bridges, bonds and VRFs are tried where this kernel has them. MLAG (clagctl) and
# sensors (smonctl) exist on switches only, and services only where systemd runs: said at the end.
top=$(cd "${top_srcdir:-.}" && pwd)
collect=$(pwd)/tests/real/collect
procedure=$top/src/procedures/cumulus-linux.json
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/frr:/usr/libexec/frr

skip() { echo "SKIP: $*" >&2; exit 77; }
fail() { echo "FAIL: $*" >&2; exit 1; }
test "$(id -u)" = 0 || skip "network namespaces need root"
unshare -n -m -u true 2>/dev/null || skip "network namespaces cannot be made here"
for tool in zebra bgpd ospfd vtysh lldpd lldpctl ip bridge nsenter; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done

dir=$(mktemp -d)
started=''
stop()
{
	for pid in $started $(cat "$dir"/*/run/*.pid "$dir"/*/run/frr/*.pid 2>/dev/null); do
		kill "$pid" 2>/dev/null
	done
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

# A node: namespaces of its own, /run and /etc of its own, held by a process that only sleeps.
node() # name
{
	mkdir -p "$dir/$1/run/frr" "$dir/$1/run/lldpd" "$dir/$1/bin"
	chmod 755 "$dir" "$dir/$1" "$dir/$1/run"
	chown frr:frrvty "$dir/$1/run/frr" 2>/dev/null || chown frr:frr "$dir/$1/run/frr"
	cp -a /etc "$dir/$1/etc"
	printf 'DISTRIB_ID="Cumulus Linux"\nDISTRIB_RELEASE=4.2.1\n' >"$dir/$1/etc/lsb-release"
	printf 'IMAGE_RELEASE=4.2.1\n' >"$dir/$1/etc/image-release"
	printf '127.0.0.1 localhost %s\n' "$1" >"$dir/$1/etc/hosts"
	printf '#!/bin/sh\nshift\nexec "$@"\n' >"$dir/$1/bin/sudo"
	chmod +x "$dir/$1/bin/sudo"
	unshare -n -m -u sh -c "hostname $1 && mount --make-rprivate / &&
	    mount --bind $dir/$1/run /run && mount --bind $dir/$1/etc /etc &&
	    : >/run/ready && exec sleep 1000000" &
	started="$started $!"
	i=0
	until test -e "$dir/$1/run/ready"; do
		i=$((i + 1))
		test $i -lt 300 || fail "node $1 does not start"
		kill -0 $! 2>/dev/null || skip "namespaces cannot be used here (mount, hostname)"
		sleep 0.1
	done
	eval "pid_$1=$!"
}
on() # node, command...
{
	eval "target=\$pid_$1"
	bin=$dir/$1/bin
	shift
	nsenter -t "$target" -n -m -u env PATH="$bin:$PATH" "$@"
}
daemon() # node, program
{
	conf=$dir/$1/etc/frr/frr.conf
	on "$1" "$2" -d -A 127.0.0.1 -f "$conf" -i "/run/frr/$2.pid" >"$dir/$1/$2.out" 2>&1 ||
	    fail "$2 does not start on $1: $(cat "$dir/$1/$2.out")"
}

node leaf01
node spine01
ip link add swp51 netns "$pid_leaf01" type veth peer name swp1 netns "$pid_spine01" 2>"$dir/out" ||
    skip "no veth links here: $(cat "$dir/out")"
on leaf01 sh -c 'ip link set lo up; ip link set swp51 up; ip addr add 10.0.0.1/30 dev swp51'
on spine01 sh -c 'ip link set lo up; ip link set swp1 up; ip addr add 10.0.0.2/30 dev swp1'
on leaf01 sh -c 'ip addr add 10.20.1.1/32 dev lo; ip -6 addr add 2001:db8::1/128 dev lo'
on spine01 ip addr add 10.20.2.1/32 dev lo
has()
{
	on leaf01 ip link add "$@" 2>/dev/null && return 0
	missing="$missing $1"
	return 1
}
missing=''
has vni10 type vxlan id 10 local 10.0.0.1 dstport 4789 nolearning && vxlan=1
has mac0 link swp51 type macvlan && macvlan=1
has br0 type bridge vlan_filtering 1 && bridge=1
has bond1 type bond mode 802.3ad && bond=1
has mgmt type vrf table 1001 && vrf=1
has dummy0 type dummy && dummy=1
has swp51.10 link swp51 type vlan id 10 && vlan=1
test -z "$vxlan" || on leaf01 bridge fdb add 00:11:22:33:44:55 dev vni10 dst 10.0.0.2

for n in leaf01 spine01; do
	as=65001 id=10.20.1.1 peer=10.0.0.2 peer_as=65002
	test $n = leaf01 || as=65002 id=10.20.2.1 peer=10.0.0.1 peer_as=65001
	mkdir -p "$dir/$n/etc/frr"
	printf '%s\n' "hostname $n" "router bgp $as" " bgp router-id $id" ' no bgp ebgp-requires-policy' \
	    ' timers bgp 1 3' " neighbor $peer remote-as $peer_as" " neighbor $peer timers connect 1" \
	    ' address-family ipv4 unicast' "  network $id/32" ' exit-address-family' \
	    ' address-family l2vpn evpn' "  neighbor $peer activate" ' exit-address-family' \
	    'router ospf' " ospf router-id $id" ' network 10.0.0.0/30 area 0.0.0.1' \
	    'interface swp51' ' ip ospf network point-to-point' ' ip ospf hello-interval 1' \
	    ' ip ospf dead-interval 4' 'interface swp1' ' ip ospf network point-to-point' \
	    ' ip ospf hello-interval 1' ' ip ospf dead-interval 4' >"$dir/$n/etc/frr/frr.conf"
	: >"$dir/$n/etc/frr/vtysh.conf"
	chmod 644 "$dir/$n/etc/frr"/*
	chmod 755 "$dir/$n/etc/frr"
	for d in zebra bgpd ospfd; do
		daemon $n $d
	done
	on $n lldpd -u /run/lldpd.socket -I 'swp*' || fail "lldpd does not start on $n"
done

# lldpd starts paused, and a lldpcli of its own lets it go: what we want is told until it is heard.
lldp() # node
{
	on "$1" lldpcli configure lldp tx-interval 1 &&
	    on "$1" lldpcli configure lldp portidsubtype ifname && # as switches have it
	    on "$1" lldpcli configure system hostname "$1" && on "$1" lldpcli resume &&
	    on "$1" lldpcli update
} >"$dir/lldp.out" 2>&1

rows() # node
{
	on "$1" "$collect" "$procedure" >"$dir/$1.rows" || fail "collect on $1"
}
quiet=''
wait_for() # node, pattern
{
	i=0
	rows "$1"
	until grep -Eq "$2" "$dir/$1.rows"; do
		i=$((i + 1))
		test $i -lt 120 || { cat "$dir/$1.rows" >&2; fail "$1: no line like: $2"; }
		sleep 0.5
		test -n "$quiet" || lldp spine01 || :
		test -n "$quiet" || lldp leaf01 || :
		rows "$1"
	done
}
want() { grep -Eq "$2" "$dir/$1.rows" || { cat "$dir/$1.rows" >&2; fail "$1: no line like: $2"; }; }
deny() { ! grep -E "$2" "$dir/$1.rows" >&2 || fail "$1: there is a line like: $2"; }

wait_for leaf01 '^row BGP vrf=default family=ipv4Unicast session=10\.0\.0\.2 asn=65002 state=Established prefixes=1$'
wait_for leaf01 '^row BGP vrf=default family=l2VpnEvpn session=10\.0\.0\.2 asn=65002 state=Established '
wait_for leaf01 '^row LLDP interface=swp51 neighbor=spine01 port=swp1 '
wait_for leaf01 '^row OSPF vrf=default peer=10\.20\.2\.1 interface=swp51 area=0\.0\.0\.1 state=Full/'
wait_for leaf01 '^row Route prefix=10\.20\.2\.1 protocol=bgp vrf=default$'
want leaf01 '^fact asn=65001$'
want leaf01 '^fact release=4\.2\.1$'
want leaf01 '^fact mlag=no$'
want leaf01 '^read BGP 2$'
want leaf01 '^left-out MLAG$'
want leaf01 '^row Interface flags=[A-Z,_]*LOWER_UP[A-Z,_]* interface=swp51 mtu=1500 state=UP$'
want leaf01 '^row Interface flags=[A-Z,_]* interface=lo '
want leaf01 '^row IP Address interface=swp51 mask=30 prefix=10\.0\.0\.1$'
want leaf01 '^row IP Address interface=lo mask=128 prefix=2001:db8::1$'
deny leaf01 '^row IP Address .*fe80'
want leaf01 '^row Links interface=lo kind=loopback$'
want leaf01 '^row Links interface=swp51 kind=swp$'
want leaf01 '^row Neighbor address=10\.0\.0\.2 interface=swp51 mac=[0-9a-f:]{17} state=[A-Z]+ vrf=default$'
want leaf01 '^row Node agent= boot=[0-9a-f-]{36} hostname=leaf01 image=4\.2\.1 kernel=[^ ]+ release=4\.2\.1$'
want leaf01 '^row Route prefix=10\.0\.0\.0/30 protocol=kernel vrf=default$'
deny leaf01 '^row Route .*(table|fe80::/64|127\.0\.0\.0)'
deny leaf01 '^row MAC Address .*mac=(33:33|01:)'
wait_for spine01 '^row LLDP interface=swp1 neighbor=leaf01 port=swp51 '
test -z "$vxlan" || want leaf01 '^row Links interface=vni10 kind=vxlan$'
test -z "$vxlan" || want leaf01 '^row MAC Address interface=vni10 mac=00:11:22:33:44:55 vlan=-$'
test -z "$macvlan" || want leaf01 '^row Links interface=mac0 kind=macvlan$'
test -z "$bridge" || want leaf01 '^row Links interface=br0 kind=bridge$'
test -z "$bond" || want leaf01 '^row Links interface=bond1 kind=bond$'
test -z "$vrf" || want leaf01 '^row Links interface=mgmt kind=vrf$'
test -z "$dummy" || want leaf01 '^row Links interface=dummy0 kind=dummy$'
test -z "$vlan" || want leaf01 '^row Links interface=swp51\.10 kind=vlan$'

quiet=1
# What is not there is nothing (and then a difference), what cannot be read is never nothing.
kill "$(cat "$dir/leaf01/run/frr/ospfd.pid")"
wait_for leaf01 '^read OSPF 0$'
for d in bgpd zebra; do
	kill "$(cat "$dir/leaf01/run/frr/$d.pid")"
done
wait_for leaf01 '^fact asn=$'
rm -f "$dir/leaf01/run/frr"/*.vty
rows leaf01
want leaf01 '^read OSPF 0$'
want leaf01 '^left-out BGP$'
printf '#!/bin/sh\necho "sudo: a password is required" >&2\nexit 1\n' >"$dir/leaf01/bin/sudo"
rows leaf01
for element in OSPF LLDP 'MAC Address'; do
	want leaf01 "^unreadable $element\$"
done

# A neighbour that falls silent is a row less, after the time its messages are good for.
on spine01 ip link set swp1 down
printf '#!/bin/sh\nshift\nexec "$@"\n' >"$dir/leaf01/bin/sudo"
wait_for leaf01 '^read LLDP 0$'
wait_for leaf01 '^row Interface flags=[A-Z,_-]* interface=swp51 mtu=1500 state=(LOWERLAYER)?DOWN$'
kill "$(cat "$dir/leaf01/run/lldpd.pid")"
rm -f "$dir/leaf01/run/lldpd.socket"
rows leaf01
want leaf01 '^read LLDP 0$'
echo "not tried here: MLAG and sensors (no switch)${missing:+; no such devices in this kernel:$missing}"
on leaf01 systemctl is-system-running >/dev/null 2>&1 || echo "not tried here: services (no systemd)"
