# SPDX-License-Identifier: ISC
# Switches that run Cumulus Linux, played by shell scripts behind real OpenSSH servers.
#
#   . tests/real/personality.sh
#   personality_start DIR [N]     N switches (2): leaf01, leaf02, ...; two and two are MLAG pairs
#   personality_stop DIR
#
# DIR then holds: inventory.json, known_hosts, key (the private key that logs in), user, images/
# (old and new release), and a directory for each switch. A switch has a root directory of its own.
# Every command that comes in by its sshd runs there, in a mount namespace of its own (inside.sh),
# by the shell and the tools of this machine; what only a switch has is in bin/. A supervisor plays
# the hardware: it carries out reboots, installs the staged image and starts sshd again, with a new
# boot id, and after an install with new host keys and without a configuration.
#
# Faults: files in the directory of a switch. fault.old-image (the boot loader starts the old image),
# fault.install (onie-install fails), fault.traffic (the traffic does not go away). A file
# DIR/site-ztp.sh is run at the first boot of an image that was installed without a script.
#
# Root uses `unshare -m`, others `unshare -rm`; where neither is allowed personality_start gives 77.

personality_old=4.1.1
personality_new=4.2.1
personality_home=${personality_home:-$(cd "$(dirname "${BASH_SOURCE:-$0}")" && pwd)}

# --- files of a switch ---------------------------------------------------------------------------
# What an image brings: fresh SWITCH RELEASE
personality_fresh()
{
	local sw=$1 release=$2 root=$1/root user home d
	user=$(cat "$sw/user")
	home=/root
	test "$user" = root || home=/home/$user
	rm -rf "$root"
	for d in dev proc sys/class/net/eth0 run tmp root home var/tmp var/log var/lib/cumulus/installer \
	    usr/local switch fabric etc/ssh etc/network/interfaces.d etc/frr etc/cumulus/acl etc/sudoers.d \
	    etc/default etc/dpkg; do
		mkdir -p "$root/$d"
	done
	ln -s ../run "$root/var/run"
	for d in bin sbin lib lib32 lib64; do
		test -e "/$d" || continue
		mkdir -p "$root/usr/$d"
		ln -s "usr/$d" "$root/$d"
	done
	mkdir -p "$root/usr/share" "$root/usr/cumulus"
	for d in ld.so.cache ld.so.conf ld.so.conf.d nsswitch.conf alternatives localtime; do
		test -e "/etc/$d" && cp -RL "/etc/$d" "$root/etc/" 2>/dev/null
	done
	printf 'DISTRIB_ID="Cumulus Linux"\nDISTRIB_RELEASE=%s\nDISTRIB_DESCRIPTION="Cumulus Linux %s"\n' \
	    "$release" "$release" >"$root/etc/lsb-release"
	printf 'IMAGE_RELEASE=%s\n' "$release" >"$root/etc/image-release"
	echo cumulus >"$root/etc/hostname"
	echo '127.0.0.1 localhost' >"$root/etc/hosts"
	: >"$root/etc/resolv.conf"
	printf 'auto eth0\niface eth0 inet dhcp\n' >"$root/etc/network/interfaces"
	printf 'bgpd=no\n' >"$root/etc/frr/daemons"
	echo '1=40G' >"$root/etc/cumulus/ports.conf"
	echo '# switchd' >"$root/etc/cumulus/switchd.conf"
	echo '%sudo ALL=(ALL:ALL) ALL' >"$root/etc/sudoers"
	printf 'root:x:0:0:root:/root:/bin/bash\ncumulus:x:1000:1000::/home/cumulus:/bin/bash\n' >"$root/etc/passwd"
	printf 'root:*:18000:0:99999:7:::\ncumulus:$6$factory$expired:0:0:99999:7:::\n' >"$root/etc/shadow"
	printf 'root:x:0:\nsudo:x:27:cumulus\ncumulus:x:1000:\n' >"$root/etc/group"
	mkdir -p "$root/home/cumulus"
	chmod 600 "$root/etc/shadow"
	cat "$sw/mac" >"$root/sys/class/net/eth0/address"
	ssh-keygen -q -t ed25519 -N '' -C "root@cumulus" -f "$root/etc/ssh/ssh_host_ed25519_key"
	mkdir -p "$root$home"
}

