"""Library errors stop here: what SQLite and the file system say, in words an operator can act on."""

import errno
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from gateway.domain.errors import BadInput, Problem, StoreFailed

_PRIMARY_CODE = 0xFF  # SQLite's extended codes carry the plain one in their low byte

_FULL = (
    "disk_full",
    "Hết chỗ trên đĩa: chưa lưu được gì. Hãy giải phóng đĩa rồi làm lại.",
    "The disk is full: nothing was kept. Free some space, then try again.",
)
_DAMAGED = (
    "store_damaged",
    "Tệp dữ liệu bị hỏng. Tệp được giữ nguyên; hãy sao ra chỗ khác rồi phục hồi bằng “loa restore”.",
    "The data file is damaged. It is left as it is; copy it aside, then recover with “loa restore”.",
)
_BUSY = (
    "store_busy",
    "Tệp dữ liệu đang bị chương trình khác khóa. Hãy làm lại sau giây lát.",
    "Another program holds the data file. Try again in a moment.",
)
_UNREADABLE = (
    "store_unreachable",
    "Không mở hoặc không ghi được tệp dữ liệu. Hãy kiểm tra quyền truy cập và ổ đĩa.",
    "The data file cannot be opened or written. Check its permissions and the disk.",
)
_OTHER = ("store_failed", "Kho dữ liệu báo lỗi, chưa lưu được gì.", "The store failed; nothing was kept.")

_WORDS: Mapping[int, tuple[str, str, str]] = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: _FULL,
        sqlite3.SQLITE_CORRUPT: _DAMAGED,
        sqlite3.SQLITE_NOTADB: _DAMAGED,
        sqlite3.SQLITE_BUSY: _BUSY,
        sqlite3.SQLITE_LOCKED: _BUSY,
        sqlite3.SQLITE_IOERR: _UNREADABLE,
        sqlite3.SQLITE_READONLY: _UNREADABLE,
        sqlite3.SQLITE_CANTOPEN: _UNREADABLE,
        sqlite3.SQLITE_PERM: _UNREADABLE,
    }
)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def of_sqlite(error: sqlite3.Error) -> StoreFailed:
    """Say what SQLite's ``error`` means for the person in front of the screen."""
    # Errors of the Python module itself, e.g. "closed database", carry no code.
    number = getattr(error, "sqlite_errorcode", None)
    code, vi, en = _OTHER if number is None else _WORDS.get(number & _PRIMARY_CODE, _OTHER)
    return StoreFailed(f"{vi} ({error})", f"{en} ({error})", code=code)


def of_files(error: OSError) -> StoreFailed:
    """Say what the file system's ``error`` means for the person in front of the screen."""
    code, vi, en = _FULL if error.errno in _NO_ROOM else _UNREADABLE
    return StoreFailed(f"{vi} ({error})", f"{en} ({error})", code=code)


def damaged(what: str, why: object) -> StoreFailed:
    """Say that ``what`` cannot be believed any more."""
    code, vi, en = _DAMAGED
    return StoreFailed(f"{vi} ({what}: {why})", f"{en} ({what}: {why})", code=code)


@contextmanager
def told() -> Iterator[None]:
    """Turn every library error inside into the store's own.

    Raises:
        StoreFailed: the database or a file could not be read or written.
        BadInput: a text or a number that no file can hold (half a surrogate pair, more than 64 bits).
    """
    try:
        yield
    except sqlite3.Error as error:
        raise of_sqlite(error) from error
    except OSError as error:
        raise of_files(error) from error
    except (UnicodeError, OverflowError) as error:
        problem = Problem(code="unkeepable", vi="có ký tự hoặc số không lưu được", en="it holds what cannot be kept")
        raise BadInput([problem]) from error
