"""Plugs a TCMU device into the guest's SCSI layer through configfs, and out again."""

import glob
import os
import subprocess
import time
import zlib

TARGET = '/sys/kernel/config/target'


def write(path, text):
    with open(path, 'w') as file:
        file.write(text)


def core(name):
    return f'{TARGET}/core/user_0/{name}'


def port(name):
    # A loopback target's name must look like a world wide name; a checksum of ours keeps drives apart.
    return f'{TARGET}/loopback/naa.5001405{zlib.crc32(name.encode()):08x}0'


def create(name):
    """Makes the device; it has a ring now and no place in the SCSI layer yet."""
    subprocess.run(['modprobe', '-a', 'target_core_user', 'tcm_loop'], check=True)
    os.makedirs(core(name), exist_ok=True)
    # nl_reply_supported=-1: nobody answers the kernel's netlink messages, it must not wait for that.
    write(f'{core(name)}/control', f'dev_size={2048 * 1024},dev_config=vm/{name},hw_block_size=2048,nl_reply_supported=-1')
    write(f'{core(name)}/enable', '1')
    # No command may time out on its own: how long a drive hangs is the test's decision.
    write(f'{core(name)}/attrib/cmd_time_out', '0')


def connect(name):
    """Plugs the drive in. The kernel probes it at once, so this must not wait for that: the ring is served by us."""
    tpg = f'{port(name)}/tpgt_1'
    os.makedirs(tpg, exist_ok=True)
    if not os.path.exists(f'{tpg}/lun/lun_0'):
        write(f'{tpg}/nexus', os.path.basename(port(name)))
        os.mkdir(f'{tpg}/lun/lun_0')
    # A child, because the call returns only after the probe that this very process has to answer.
    subprocess.Popen(['ln', '-s', core(name), f'{tpg}/lun/lun_0/{name}'])


def disconnect(name):
    subprocess.Popen(['rm', '-f', f'{port(name)}/tpgt_1/lun/lun_0/{name}'])


def device(name):
    """The block device's name (sr1), or None while the kernel has not found it."""
    address = os.path.join(f'{port(name)}/tpgt_1', 'address')
    if not os.path.exists(address):
        return None
    scsi = open(address).read().strip()
    return next((os.path.basename(p) for p in glob.glob(f'/sys/class/scsi_device/{scsi}*/device/block/*')), None)
