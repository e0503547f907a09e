#!/bin/bash
# SPDX-License-Identifier: ISC
# Hosts with a real systemd, sshd, apt, dpkg and a three-member etcd of Debian are upgraded from
# release 1 to 2 by hitless, while a client writes to etcd all the time: nothing that etcd has
# acknowledged is lost, writes never stop for longer than an election of a leader takes, and no two
# members are away at the same time. Two versions of etcd are Debian's (3.4 of bookworm and 3.5 of trixie;
# where only one can be had it is the same program with two numbers, and the test says so): the version
# of the cluster moves, not before the last member. Members have files for etcdctl that name endpoints,
# as operators have them. The second member in turn has run the new version and goes back to the old
# one for real, before the last one follows. Calico's packages are dummies (host-packages.sh); what installs
# and runs them is real. Skipped (77) where there are no namespaces or Debian's etcd cannot be had.
set -u

top=$(cd "${top_srcdir:-.}" && pwd)
build=$(cd "${top_builddir:-.}" && pwd)
. "$top/tests/real/host-bed.sh"
hosts="ctl1 ctl2 ctl3 cmp1 cmp2"
members="http://10.77.0.11:2379 http://10.77.0.12:2379 http://10.77.0.13:2379"
# etcd waits for its leader for 1 to 2 s (ETCD_ELECTION_TIMEOUT is 1000 ms), then it votes; a client
# has noticed after half a second.
election_ms=2500

if test -z "${HITLESS_BED:-}"; then
	PATH=$PATH:/usr/sbin:/sbin
	why=$(bed_why) || { echo "SKIP: $why" >&2; exit 77; }
	HITLESS_BED=$(mktemp -d)
	export HITLESS_BED PATH
	inner=
	trap 'test -z "$inner" || kill -9 "$inner" 2>/dev/null; bed_clean "$HITLESS_BED"' EXIT
	trap 'exit 1' HUP INT TERM
	sh "$top/tests/real/host-packages.sh" "$HITLESS_BED/packages" "$build/tests/real/cache" || exit $?
	unshare -m -n -p --fork --kill-child --mount-proc bash "$0" &
	inner=$!
	wait $inner
	rc=$?
	inner=
	exit $rc
fi

dir=$HITLESS_BED
end() {
	local rc=$?
	test $rc = 0 || for host in $hosts; do
		echo "--- $host" && tail -n 3 "$dir/$host/console"
		h show real --device "$host" | tail -n 40
		on "$host" journalctl --no-pager -n 25 -o short-precise
	done 2>&1
	exit $rc # with this process all of the hosts end
}
trap end EXIT
h() { "$build/hitless" --state "$dir/state" "$@"; }
on() { bed_on "$dir" "$@"; }
fail() { echo "FAIL: $*"; exit 1; }
all() # command...: on every host at the same time; HOST is the host it is for
{
	local HOST pids=''
	for HOST in $hosts; do
		"$@" >"$dir/$HOST.out" 2>&1 &
		pids="$pids $!:$HOST"
	done
	for HOST in $pids; do
		wait "${HOST%:*}" || { cat "$dir/${HOST#*:}.out"; fail "$* on ${HOST#*:}"; }
	done
}

extras= # to prove the data plane
for p in bird2 iputils-ping; do
	! ls "$dir"/packages/1/${p}_*.deb >/dev/null 2>&1 || extras="$extras $p"
done

pip=
test ! -x /usr/bin/pip || pip=yes

