#!/usr/bin/env bash
# Boots the systemd of a root folder as process 1. Run by gateway-box.ts inside fresh mount, process, host name, IPC and
# control group namespaces, so that nothing of it reaches the machine on which it runs. The network is the machine's.
set -euo pipefail

root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
# Sysctls and kernel settings belong to the machine.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for node in null:3 zero:5 full:7 random:8 urandom:9; do
  mknod -m 666 "dev/${node%:*}" c 1 "${node#*:}"
done
ln -s /proc/self/fd dev/fd
mkdir dev/shm dev/pts
touch dev/console

mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
if grep -q '^[1-9]' /proc/self/cgroup; then
  for controller in systemd memory pids devices; do
    grep -q ":\(name=\)\?$controller:" /proc/self/cgroup || [ "$controller" = systemd ] || continue
    mkdir "sys/fs/cgroup/$controller"
    if [ "$controller" = systemd ]; then options=none,name=systemd; else options=$controller; fi
    mount -t cgroup -o "$options" cgroup "sys/fs/cgroup/$controller"
  done
else
  mount -t cgroup2 cgroup2 sys/fs/cgroup
fi
# Not chroot: the kernel refuses user namespaces (PrivateUsers= of the unit) to a process below a changed root.
pivot_root . .
umount --lazy .
exec env -i container=headcount-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --log-target=journal --show-status=no --unit=multi-user.target