# What its operators have made of it: configure SWITCH
personality_configure()
{
	local sw=$1 root=$1/root name user home
	name=$(cat "$sw/name")
	user=$(cat "$sw/user")
	home=/root
	test "$user" = root || home=/home/$user
	echo "$name" >"$root/etc/hostname"
	cat >"$root/etc/network/interfaces" <<END
auto lo
iface lo inet loopback
auto eth0
iface eth0
    address $(cat "$sw/address")/8
    vrf mgmt
auto swp51
iface swp51
auto swp52
iface swp52
auto peerlink
iface peerlink
    bond-slaves swp49 swp50
auto peerlink.4094
iface peerlink.4094
    clagd-peer-ip linklocal
    clagd-backup-ip $(cat "$sw/peer_address")
    clagd-sys-mac 44:38:39:BE:EF:AA
auto bond1
iface bond1
    bond-slaves swp1
    clag-id 1
END
	printf 'bgpd=yes\nzebra=yes\n' >"$root/etc/frr/daemons"
	cat >"$root/etc/frr/frr.conf" <<END
hostname $name
router bgp 65101
 neighbor swp51 interface remote-as external
 neighbor swp52 interface remote-as external
END
	echo 'user@example.com|thequickbrownfoxjumpsoverthelazydog' >"$root/etc/cumulus/.license.txt"
	echo "Welcome to $name" >"$root/etc/motd"
	if test "$user" != root; then
		echo "$user:x:1001:1001::/home/$user:/bin/bash" >>"$root/etc/passwd"
		echo "$user:\$6\$operator\$hash:18000:0:99999:7:::" >>"$root/etc/shadow"
		echo "$user:x:1001:" >>"$root/etc/group"
		sed 's/^sudo:.*/&,'"$user/" "$root/etc/group" >"$root/etc/group-" && mv "$root/etc/group-" "$root/etc/group"
	else
		sed 's/^root:[^:]*:/root:$6$operator$hash:/' "$root/etc/shadow" >"$root/etc/shadow-"
		cat "$root/etc/shadow-" >"$root/etc/shadow"
	fi
	echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/operator"
	mkdir -p -m 700 "$root$home/.ssh"
	cat "$sw/../key.pub" >"$root$home/.ssh/authorized_keys"
}

# --- power ------------------------------------------------------------------------------------------
personality_boot()
{
	local sw=$1 root=$1/root unit
	rm -rf "${root:?}/run"
	mkdir -p "$root/run/switch/service" "$root/run/switch/unit"
	cat /proc/sys/kernel/random/uuid >"$sw/boot_id"
	cat "$root/etc/hostname" >"$root/run/switch/hostname"
	for unit in ssh lldpd ntp@mgmt; do
		: >"$root/run/switch/service/$unit"
	done
	test -e "$root/etc/cumulus/.license.txt" && : >"$root/run/switch/service/switchd"
	grep -q bgpd=yes "$root/etc/frr/daemons" && : >"$root/run/switch/service/frr"
	if grep -q swp51 "$root/etc/network/interfaces"; then
		: >"$root/run/switch/applied"
		: >"$root/run/switch/service/clagd"
	fi
	"$(command -v sshd || echo /usr/sbin/sshd)" -D -f "$sw/sshd_config" -E "$sw/sshd.log" &
	personality_sshd=$!
	echo $personality_sshd >"$sw/sshd.pid"
	echo up >"$sw/power"
}

# Everything below a process, and itself.
personality_kill()
{
	local pid=$1 child
	for child in $(ps -e -o pid= -o ppid= | while read -r p pp; do test "$pp" = "$pid" && echo "$p"; done); do
		personality_kill "$child"
	done
	kill -KILL "$pid" 2>/dev/null
}

