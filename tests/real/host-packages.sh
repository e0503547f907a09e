#!/bin/sh
# SPDX-License-Identifier: ISC
# A package repository of two releases of what an upgrade of Calico for OpenStack touches.
#     host-packages.sh DIR CACHE
# makes DIR/1 and DIR/2 (directories for "deb [trusted=yes] file:DIR/N ./"). etcd is Debian's own,
# fetched once with apt-get into CACHE and given another version number; the rest does only what an
# upgrade can see of it: units, programs that tell their version, a configuration file, a heartbeat
# in etcd. Gives 77 when Debian's etcd cannot be had.
set -eu
out=$1 cache=$2
calico_1=3.28.2 calico_2=3.29.1
neutron_1=2:21.0.0-1 neutron_2=2:21.1.0-1

mkdir -p "$out" "$cache"
for p in etcd-server etcd-client; do
	ls "$cache/$p"_*.deb >/dev/null 2>&1 && continue
	(cd "$cache" && apt-get download -q "$p" >apt.out 2>&1) || {
		echo "$p cannot be had: $(grep -m 1 '^E:' "$cache/apt.out")" >&2
		exit 77
	}
done

build() # directory, release: goes into it
{
	rm -f "$1"/DEBIAN/md5sums
	chmod -R go-w "$1"
	mkdir -p "$out/$2"
	dpkg-deb --root-owner-group -Zgzip -z1 -b "$1" "$out/$2" >/dev/null
	rm -rf "$1"
}

# The same programs with another number: the versions are all that differs.
repack() # package
{
	for n in 1 2; do
		dpkg-deb -R "$cache/$1"_*.deb "$out/tree"
		sed -i "s/^Version: .*/&+v$n/" "$out/tree/DEBIAN/control"
		rm -rf "$out/tree/usr/share"
		build "$out/tree" $n
	done
}

control() # package, version, depends
{
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
	lease=\$(etcdctl --endpoints="\$endpoints" lease grant 10 | cut -d ' ' -f 2) &&
	    etcdctl --endpoints="\$endpoints" put --lease="\$lease" \\
	    "/calico/felix/v2/no-region/host/\$(hostname)/status" \\
	    "{\"time\":\"\$(date -u +%FT%TZ)\",\"uptime\":1,\"version\":\"v$1\"}" >/dev/null
	sleep 3
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
# file away under the process that runs.
dhcp() # version
{
	control dnsmasq-base "$1"
	mkdir -p "$out/tree/usr/sbin"
	cp "$(command -v sleep)" "$out/tree/usr/sbin/dnsmasq"
	sed -i 's/all$/'"$(dpkg --print-architecture)/" "$out/tree/DEBIAN/control"
	build "$out/tree" "$2"
	control calico-dhcp-agent "$1" "calico-common (= $1), dnsmasq-base"
	program /usr/bin/calico-dhcp-agent <<'END'
#!/bin/sh
while :; do
	/usr/sbin/dnsmasq 1000000
	sleep 1
done
END
	unit calico-dhcp-agent /usr/bin/calico-dhcp-agent
	build "$out/tree" "$2"
}

neutron() # version
{
	control neutron-server "$1"
	program /usr/bin/neutron-server <<'END'
#!/usr/bin/python3
from http.server import BaseHTTPRequestHandler, HTTPServer
class Api(BaseHTTPRequestHandler):
	def do_GET(self):
		self.send_response(200)
		self.end_headers()
		self.wfile.write(b'{"versions": [{"id": "v2.0", "status": "CURRENT"}]}\n')
HTTPServer(('', 9696), Api).serve_forever()
END
	unit neutron-server /usr/bin/neutron-server
	build "$out/tree" "$2"
}

rm -rf "$out/tree"
repack etcd-server
repack etcd-client
for n in 1 2; do
	eval "calico=\$calico_$n neutron=\$neutron_$n"
	common "$calico" $n
	felix "$calico" $n
	dhcp "$calico" $n
	neutron "$neutron" $n
	for p in networking-calico python3-networking-calico python3-etcd3gw; do
		control $p "$calico"
		build "$out/tree" $n
	done
	control calico-compute "$calico" "calico-felix (= $calico), networking-calico"
	build "$out/tree" $n
	control calico-control "$calico" 'networking-calico, neutron-server'
	build "$out/tree" $n
	(cd "$out/$n" && dpkg-scanpackages -m . >Packages 2>/dev/null)
done
