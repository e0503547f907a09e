#!/bin/sh
# SPDX-License-Identifier: ISC
# In a mount namespace of its own: put the root directory of a switch together, then run the command.
here=$1
switch=$2
root=$switch/root
mount --bind "$root" "$root" || exit 125
for d in bin sbin lib lib32 lib64 share; do
	test -d "/usr/$d" && test -d "$root/usr/$d" && { mount --rbind "/usr/$d" "$root/usr/$d" || exit 125; }
done
# Not every system has /usr merged.
for d in bin sbin lib lib64; do
	test -d "/$d" && ! test -L "/$d" && { mount --rbind "/$d" "$root/usr/$d" || exit 125; }
done
mkdir -p "$root/usr/local/bin" "$root/usr/local/sbin" "$root/usr/cumulus/bin"
mount --bind "$here/bin" "$root/usr/local/bin" || exit 125
mount --rbind /dev "$root/dev" || exit 125
mount --rbind /proc "$root/proc" || exit 125
mount --bind "$switch/boot_id" "$root/proc/sys/kernel/random/boot_id" || exit 125
mount --bind "$switch" "$root/switch" || exit 125
mount --bind "$switch/.." "$root/fabric" || exit 125
user=$(cat "$switch/user")
home=/root
test "$user" = root || home=/home/$user
cd "$root" || exit 125
PATH=$PATH:/usr/sbin:/sbin
exec chroot "$root" /usr/bin/env -i HOME="$home" USER="$user" LOGNAME="$user" SHELL=/bin/bash LANG=C \
    PATH=/usr/local/bin:/usr/bin:/bin SSH_CONNECTION="$SSH_CONNECTION" \
    /bin/sh -c 'cd 2>/dev/null; exec /bin/bash -c "$1"' sh "$SSH_ORIGINAL_COMMAND"
