#!/bin/sh
# SPDX-License-Identifier: ISC
# hitless doctor: each thing that is planted is found, with what to do; and a job is refused by it.
. "${srcdir:-.}/tests/cli/lib.sh"

HOME=$TMP/home
mkdir -p "$HOME/.ssh"
export HOME
unset SSH_AUTH_SOCK TMPDIR

# finds STATUS ID LEVEL TEXT WORDS...: the check ID says LEVEL, with TEXT in evidence or action
finds() {
	status=$1 check=$2 level=$3 text=$4
	shift 4
	expect "$status" --json doctor "$@" || return
	row=$(tr '{' '\n' <"$TMP/out" | grep "\"id\":\"$check\"")
	case $row in
	*"\"level\":\"$level\""*"$text"*) ;;
	*) fail "$check is not $level with '$text': $row" ;;
	esac
}

# The shape of it: all checks, in text and JSON; what is well has no advice
write_inventory "$TMP/in.json"
expect 0 doctor && shown 'State directory' && shown "$S"
expect 0 --json doctor
for check in libraries terminal locale procedures state files space temporary logout shutdown \
	clock limits memory random credentials host-keys jobs; do
	grep -q "\"id\":\"$check\"" "$TMP/out" || fail "there is no check $check"
done
tr '{' '\n' <"$TMP/out" | grep '"level":"ok"' | grep -v '"action":""' && fail "advice for what is well"
finds 0 libraries ok SQLite
bad 'one word too many' doctor now

# The system's files, of another machine: a root of our own
R=$TMP/root
reset_root() {
	rm -rf "$R"
	mkdir -p "$R/proc/self" "$R/run/systemd/system" "$R/etc/systemd" "$R/tmp"
	chmod 1777 "$R/tmp"
	echo 'MemAvailable:    4194304 kB' >"$R/proc/meminfo"
	echo '86400.00 1.00' >"$R/proc/uptime"
	echo '0::/user.slice/user-1000.slice/session-3.scope' >"$R/proc/self/cgroup"
	echo '[Login]' >"$R/etc/systemd/logind.conf"
	echo '#KillUserProcesses=yes' >>"$R/etc/systemd/logind.conf"
	echo 'KillExcludeUsers=nobody-at-all' >>"$R/etc/systemd/logind.conf"
}
reset_root
finds 0 logout warning 'does not say' --root "$R"
mkdir -p "$R/etc/systemd/logind.conf.d"
printf '[Login]\nKillUserProcesses=yes\n' >"$R/etc/systemd/logind.conf.d/10-site.conf"
finds 1 logout error 'enable-linger' --root "$R"
printf 'KillOnlyUsers=somebody else\n' >>"$R/etc/systemd/logind.conf.d/10-site.conf"
finds 0 logout ok 'goes on' --root "$R"
printf '[Login]\nKillUserProcesses=no\nKillOnlyUsers=\n' >"$R/etc/systemd/logind.conf.d/20-site.conf"
finds 0 logout ok 'goes on' --root "$R"
rm "$R/etc/systemd/logind.conf.d/20-site.conf"
echo '0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope' >"$R/proc/self/cgroup"
finds 0 logout ok 'not part of a login session' --root "$R"
rm -r "$R/run/systemd/system"
finds 0 logout ok 'no systemd' --root "$R"

reset_root
finds 0 shutdown ok '24h00m' --root "$R"
: >"$R/run/reboot-required"
finds 0 shutdown warning 'before the job' --root "$R"
mkdir -p "$R/etc/apt/apt.conf.d" "$R/run/systemd/shutdown"
echo '//Unattended-Upgrade::Automatic-Reboot "true";' >"$R/etc/apt/apt.conf.d/50x"
finds 0 shutdown warning 'restart' --root "$R" && not_shown 50x
echo 'Unattended-Upgrade::Automatic-Reboot "true";' >>"$R/etc/apt/apt.conf.d/50x"
finds 0 shutdown warning '50x' --root "$R"
printf 'USEC=1800000000000000\nMODE=reboot\n' >"$R/run/systemd/shutdown/scheduled"
finds 1 shutdown error 'shutdown -c' --root "$R"
reset_root
echo 'MemAvailable:    1024 kB' >"$R/proc/meminfo"
finds 1 memory error 'end other programs' --root "$R"
reset_root
group=/user.slice/user-1000.slice
mkdir -p "$R/sys/fs/cgroup$group"
echo 20 >"$R/sys/fs/cgroup$group/pids.max"
echo 10 >"$R/sys/fs/cgroup$group/pids.current"
finds 1 limits error 'TasksMax' --root "$R"
echo max >"$R/sys/fs/cgroup$group/pids.max"
finds 0 limits ok 'open files' --root "$R"
chmod 0777 "$R/tmp"
finds 0 temporary warning 'chmod +t' --root "$R"

