#!/bin/sh
# Makes the LXC container "t" out of this guest itself: its root read-only below a layer of its own, no udev, no network.
# What is installed in the guest is installed in the container. Usage: vm-container EXTRA_CONFIGURATION_FILE
set -eu
home=/var/lib/lxc/t
mkdir -p $home/rootfs $home/upper $home/work
mount -t overlay overlay -o lowerdir=/,upperdir=$home/upper,workdir=$home/work $home/rootfs
: > $home/rootfs/etc/fstab
mkdir -p $home/rootfs/etc/systemd/system
for unit in systemd-udevd.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udev-trigger.service \
  systemd-networkd.service systemd-networkd.socket vm-network.service ssh.service ssh.socket apparmor.service; do
  ln -sf /dev/null $home/rootfs/etc/systemd/system/$unit
done
cat - "$1" > $home/config <<'CONF'
lxc.include = /usr/share/lxc/config/common.conf
lxc.rootfs.path = dir:/var/lib/lxc/t/rootfs
lxc.uts.name = t
lxc.net.0.type = empty
CONF
lxc-start -n t -l INFO -o $home/log || { tail -20 $home/log >&2; exit 1; }
