#!/bin/sh
# Boots this machine's systemd in namespaces of its own, and stays until it ends.
# As systemd-nspawn does it, but also where no systemd runs outside. Arguments: an empty folder for the root,
# a new control group below the mount of cgroup2, and the folder of the program, which appears as /opt/ovadex.
# With the network of this machine and its /usr, read-only; with a fourth argument "apart" there is a network of its
# own, and /usr and the packages' database may be changed: packages can be installed there, and the machine has none of it.
set -eu
root=$1 group=$2 program=$3 apart=${4:-}
mkdir "$group"
echo $$ >"$group/cgroup.procs"
exec unshare ${apart:+--net} --mount --pid --ipc --uts --cgroup --fork --kill-child sh -euc '
root=$1 program=$2 apart=$3
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mkdir -p usr etc/systemd/system proc sys dev run tmp root var/lib var/log opt/ovadex .outside
for link in bin sbin lib lib64; do [ ! -e "/usr/$link" ] || ln -s "usr/$link" "$link"; done
if [ -n "$apart" ]; then
  mkdir .changes
  mount -t tmpfs tmpfs .changes
  mkdir .changes/upper .changes/work
  mount -t overlay -o lowerdir=/usr,upperdir=.changes/upper,workdir=.changes/work overlay usr
  cp -a /var/lib/dpkg var/lib/
else
  mount --rbind -o ro /usr usr
fi
mount --bind -o ro "$program" opt/ovadex
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs tmpfs sys/fs/cgroup
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do touch "dev/$device"; mount --bind "/dev/$device" "dev/$device"; done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
cp -L /etc/os-release /etc/nsswitch.conf /etc/ld.so.cache etc/
cp /etc/passwd /etc/group etc/
: >etc/machine-id
# The same with and without it: root speaks with systemd itself.
for unit in dbus.socket dbus.service; do ln -s /dev/null "etc/systemd/system/$unit"; done
printf "[Unit]\nRequires=basic.target\nAfter=basic.target\n" >etc/systemd/system/test.target
pivot_root . .outside
umount -l /.outside
# What systemd mounts for a service, its credentials, reaches that from another namespace.
mount --make-rshared /
exec env -i container=test PATH=/usr/sbin:/usr/bin /usr/lib/systemd/systemd --unit=test.target --log-target=console --show-status=0
' sh "$root" "$program" "$apart"
