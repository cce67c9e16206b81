#!/bin/sh
# Runs before the kernel package is unpacked: an initrd with only what this machine needs boots seconds sooner.
# Usage: initramfs.sh ROOT
set -eu
mkdir -p "$1/etc/initramfs-tools/conf.d"
printf 'MODULES=list\nCOMPRESS=lz4\n' > "$1/etc/initramfs-tools/conf.d/vm"
printf 'virtio_pci\nvirtio_blk\next4\n' > "$1/etc/initramfs-tools/modules"
