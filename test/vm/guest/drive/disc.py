"""A disc as described by a small JSON file: what is on it, and what is wrong with it. Format: test/vm/README.md."""

import json
import os

from volume import volume_sectors

SECTOR, RAW = 2048, 2352
PROFILES = {'CD-ROM': 0x08, 'CD-R': 0x09, 'CD-RW': 0x0A, 'DVD-ROM': 0x10, 'DVD-R': 0x11, 'DVD-RW': 0x13,
            'DVD+RW': 0x1A, 'DVD+R': 0x1B, 'DVD+R DL': 0x2B, 'BD-ROM': 0x40, 'BD-R': 0x41}
# Lead-out of one session, lead-in of the next and its first pregap (sectors), as on real multisession CDs.
SESSION_GAP = 11400
PREGAP = 150


def parse_sense(text):
    """'03/11/00' -> (3, 0x11, 0)."""
    key, asc, ascq = (int(part, 16) for part in text.split('/'))
    return key, asc, ascq


def pattern(lba, length):
    """What a sector without an image holds: its own number over and over, so that a test can tell it from any other."""
    return (lba.to_bytes(8, 'big') * (length // 8 + 1))[:length]


class Track:
    """One track; start and length in sectors. length covers the run-out, readable does not."""

    def __init__(self, number, start, spec):
        self.number, self.start, self.session = number, start, spec.get('session', 1)
        self.audio = spec['type'] == 'audio'
        self.file = None
        if 'image' in spec:
            self.file = open(spec['image'], 'rb')
            size = self.file.seek(0, os.SEEK_END)
            unit = RAW if self.audio else SECTOR
            self.readable = spec.get('sectors', -(-size // unit))
        else:
            self.readable = spec['sectors'] if 'sectors' in spec else spec['seconds'] * 75
        self.runout = spec.get('runout', 0)
        self.length = self.readable + self.runout
        # A label makes it a volume the guest can name and mount.
        self.volume = volume_sectors(spec['label'], start, self.readable) if 'label' in spec else {}

    def read(self, lba):
        """One sector's content: 2048 bytes of data, or 2352 of audio."""
        length = RAW if self.audio else SECTOR
        if lba in self.volume:
            return self.volume[lba]
        if self.file is None:
            return pattern(lba, length)
        self.file.seek((lba - self.start) * length)
        return self.file.read(length).ljust(length, b'\0')


class Fault:
    """Sectors first..last that do not read like others. Counts per sector how often it was tried."""

    def __init__(self, spec):
        first_last = spec['sectors']
        self.first, self.last = (first_last, first_last) if isinstance(first_last, int) else first_last
        self.sense = parse_sense(spec['sense']) if 'sense' in spec else None
        if spec.get('reset'):
            self.sense = (6, 0x29, 0)
        self.seconds = spec.get('ms', 0) / 1000 + spec.get('hang', 0)
        # A sector that is only slow is slow for ever; one that hangs or resets does so once unless told otherwise.
        self.tries = spec.get('tries', 1 if 'hang' in spec or spec.get('reset') else None)
        self.tried = {}

    def strike(self, lba):
        """Called at each read of lba: (seconds to wait, sense or None)."""
        if not self.first <= lba <= self.last:
            return 0, None
        self.tried[lba] = self.tried.get(lba, 0) + 1
        if self.tries is not None and self.tried[lba] > self.tries:
            return 0, None
        return self.seconds, self.sense


class Disc:
    def __init__(self, path_or_spec):
        """A path to a JSON file, or the parsed object itself. Raises ValueError or KeyError on a wrong description."""
        spec = path_or_spec if isinstance(path_or_spec, dict) else json.load(open(path_or_spec))
        self.profile = PROFILES[spec.get('media', 'CD-ROM')]
        self.cd = self.profile < 0x10
        self.label = spec.get('name', '')
        self.tracks = []
        at = spec.get('first_sector', 0)
        previous = None
        for number, track in enumerate(spec.get('tracks', []), 1):
            if previous is not None:
                new_session = track.get('session', 1) != previous.session
                changed = (track['type'] == 'audio') != previous.audio
                at += track.get('gap', SESSION_GAP if new_session else PREGAP if changed else 0)
            previous = Track(number, at, track)
            self.tracks.append(previous)
            at += previous.length
        self.end = at
        self.blank = not self.tracks
        self.faults = [Fault(f) for f in spec.get('faults', [])]
        self.scrambled = [tuple(r) for r in spec.get('css', [])]
        self.css = 'css' in spec

    @property
    def sessions(self):
        return max((t.session for t in self.tracks), default=1)

    def lead_out(self, session):
        last = [t for t in self.tracks if t.session == session][-1]
        return last.start + last.length

    def track_at(self, lba):
        return next((t for t in self.tracks if t.start <= lba < t.start + t.length), None)

    def read(self, lba, want_audio):
        """(seconds it takes, sense or None, track or None) of reading one sector; the content is track.read(lba)."""
        track = self.track_at(lba)
        if track is None:
            return 0, ((5, 0x21, 0) if lba >= self.end else (5, 0x64, 0)), None
        seconds = 0
        for fault in self.faults:
            wait, sense = fault.strike(lba)
            seconds += wait
            if sense:
                return seconds, sense, track
        if any(first <= lba <= last for first, last in self.scrambled):
            return seconds, (5, 0x6F, 3), track
        if lba >= track.start + track.readable or (track.audio and not want_audio):
            return seconds, (5, 0x64, 0), track
        return seconds, None, track
