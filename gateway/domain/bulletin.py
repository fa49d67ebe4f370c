"""Bản tin: a text that must be approved (duyệt) by a second person before any loudspeaker says it.

An approval is bound to the SHA-256 of the text and of the audio that were there when it was given. Any edit voids it.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Self

from devices.model import AssetId, Priority, Source
from gateway.domain.errors import BadInput, NotAllowed, Problem, Stale, WrongState
from gateway.domain.ids import BulletinId, CategoryId, UserId
from gateway.domain.spoken import Acceptance

MAX_TITLE = 200
MAX_TEXT = 20_000  # about 24 minutes of speech: longer than any session a ward may air
RECORDED_ENGINE = "recorded"
ONE_VOICE = "none"
"""As a second voice: nobody takes turns with the first, whatever is usual here."""
SLOWEST, FASTEST = 0.8, 1.2  # domain.md row 2: outside of it, speech on a horn is not understood


def text_sha256(text: str) -> str:
    """Hash a text as an approval names it: SHA-256 of its NFC form in UTF-8, so every keyboard's ``ế`` is one."""
    return hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()


class State(StrEnum):
    """Nháp / chờ duyệt / đã duyệt / trả lại / thu hồi."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    def to(self, target: "State") -> "State":
        """Return ``target``, if the step from here to there exists.

        Raises:
            WrongState: there is no such step.
        """
        if target not in _STEPS[self]:
            raise WrongState(
                f"Bản tin đang ở trạng thái “{_IN_WORDS[self]}”, không chuyển sang “{_IN_WORDS[target]}” được.",
                f"A {self} bulletin cannot become {target}.",
            )
        return target


_STEPS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.DRAFT, State.SUBMITTED, State.WITHDRAWN}),
        State.SUBMITTED: frozenset({State.DRAFT, State.APPROVED, State.REJECTED, State.WITHDRAWN}),
        State.APPROVED: frozenset({State.DRAFT, State.WITHDRAWN}),
        State.REJECTED: frozenset({State.DRAFT, State.WITHDRAWN}),
        State.WITHDRAWN: frozenset({State.DRAFT}),
    }
)
_IN_WORDS: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: "nháp",
        State.SUBMITTED: "chờ duyệt",
        State.APPROVED: "đã duyệt",
        State.REJECTED: "trả lại",
        State.WITHDRAWN: "thu hồi",
    }
)


@dataclass(frozen=True, kw_only=True)
class Content:
    """What people edit. Checked when made: one that exists is well formed.

    Raises:
        BadInput: every mistake, with its field.
    """

    title: str
    category: CategoryId
    text: str
    source: Source = Source.WARD
    source_name: str = ""
    """Nguồn tin: the issuing office, in words."""
    priority: Priority = Priority.ROUTINE
    language: str = "vi"
    voice: str = ""
    """Giọng đọc; empty is the ward's usual one."""
    second_voice: str = ""
    """Giọng thứ hai, which takes turns in a long text; empty: the one usual beside the first; :data:`ONE_VOICE`."""
    speed: float = 1.0
    valid_from: datetime | None = None
    """Hiệu lực từ: aware; not heard before."""
    valid_until: datetime | None = None
    """Hiệu lực đến: aware; not heard at or after."""

    def __post_init__(self) -> None:
        if problems := list(self._problems()):
            raise BadInput(problems)

    def _problems(self) -> Iterator[Problem]:
        if not 0 < len(self.title.strip()) <= MAX_TITLE:
            yield _bad("title", f"cần tiêu đề, tối đa {MAX_TITLE} ký tự", f"a title of 1 to {MAX_TITLE} characters")
        if not 0 < len(self.text.strip()) <= MAX_TEXT:
            yield _bad("text", f"cần nội dung, tối đa {MAX_TEXT} ký tự", f"a text of 1 to {MAX_TEXT} characters")
        if not self.category:
            yield _bad("category", "chưa chọn chuyên mục", "a category")
        if not SLOWEST <= self.speed <= FASTEST:
            yield _bad("speed", f"tốc độ từ {SLOWEST} đến {FASTEST}", f"a speed of {SLOWEST} to {FASTEST}")
        edges = {"valid_from": self.valid_from, "valid_until": self.valid_until}
        naive = [name for name, at in edges.items() if at is not None and at.tzinfo is None]
        for name in naive:
            yield _bad(name, "thời điểm thiếu múi giờ", "an instant with its time zone")
        if not naive and self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            yield _bad("valid_until", "phải sau thời điểm bắt đầu hiệu lực", "an end after the beginning")

    @cached_property
    def text_sha256(self) -> str:
        """The hash an approval of this text names."""
        return text_sha256(self.text)

    def sounds_like(self, other: "Content") -> bool:
        """Tell whether audio made for ``other`` says exactly this."""
        mine = (self.text, self.language, self.voice, self.second_voice, self.speed)
        return mine == (other.text, other.language, other.voice, other.second_voice, other.speed)


