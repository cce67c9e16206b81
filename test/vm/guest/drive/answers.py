"""What a drive says about itself and its disc: the data of the MMC commands that only describe. Layouts: MMC-6, SPC-4."""

from sense import Sense

INVALID_FIELD = (5, 0x24, 0)


def u16(value):
    return value.to_bytes(2, 'big')


def u24(value):
    return value.to_bytes(3, 'big')


def u32(value):
    return value.to_bytes(4, 'big')


def msf(lba):
    """Minute, second, frame of a sector; sector 0 is 00:02:00."""
    frames = lba + 150
    return bytes([frames // 4500, frames // 75 % 60, frames % 75])


def bcd(data):
    return bytes((b // 10) << 4 | b % 10 for b in data)


def inquiry(cdb):
    if cdb[1] & 1:
        if cdb[2] == 0x00:
            return bytes([5, 0, 0, 2, 0x00, 0x80])
        if cdb[2] == 0x80:
            return bytes([5, 0x80, 0, 4]) + b'0001'
        raise Sense(INVALID_FIELD)
    return bytes([5, 0x80, 5, 0x02, 31, 0, 0, 0]) + b'VM      ' + b'Scripted drive  ' + b'1.0 '


def mode_sense(page, header):
    """Page 2Ah: reads CD-R, CD-RW, DVD; tray loader that locks and ejects; plays audio, READ CD accurate."""
    pages = b''
    if page in (0x01, 0x3F):
        pages += bytes([0x01, 10]) + bytes(10)
    if page in (0x0E, 0x3F):
        pages += bytes([0x0E, 14, 4]) + bytes(13)
    if page in (0x2A, 0x3F):
        pages += bytes([0x2A, 24, 0x3F, 0x00, 0x71, 0x03, 0x29, 0x00]) + u16(4234) + u16(255) + u16(512) + u16(4234)
        pages += bytes(12)
    if not pages:
        raise Sense(INVALID_FIELD)
    if header == 4:
        return bytes([len(pages) + 3, 0, 0, 0]) + pages
    return u16(len(pages) + 6) + bytes(6) + pages


def capacity(disc):
    # A blank disc has no last sector; real drives say 0.
    return u32(max(disc.end - 1, 0)) + u32(2048)


def configuration(disc, cdb):
    kinds, start = cdb[1] & 3, int.from_bytes(cdb[2:4], 'big')
    profile = disc.profile if disc else 0
    listed = [0x10, 0x09, 0x08]
    if profile and profile not in listed:
        listed.insert(0, profile)
    features = [
        (0x0000, 3, b''.join(u16(p) + bytes([p == profile, 0]) for p in listed)),
        (0x0001, 0x0B, u32(1) + bytes([1, 0, 0, 0])),
        (0x0002, 0x07, bytes([2, 0, 0, 0])),
        (0x0003, 0x03, bytes([0x29, 0, 0, 0])),
        (0x0010, 1 if disc else 0, u32(2048) + u16(1) + bytes([1, 0])),
    ]
    if disc is None or disc.cd:
        features.append((0x001E, 9 if disc else 8, bytes([0, 0, 0, 0])))
    if disc is not None and not disc.cd:
        features.append((0x001F, 5, bytes([0, 0, 0, 0])))
    if disc is not None and disc.css:
        features.append((0x0106, 5, bytes([0, 0, 0, 1])))
    data = b''
    for code, flags, content in features:
        wanted = code == start if kinds == 2 else code >= start and (kinds == 0 or flags & 1)
        if wanted:
            data += u16(code) + bytes([flags, len(content)]) + content
    return u32(len(data) + 4) + bytes([0, 0]) + u16(profile) + data


def control(track):
    return 0x10 if track.audio else 0x14


def toc(disc, cdb):
    as_time, form, first = cdb[1] & 2, cdb[2] & 15 or cdb[9] >> 6, cdb[6]
    if disc.blank:
        raise Sense((5, 0x24, 0))
    place = (lambda lba: b'\0' + msf(lba)) if as_time else u32
    if form == 0:
        body = b''.join(bytes([0, control(t), t.number, 0]) + place(t.start) for t in disc.tracks if t.number >= first)
        body += bytes([0, control(disc.tracks[-1]), 0xAA, 0]) + place(disc.end)
        return u16(len(body) + 2) + bytes([1, len(disc.tracks)]) + body
    if form == 1:
        track = next(t for t in disc.tracks if t.session == disc.sessions)
        body = bytes([0, control(track), track.number, 0]) + place(track.start)
        return u16(len(body) + 2) + bytes([1, disc.sessions]) + body
    if form == 2 and disc.cd:
        return full_toc(disc)
    raise Sense(INVALID_FIELD)


def full_toc(disc):
    body = b''
    for session in range(1, disc.sessions + 1):
        tracks = [t for t in disc.tracks if t.session == session]
        head = bytes([session, control(tracks[0]), 0])
        kind = 0x20 if disc.sessions > 1 else 0
        body += head + bytes([0xA0, 0, 0, 0, 0, tracks[0].number, kind, 0])
        body += head + bytes([0xA1, 0, 0, 0, 0, tracks[-1].number, 0, 0])
        body += head + bytes([0xA2, 0, 0, 0, 0]) + msf(disc.lead_out(session))
        for track in tracks:
            body += bytes([session, control(track), 0, track.number, 0, 0, 0, 0]) + msf(track.start)
    return u16(len(body) + 2) + bytes([1, disc.sessions]) + body


def disc_information(disc):
    """Status: 0 empty, 2 finalised. Nothing here is ever appendable."""
    sessions = disc.sessions
    last_session = [t for t in disc.tracks if t.session == sessions]
    first = last_session[0].number if last_session else 1
    last = last_session[-1].number if last_session else 1
    status = 0x00 if disc.blank else 0x0E
    kind = 0xFF if disc.blank else 0x20 if sessions > 1 else 0
    data = bytes([status, 1, sessions & 255, first, last, 0x20, kind, 0, 0, 0]) + bytes(4)
    return u16(32) + data + (b'\xff' * 8) + bytes(10)


def track_information(disc, cdb):
    wanted = int.from_bytes(cdb[2:6], 'big')
    if disc.blank:
        if wanted not in (1, 0xFF):
            raise Sense(INVALID_FIELD)
        return u16(34) + bytes([1, 1, 0, 4, 0x4F, 1]) + u32(0) + u32(0) + u32(336075) + bytes(4) + u32(336075) + bytes(8)
    track = disc.track_at(wanted) if cdb[1] & 3 == 0 else next((t for t in disc.tracks if t.number == wanted), None)
    if track is None:
        raise Sense(INVALID_FIELD)
    data = bytes([track.number, track.session, 0, 0 if track.audio else 4, 0x0F if track.audio else 1, 0])
    return u16(34) + data + u32(track.start) + u32(0) + u32(0) + u32(0) + u32(track.length) + bytes(8)


def dvd_structure(disc, form):
    if disc.cd or disc.blank:
        raise Sense((5, 0x30, 2))
    if form == 0:
        # Layer descriptor: DVD-ROM, 120 mm; data area from 30000h to its end, one layer.
        body = bytes([0x01, 0x02, 0x01, 0x10, 0]) + u24(0x30000) + b'\0' + u24(0x30000 + disc.end - 1) + bytes(2052 - 16)
        return u16(len(body) + 2) + bytes(2) + body[:2048]
    if form == 1:
        return u16(6) + bytes(2) + bytes([1 if disc.css else 0, 0, 0, 0])
    raise Sense(INVALID_FIELD)


def subchannel_q(disc, lba):
    """The position part of sub-channel Q, formatted as READ CD returns it."""
    track = disc.track_at(lba) or disc.tracks[-1]
    relative = max(lba - track.start, 0)
    return (bytes([control(track), track.number, 1]) + msf(relative - 150) + b'\0' + msf(lba)).ljust(16, b'\0')


def subchannel(disc, cdb):
    if not cdb[2] & 0x40:
        return bytes([0, 0x15, 0, 0])
    if cdb[3] == 1:
        track = disc.tracks[0]
        place = b'\0' + msf(0) if cdb[1] & 2 else u32(0)
        return bytes([0, 0x15, 0, 12, 1, control(track), 1, 1]) + place + place
    return bytes([0, 0x15, 0, 20, cdb[3]]) + bytes(19)


def raw_sector(lba, content):
    """A mode 1 sector around 2048 bytes of data; error detection and correction bytes left zero."""
    return b'\0' + b'\xff' * 10 + b'\0' + bcd(msf(lba)) + b'\1' + content + bytes(288)
