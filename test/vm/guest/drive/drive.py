"""The drive's state and the MMC commands it knows. Pure of I/O: a command in, an answer out."""

import answers
from disc import RAW
from sense import Sense

NO_SENSE = (0, 0, 0)
# The commands a drive answers even with a unit attention pending (SPC): INQUIRY, REQUEST SENSE, GET CONFIGURATION, GESN.
NOT_ATTENTIVE = {0x12, 0x03, 0x46, 0x4A}
NAMES = {0x00: 'TEST UNIT READY', 0x03: 'REQUEST SENSE', 0x12: 'INQUIRY', 0x1A: 'MODE SENSE(6)',
         0x1B: 'START STOP UNIT', 0x1E: 'PREVENT ALLOW MEDIUM REMOVAL', 0x25: 'READ CAPACITY', 0x28: 'READ(10)',
         0x42: 'READ SUB-CHANNEL', 0x43: 'READ TOC', 0x46: 'GET CONFIGURATION', 0x4A: 'GET EVENT STATUS NOTIFICATION',
         0x51: 'READ DISC INFORMATION', 0x52: 'READ TRACK INFORMATION', 0x5A: 'MODE SENSE(10)', 0xA4: 'REPORT KEY',
         0xA8: 'READ(12)', 0xAC: 'GET PERFORMANCE', 0xAD: 'READ DVD STRUCTURE', 0xBB: 'SET CD SPEED',
         0xBD: 'MECHANISM STATUS', 0xBE: 'READ CD'}


class Drive:
    def __init__(self):
        self.disc = None          # what lies in the tray, open or shut
        self.open = False
        self.locked = False
        self.jammed = False       # the eject command fails
        self.seconds = 0          # how long the command being answered takes
        self.events = []          # media events not yet told: 1 eject request, 2 new medium, 3 removal
        self.event_mode = 'normal'
        self.attention = [(6, 0x29, 0)]  # unit attentions not yet told: power on

    # --- from outside: what a hand does to the drive ---

    def move_tray(self, is_open):
        if is_open == self.open:
            return
        self.open = is_open
        if is_open:
            self._happened(3)
        elif self.disc is not None:
            self._happened(2)

    def put(self, disc):
        """Puts a disc (or None) into the drive and shuts the tray, without the tray being seen open."""
        self.disc, self.open = disc, False
        self._happened(2 if disc else 3)

    def press_button(self):
        """The eject button: opens the tray, or asks the host to when the host has locked it."""
        if self.open:
            self.move_tray(False)
        elif self.locked:
            self.events.append(1)
        else:
            self.move_tray(True)

    def _happened(self, event):
        if self.event_mode == 'none':
            return
        self.events += [event] * (2 if self.event_mode == 'double' else 1)
        if event == 2:
            self.attention += [(6, 0x28, 0)] * (2 if self.event_mode == 'double' else 1)

    # --- from the host ---

    def answer(self, cdb):
        """The data for one command. Raises Sense. Sets self.seconds to how long it takes."""
        self.seconds = 0
        op = cdb[0]
        if self.attention and op not in NOT_ATTENTIVE:
            raise Sense(self.attention.pop(0))
        handler = HANDLERS.get(op)
        if handler is None:
            raise Sense((5, 0x20, 0))
        return handler(self, cdb)

    def medium(self):
        """The disc, where there is one to read."""
        if self.open:
            raise Sense((2, 0x3A, 2))
        if self.disc is None:
            raise Sense((2, 0x3A, 1))
        return self.disc

    def read(self, lba, count, audio=False, form=None):
        disc, parts = self.medium(), []
        for sector in range(lba, lba + count):
            seconds, sense, track = disc.read(sector, audio)
            self.seconds += seconds
            if sense:
                if sense[0] == 6:
                    # A bus reset forgets the lock, too.
                    self.locked = False
                    raise Sense(sense)
                raise Sense(sense, sector, b''.join(parts))
            content = track.read(sector)
            parts.append(form(track, sector, content) if form else content)
        return b''.join(parts)


def number(cdb, at, length):
    return int.from_bytes(cdb[at:at + length], 'big')


def read_cd(drive, cdb):
    """READ CD: audio as it is; of data sectors the user data, or the whole raw sector when headers are asked for."""
    wants_header = cdb[9] & 0xE0
    subchannel = {0: 0, 1: 96, 2: 16, 4: 96}.get(cdb[10] & 7, 0)

    def form(track, lba, content):
        if not track.audio and wants_header:
            content = answers.raw_sector(lba, content)
        assert len(content) in (2048, RAW)
        return content + (answers.subchannel_q(drive.disc, lba).ljust(subchannel, b'\0') if subchannel else b'')
    return drive.read(number(cdb, 2, 4), number(cdb, 6, 3), True, form)


def start_stop(drive, cdb):
    load_eject, start = cdb[4] & 2, cdb[4] & 1
    if load_eject and not start:
        if drive.locked:
            raise Sense((5, 0x53, 2))
        if drive.jammed:
            raise Sense((4, 0x53, 0))
        drive.move_tray(True)
    elif load_eject:
        drive.move_tray(False)
    elif start:
        drive.medium()
    return b''


def prevent_allow(drive, cdb):
    drive.locked = bool(cdb[4] & 1)
    return b''


def event_status(drive, cdb):
    if not cdb[4] & 0x10:
        return bytes([0, 2, 0x80, 0x10])
    code = drive.events.pop(0) if drive.events else 0
    present = drive.disc is not None and not drive.open
    return bytes([0, 6, 4, 0x10, code, (2 if present else 0) | (1 if drive.open else 0), 0, 0])


def test_unit_ready(drive, cdb):
    drive.medium()
    return b''


HANDLERS = {
    0x00: test_unit_ready,
    0x03: lambda drive, cdb: Sense(NO_SENSE).fixed()[:cdb[4]],
    0x12: lambda drive, cdb: answers.inquiry(cdb)[:number(cdb, 3, 2)],
    0x1A: lambda drive, cdb: answers.mode_sense(cdb[2] & 0x3F, 4)[:cdb[4]],
    0x1B: start_stop,
    0x1E: prevent_allow,
    0x25: lambda drive, cdb: answers.capacity(drive.medium()),
    0x28: lambda drive, cdb: drive.read(number(cdb, 2, 4), number(cdb, 7, 2)),
    0x42: lambda drive, cdb: answers.subchannel(drive.medium(), cdb)[:number(cdb, 7, 2)],
    0x43: lambda drive, cdb: answers.toc(drive.medium(), cdb)[:number(cdb, 7, 2)],
    0x46: lambda drive, cdb: answers.configuration(None if drive.open else drive.disc, cdb)[:number(cdb, 7, 2)],
    0x4A: event_status,
    0x51: lambda drive, cdb: answers.disc_information(drive.medium())[:number(cdb, 7, 2)],
    0x52: lambda drive, cdb: answers.track_information(drive.medium(), cdb)[:number(cdb, 7, 2)],
    0x5A: lambda drive, cdb: answers.mode_sense(cdb[2] & 0x3F, 8)[:number(cdb, 7, 2)],
    0xA8: lambda drive, cdb: drive.read(number(cdb, 2, 4), number(cdb, 6, 4)),
    0xAD: lambda drive, cdb: answers.dvd_structure(drive.medium(), cdb[7])[:number(cdb, 8, 2)],
    0xBB: lambda drive, cdb: b'',
    0xBD: lambda drive, cdb: bytes([0x00, 0x10 if drive.open else 0, 0, 0, 0, 0, 0, 0])[:number(cdb, 8, 2)],
    0xBE: read_cd,
}
