#!/bin/sh
# SPDX-License-Identifier: ISC
# The lab's server against the real OpenSSH: one switch is upgraded by hand. Skipped (77) without ssh.
. "${srcdir:-.}/tests/lab/lib.sh"

mkfifo "$dir/in"
exec 9<>"$dir/in"
{
	./tests/lab/labd "$dir/lab" fabric=small speed=100 version=4.2.0 image=3000000 \
		<"$dir/in" >"$dir/port" 2>"$dir/err" 9>&- &
	echo $! >"$dir/pid"
	wait $! || :
	echo "$?" >"$dir/ended"
} 9>&- &
reach cumulus
labd=$(cat "$dir/pid")
image=$dir/lab/images/cumulus-linux-4.2.0-vx-amd64.bin

# commands, status, both streams, several commands on one connection
[ "$(on 11 hostname)" = leaf01 ] || die "hostname"
rc=0; on 11 'echo out; echo err >&2; exit 7' >"$dir/o" 2>"$dir/e" || rc=$?
[ "$rc,$(cat "$dir/o"),$(cat "$dir/e")" = 7,out,err ] || die "status and streams: $rc"
[ "$(printf 'echo a\necho b\n' | on 11)" = "$(printf 'a\nb')" ] || die "shell without a terminal"
on 11 -o ControlMaster=yes -o "ControlPath=$dir/mux" -o ControlPersist=20 true || die "master"
[ "$(on 11 -o "ControlPath=$dir/mux" 'cat /etc/hostname')" = leaf01 ] || die "second channel"
ssh -o "ControlPath=$dir/mux" -O exit x 2>/dev/null || die "end of master"
grep -q "$(sed 's/.* //' "$dir/lab/password")" "$dir/lab/lab.log" && die "the password is in the log"

# uploads: stream, both scp protocols, sftp; and back
on 12 'cat > a.bin' <"$image" || die "cat upload"
scp -q $common -P "$port" "$image" cumulus@127.66.0.12:b.bin || die "scp"
scp -q -O $common -P "$port" "$image" cumulus@127.66.0.12:c.bin || die "scp -O"
printf 'put %s d.bin\nls -l\nrename d.bin e.bin\nget e.bin %s\nmkdir sub\nrm b.bin\n' "$image" "$dir/back" |
	sftp -q -b - $common -P "$port" cumulus@127.66.0.12 >/dev/null || die "sftp"
cmp "$image" "$dir/back" || die "sftp gave other bytes"
sum=$(sha256sum <"$image" | cut -d' ' -f1)
[ "$(on 12 'sha256sum a.bin c.bin e.bin | cut -d" " -f1 | sort -u')" = "$sum" ] || die "upload differs"
on 12 'test -d sub && ! test -e b.bin' || die "sftp mkdir, rm"

# a cut upload keeps what came, and can be continued
echo 'leaf03:upload-cut=50%' >&9
until_ok 10 on 13 true
until_ok 5 grep -q . "$dir/lab/lab.log"
rc=0; on 13 'cat > image.bin' <"$image" 2>/dev/null || rc=$?
[ $rc -eq 255 ] || die "the upload was not cut: $rc"
have=$(on 13 'stat -c %s image.bin')
[ "$have" -gt 1000000 ] && [ "$have" -lt 2000000 ] || die "cut at $have"
tail -c "+$((have + 1))" "$image" | on 13 'cat >> image.bin' || die "resume"
[ "$(on 13 'sha256sum < image.bin | cut -d" " -f1')" = "$sum" ] || die "resumed upload differs"

