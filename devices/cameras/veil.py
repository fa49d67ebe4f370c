"""Che mật khẩu: some cameras repeat the password, in the addresses they give and in what they say went wrong."""

from urllib.parse import quote

from devices.model.camera import Door

_PLACE = "%7Bpassword%7D"
_SHORTEST = 3


def veiled(text: str, door: Door) -> str:
    """Return ``text`` with a mark where the password of ``door`` stood."""
    secret = door.password.reveal()
    if len(secret) < _SHORTEST:
        return text  # replacing a letter or two would only garble
    for form in (secret, quote(secret, safe="")):
        text = text.replace(form, _PLACE)
    return text


def veiled_words(text: str, door: Door) -> str:
    """Do so in what a camera said, which was cut to length: perhaps in the middle of the password."""
    text, secret = veiled(text, door), door.password.reveal()
    for form in (secret, quote(secret, safe="")):
        for length in range(len(form) - 1, _SHORTEST, -1):
            if text.endswith(form[:length]):
                return f"{text[:-length]}{_PLACE}"
    return text


def unveiled(text: str, door: Door) -> str:
    """Return ``text`` as it goes out, the password back in its place."""
    return text.replace(_PLACE, quote(door.password.reveal(), safe=""))
