#!/bin/sh
# SPDX-License-Identifier: ISC
# A package repository of two releases of what an upgrade of Calico for OpenStack touches.
#     host-packages.sh DIR CACHE
# makes DIR/1 and DIR/2: packages, and the list of them for a source "deb [trusted=yes] file:... ./".
# etcd is Debian's own of this release, and of a later one of Debian that is one minor version ahead
# (3.4 of bookworm, 3.5 of trixie), both fetched once with apt-get into CACHE; where there is no such
# later one, release 2 is the same program with another number, and DIR/same says so. DIR/etcd_1 and
# DIR/etcd_2 hold the versions. The rest does only what an upgrade can see of it: units, programs that
# tell their version, a configuration file, a heartbeat in etcd, an API. Gives 77 when Debian's etcd
# cannot be had.
set -eu
out=$1 cache=$2
calico_1=3.28.2 calico_2=3.29.1
neutron_1=2:21.0.0-1 neutron_2=2:21.1.0-1

mkdir -p "$out" "$cache"
for p in etcd-server etcd-client; do
	ls "$cache/$p"_*.deb >/dev/null 2>&1 && continue
	(cd "$cache" && apt-get download -q "$p" >apt.out 2>&1) || {
		echo "SKIP: $p cannot be had: $(grep -m 1 '^E:' "$cache/apt.out")" >&2
		exit 77
	}
done

