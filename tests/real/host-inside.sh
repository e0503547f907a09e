#!/bin/sh
# SPDX-License-Identifier: ISC
# A host of host-bed.sh, as the first process of namespaces of its own: puts its root directory
# together (this machine's file system, with a layer of its own over it), then becomes systemd.
#     host-inside.sh NAME DIR      DIR is the host's directory; DIR/../{repo,key.pub} are shared
set -e
name=$1 dir=$2 root=$2/root
PATH=$PATH:/usr/sbin:/sbin

mount --make-rprivate /
mkdir -p "$dir/layer" "$root"
mount -t tmpfs -o mode=755 tmpfs "$dir/layer"
mkdir "$dir/layer/upper" "$dir/layer/work"
mount -t overlay -o "lowerdir=/,upperdir=$dir/layer/upper,workdir=$dir/layer/work" overlay "$root"
for d in run tmp sys/fs dev root; do
	mkdir -p "$root/$d"
done
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
if test "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs; then
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
else
	mount -t tmpfs -o mode=755 tmpfs "$root/sys/fs/cgroup"
	mkdir "$root/sys/fs/cgroup/systemd" "$root/sys/fs/cgroup/unified"
	mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/systemd"
	mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/unified"
fi
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for d in null zero full random urandom tty; do
	: >"$root/dev/$d"
	mount --bind "/dev/$d" "$root/dev/$d"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for d in 0:stdin 1:stdout 2:stderr; do
	ln -s "/proc/self/fd/${d%:*}" "$root/dev/${d#*:}"
done
mkdir -p "$root/srv/repo"
mount --bind "$dir/../repo" "$root/srv/repo"

# What is this machine's and not the host's: its name, package sources, services and data.
hostname "$name"
echo "$name" >"$root/etc/hostname"
rm -f "$root/etc/machine-id" "$root/etc/resolv.conf" "$root/etc/fstab" "$root/usr/sbin/policy-rc.d"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
cp "$dir/../hosts" "$root/etc/hosts"
rm -rf "$root"/etc/apt/sources.list.d/* "$root"/etc/apt/preferences.d/* "$root"/var/lib/apt/lists/* \
    "$root"/var/lib/etcd "$root"/var/lib/man-db/auto-update
echo 'deb [trusted=yes] file:/srv/repo ./' >"$root/etc/apt/sources.list"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/bed"
cd "$root/lib/systemd/system"
rm -rf "$root"/etc/systemd/system/* ./*.wants
mkdir sysinit.target.wants sockets.target.wants
ln -s ../systemd-journald.service ../systemd-tmpfiles-setup.service sysinit.target.wants
ln -s ../systemd-journald.socket ../systemd-journald-dev-log.socket sockets.target.wants
test ! -e dbus.socket || ln -s ../dbus.socket sockets.target.wants # systemctl of others than root
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"

# The door: sshd with a key for an operator who may use sudo.
user=$(cat "$dir/../user")
rm -f "$root"/etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -C "root@$name" -f "$root/etc/ssh/ssh_host_ed25519_key"
cp "$root/etc/ssh/ssh_host_ed25519_key.pub" "$dir/host_key.pub"
home=/root
if test "$user" != root; then
	chroot "$root" useradd -m -s /bin/bash -p '*' "$user"
	echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/$user"
	home=/home/$user
else
	printf '#!/bin/sh\ntest "$1" != -n || shift\nexec "$@"\n' >"$root/usr/local/bin/sudo"
	chmod 755 "$root/usr/local/bin/sudo"
fi
mkdir -p -m 700 "$root$home/.ssh"
cp "$dir/../key.pub" "$root$home/.ssh/authorized_keys"
chroot "$root" chown -R "$user" "$home/.ssh"
cat >"$root/etc/ssh/sshd_config" <<END
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
PrintMotd no
MaxStartups 100
END
cat >"$root/etc/systemd/system/ssh.service" <<END
[Unit]
Description=OpenBSD Secure Shell server
[Service]
ExecStartPre=/bin/mkdir -p /run/sshd
ExecStart=/usr/sbin/sshd -D -e
KillMode=process
Restart=on-failure
END
ln -s ../ssh.service "$root/etc/systemd/system/multi-user.target.wants/ssh.service"
cd "$root"
echo ready >"$dir/ready"
exec chroot "$root" env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    /lib/systemd/systemd --log-target=journal --show-status=no