# Locale: a name is not enough
set_locale() {
	LC_ALL=$1
	export LC_ALL
}
set_locale xx_YY.UTF-8
finds 0 locale warning 'not on this machine'
set_locale C
finds 0 locale ok 'no UTF-8'
set_locale C.UTF-8
finds 0 locale ok UTF-8
LC_ALL=C

# The terminal, as one sees it
if command -v script >/dev/null; then
	at_terminal() { # TERM COLUMNS LINES TEXT
		TERM=$1 script -qec "stty cols $2 rows $3; '$PROG' --state '$S' doctor" /dev/null \
			</dev/null >"$TMP/out" 2>&1
		shown "$4"
	}
	at_terminal vt220 80 24 'vt220, '
	at_terminal vt220 79 24 '79 columns, 24 lines'
	at_terminal nonesuch 80 24 'terminal type "nonesuch" is not known here'
	at_terminal dumb 80 24 'terminal type "dumb" cannot show screens'
fi

# Limits of this process; and what they are for a job of more devices
limited() { # ULIMIT-WORDS... then finds: in a shell of its own
	(ulimit "$1" "$2" && shift 2 && FAILED=0 && finds "$@" && exit "$FAILED") || fail "ulimit $1 $2"
}
expect 0 inventory import "$TMP/in.json"
expect 0 credential add default --user admin --password
limited -n 80 1 limits error 'ulimit -n'
limited -f 1000000 1 limits error 'ulimit -f'
(ulimit -n 80; expect 3 check --name refused --to 4.2.0 && said 'ulimit -n' && said 'no job can run'
exit "$FAILED") || FAILED=$((FAILED + 1))
expect 0 jobs && not_shown refused
expect 0 setting set check-machine 0
(ulimit -n 80; "$PROG" --state "$S" check --name refused --to 4.2.0 </dev/null >"$TMP/out" 2>&1
not_shown 'no job can run'; exit "$FAILED") || FAILED=$((FAILED + 1))
expect 0 setting set check-machine 1

# Files that others can touch
chmod 0640 "$S/credentials.json"
finds 0 files warning "chmod go= $S/credentials.json"
chmod 0622 "$S/credentials.json"
finds 1 files error "chmod go= $S/credentials.json"
chmod 0600 "$S/credentials.json"
chmod 0770 "$S"
finds 1 state error "chmod go-w $S"
chmod 0750 "$S"
finds 0 state warning "chmod 700 $S"
chmod 0700 "$S"
echo '{' >"$TMP/bad.json"
mv "$S/inventory.json" "$TMP/good.json" && cp "$TMP/bad.json" "$S/inventory.json"
finds 1 state error 'import it again'
mv "$TMP/good.json" "$S/inventory.json"
finds 0 state ok "$S"

# The clock went back
touch -d '+1 day' "$S/inventory.json"
finds 0 clock warning 'in the future'
touch "$S/inventory.json"

