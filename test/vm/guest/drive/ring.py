"""The kernel's TCMU ring: SCSI commands in, answers out (layout: linux/target_core_user.h)."""

import glob
import mmap
import os
import struct

OP_PAD, OP_CMD = 0, 1
UFLAG_UNKNOWN_OP, UFLAG_READ_LEN = 1, 2
SENSE_BYTES = 96
# Command lengths by the group code in the top three bits of the first byte (SPC).
CDB_BYTES = {0: 6, 1: 10, 2: 10, 4: 16, 5: 12}


class Command:
    """One SCSI command waiting in the ring."""

    def __init__(self, entry, cdb, iov):
        self.entry, self.cdb, self.iov = entry, cdb, iov


class Ring:
    def __init__(self, name):
        """name: the device's name in configfs. Raises FileNotFoundError when the kernel made no uio device for it."""
        uio = next((os.path.basename(os.path.dirname(p)) for p in glob.glob('/sys/class/uio/uio*/name')
                    if open(p).read().split('/')[2:3] == [name]), None)
        if uio is None:
            raise FileNotFoundError(f'no uio device for {name}')
        size = int(open(f'/sys/class/uio/{uio}/maps/map0/size').read(), 16)
        self.fd = os.open(f'/dev/{uio}', os.O_RDWR | os.O_NONBLOCK)
        self.map = mmap.mmap(self.fd, size)
        _, _, self.offset, self.size = struct.unpack_from('<HHII', self.map, 0)
        self.next = self._tail()

    def _head(self):
        return struct.unpack_from('<I', self.map, 12)[0]

    def _tail(self):
        return struct.unpack_from('<I', self.map, 64)[0]

    def acknowledge(self):
        """Takes the interrupt off the descriptor, so that the next select() waits for the next one."""
        try:
            os.read(self.fd, 4)
        except BlockingIOError:
            pass

    def take(self):
        """The next command not yet taken, or None. Commands must be finished in the order they were taken."""
        while self.next != self._head():
            at = self.offset + self.next
            length_op = struct.unpack_from('<I', self.map, at)[0]
            op, length = length_op & 7, length_op & ~7
            self.next = (self.next + length) % self.size
            if op == OP_CMD:
                return self._parse(at)
            if op != OP_PAD:
                self.map[at + 7] |= UFLAG_UNKNOWN_OP
            # Entries before this one may still be waiting for their answer; the tail passes both together.
            if self._tail_is(at):
                self._advance(at)
        return None

    def _parse(self, at):
        iov_count, = struct.unpack_from('<I', self.map, at + 8)
        cdb_at, = struct.unpack_from('<Q', self.map, at + 24)
        length = CDB_BYTES.get(self.map[cdb_at] >> 5, 16)
        iov = [struct.unpack_from('<QQ', self.map, at + 48 + 16 * i) for i in range(iov_count)]
        return Command(at, bytes(self.map[cdb_at:cdb_at + length]), iov)

    def _tail_is(self, at):
        return self.offset + self._tail() == at

    def _advance(self, at):
        length = struct.unpack_from('<I', self.map, at)[0] & ~7
        struct.pack_into('<I', self.map, 64, (at - self.offset + length) % self.size)

    def finish(self, command, data=b'', sense=None):
        """Answers: data to the initiator and, when sense (18 bytes) is given, CHECK CONDITION.

        Both together happen on a real drive too: the sectors before the bad one were delivered.
        """
        left = data
        for base, length in command.iov:
            part, left = left[:length], left[length:]
            self.map[base:base + len(part)] = part
        done, at = len(data) - len(left), command.entry
        while not self._tail_is(at):
            self._advance(self.offset + self._tail())
        self.map[at + 7] |= UFLAG_READ_LEN
        struct.pack_into('<BBHI', self.map, at + 8, 2 if sense else 0, 0, 0, done)
        if sense:
            self.map[at + 16:at + 16 + SENSE_BYTES] = sense.ljust(SENSE_BYTES, b'\0')
        self._advance(at)
        os.write(self.fd, struct.pack('<I', 0))