# --- The hosts, with release 1 --------------------------------------------------------------------
mkdir "$dir/repo"
ln "$dir"/packages/1/* "$dir/repo/"
bed_start "$dir" $hosts || fail "the hosts do not start"

own_etcd() # DIRECTORY: what the operators of HOST wrote for etcd, and for the client of the API
{
	local me=10.77.0.1${HOST#???} all=''
	all=ctl1=http://10.77.0.11:2380,ctl2=http://10.77.0.12:2380,ctl3=http://10.77.0.13:2380
	mkdir -p "$1/etc/default" "$1/root"
	printf 'ETCD_%s\n' "NAME=$HOST" LISTEN_CLIENT_URLS=http://0.0.0.0:2379 \
	    "ADVERTISE_CLIENT_URLS=http://$me:2379" LISTEN_PEER_URLS=http://0.0.0.0:2380 \
	    "INITIAL_ADVERTISE_PEER_URLS=http://$me:2380" INITIAL_CLUSTER_STATE=new \
	    "INITIAL_CLUSTER=$all" >"$1/etc/default/etcd"
	echo 'export OS_URL=http://127.0.0.1:9696' >"$1/root/admin-openrc"
}
# What is to be kept alive on a compute host: a "virtual machine" behind an interface of Calico, and a
# BGP session with the other compute host.
data_plane()
{
	local n=${HOST#???} own=$1/etc/bird
	mkdir -p "$own"
	printf '%s\n' "router id 10.77.0.1$((n + 3));" 'protocol device {}' 'protocol bgp node {' \
	    "local 10.77.0.1$((n + 3)) as 64511; neighbor 10.77.0.1$((6 - n)) as 64511;" \
	    'connect retry time 1; ipv4 { import all; export all; }; }' >"$own/bird.conf"
}
workload()
{
	local n=${HOST#???}
	on "$HOST" sh -ec "ip netns add vm && ip link add cali1 type veth peer name eth0 netns vm
	    ip link set cali1 up && ip -n vm link set eth0 up && ip -n vm addr add 10.65.$n.2/32 dev eth0
	    ip -n vm route add 10.77.0.1$((n + 3)) dev eth0 && ip route add 10.65.$n.2 dev cali1"
}
# A copy of networking-calico that pip has installed: on one host only, as pip is slow.
pip_copy()
{
	on "$HOST" sh -c 'rm -f /usr/bin/pip?*'
	test "$HOST" = cmp1 || { on "$HOST" rm -f /usr/bin/pip; return; }
	on "$HOST" sh -ec 'd=$(/usr/bin/pip --version | sed "s/.*(python \(.*\))/\1/")
	    d=/usr/local/lib/python$d/dist-packages i=networking_calico-1.3.1.dist-info
	    mkdir -p $d/networking_calico $d/$i && cd $d
	    touch networking_calico/__init__.py && echo pip >$i/INSTALLER
	    printf "%s\\n" "Metadata-Version: 2.1" "Name: networking-calico" "Version: 1.3.1" >$i/METADATA
	    printf "%s,,\\n" networking_calico/__init__.py $i/METADATA $i/INSTALLER $i/RECORD >$i/RECORD'
}
settle() # the configuration of HOST, then its packages
{
	local own=$dir/$HOST/own packages
	mkdir -p "$own/etc/calico"
	printf 'endpoints=%s\n' "${members// /,}" >"$own/etc/calico/felix.cfg"
	case $HOST in
	ctl*)
		own_etcd "$own"
		test "$HOST" = ctl1 || echo "ETCDCTL_ENDPOINTS=${members// /,}" >"$own/etc/default/etcdctl"
		packages='etcd-server etcd-client calico-common calico-control neutron-server networking-calico'
		;;
	*)
		packages='calico-common calico-felix calico-compute calico-dhcp-agent networking-calico'
		test -z "$extras" || packages="$packages $extras" && data_plane "$own"
		;;
	esac
	on "$HOST" dpkg --purge --force-depends etcd-server etcd-client bird2 # this machine may have them
	tar -C "$own" -c . | on "$HOST" tar -C / --no-overwrite-dir --no-same-owner -x &&
	    on "$HOST" apt-get -q update &&
	    on "$HOST" apt-get -y -q -o Dpkg::Options::=--force-confold install $packages || return 1
	case $HOST in cmp*) workload ;; esac || return 1
	# Scripts of packages must not restart anything on this one: etcd goes on with the old program.
	test "$HOST" != ctl3 || on ctl3 sh -c 'printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d &&
	    chmod 755 /usr/sbin/policy-rc.d'
	test -z "$pip" || pip_copy
}
all settle
version() { on "$1" dpkg-query -W -f '${Version}' "$2"; }
echo "started: $(echo $hosts | wc -w) hosts, etcd $(version ctl1 etcd-server)"

inventory() {
	printf '{"format": 1, "devices": ['
	local comma='' n=0 host role
	for host in $hosts; do
		role=control n=$((n + 1))
		test "${host%?}" = ctl || role=compute
		printf '%s{"name": "%s", "address": "%s", "platform": "calico-openstack", "role": "%s"}' \
		    "$comma" "$host" "$(bed_address $n)" $role
		comma=,
	done
	printf '], "groups": [{"name": "etcd", "kind": "cluster", "members": ["ctl1", "ctl2", "ctl3"]}]}\n'
}
inventory >"$dir/inventory.json"
HITLESS_DATA_DIR=$top/src
export HITLESS_DATA_DIR
h credential add default --user "$(cat "$dir/user")" --key "$dir/key" || fail "credential"
h inventory import "$dir/inventory.json" || fail "inventory"
cp "$dir/known_hosts" "$dir/state/known_hosts"
h setting set clock-speed 6 || fail "setting" # shorter intervals between two looks

# --- The upgrade ----------------------------------------------------------------------------------
/usr/bin/python3 "$top/tests/real/host-writer.py" write "$dir/writes" $members &
writer=$!
bed_until 300 test -s "$dir/writes" || fail "etcd takes no writes"
ln "$dir"/packages/2/*.deb "$dir/repo/"
rm "$dir/repo/Packages"
cat "$dir"/packages/[12]/Packages >"$dir/repo/Packages"

cluster() { on ctl1 curl -s http://127.0.0.1:2379/version | sed 's/.*"etcdcluster":"\([0-9]*[.][0-9]*\).*/\1/'; }
minor() { sed 's/^\([0-9]*[.][0-9]*\).*/\1/' "$dir/packages/etcd_$1"; }
# The members look every 4 s whether the version of the cluster can be a later one.
cluster_is() { test "$(cluster)" = "$(minor "$1")"; }
bed_until 600 cluster_is 1 || fail "the cluster is $(cluster) at the start"
# Somebody installs packages on cmp2 until the job has said so.
holder='import fcntl, signal
f = open("/var/lib/dpkg/lock-frontend", "w"); fcntl.lockf(f, fcntl.LOCK_EX); signal.pause()'
on cmp2 systemd-run -q --unit=holder /usr/bin/python3 -c "$holder" || fail "no lock"
bed_until 100 bed_locked "$dir" cmp2 || fail "no lock"
h upgrade --name real --to 3.29.1 --set api-closed=yes --set ask=no --set rollback=yes --yes \
	>"$dir/out" 2>&1 &
