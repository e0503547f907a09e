# SPDX-License-Identifier: ISC
# For the tests of the lab's server against the real OpenSSH: `. lib.sh` gives $dir (removed at the end),
# $labd (what to end then), and the functions below. Skipped (77) without ssh.
set -eu
for tool in ssh scp sftp mkfifo; do
	command -v $tool >/dev/null 2>&1 || { echo "no $tool"; exit 77; }
done
dir=$(mktemp -d)
labd=
finish() {
	status=$?
	[ -z "$labd" ] || kill "$labd" 2>/dev/null || :
	[ $status -eq 0 ] || { tail -n 30 "$dir/lab/lab.log" "$dir/said" "$dir/err" 2>/dev/null || :; }
	rm -rf "$dir"
	exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

die() { echo "FAIL: $*" >&2; exit 1; }
# until LIMIT_SECONDS command...: poll, never just sleep
until_ok() {
	limit=$(($(date +%s) + $1)); shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$limit" ] || die "waited too long for: $*"
		sleep 0.05
	done
}

# The lab says its port in $dir/port: $port, and $common, the options of every ssh.
reach() { # user
	user=$1
	until_ok 20 test -s "$dir/port"
	port=$(cat "$dir/port")
	common="-F none -o UserKnownHostsFile=$dir/lab/known_hosts -o GlobalKnownHostsFile=/dev/null
		-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o IdentityAgent=none
		-i $dir/lab/id_ed25519 -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5"
}
on() { host=$1; shift; timeout 60 ssh $common -p "$port" "$user@127.66.0.$host" "$@"; }
