#!/bin/sh
# Turns a freshly bootstrapped Debian tree into the test guest.
# Usage: setup.sh ROOT PUBLIC_KEY_FILE
set -eu
root=$1

echo vm > "$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 vm\n::1 localhost\n' > "$root/etc/hosts"
# noinit_itable: no lazy inode table writes while a scenario counts bytes.
echo '/dev/vda / ext4 defaults,noatime,noinit_itable 0 0' > "$root/etc/fstab"
printf '0123456789abcdef0123456789abcdef\n' > "$root/etc/machine-id"

# A fixed address (QEMU's user network) saves the DHCP exchange at boot, and one command the three seconds of a daemon.
cat > "$root/etc/systemd/system/vm-network.service" <<'NET'
[Unit]
DefaultDependencies=no
Before=network.target
Wants=network.target
After=systemd-modules-load.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'modprobe -q virtio_net; until ip link set eth0 up 2>/dev/null; do sleep 0.1; done; \
  ip addr add 10.0.2.15/24 dev eth0; ip link set lo up; ip route add default via 10.0.2.2'
[Install]
WantedBy=multi-user.target
NET
rm -f "$root/etc/resolv.conf"
echo 'nameserver 10.0.2.3' > "$root/etc/resolv.conf"

install -d -m 700 "$root/root/.ssh"
install -m 600 "$2" "$root/root/.ssh/authorized_keys"
cat > "$root/etc/ssh/sshd_config.d/vm.conf" <<'SSH'
PermitRootLogin prohibit-password
UseDNS no
UsePAM no
MaxStartups 100
MaxSessions 100
SSH

# The journal must survive a power cut, or there is nothing to read afterwards.
mkdir -p "$root/etc/systemd/journald.conf.d" "$root/var/log/journal"
printf '[Journal]\nStorage=persistent\nSyncIntervalSec=2s\nRateLimitIntervalSec=0\n' \
  > "$root/etc/systemd/journald.conf.d/vm.conf"

# Nothing here may reach for a network that is not there.
rm -f "$root/etc/apt/sources.list" "$root"/etc/apt/sources.list.d/*
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin

chroot "$root" systemctl enable --quiet vm-network ssh
chroot "$root" systemctl disable --quiet nginx lxc lxc-net 2>/dev/null || true
chroot "$root" systemctl mask --quiet \
  getty@tty1.service serial-getty@ttyS0.service console-getty.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
  e2scrub_reap.service systemd-networkd-wait-online.service systemd-pstore.service \
  systemd-timesyncd.service man-db.timer systemd-tmpfiles-clean.timer \
  sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount dev-mqueue.mount \
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount \
  systemd-networkd.service systemd-networkd.socket systemd-logind.service systemd-network-generator.service \
  systemd-networkd-persistent-storage.service systemd-hibernate-clear.service systemd-udev-load-credentials.service \
  systemd-pcrextend.socket systemd-pcrlock.socket modprobe@drm.service sys-fs-fuse-connections.mount \
  lxc-net.service lxc-monitord.service lxcfs.service 2>/dev/null || true
# Each of them is a process at every boot and every reload of systemd; there is nothing here to be found by any.
mkdir -p "$root/etc/systemd/system-generators"
for generator in ssh gpt-auto hibernate-resume cryptsetup veritysetup integritysetup tpm2 bless-boot rc-local; do
  ln -sf /dev/null "$root/etc/systemd/system-generators/systemd-$generator-generator"
done
chroot "$root" systemctl set-default --quiet multi-user.target

# A plain user in group cdrom: what the daemon's user may do is tried as this one.
chroot "$root" useradd --create-home --groups cdrom --shell /bin/bash reader

# Compiling the hundred profiles of programs that are not here takes ten seconds of every boot.
for profile in "$root"/etc/apparmor.d/*; do
  case ${profile##*/} in
    abstractions | tunables | local | disable | abi | force-complain | lxc* | usr.bin.lxc* | unprivileged_userns) ;;
    *) rm -rf "$profile" ;;
  esac
done

install -d "$root/usr/local/lib/vm-drive"
install -m 644 "$(dirname "$0")"/drive/*.py "$root/usr/local/lib/vm-drive/"
cat > "$root/usr/local/sbin/vm-drive" <<'DRIVE'
#!/bin/sh
# vm-drive NAME: serves a scripted drive. vm-drive NAME '{"do": …}': tells it something.
if [ $# -gt 1 ]; then exec python3 -IS /usr/local/lib/vm-drive/tell.py "$@"; fi
exec python3 /usr/local/lib/vm-drive/main.py "$@"
DRIVE
chmod 755 "$root/usr/local/sbin/vm-drive"
install -m 755 "$(dirname "$0")/container.sh" "$root/usr/local/sbin/vm-container"
chroot "$root" python3 -m compileall -q /usr/local/lib/vm-drive