job=$!
bed_until 1200 grep -q 'installs packages on cmp2: .*python3 [0-9]* /var/lib/dpkg/lock-frontend' "$dir/out" ||
	{ cat "$dir/out"; fail "nobody says who has the lock of the packages"; }
# The second member in turn: its new etcd has joined the others when it is ended, each time, and it
# goes back to the old one. (When the last one has joined, the version of the cluster moves: no way back.)
bed_until 1200 grep -q '^Stage 3: ' "$dir/out" || fail "no plan"
back=$(sed -n '/^Stage [0-9]*: etcd,/,/^Stage /s/^    \(ctl.\)  3.*/\1/p' "$dir/out" | sed -n 2p)
test -n "$back" || { cat "$dir/out"; fail "the plan has no second member of etcd"; }
new=$(sed 's/[-+].*//' "$dir/packages/etcd_2")
if test ! -e "$dir/packages/same"; then
	on "$back" sh -ec "mkdir -p /etc/systemd/system/etcd.service.d; printf '[Service]\n%s\n' \
	    'ExecStartPost=/bin/sh -c \"! /usr/bin/etcd --version | grep -q \\\"Version: $new\\\"\"' \
	    >/etc/systemd/system/etcd.service.d/ends.conf; systemctl daemon-reload" || fail "no drop-in"
fi
on cmp2 systemctl stop holder # until now the packages of all hosts are waited for
wait $job
rc=$?
grep -E '^[0-9:]+ +job ' "$dir/out"
if test ! -e "$dir/packages/same"; then
	test $rc = 4 && grep -q "$back .*rolled back.*etcd does not start on $back" "$dir/out" ||
		{ cat "$dir/out"; fail "$back was not rolled back: exit status $rc"; }
	test "$(version $back etcd-server)" = "$(cat "$dir/packages/etcd_1")" || fail "$back has the new etcd"
	on "$back" journalctl -q --no-pager -u etcd -o cat >"$dir/show"
	grep -q "etcd-version.*$new\|etcd Version: $new" "$dir/show" ||
		{ tail -n 30 "$dir/show"; fail "the new etcd has never run on $back"; }
	cluster_is 1 || fail "the cluster is $(cluster) before the last member"
	echo "$back: etcd $(version $back etcd-server) again after $new has run"
	on "$back" sh -c 'rm /etc/systemd/system/etcd.service.d/ends.conf; systemctl daemon-reload'
	h retry real "$back" >>"$dir/out" 2>&1
	rc=$?
	grep -E '^[0-9:]+ +job ' "$dir/out" | tail -n 1
fi
test $rc = 0 || { cat "$dir/out"; fail "upgrade: exit status $rc"; }
kill "$writer" && wait "$writer" || fail "the writer has ended by itself"

# --- What it has come to ----------------------------------------------------------------------------
prove() { /usr/bin/python3 "$top/tests/real/host-writer.py" prove "$dir/writes" $election_ms $members; }
prove || fail "etcd"
for host in $hosts; do
	packages='calico-felix calico-dhcp-agent dnsmasq-base'
	test "${host%?}" = cmp || packages='calico-control etcd-server etcd-client'
	for p in calico-common networking-calico $packages; do
		wanted=3.29.1
		test "${p%-*}" != etcd || wanted=$(cat "$dir/packages/etcd_2")
		test "$(version $host $p)" = "$wanted" || fail "$host has $p $(version $host $p)"
	done
	on $host sh -c 'for p in $(pgrep -x "etcd|dnsmasq"); do readlink /proc/$p/exe; done' >"$dir/exe"
	test -s "$dir/exe" && ! grep deleted "$dir/exe" || fail "$host runs an old program"
	! on $host pgrep -x ping || fail "$host still pings"
