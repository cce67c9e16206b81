"""One scripted optical drive: plugs itself into the kernel and does what its control socket is told.

Usage: main.py NAME            (as root; state in /run/vm-drive/NAME: control.sock, log.jsonl)
"""

import json
import os
import select
import socket
import sys
import time

import plug
from disc import Disc
from drive import Drive, NAMES
from ring import Ring
from sense import Sense

LBA_AT = {0x28: (2, 4, 7, 2), 0xA8: (2, 4, 6, 4), 0xBE: (2, 4, 6, 3)}


class Station:
    def __init__(self, name):
        self.folder = f'/run/vm-drive/{name}'
        os.makedirs(self.folder, exist_ok=True)
        self.name, self.drive = name, Drive()
        self.log = open(f'{self.folder}/log.jsonl', 'a', buffering=1)
        self.control = socket.socket(socket.AF_UNIX)
        path = f'{self.folder}/control.sock'
        if os.path.exists(path):
            os.unlink(path)
        self.control.bind(path)
        self.control.listen(8)
        plug.create(name)
        self.ring = Ring(name)
        self.waiting = None  # (when it is due, command, data, sense): the drive does one thing at a time
        self.running = True

    def obey(self, order):
        """One order from outside; the answer is a JSON object."""
        what, drive = order['do'], self.drive
        if what == 'insert':
            drive.put(Disc(order['disc']))
        elif what == 'load':
            # Lays a disc on the open tray, without shutting it.
            drive.disc = Disc(order['disc'])
        elif what == 'remove':
            drive.put(None)
        elif what == 'open':
            drive.move_tray(True)
        elif what == 'close':
            drive.move_tray(False)
        elif what == 'press':
            drive.press_button()
        elif what == 'events':
            drive.event_mode = order['mode']
        elif what == 'jam':
            drive.jammed = order.get('on', True)
        elif what == 'release':
            # Ends a hang now.
            if self.waiting:
                self.waiting = (0, *self.waiting[1:])
        elif what == 'reset':
            drive.attention.append((6, 0x29, 0))
            drive.locked = False
            if self.waiting:
                self.waiting = (0, self.waiting[1], b'', Sense((6, 0x29, 0)).fixed())
        elif what == 'plug':
            plug.connect(self.name)
        elif what == 'device':
            return {'device': plug.device(self.name)}
        elif what == 'unplug':
            plug.disconnect(self.name)
        elif what == 'quit':
            self.running = False
        elif what != 'state':
            return {'error': f'unknown order {what}'}
        return {'open': drive.open, 'disc': drive.disc.label if drive.disc else None, 'locked': drive.locked,
                'busy': self.waiting is not None}

    def record(self, command, sense):
        cdb, op = command.cdb, command.cdb[0]
        line = {'t': round(time.time(), 3), 'op': NAMES.get(op, f'{op:02X}h'), 'cdb': cdb.hex(' '),
                'status': 'good' if sense is None else '%02X/%02X/%02X' % (sense[2] & 15, sense[12], sense[13])}
        if op in LBA_AT:
            at, width, count_at, count_width = LBA_AT[op]
            line['lba'] = int.from_bytes(cdb[at:at + width], 'big')
            line['count'] = int.from_bytes(cdb[count_at:count_at + count_width], 'big')
        if op == 0x1B and cdb[4] & 2:
            line['tray'] = 'load' if cdb[4] & 1 else 'eject'
        if op == 0x1E:
            line['lock'] = bool(cdb[4] & 1)
        self.log.write(json.dumps(line) + '\n')

    def start(self, command):
        data, sense = b'', None
        try:
            data = self.drive.answer(command.cdb)
        except Sense as refusal:
            data, sense = refusal.data, refusal.fixed()
        except Exception as error:  # a wrong disc description must not leave the kernel waiting
            print(f'{command.cdb.hex(" ")}: {error!r}', file=sys.stderr, flush=True)
            sense = Sense((4, 0x44, 0)).fixed()
        self.waiting = (time.monotonic() + self.drive.seconds, command, data, sense)

    def serve(self):
        while self.running:
            if self.waiting is None:
                command = self.ring.take()
                if command:
                    self.start(command)
            if self.waiting and self.waiting[0] <= time.monotonic():
                _, command, data, sense = self.waiting
                self.waiting = None
                self.record(command, sense)
                self.ring.finish(command, data, sense)
                continue
            left = max(self.waiting[0] - time.monotonic(), 0) if self.waiting else None
            ready, _, _ = select.select([self.ring.fd, self.control], [], [], left)
            if self.ring.fd in ready:
                self.ring.acknowledge()
            if self.control in ready:
                self.converse()
        plug.disconnect(self.name)

    def converse(self):
        peer, _ = self.control.accept()
        with peer:
            try:
                answer = self.obey(json.loads(peer.makefile().readline()))
            except Exception as error:
                answer = {'error': repr(error)}
            peer.sendall(json.dumps(answer).encode() + b'\n')


if __name__ == '__main__':
    Station(sys.argv[1]).serve()