# one switch upgraded by hand, with its old host key restored at the end
on 12 'sudo tar -C / -czf - etc/network etc/frr etc/hostname etc/hosts etc/cumulus/.license.txt etc/ssh' >"$dir/backup.tgz"
tar -tzf "$dir/backup.tgz" >"$dir/list" || die "the backup is no tar that tar reads"
grep -qx etc/network/interfaces "$dir/list" || die "backup lacks a file"
on 12 'cat > ztp.sh' <<END
#!/bin/bash
# CUMULUS-AUTOPROVISIONING
mkdir -p /home/cumulus/.ssh
echo '$(cat "$dir/lab/id_ed25519.pub")' > /home/cumulus/.ssh/authorized_keys
chown -R cumulus:cumulus /home/cumulus/.ssh
echo 'cumulus ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/10_cumulus
chage -d 2020-10-01 cumulus
END
boot=$(on 12 'cat /proc/sys/kernel/random/boot_id')
on 12 'sudo onie-install -fa -i /home/cumulus/a.bin -z /home/cumulus/ztp.sh' >"$dir/o" || die "onie-install"
grep -q 'Reboot required to take effect' "$dir/o" || die "onie-install said nothing"
on 12 'sudo reboot' 2>/dev/null || :
until_ok 30 sh -c "! timeout 5 ssh $(echo $common) -p $port cumulus@127.66.0.12 true"
changed() { on 12 true 2>&1 | grep -q 'REMOTE HOST IDENTIFICATION HAS CHANGED'; }
until_ok 60 changed
fresh="$(echo $common | sed 's/StrictHostKeyChecking=yes/StrictHostKeyChecking=no/; s#UserKnownHostsFile=[^ ]*#UserKnownHostsFile=/dev/null#') -q"
new() { timeout 60 ssh $fresh -p "$port" cumulus@127.66.0.12 "$@"; }
until_ok 60 new sudo -n true
[ "$(new 'hostname; grep -o "RELEASE=.*" /etc/lsb-release')" = "$(printf 'cumulus\nRELEASE=4.2.0')" ] || die "not the new system"
[ "$(new 'cat /proc/sys/kernel/random/boot_id')" != "$boot" ] || die "same boot"
new 'sudo tar -C / -xzf -' <"$dir/backup.tgz" || die "restore"
new 'sudo systemctl restart switchd; sudo hostnamectl set-hostname $(cat /etc/hostname); sleep 4
	sudo ifreload -a && sudo systemctl restart frr && sudo systemctl restart ssh' || die "bring up"
[ "$(on 12 hostname)" = leaf02 ] || die "the old host key is not back"
alive() { on 11 'sudo clagctl' | grep -q 'The peer is alive'; }
until_ok 30 alive
until_ok 30 on 12 "[ \$(sudo vtysh -c 'show bgp summary json' | grep -o Established | wc -l) = 2 ]"
grep -q violation "$dir/lab/lab.log" && die "the lab saw a violation"

# an expired password: no command, but the dialogue on a terminal
on 14 'sudo chage -d 0 cumulus'
rc=0; on 14 true 2>"$dir/e" || rc=$?
[ $rc -eq 1 ] && grep -q 'Password change required but no TTY available' "$dir/e" || die "expired password: $rc"
printf '%s\nNew-Pass-1\nNew-Pass-1\n' "$(cat "$dir/lab/password")" |
	timeout 20 ssh $common -q -tt -p "$port" cumulus@127.66.0.14 >"$dir/o" || :
grep -q 'password updated successfully' "$dir/o" || die "change of the password"
on 14 true || die "login after the change"

# a device that refuses, one that is silent, one that resets
echo 'leaf04:refused' >&9
refused() { on 14 true 2>&1 | grep -q 'Connection refused'; }
until_ok 10 refused
echo 'spine01:unreachable' >&9
silent() { timeout 20 ssh $common -o ConnectTimeout=1 -p "$port" cumulus@127.66.0.21 true 2>&1 | grep -q 'timed out'; }
until_ok 20 silent
kill -0 "$labd" || die "the lab has died"
[ "$(printf 'echo hi; hostname\nexit\n' | timeout 20 ssh $common -q -tt -p "$port" cumulus@127.66.0.11 | grep -c "^hi\|^leaf01")" = 2 ] ||
	die "terminal"
exec 9>&-
until_ok 10 test -s "$dir/ended"
labd=
[ ! -s "$dir/err" ] || grep -v "ASan doesn't fully support" "$dir/err" | (! grep .) || die "messages of the lab"
echo PASS