# Credentials: every way to log in, without logging in
expect 0 credential add agent --user admin --agent
finds 1 credentials error 'ssh-add'
expect 0 credential del agent
ssh-keygen -q -t ed25519 -N '' -f "$TMP/key"
expect 0 credential add keyed --user admin --key "$TMP/key"
finds 0 credentials ok "keyed: $TMP/key"
chmod 0644 "$TMP/key"
finds 0 credentials warning "chmod go= $TMP/key"
echo nothing >"$TMP/key" && chmod 0600 "$TMP/key"
finds 1 credentials error 'is not a private key'
rm "$TMP/key"
finds 1 credentials error 'correct the path'
expect 0 credential del keyed
expect 0 credential add vault --user admin --command "$TMP/vault" show s3cr3t-word
finds 1 credentials error 'install it' && not_shown s3cr3t-word
printf '#!/bin/sh\ntouch %s/was-run\n' "$TMP" >"$TMP/vault" && chmod 0755 "$TMP/vault"
finds 0 credentials ok "vault: $TMP/vault" && not_shown s3cr3t-word
[ ! -e "$TMP/was-run" ] || fail "the doctor has run the credential's command"
expect 0 credential del vault
expect 0 credential del default --yes
finds 1 credentials error 'hitless credential add default'
expect 0 credential add default --user admin --password

# known_hosts: lines that are not used, by their number
key=$(ssh-keygen -q -t ed25519 -N '' -f "$TMP/hk" && cut -d' ' -f1,2 "$TMP/hk.pub")
{ echo '# comment'; echo "leaf01,192.0.2.11 $key"; echo "@revoked * $key"; echo "!leaf02,leaf* $key"
} >"$HOME/.ssh/known_hosts"
finds 0 host-keys ok known_hosts
echo "@cert-authority *.example $key" >>"$HOME/.ssh/known_hosts"
finds 0 host-keys warning 'known_hosts:5 names a certificate authority'
echo "leaf03 ssh-ed25519 AAAA" >>"$HOME/.ssh/known_hosts"
finds 0 host-keys warning 'known_hosts:6 cannot be read'
chmod 0666 "$HOME/.ssh/known_hosts"
finds 1 host-keys error 'chmod go-w'
rm "$HOME/.ssh/known_hosts"

# A disk that is nearly full, in a mount namespace of our own
if unshare -Urm true 2>/dev/null || unshare -m true 2>/dev/null; then
	way="-Urm"
	unshare -Urm true 2>/dev/null || way=-m
	mkdir -p "$TMP/small"
	# shellcheck disable=SC2016
	unshare $way sh -c 'mount -t tmpfs -o size=70m,mode=700 none "$1/small" &&
		"$2" --state "$1/small/s" inventory import "$1/in.json" >/dev/null 2>&1 &&
		"$2" --state "$1/small/s" --json doctor >"$1/out1" 2>/dev/null
		head -c 10000000 /dev/zero >"$1/small/fill"
		"$2" --state "$1/small/s" --json doctor >"$1/out2" 2>/dev/null; echo $? >"$1/status"
		"$2" --state "$1/small/s" check --name x --to 4.2.0 </dev/null >"$1/out3" 2>&1
		echo $? >>"$1/status"' sh "$TMP" "$PROG"
	grep -q 'lies in memory (tmpfs)' "$TMP/out1" || fail "nothing is said of a state in memory"
	grep -q '"id":"space","title":"Free space","level":"warning"' "$TMP/out1" ||
		fail "a small disk is not warned of"
	grep -q '"id":"space","title":"Free space","level":"error"' "$TMP/out2" ||
		fail "a disk that is nearly full is no error"
	[ "$(tr '\n' ' ' <"$TMP/status")" = '1 3 ' ] || fail "status $(cat "$TMP/status")"
	grep -q 'Free space' "$TMP/out3" || fail "the job is not refused for the space"
fi

# A state that a power loss takes away
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] && M=$(mktemp -d /dev/shm/hitless-test.XXXXXX); then
	"$PROG" --state "$M" --json doctor >"$TMP/out" 2>/dev/null
	rm -rf "$M"
	tr '{' '\n' <"$TMP/out" | grep '"id":"state"' | grep '"level":"warning"' |
		grep -q 'lies in memory (tmpfs)' || fail "a state directory in memory is not warned of"
fi

# A state that cannot be opened is a finding, too
if [ "$(id -u)" -ne 0 ]; then
	chmod 0500 "$S"
	finds 1 state error 'correct the permissions'
	chmod 0700 "$S"
fi
cp "$S/hitless.db" "$TMP/db" && printf 'this is no database, and it is long enough' >"$S/hitless.db"
rm -f "$S/hitless.db-wal" "$S/hitless.db-shm"
finds 1 state error 'hitless.db'
finish