personality_halt()
{
	local sw=$1 unit
	echo down >"$sw/power"
	personality_kill "$(cat "$sw/sshd.pid")"
	for unit in "$sw"/root/run/switch/unit/*/pid; do
		test -e "$unit" && personality_kill "$(cat "$unit")"
	done
}

# The first boot of a new image: ZTP runs the staged script, as root of the switch.
personality_provision()
{
	local sw=$1 root=$1/root
	sleep "${PERSONALITY_ZTP_DELAY:-2}"
	# No script of its own: the one that the site's DHCP server would name, if there is one.
	test -e "$sw/ztp.sh" || cp "$sw/../site-ztp.sh" "$sw/ztp.sh" 2>/dev/null || return 0
	grep -q CUMULUS-AUTOPROVISIONING "$sw/ztp.sh" || return 0
	install -m 700 "$sw/ztp.sh" "$root/root/ztp.sh"
	rm -f "$sw/ztp.sh"
	SSH_ORIGINAL_COMMAND='sudo -n bash /root/ztp.sh' "$personality_home/enter.sh" "$sw" >"$sw/ztp.log" 2>&1
	echo "exit status $?" >>"$sw/ztp.log"
}

# The hardware of one switch: waits for orders in SWITCH/order.
personality_hardware()
{
	local sw=$1 stage=$1/root/var/lib/cumulus/installer release
	trap 'personality_halt "$sw"; exit 0' TERM
	personality_boot "$sw"
	while :; do
		sleep 0.2 &
		wait $!
		test -d "$sw" || break # somebody removed the switch
		test -e "$sw/order" || continue
		rm -f "$sw/order"
		sleep 0.3
		personality_halt "$sw"
		echo "reboot" >>"$sw/history"
		sleep "${PERSONALITY_BOOT_DELAY:-2}"
		if test -e "$stage/onie-installer" && test -e "$stage/activated" && ! test -e "$sw/fault.old-image"; then
			release=$(bash "$stage/onie-installer" info | sed -n 's/^Release: //p')
			rm -f "$sw/ztp.sh"
			test -e "$stage/ztp.sh" && cp "$stage/ztp.sh" "$sw/ztp.sh"
			personality_fresh "$sw" "$release"
			echo "installed $release" >>"$sw/history"
			personality_boot "$sw"
			personality_provision "$sw"
		else
			rm -f "$stage/activated"
			personality_boot "$sw"
		fi
	done
	personality_kill "$personality_sshd"
}

# --- start and stop -----------------------------------------------------------------------------------
personality_image()
{
	local file=$1/images/cumulus-linux-$2-vx-amd64.bin sum
	head -c 3000000 /dev/zero | tr '\0' "$3" >"$file.payload"
	sum=$(sha256sum <"$file.payload" | cut -d' ' -f1)
	{
		cat <<END
#!/bin/bash
# An image that is none: it tells what it holds, as the real ones do.
CL_INSTALLER_PAYLOAD_SHA256="$sum"
case \$1 in
info)
	echo 'Verifying image checksum ...OK.'
	echo 'Preparing image archive ... OK.'
	echo 'Control File Contents'
	echo '====================='
	cat <<'CONTROL'
Description: Cumulus Linux $2
Release: $2
Architecture: amd64
Switch-Architecture: vx-amd64
CONTROL
	;;
esac
exit 0
exit_marker
END
		cat "$file.payload"
	} >"$file"
	rm "$file.payload"
}

personality_start()
{
	local dir=$1 n=${2:-2} i name sw port tries
	if test "$(id -u)" = 0; then
		unshare -m true 2>/dev/null || return 77
		mkdir -p /run/sshd
	else
		unshare -rm true 2>/dev/null || return 77
	fi
	command -v ssh-keygen >/dev/null && { command -v sshd || test -x /usr/sbin/sshd; } >/dev/null || return 77
	mkdir -p "$dir/images" && dir=$(cd "$dir" && pwd) || return 1
	id -un >"$dir/user"
	ssh-keygen -q -t ed25519 -N '' -C operator -f "$dir/key" || return 1
	personality_image "$dir" $personality_old a
	personality_image "$dir" $personality_new b
	echo $personality_new >"$dir/repository"
	: >"$dir/known_hosts"
	i=1
	while test $i -le "$n"; do
		name=leaf0$i
		sw=$dir/$name
		mkdir -p "$sw"
		echo "$name" >"$sw/name"
		cp "$dir/user" "$sw/user"
		echo "127.10.0.$i" >"$sw/address"
		echo "127.10.0.$((i % 2 ? i + 1 : i - 1))" >"$sw/peer_address"
		echo "leaf0$((i % 2 ? i + 1 : i - 1))" >"$sw/peer"
		echo "44:38:39:00:00:0$i" >"$sw/mac"
		personality_fresh "$sw" $personality_old
		personality_configure "$sw"
		port=$((20000 + ($$ * 7 + i * 101) % 20000))
		tries=0
		while :; do
			personality_sshd_config "$sw" $port >"$sw/sshd_config"
			echo $port >"$sw/port"
			(personality_hardware "$sw") </dev/null >"$sw/hardware.log" 2>&1 &
			echo $! >"$sw/hardware.pid"
			personality_answers "$sw" && break
			kill "$(cat "$sw/hardware.pid")" 2>/dev/null
			port=$((port + 1))
			tries=$((tries + 1))
			test $tries -lt 5 || return 1
		done
		printf '[127.10.0.%s]:%s %s\n' $i $port "$(cut -d ' ' -f 1,2 "$sw/root/etc/ssh/ssh_host_ed25519_key.pub")" \
		    >>"$dir/known_hosts"
		i=$((i + 1))
	done
	personality_inventory "$dir" "$n" >"$dir/inventory.json"
}

personality_answers()
{
	local sw=$1 i=0
	while test $i -lt 50; do
		ssh-keyscan -p "$(cat "$sw/port")" "$(cat "$sw/address")" 2>/dev/null | grep -q ed25519 && return 0
		i=$((i + 1))
		sleep 0.1
	done
	return 1
}

personality_sshd_config()
{
	local sw=$1 user home
	user=$(cat "$sw/user")
	home=/root
	test "$user" = root || home=/home/$user
	cat <<END
Port $2
ListenAddress $(cat "$sw/address")
HostKey $sw/root/etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile $sw/root$home/.ssh/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
PidFile none
PrintMotd no
# The login shell of the user shall not read the start files that it has on this machine.
SetEnv SHLVL=5
ForceCommand $personality_home/enter.sh $sw
END
}

personality_inventory()
{
	local dir=$1 n=$2 i=1 comma='' name
	echo '{ "format": 1,'
	echo '  "devices": ['
	while test $i -le "$n"; do
		name=leaf0$i
		printf '    {"name": "%s", "address": "%s", "port": %s, "platform": "cumulus-linux", "role": "leaf"},\n' \
		    $name "$(cat "$dir/$name/address")" "$(cat "$dir/$name/port")"
		i=$((i + 1))
	done
	echo '    {"name": "spine01", "address": "127.10.1.1", "platform": "cumulus-linux", "role": "spine", "anchor": true},'
	echo '    {"name": "spine02", "address": "127.10.1.2", "platform": "cumulus-linux", "role": "spine", "anchor": true}'
	echo '  ],'
	printf '  "groups": ['
	i=1
	while test $i -lt "$n"; do
		printf '%s{"name": "leaf0%s-0%s", "kind": "mlag", "members": ["leaf0%s", "leaf0%s"]}' \
		    "$comma" $i $((i + 1)) $i $((i + 1))
		comma=', '
		i=$((i + 2))
	done
	echo '],'
	printf '  "links": ['
	comma=''
	i=1
	while test $i -le "$n"; do
		printf '%s["leaf0%s:swp51", "spine01:swp%s"], ["leaf0%s:swp52", "spine02:swp%s"]' "$comma" $i $i $i $i
		comma=', '
		i=$((i + 1))
	done
	echo '] }'
}

personality_stop()
{
	local pid
	for pid in "$1"/*/hardware.pid; do
		test -e "$pid" || continue
		kill "$(cat "$pid")" 2>/dev/null
		wait "$(cat "$pid")" 2>/dev/null
	done
	return 0
}
