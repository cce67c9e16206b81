"""How a drive says no."""


class Sense(Exception):
    """CHECK CONDITION. information: the sector it is about; data: what was read before it."""

    def __init__(self, code, information=None, data=b''):
        super().__init__(code)
        self.code, self.information, self.data = code, information, data

    def fixed(self):
        key, asc, ascq = self.code
        sense = bytearray(18)
        sense[0], sense[2], sense[7], sense[12], sense[13] = 0x70, key, 10, asc, ascq
        if self.information is not None:
            sense[0] |= 0x80
            sense[3:7] = self.information.to_bytes(4, 'big')
        return bytes(sense)
