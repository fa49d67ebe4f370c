"""The disk's errors, told as ours."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from tts.errors import CacheError, CacheFull

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Turn an :class:`OSError` while ``doing`` something (in Vietnamese) into a :class:`CacheError`."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise CacheFull(f"Hết chỗ trên đĩa khi {doing} (disk full).") from error
        raise CacheError(f"Lỗi kho âm thanh khi {doing}: {error}.") from error
