"""The smallest ISO 9660 volume the kernel and blkid accept: a label and an empty root folder."""

import zlib

SECTOR = 2048


def both(value, size):
    return value.to_bytes(size, 'little') + value.to_bytes(size, 'big')


def folder_record(name, at):
    fixed = both(at, 4) + both(SECTOR, 4) + bytes([120, 1, 1, 0, 0, 0, 0]) + bytes([2, 0, 0]) + both(1, 2)
    return bytes([34, 0]) + fixed + bytes([1]) + name


def volume_sectors(label, start, sectors):
    """{sector: content} of a volume of that many sectors whose first sector is start."""
    root, table_low, table_high = start + 18, start + 19, start + 20
    # The creation date is the volume's UUID: one of its own for each label.
    date = f'2001{1 + zlib.crc32(label.encode()) % 12:02d}{1 + zlib.crc32(label.encode()) // 12 % 28:02d}12000000'.encode() + b'\0'
    table = bytes([1, 0]) + root.to_bytes(4, 'little') + bytes([1, 0, 0, 0])
    table_big = bytes([1, 0]) + root.to_bytes(4, 'big') + bytes([0, 1, 0, 0])
    head = (b'\1CD001\1\0' + b' ' * 32 + label.encode().ljust(32) + bytes(8) + both(sectors, 4) + bytes(32)
            + both(1, 2) + both(1, 2) + both(SECTOR, 2) + both(len(table), 4)
            + table_low.to_bytes(4, 'little') + bytes(4) + table_high.to_bytes(4, 'big') + bytes(4)
            + folder_record(b'\0', root))
    head = head.ljust(813, b' ') + date * 2 + b'0' * 16 + b'\0' + b'0' * 16 + b'\0' + b'\1\0'
    return {
        start + 16: head.ljust(SECTOR, b'\0'),
        start + 17: b'\xffCD001\1'.ljust(SECTOR, b'\0'),
        root: (folder_record(b'\0', root) + folder_record(b'\1', root)).ljust(SECTOR, b'\0'),
        table_low: table.ljust(SECTOR, b'\0'),
        table_high: table_big.ljust(SECTOR, b'\0'),
    }
