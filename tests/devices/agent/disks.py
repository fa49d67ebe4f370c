"""Disks with a fault each. The faults are in the medium; the code above it is the pole's own."""

import errno
import os

from devices.agent.disk import Disk


class PowerCut(BaseException):
    """The lights went out: nothing after this line runs."""


class QuickDisk(Disk):
    """A healthy disk in memory speed and in the event loop, so that virtual time stands still while it writes."""

    def __init__(self):
        super().__init__(durable=False, threaded=False)


class FullDisk(QuickDisk):
    """Takes ``room`` more bytes."""

    def __init__(self, room=10**12):
        super().__init__()
        self.room = room

    def _write(self, handle, data):
        if len(data) > self.room:
            os.write(handle, data[: self.room])
            self.room = 0
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.room -= len(data)
        super()._write(handle, data)


class CutDisk(QuickDisk):
    """Power is cut in the middle of write number ``at``."""

    def __init__(self, at, part=0.5):
        super().__init__()
        self.left = at
        self.part = part

    def _write(self, handle, data):
        self.left -= 1
        if self.left == 0:
            os.write(handle, data[: int(len(data) * self.part)])
        if self.left <= 0:
            raise PowerCut
        super()._write(handle, data)