@dataclass(frozen=True, kw_only=True)
class AudioRef:
    """Âm thanh of a bulletin: rendered by an engine, or recorded by a person."""

    asset: AssetId
    duration_ms: int
    lufs: float
    engine: str
    voice: str
    text_sha256: str
    """Of the text it says. A recording is bound to the text on the page when it was uploaded."""
    spoken_sha256: str = ""
    """Of the words that were said, when an engine said them: the same text may be read otherwise later."""
    voices: tuple[str, ...] = ()
    """Who really speaks, in order of appearance; ``voice`` is who was asked to."""
    stood_in: str = ""
    """Giọng dự phòng: why another voice speaks than the one asked for, in Vietnamese. Empty: none does."""

    @property
    def recorded(self) -> bool:
        """Whether a person speaks: then no machine was in doubt about any word."""
        return self.engine == RECORDED_ENGINE


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Duyệt: who said yes, when, and to exactly what."""

    by: UserId
    at: datetime
    text_sha256: str
    asset: AssetId


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Lý do of a rejection or a withdrawal."""

    by: UserId
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class Bulletin:
    """Bản tin with its state. Every step returns a new one with ``revision`` one higher (the store compares it)."""

    id: BulletinId
    author: UserId
    content: Content
    state: State = State.DRAFT
    revision: int = 1
    writers: frozenset[UserId] = field(default=frozenset())
    """Everyone who wrote or recorded any of it since it was begun, the author too: none of them may approve it."""
    audio: AudioRef | None = None
    approval: Approval | None = None
    remark: Remark | None = None
    accepted: tuple[Acceptance, ...] = ()
    """Who answered for readings that the machine was not sure of; kept, also when the sentence is gone."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "writers", self.writers | {self.author})

    @property
    def title(self) -> str:
        """Tiêu đề."""
        return self.content.title

    @property
    def text_sha256(self) -> str:
        """The hash of the text as it is now."""
        return self.content.text_sha256

    def edit(self, content: Content, *, by: UserId) -> Self:
        """Sửa. Back to draft, from any state; an approval is void; audio that no longer says it is let go."""
        return replace(
            self,
            content=content,
            state=self.state.to(State.DRAFT),
            revision=self.revision + 1,
            writers=self.writers | {by},
            audio=self.audio if content.sounds_like(self.content) else None,
            approval=None,
            remark=None,
        )

    def attach_audio(self, audio: AudioRef, *, recorded_by: UserId | None = None) -> Self:
        """Gắn âm thanh. Voids an approval; the same audio again changes nothing.

        Speech that is ready only after a withdrawal does not bring the bulletin back. ``recorded_by`` is the person
        whose recording it is; ``None`` when an engine spoke.

        Raises:
            Stale: it says another text than the one here now.
        """
        if audio.text_sha256 != self.text_sha256:
            raise Stale(
                "Âm thanh này đọc một nội dung khác với nội dung hiện tại.",
                "This audio says another text than the one here now.",
                code="audio_of_other_text",
            )
        if self.audio == audio:
            return self
        # A submitted one stays so: the approver has not spoken yet, and will name the audio they heard.
        reopens = self.state in (State.APPROVED, State.REJECTED)
        return replace(
            self,
            audio=audio,
            state=self.state.to(State.DRAFT) if reopens else self.state,
            revision=self.revision + 1,
            writers=self.writers | ({recorded_by} if recorded_by else frozenset()),
            approval=None,
        )

    def accept(self, acceptances: Iterable[Acceptance]) -> Self:
        """Chấp nhận readings by name. Says nothing of the bulletin as a whole: its state stays."""
        return replace(self, accepted=(*self.accepted, *acceptances), revision=self.revision + 1)

    def read_otherwise(self) -> Self:
        """Đọc lại: its words are said otherwise by now, so its audio goes, and with it whatever was said of it."""
        judged = self.state in (State.SUBMITTED, State.APPROVED)
        return replace(
            self,
            audio=None,
            approval=None,
            state=self.state.to(State.DRAFT) if judged else self.state,
            revision=self.revision + 1,
        )

    def submit(self) -> Self:
        """Trình duyệt.

        Raises:
            WrongState: not a draft, or it has no audio of this text yet.
        """
        state = self.state.to(State.SUBMITTED)
        if self.audio is None or self.audio.text_sha256 != self.text_sha256:
            raise WrongState(
                "Chưa có âm thanh của nội dung này để người duyệt nghe.",
                "There is no audio of this text yet for the approver to hear.",
                code="no_audio",
            )
        return replace(self, state=state, revision=self.revision + 1, remark=None)

    def approve(self, *, by: UserId, at: datetime, text_sha256: str, asset: AssetId) -> Self:
        """Duyệt. The approver names the text and the audio they read and heard.

        Raises:
            WrongState: it was not submitted.
            NotAllowed: ``by`` wrote or recorded some of it.
            Stale: text or audio are not the ones the approver named.
        """
        state = self.state.to(State.APPROVED)
        if by in self.writers:
            raise NotAllowed(
                "Người soạn không được tự duyệt bản tin của mình.",
                "A bulletin is approved by someone who did not write it.",
                code="own_bulletin",
            )
        if self.audio is None or (text_sha256, asset) != (self.text_sha256, self.audio.asset):
            raise Stale(
                "Nội dung hoặc âm thanh đã đổi sau khi bạn xem. Hãy nghe lại rồi duyệt.",
                "The text or the audio changed after you looked. Listen again, then approve.",
                code="approval_of_other_content",
            )
        approval = Approval(by=by, at=_aware(at), text_sha256=text_sha256, asset=asset)
        return replace(self, state=state, revision=self.revision + 1, approval=approval, remark=None)

    def reject(self, *, by: UserId, at: datetime, reason: str) -> Self:
        """Trả lại, with a reason the author can act on.

        Raises:
            WrongState: it was not submitted.
            BadInput: no reason given.
        """
        return self._with_remark(State.REJECTED, by=by, at=at, reason=reason)

    def withdraw(self, *, by: UserId, at: datetime, reason: str) -> Self:
        """Thu hồi: never to be heard again unless edited and approved anew.

        Raises:
            WrongState: it is withdrawn already.
            BadInput: no reason given.
        """
        return self._with_remark(State.WITHDRAWN, by=by, at=at, reason=reason)

    def _with_remark(self, target: State, *, by: UserId, at: datetime, reason: str) -> Self:
        state = self.state.to(target)
        if not reason.strip():
            raise BadInput([_bad("reason", "cần ghi lý do", "a reason")])
        remark = Remark(by=by, at=_aware(at), reason=reason.strip())
        return replace(self, state=state, revision=self.revision + 1, approval=None, remark=remark)

    def airable(self, at: datetime) -> Problem | None:
        """Tell why it must not be heard at ``at`` (aware), or ``None`` when it may.

        The hashes are computed again here: a row altered behind the product's back does not air.
        """
        return self._unapproved() or self._outside_validity(_aware(at))

    def _unapproved(self) -> Problem | None:
        if self.state is not State.APPROVED or self.approval is None:
            return self._not("not_approved", f"đang ở trạng thái “{_IN_WORDS[self.state]}”", f"is {self.state}")
        if self.audio is None:
            return self._not("no_audio", "không có âm thanh", "has no audio")
        if not self.approval.text_sha256 == self.text_sha256 == self.audio.text_sha256:
            return self._not("text_changed", "nội dung khác bản đã duyệt", "has another text than was approved")
        if self.approval.asset != self.audio.asset:
            return self._not("audio_changed", "âm thanh khác bản đã duyệt", "has other audio than was approved")
        if self.approval.by in self.writers:
            return self._not("own_bulletin", "do chính người soạn duyệt", "was approved by a person who wrote it")
        return None

    def _outside_validity(self, at: datetime) -> Problem | None:
        if self.content.valid_from is not None and at < self.content.valid_from:
            return self._not("not_yet_valid", "chưa đến ngày hiệu lực", "is not valid yet")
        if self.content.valid_until is not None and at >= self.content.valid_until:
            return self._not("expired", "đã hết hiệu lực", "is no longer valid")
        return None

    def _not(self, code: str, vi: str, en: str) -> Problem:
        return Problem(code=code, vi=f"Bản tin “{self.title}” {vi}", en=f"Bulletin “{self.title}” {en}", path=self.id)


def _bad(path: str, vi: str, en: str) -> Problem:
    return Problem(code="invalid", vi=vi, en=f"needs {en}", path=path)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"naive time: {at!r}")
    return at
