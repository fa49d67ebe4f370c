"""Mật khẩu mặc định: logins that everybody knows. Held against the login the ward gave; none is ever tried on a camera.

Where each comes from stands in docs/cameras.md, with its date.
"""

from collections.abc import Iterable

FACTORY_PASSWORDS = frozenset(
    {
        # what makers set or set once
        "000000", "00000000", "1111", "1111111", "1234", "12345", "123456", "4321", "54321", "666666", "7ujMko0admin",
        "7ujMko0vizxv", "888888", "9999", "admin", "anko", "default", "fliradmin", "guest", "hi3518", "ikwb", "ikwd",
        "juantech", "jvbzd", "klv123", "klv1234", "meinsm", "pass", "password", "root", "service", "supervisor",
        "support", "system", "tech", "ubnt", "vizxv", "xc3511", "xmhdipc",
        # what whoever installs twenty of them types
        "111111", "12345678", "123456789", "1234567890", "abc123", "abc12345", "abcd1234", "admin1", "admin123",
        "admin1234", "admin12345", "admin123456", "admin@123", "camera", "hik12345", "hikvision", "dahua", "qwerty",
        "user",
    }
)  # fmt: skip
_KNOWN = frozenset(each.casefold() for each in FACTORY_PASSWORDS)
_SHORTEST_MARK = 4


def is_factory_login(user: str, password: str, marks: Iterable[str] = ()) -> bool:
    """Tell whether everybody knows this login: a factory password, none at all, the user's own name, or a mark.

    ``marks``: what stands on the box, such as model, serial or MAC; some makers make the password of it. Nobody knows
    no login at all: without a user and a password the answer is no.
    """
    if not password:
        return bool(user)
    given = password.casefold()
    on_the_box = {form for mark in marks if len(mark) >= _SHORTEST_MARK for form in _forms(mark)}
    return given in _KNOWN or given == user.casefold() or given in on_the_box


def _forms(mark: str) -> tuple[str, str]:
    """Return a mark as it is written, and without the signs between its letters: MACs are typed both ways."""
    folded = mark.casefold()
    return folded, "".join(char for char in folded if char.isalnum())
