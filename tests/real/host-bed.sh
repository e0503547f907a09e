# SPDX-License-Identifier: ISC
# Hosts with a real systemd, sshd, apt and dpkg, in namespaces of their own, joined by a bridge.
#
#   . tests/real/host-bed.sh          in network, mount and process namespaces of the caller's own
#   bed_start DIR NAME...             DIR/repo is their package repository; addresses 10.77.0.11, ...
#   bed_on DIR NAME COMMAND...        run a command on a host, as root
#   bed_clean DIR                     afterwards, out of the namespaces: with them the hosts end
#
# The root of a host is this machine's file system with a layer of its own over it: nothing of this
# machine is changed, and no mirror is needed. DIR then holds key (logs in), user, known_hosts, and
# a directory for each host. bed_why says why there can be no bed, and gives 1.
bed_home=$(cd "$(dirname "${BASH_SOURCE:-$0}")" && pwd)

bed_why()
{
	test "$(id -u)" = 0 || { echo "namespaces need root"; return 1; }
	test -x /lib/systemd/systemd || { echo "there is no systemd"; return 1; }
	for tool in sshd ip nsenter unshare apt-get dpkg-deb dpkg-scanpackages /usr/bin/python3 curl; do
		command -v $tool >/dev/null || { echo "$tool is not installed"; return 1; }
	done
	unshare -m -p -n -u -i -C --fork true 2>/dev/null || { echo "namespaces cannot be made"; return 1; }
	unshare -m sh -c 'mount --make-rprivate / && mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/r &&
	    mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w overlay /mnt/r' 2>/dev/null ||
	    { echo "overlay file systems cannot be mounted"; return 1; }
}

bed_address() { echo "10.77.0.$((10 + $1))"; } # number of the host, from 1

# A control group of its own, in each hierarchy that systemd uses.
bed_group() # dir, name
{
	local base path
	for base in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
		test -e "$base/cgroup.procs" || continue
		path=$base/hitless-$(basename "$1")-$2
		mkdir "$path" && echo "$BASHPID" >"$path/cgroup.procs" || return 1
	done
	return 0
}

bed_group_gone()
{
	find "$1" -depth -type d -exec rmdir {} \; 2>/dev/null
	test ! -d "$1"
}

bed_clean() # dir
{
	local path
	for path in /sys/fs/cgroup/{,systemd/,unified/}hitless-"$(basename "$1")"-*; do
		test ! -d "$path" || bed_until 100 bed_group_gone "$path" || echo "left behind: $path"
	done
	rm -rf "$1"
}

bed_host() # dir, name, number: start it
{
	local dir=$1 name=$2 i=0
	mkdir -p "$dir/$name"
	(
		bed_group "$dir" "$name" || exit 1
		exec unshare -m -p -n -u -i -C --fork --kill-child \
		    sh "$bed_home/host-inside.sh" "$name" "$dir/$name"
	) </dev/null >"$dir/$name/console" 2>&1 &
	until test -e "$dir/$name/ready"; do
		i=$((i + 1))
		test $i -lt 600 && kill -0 $! 2>/dev/null || { cat "$dir/$name/console"; return 1; }
		sleep 0.1
	done
	cut -d ' ' -f 1 "/proc/$!/task/$!/children" >"$dir/$name/pid"
	local pid
	pid=$(cat "$dir/$name/pid")
	ip link add "bed$3" type veth peer name eth0 netns "$pid" &&
	    ip link set "bed$3" master bed0 up &&
	    nsenter -t "$pid" -n ip link set lo up &&
	    nsenter -t "$pid" -n ip addr add "$(bed_address "$3")/24" dev eth0 &&
	    nsenter -t "$pid" -n ip link set eth0 up
}

bed_on() # dir, name, command...
{
	local pid
	pid=$(cat "$1/$2/pid")
	shift 2
	nsenter -t "$pid" -m -p -n -u -i -r -w env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
	    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

bed_until() # tenths of a second, command...: until it succeeds
{
	local left=$1
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		test $left -gt 0 || return 1
		sleep 0.1
	done
}

bed_running()
{
	case $(bed_on "$1" "$2" systemctl is-system-running) in
	running | degraded) ;;
	*) return 1 ;;
	esac
}
bed_locked() { bed_on "$1" "$2" lslocks -rn -o PATH | grep -q dpkg/lock; }
bed_listens() { ssh-keyscan -t ed25519 "$1" 2>/dev/null | grep -q ed25519; }

bed_start() # dir, name...
{
	local dir=$1 name n=0
	shift
	ssh-keygen -q -t ed25519 -N '' -C bed -f "$dir/key" || return 1
	user=root
	# systemctl of others than root needs the bus
	test ! -x /usr/bin/sudo || test ! -e /lib/systemd/system/dbus.socket || user=netops
	echo $user >"$dir/user"
	echo '127.0.0.1 localhost' >"$dir/hosts"
	for name; do
		n=$((n + 1))
		echo "$(bed_address $n) $name" >>"$dir/hosts"
	done
	ip link set lo up && ip link add bed0 type bridge && ip addr add 10.77.0.1/24 dev bed0 &&
	    ip link set bed0 up || return 1
	n=0
	for name; do
		n=$((n + 1))
		bed_host "$dir" "$name" $n || return 1
		echo "$(bed_address $n) $(cut -d ' ' -f 1,2 "$dir/$name/host_key.pub")" >>"$dir/known_hosts"
	done
	n=0
	for name; do
		n=$((n + 1))
		bed_until 600 bed_running "$dir" "$name" || { echo "$name does not boot"; return 1; }
		bed_until 300 bed_listens "$(bed_address $n)" || { echo "no sshd on $name"; return 1; }
	done
}
