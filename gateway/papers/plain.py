"""Tệp .txt: UTF-8, UTF-16, or an encoding from before Unicode when it is certain which."""

from gateway.papers.legacy import bytes_to_text
from gateway.papers.refusal import Refused, Why

_MOST_CONTROLS = 0.02
_UTF16_ZEROS = 0.2


def read_plain(data: bytes) -> str:
    """Return the text.

    Raises:
        Refused: it is not text, or nobody can be sure which letters it has.
    """
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, name)
    zeros = data[:4096].count(0)
    if zeros:
        if zeros < _UTF16_ZEROS * len(data[:4096]):
            raise Refused(Why.NOT_TEXT)
        return _decoded(data, "utf-16-le" if data[1:4096:2].count(0) >= data[0:4096:2].count(0) else "utf-16-be")
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0c" for byte in data[:4096])  # noqa: PLR2004 - C0
    if controls > _MOST_CONTROLS * len(data[:4096]):
        raise Refused(Why.NOT_TEXT)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        old = bytes_to_text(data)
    if old is None:
        raise Refused(Why.UNKNOWN_LETTERS)
    return old


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        raise Refused(Why.DAMAGED) from error
    if "\x00" in text:
        raise Refused(Why.NOT_TEXT)
    return text
