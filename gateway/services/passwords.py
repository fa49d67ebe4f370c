"""Mật khẩu: which ones are taken, and how they are kept. argon2id, on a thread, a few at a time."""

import asyncio
import secrets
import unicodedata
from collections.abc import Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from gateway.domain.errors import BadInput, Problem, TryLater

SHORTEST = 10
LONGEST = 128  # characters; hashing more costs memory that strangers would be spending
_FEWEST_DIFFERENT = 5
_CHARS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike on paper
_AT_ONCE = 2  # each takes 64 MiB and a core
_MOST_WAITING = 32
# Stems of what people choose first; the number or the sign behind it is what the second guess adds.
_FIRST_GUESSES = """
password passwd matkhau qwerty qwertyuiop asdfghjkl zxcvbnm admin administrator quantri abc abcd abcde abcdef
iloveyou welcome xinchao letmein monkey dragon master login dangnhap user nguoidung vietnam vietnamvodich
hanoi saigon hochiminh phuong truyenthanh loaphuong loaphat loaphatthanh phatthanh daitruyenthanh ubnd
ubndphuong ubndxa anhyeuem emyeuanh yeuem yeuanh toiyeuban matkhaumoi doimatkhau passwordadmin adminadmin
administratoradmin superman football sunshine princess shadow michael test testtest changeme default secret
"""
_COMMON = frozenset(_FIRST_GUESSES.split())


def check_password(password: str, *, name: str) -> None:
    """Refuse a password that the first hundred guesses would find.

    Raises:
        BadInput: every reason, in words.
    """
    if problems := list(_problems(_canonical(password), name)):
        raise BadInput(problems)


def _problems(password: str, name: str) -> Iterator[Problem]:
    if not SHORTEST <= len(password) <= LONGEST:
        yield _bad(f"cần từ {SHORTEST} đến {LONGEST} ký tự", f"{SHORTEST} to {LONGEST} characters")
    plain = _plain(password)
    stem = "".join(char for char in plain if char.isalpha())
    if plain.isdecimal():
        yield _bad("không được chỉ gồm chữ số", "more than digits")
    elif stem in _COMMON:
        yield _bad("quá phổ biến, rất dễ đoán", "something less common")
    elif len(set(plain)) < _FEWEST_DIFFERENT:
        yield _bad("lặp lại quá ít ký tự", "more different characters")
    if len(name) > 2 and _plain(name) in plain:  # noqa: PLR2004 - two letters are in every word
        yield _bad("không được chứa tên đăng nhập", "to differ from the name")


def _bad(vi: str, en: str) -> Problem:
    return Problem(code="weak_password", vi=f"mật khẩu {vi}", en=f"the password needs {en}", path="password")


def _canonical(password: str) -> str:
    """Two phones type ``ế`` in two ways: NFKC makes them one password (as NIST SP 800-63B asks)."""
    return unicodedata.normalize("NFKC", password)


def _plain(text: str) -> str:
    """Lower case, without Vietnamese marks: ``Mật khẩu`` is no better than ``mat khau``."""
    spread = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    return "".join(char for char in spread if not unicodedata.combining(char) and not char.isspace())


def generate_password() -> str:
    """Draw a password of 79 random bits that can be read out over the telephone."""
    return "-".join("".join(secrets.choice(_CHARS) for _ in range(4)) for _ in range(4))


class Passwords:
    """Hashes and checks. At most two at a time; a crowd is told to come back."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return what to keep of ``password``."""
        return await self._in_thread(password, None) or ""

    async def matches(self, password: str, kept: str | None) -> bool:
        """Tell whether ``password`` is the one ``kept`` was made of; as slow for nobody (``None``) as for somebody."""
        if kept is None:
            if self._nobody is None:
                self._nobody = await self.hash(generate_password())
            await self._in_thread(password, self._nobody)
            return False
        return await self._in_thread(password, kept) is not None

    def outdated(self, kept: str) -> bool:
        """Tell whether ``kept`` was made with weaker settings than today's."""
        return self._hasher.check_needs_rehash(kept)

    async def _in_thread(self, password: str, kept: str | None) -> str | None:
        """Hash, or verify against ``kept``: the hash, or ``None`` when it does not match."""
        if self._waiting >= _MOST_WAITING:
            raise TryLater("Máy chủ đang bận, thử lại sau ít giây.", "Busy; try again in a moment.", retry_after_s=3)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(self._work, _canonical(password[: 2 * LONGEST]), kept)
        finally:
            self._waiting -= 1

    def _work(self, password: str, kept: str | None) -> str | None:
        if kept is None:
            return self._hasher.hash(password)
        try:
            self._hasher.verify(kept, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return None
        return kept