done
bed_until 600 cluster_is 2 || fail "the cluster is still $(cluster)"
echo "cluster version: from $(minor 1) to $(cluster)"
# No member is touched before the one before it is healthy, and it is away alone; ctl2 more than once.
turns='(ctl1-ctl1|ctl2-ctl2|ctl3-ctl3) '
in_turn() # file with "host begin|end" lines, what it is about
{
	awk '{ printf "%s%s", $1, $2 == "begin" ? "-" : " " }' "$1" |
		sed -E 's/(ctl.-)\1+/\1/g; s/(ctl.-ctl. )\1+/\1/g' >"$1.order"
	grep -Eqx "$turns$turns$turns" "$1.order" || { cat "$dir/out"; fail "$2: $(cat "$1.order")"; }
}
sed -n 's/^[0-9:]* *\(ctl.\) .* Install etcd .*/\1 begin/p
    s/^[0-9:]* *\(ctl.\) .* etcd is through$/\1 end/p' "$dir/out" >"$dir/turns"
in_turn "$dir/turns" "members of etcd were upgraded"
for host in ctl1 ctl2 ctl3; do
	on $host journalctl -q --no-pager -o short-unix -t systemd UNIT=etcd.service |
		sed -n "s/^\\([0-9.]*\\) .*: Stopping etcd.*/$host begin \\1/p
		    s/^\\([0-9.]*\\) .*: Started etcd.*/$host end \\1/p"
done | sort -k 3n | sed '1,/begin/{/begin/!d}' >"$dir/away"
in_turn "$dir/away" "members of etcd were away"
awk '{ if ($2 == "begin") t = $3; else printf "etcd of %s was away for %d ms\n", $1, ($3 - t) * 1000 }' \
    "$dir/away"
says() # file, pattern: its first line with it
{
	grep -Eom 1 "$2" "$1" || { cat "$1"; fail "nobody says: $2"; }
}
h show real >>"$dir/out" 2>&1
test -z "$pip" || says "$dir/out" 'networking-calico was installed on cmp1 by pip'
says "$dir/out" 'A package of cmp2 brought a new configuration file'
h show real --device ctl3 >"$dir/show" 2>&1
says "$dir/show" '\| restarted$' # its packages were not allowed to
for host in cmp1 cmp2; do
	test -n "$extras" || break
	h show real --device $host >"$dir/show" 2>&1
	echo "$host: BGP $(says "$dir/show" 'sessions 1, dnsmasq 1$')," \
	    "pings $(says "$dir/show" 'got [1-9][0-9]*, lost [0-9]+$')"
done
on cmp2 grep -q 10.77.0.12 /etc/calico/felix.cfg || fail "the configuration of Felix was overwritten"
! on cmp1 sh -c 'ls -d /usr/local/lib/python3*/dist-packages/networking_calico' 2>/dev/null ||
	fail "the copy of pip is still there"
# The way back, of a compute host and of a control host: real downgrades.
for host in cmp2 ctl2; do
	h rollback real $host >"$dir/out" 2>&1 || { cat "$dir/out"; fail "rollback of $host"; }
	test "$(version $host calico-common)" = 3.28.2 || { cat "$dir/out"; fail "$host is not rolled back"; }
	echo "$host: rolled back to $(version $host calico-common)"
	for p in networking-calico calico-felix calico-control; do
		v=$(version $host $p 2>/dev/null) || continue # not of this host
		test "$v" = 3.28.2 || fail "$host has $p $v after its rollback"
	done
done
if test ! -e "$dir/packages/same"; then # the other members use the new etcd by now
	test "$(version ctl2 etcd-server)" = "$(cat "$dir/packages/etcd_2")" || fail "etcd of ctl2 went back"
	says "$dir/out" 'as ordered; left as it is: etcd'
fi
on cmp2 sh -c 'readlink /proc/$(pgrep -x dnsmasq)/exe' | grep -qx /usr/sbin/dnsmasq ||
	fail "cmp2 runs the dnsmasq that was replaced"
# The proof can fail: one write less is seen.
on ctl1 etcdctl del /hitless/writes/00000050 >/dev/null
! prove >"$dir/out" || { cat "$dir/out"; fail "a lost write is not seen"; }
test ! -e "$dir/packages/same" || echo "not tried here: two versions of etcd (no later Debian can be had)"
test -n "$pip" || echo "not tried here: what pip has installed (there is no pip)"
test -n "$extras" || echo "not tried here: pings and BGP sessions (bird2 and iputils-ping cannot be had)"
