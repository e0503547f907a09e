#!/bin/sh
# SPDX-License-Identifier: ISC
# Do the scripted switches behave like switches? By hand, with ssh: an MLAG pair, an install that
# goes on without its session, one reboot, a first boot with another host key until the provisioning
# script has run, the old host key and login afterwards; and the way back that onie-select offers.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/personality.sh"
personality_home=$here
dir=$(mktemp -d)
trap 'personality_stop "$dir"; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
PERSONALITY_BOOT_DELAY=1 PERSONALITY_ZTP_DELAY=1
personality_start "$dir" 2
status=$?
test $status = 0 || exit $status

on()
{
	ssh -n -F none -i "$dir/key" -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes \
	    -o UserKnownHostsFile="$dir/known_hosts" -o GlobalKnownHostsFile=none -o ConnectTimeout=5 \
	    -p "$(cat "$dir/$1/port")" "$(cat "$dir/$1/address")" "$2" 2>"$dir/error"
}
expect() # what, text, pattern
{
	printf '%s\n' "$2" | grep -q -- "$3" && return 0
	echo "FAIL: $1: expected $3, got: $2" >&2
	cat "$dir/error" >&2
	exit 1
}

expect release "$(on leaf01 'cat /etc/lsb-release')" '^DISTRIB_RELEASE=4\.1\.1$'
expect sudo "$(on leaf01 'sudo -n true; echo $?')" '^0$'
expect primary "$(on leaf01 'sudo -n clagctl -j')" '"ourRole": "primary"'
expect secondary "$(on leaf02 'sudo -n clagctl -j')" '"ourRole": "secondary"'
on leaf01 'sudo -n clagctl priority 61440'
expect swapped "$(on leaf02 'sudo -n clagctl -j')" '"ourRole": "primary"'
on leaf01 'sudo -n clagctl priority 32768'
on leaf01 'sudo -n ip link set dev peerlink down'
expect 'peerlink down' "$(on leaf02 'sudo -n clagctl -j')" '"peerAlive": false'
on leaf01 'sudo -n ip link set dev peerlink up'
expect 'peerlink up' "$(on leaf02 'sudo -n clagctl -j')" '"peerAlive": true'
expect bgp "$(on leaf01 "sudo -n vtysh -c 'show bgp summary json' | grep -c Established")" '^2$'
expect licence "$(on leaf01 'sudo -n cl-license')" '|'

image=cumulus-linux-4.2.1-vx-amd64.bin
ssh -F none -i "$dir/key" -o UserKnownHostsFile="$dir/known_hosts" -p "$(cat "$dir/leaf02/port")" \
    "$(cat "$dir/leaf02/address")" "cat >/var/tmp/$image" <"$dir/images/$image" || exit 1
expect image "$(on leaf02 "sudo -n bash /var/tmp/$image info")" '^Release: 4\.2\.1$'
on leaf02 "{ echo '#!/bin/bash'; echo '# CUMULUS-AUTOPROVISIONING'; echo 'base64 -d <<E | tar -xpzf - -C /'; cd /; tar -czf - etc/ssh etc/sudoers.d root/.ssh home | base64; echo E; echo 'systemctl try-restart ssh.service'; } | sudo -n tee /run/ztp.sh >/dev/null"
: >"$dir/leaf02/hold.install"
on leaf02 "sudo -n systemd-run --unit=one --remain-after-exit onie-install -fa -i /var/tmp/$image -z /run/ztp.sh"
expect running "$(on leaf02 'sudo -n systemctl show -p SubState one')" '^SubState=running$'
rm "$dir/leaf02/hold.install"
i=0
while ! on leaf02 'sudo -n systemctl show -p SubState one' | grep -q exited && test $i -lt 50; do
	sleep 0.2
	i=$((i + 1))
done
expect staged "$(on leaf02 'sudo -n journalctl -u one -o cat --no-pager -n 5')" '^Reboot required'
expect cancelled "$(on leaf02 'sudo -n onie-select -c')" '^Cancelling pending install'
expect unknown "$(on leaf02 'sudo -n systemctl show -p LoadState two')" '^LoadState=not-found$'

boot=$(on leaf02 'cat /proc/sys/kernel/random/boot_id')
on leaf02 "sudo -n onie-install -fa -i /var/tmp/$image -z /run/ztp.sh" >/dev/null
on leaf02 'sudo -n touch /run/mark && sudo -n systemctl reboot'
i=0 changed=no
while now=$(on leaf02 'cat /proc/sys/kernel/random/boot_id'); test -z "$now" || test "$now" = "$boot"; do
	grep -q 'HOST IDENTIFICATION HAS CHANGED' "$dir/error" && changed=yes
	i=$((i + 1))
	test $i -lt 100 || expect 'back again' '' .
	sleep 0.2
done
expect 'another host key before the script ran' $changed yes
expect 'new release' "$(on leaf02 'cat /etc/lsb-release')" '^DISTRIB_RELEASE=4\.2\.1$'
expect 'no configuration' "$(on leaf02 'cat /etc/hostname; ls /run/mark 2>/dev/null')" '^cumulus$'
expect 'no licence' "$(on leaf02 'sudo -n cl-license 2>&1')" 'No license installed!'
expect 'peer alone' "$(on leaf01 'sudo -n clagctl -j')" '"peerAlive": false'
expect 'installs' "$(grep -c installed "$dir/leaf02/history")" '^1$'
echo 'all as a switch would'