minor() { dpkg-deb -f "$1" Version | sed 's/^[0-9]*://; s/^\([0-9]*[.][0-9]*\).*/\1/'; }
# An etcd of a later release of Debian, one minor version ahead of this one's: into CACHE/next.
apt_of() # suite, words: apt-get with the sources of that suite and nothing of this machine's
{
	local suite=$1 site
	shift
	site=$(apt-get download --print-uris etcd-server | sed -n "s/^'\([^']*\)\/pool\/.*/\1/p")
	test -n "$site" && mkdir -p "$cache/next/lists/partial" "$cache/next/apt/archives/partial" || return 1
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $suite main" \
	    >"$cache/next/sources"
	apt-get -q -o "Dir::Etc::sourcelist=$cache/next/sources" -o Dir::Etc::sourceparts=- \
	    -o "Dir::State::lists=$cache/next/lists" -o "Dir::Cache=$cache/next/apt" "$@"
}
fetch_next()
{
	local own wanted suite
	own=$(minor "$cache"/etcd-server_*.deb)
	wanted=${own%.*}.$((${own#*.} + 1))
	for suite in trixie forky sid; do
		rm -rf "$cache/next"
		(apt_of $suite update && cd "$cache/next" &&
		    apt_of $suite download etcd-server etcd-client) >"$cache/apt.out" 2>&1 || continue
		rm -rf "$cache/next/lists" "$cache/next/apt"
		test "$(minor "$cache"/next/etcd-server_*.deb)" != "$wanted" || return 0
	done
	rm -rf "$cache/next"
	return 1
}
cache=$(cd "$cache" && pwd)
ls "$cache"/next/etcd-server_*.deb >/dev/null 2>&1 || fetch_next || : >"$out/same"

build() # directory, release: goes into it
{
	rm -f "$1"/DEBIAN/md5sums
	chmod -R go-w "$1"
	mkdir -p "$out/$2"
	dpkg-deb --root-owner-group -Znone -b "$1" "$out/$2" >/dev/null
}

# Without what is only read by people. The same program twice has numbers that differ.
repack() # package
{
	local version n
	for n in 1 2; do
		rm -rf "$out/tree"
		if test $n = 1 || test -e "$out/same"; then
			dpkg-deb -R "$cache/$1"_*.deb "$out/tree"
		else
			dpkg-deb -R "$cache/next/$1"_*.deb "$out/tree"
		fi
		rm -rf "$out/tree/usr/share"
		version=$(sed -n 's/^Version: //p' "$out/tree/DEBIAN/control")
		test ! -e "$out/same" || version=$version+v$n
		sed -i "s/^Version: .*/Version: $version/" "$out/tree/DEBIAN/control"
		echo "$version" >"$out/etcd_$n"
		build "$out/tree" $n
	done
}

control() # package, version, depends
{
	rm -rf "$out/tree"
	mkdir -p "$out/tree/DEBIAN"
	printf '%s\n' "Package: $1" "Version: $2" 'Architecture: all' 'Maintainer: nobody <nobody@invalid>' \
	    ${3:+"Depends: $3"} "Description: stands for $1" >"$out/tree/DEBIAN/control"
}

program() # path: standard input
{
	mkdir -p "$(dirname "$out/tree$1")"
	cat >"$out/tree$1"
	chmod 755 "$out/tree$1"
}

# What debhelper puts into packages with a unit: enabled, started, and restarted by an upgrade.
unit() # name, command, what else is in [Service]
{
	mkdir -p "$out/tree/lib/systemd/system"
	printf '%s\n' '[Unit]' "Description=$1" 'After=network.target' '[Service]' "ExecStart=$2" \
	    'Restart=on-failure' ${3:+"$3"} '[Install]' 'WantedBy=multi-user.target' \
	    >"$out/tree/lib/systemd/system/$1.service"
	program /DEBIAN/postinst <<END
#!/bin/sh
set -e
if test "\$1" = configure && test -d /run/systemd/system; then
	deb-systemd-helper enable $1.service >/dev/null || true
	systemctl --system daemon-reload >/dev/null || true
	test -z "\$2" && action=start || action=restart
	deb-systemd-invoke \$action $1.service >/dev/null || true
fi
END
}

felix() # version
{
	control calico-felix "$1" "calico-common (= $1)"
	program /usr/bin/calico-felix <<END
#!/bin/sh
# --version, or the agent: its state is a key in etcd, as long as it lives.
if test "\${1:-}" = --version; then
	printf 'Version:            v$1\nFull git commit ID: 0\nBuild date:         2026-01-01T00:00:00+0000\n'
	exit 0
fi
. /etc/calico/felix.cfg
mkdir -p /var/log/calico
exec >>/var/log/calico/felix.log 2>&1
echo "Felix starting up v$1"
while :; do
	lease=\$(etcdctl --endpoints="\$endpoints" lease grant 15 | cut -d ' ' -f 2) &&
	    etcdctl --endpoints="\$endpoints" put --lease="\$lease" \\
	    "/calico/felix/v2/no-region/host/\$(hostname)/status" \\
	    "{\"time\":\"\$(date -u +%FT%TZ)\",\"uptime\":1,\"version\":\"v$1\"}" >/dev/null
	sleep 5
done
END
	unit calico-felix /usr/bin/calico-felix KillMode=process
	build "$out/tree" "$2"
}

common() # version: a configuration file that changes from release to release
{
	control calico-common "$1" etcd-client
	mkdir -p "$out/tree/etc/calico"
	printf '# of release %s\nendpoints=http://127.0.0.1:2379\n' "$1" >"$out/tree/etc/calico/felix.cfg"
	echo /etc/calico/felix.cfg >"$out/tree/DEBIAN/conffiles"
	build "$out/tree" "$2"
}

# An agent that looks after a dnsmasq, which is a real program: a copy of sleep. An upgrade takes the
# file away under the process that runs, and a restart of the agent leaves that process alone.
dhcp() # version
{
	control dnsmasq-base "$1"
	mkdir -p "$out/tree/usr/sbin"
	cp "$(command -v sleep)" "$out/tree/usr/sbin/dnsmasq"
	sed -i 's/all$/'"$(dpkg --print-architecture)/" "$out/tree/DEBIAN/control"
	build "$out/tree" "$2"
	control calico-dhcp-agent "$1" "calico-common (= $1), networking-calico (= $1), dnsmasq-base (>= $1)"
	program /usr/bin/calico-dhcp-agent <<'END'
#!/bin/sh
while :; do
	pgrep -x dnsmasq >/dev/null || setsid /usr/sbin/dnsmasq 1000000 &
	sleep 3
done
END
	unit calico-dhcp-agent /usr/bin/calico-dhcp-agent KillMode=process
	build "$out/tree" "$2"
}

# The API of neutron, and the client that asks it: its agents are the hosts whose Felix has a key.
neutron() # version
{
	control neutron-server "$1" etcd-client
	program /usr/bin/neutron-server <<'END'
#!/usr/bin/python3
import json, subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
def felix():
    keys = subprocess.run(["etcdctl", "get", "--prefix", "--keys-only", "/calico/felix/v2/"],
                          env={"ETCDCTL_API": "3", "PATH": "/usr/bin"}, capture_output=True, text=True)
    return [k.split("/")[6] for k in keys.stdout.split()]
def agent(host, alive):
    return {"ID": host, "Agent Type": "Calico per-host agent (felix)", "Host": host,
            "Availability Zone": None, "Alive": host in alive, "State": True, "Binary": "calico-felix"}
class Api(BaseHTTPRequestHandler):
    seen = set()
    def do_GET(self):
        alive = felix()
        self.seen.update(alive)
        self.send_response(200)
        self.end_headers()
        agents = [agent(h, alive) for h in sorted(self.seen)]
        self.wfile.write(json.dumps(agents if "agents" in self.path else [], indent=2).encode())
HTTPServer(("", 9696), Api).serve_forever()
END
	program /usr/bin/openstack <<'END'
#!/bin/sh
case "$*" in
"network agent list -f json") exec curl -sf "$OS_URL/v2.0/agents" ;;
"network list -f json") exec curl -sf "$OS_URL/v2.0/networks" ;;
esac
echo "openstack: '$*' is not an openstack command." >&2
exit 2
END
	unit neutron-server /usr/bin/neutron-server
	build "$out/tree" "$2"
}

repack etcd-server
repack etcd-client
for n in 1 2; do
	eval "calico=\$calico_$n neutron=\$neutron_$n"
	common "$calico" $n
	felix "$calico" $n
	dhcp "$calico" $n
	neutron "$neutron" $n
	control networking-calico "$calico"
	build "$out/tree" $n
	control calico-compute "$calico" "calico-felix (= $calico), networking-calico (= $calico)"
	build "$out/tree" $n
	control calico-control "$calico" "networking-calico (= $calico), neutron-server"
	build "$out/tree" $n
done
# What proves the data plane, where this machine does not have it; without it that is not tried.
ls "$cache"/bird2_*.deb >/dev/null 2>&1 ||
	apt-get -y -q --no-install-recommends --reinstall --download-only \
	    -o Debug::NoLocking=1 -o "Dir::Cache::Archives=$cache/" \
	    install bird2 iputils-ping >"$cache/apt.out" 2>&1 || :
for deb in "$cache"/*.deb; do
	case $deb in */etcd-*) ;; *) cp "$deb" "$out/1/" ;; esac
done
rm -rf "$out/tree"
for n in 1 2; do
	(cd "$out/$n" && dpkg-scanpackages -m . >Packages 2>/dev/null)
done
