"""Stand-ins with behaviour for what is outside the gateway: driver and broker, emergency key, studio."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from devices.errors import LinkDown, NotDelivered, SealBroken
from devices.model import ClusterId
from devices.wire.base import Wire
from devices.wire.commands import Command
from gateway.ports.clusters import To
from tts.errors import EngineCrashed, NothingToSay, SpeechError
from tts.model import Loudness, MasteredAudio, NormalizedText, Voice, VoiceId
from tts.phrases import Cut, PhraseSheet
from tts.text.lexicon import Lexicon
from tts.text.lexicon_file import national
from tts.text.normaliser import Normaliser
from tts.text.reading import NORTHERN, Reading

PIN = "4711"


@dataclass(frozen=True)
class Sent:
    typ: str
    to: To
    body: Command
    jti: str
    exp_ms: int
    epoch: int


class FakeClusters:
    """A driver whose broker keeps what is retained, and may be away."""

    def __init__(self) -> None:
        self.up = True
        self.silently_loses = False
        self.retained: dict[tuple[str, ClusterId | None], dict[str, Any]] = {}
        self.published: list[tuple[str, ClusterId | None, int]] = []
        self.sent: list[Sent] = []
        self.acked: list[tuple[ClusterId, int]] = []
        self.resyncs: list[tuple[ClusterId, int]] = []
        self.trusted: list[tuple[ClusterId, str, str]] = []
        self.slow_s = 0.0

    @property
    def connected(self) -> bool:
        return self.up

    def trust(self, keys: Sequence[tuple[ClusterId, str, str]]) -> None:
        self.trusted = list(keys)

    def seal_document(self, kind: str, to: To, body: Wire, *, epoch: int, seq: int, now_ms: int) -> bytes:
        said = {"kind": kind, "to": to.cluster, "epoch": epoch, "seq": seq, "iat_ms": now_ms, "body": body.payload()}
        return json.dumps(said).encode()

    async def publish_document(self, kind: str, to: To, sealed: bytes) -> None:
        await self._leave()
        said = json.loads(sealed)
        assert (said["kind"], said["to"]) == (kind, to.cluster)
        self.retained[kind, to.cluster] = said
        self.published.append((kind, to.cluster, said["seq"]))

    async def command(self, typ: str, to: To, body: Command, *, jti: str, now_ms: int, exp_ms: int, epoch: int) -> None:
        await self._leave()
        self.sent.append(Sent(typ, to, body, jti, exp_ms, epoch))

    async def acknowledge_journal(self, cluster: ClusterId, upto: int, *, now_ms: int) -> None:
        await self._leave()
        self.acked.append((cluster, upto))

    async def resync_journal(self, cluster: ClusterId, from_n: int, *, now_ms: int) -> None:
        await self._leave()
        self.resyncs.append((cluster, from_n))

    async def _leave(self) -> None:
        await asyncio.sleep(self.slow_s)
        if not self.up:
            raise LinkDown("the broker is away")
        if self.silently_loses:
            raise NotDelivered("no answer from the broker")

    def plan(self, cluster: ClusterId) -> dict[str, Any]:
        return self.retained["plan", cluster]["body"]

    def plan_seq(self, cluster: ClusterId) -> int:
        return self.retained["plan", cluster]["seq"]

    def planned(self, cluster: ClusterId) -> list[str]:
        return [entry["occ"] for entry in self.plan(cluster).get("entries", [])]


class FakeVoice:
    """The emergency key: opens with the right PIN."""

    def __init__(self, clusters: FakeClusters) -> None:
        self.clusters = clusters
        self.sent: list[Sent] = []
        self.repeated: list[tuple[str, ClusterId | None]] = []

    async def send(self, typ: str, body: Command, *, pin: str, jti: str, now_ms: int, exp_ms: int, epoch: int) -> bytes:
        if pin != PIN:
            raise SealBroken("wrong_pin")
        await self.clusters._leave()
        self.sent.append(Sent(typ, To(), body, jti, exp_ms, epoch))
        return json.dumps({"typ": typ, "jti": jti}).encode()

    async def repeat(self, sealed: bytes, to: To) -> None:
        await self.clusters._leave()
        self.repeated.append((json.loads(sealed)["jti"], to.cluster))


@dataclass
class FakeStudio:
    """Speech whose sound is a file with the text in it: another text is another file."""

    folder: Path
    broken: SpeechError | None = None
    slow_s: float = 0.0
    spoken: list[str] = field(default_factory=list)
    reading: Reading = NORTHERN
    mute: set[str] = field(default_factory=set)
    """Voices that give no speech."""
    _normaliser: Normaliser = field(default_factory=lambda: Normaliser(national(), NORTHERN))

    def normalise(self, text: str, by: Lexicon | None = None) -> NormalizedText:
        return (self._normaliser if by is None else Normaliser(by, self.reading)).normalise(text)

    def use_lexicon(self, lexicon: Lexicon) -> None:
        self._normaliser = Normaliser(lexicon, self.reading)

    def read_by(self, reading: Reading) -> None:
        """As if it was built anew."""
        self.reading = reading
        self._normaliser = Normaliser(national(), reading)

    def voices(self) -> list[Voice]:
        return []

    async def speak(
        self,
        text: str,
        *,
        voice: str | None = None,
        second_voice: str | None = None,
        speed: float | None = None,
        fallback: Sequence[str] = (),
        urgent: bool = False,
    ) -> MasteredAudio:
        if not urgent:
            await asyncio.sleep(self.slow_s)
        if self.broken is not None:
            raise self.broken
        self.spoken.append(text)
        if voice is not None and voice in self.mute:
            standing = next((each for each in fallback if each not in self.mute), None)
            if standing is None:
                raise EngineCrashed("fake", f"{voice} hỏng")
            made = self._made(f"{standing}:None:{speed}:{text}", 60_000)
            why = f"Đã dùng giọng dự phòng {standing} vì giọng {voice} không đọc được: hỏng"
            return replace(made, voices=(VoiceId(standing),), fallback_reason=why)
        made = self._made(f"{voice}:{second_voice}:{speed}:{text}", 60_000)
        return replace(made, voices=tuple(VoiceId(each) for each in (voice, second_voice) if each))

    async def preview(
        self,
        text: str,
        sentence: int,
        *,
        voice: str | None = None,
        second_voice: str | None = None,
        speed: float | None = None,
    ) -> MasteredAudio:
        said = self.normalise(text).sentences
        if not 0 <= sentence < len(said):
            raise NothingToSay(f"không có câu thứ {sentence + 1}")
        return self._made(f"{voice}:{second_voice}:{speed}:{said[sentence].spoken}", 3_000)

    async def phrases(
        self, texts: Sequence[str], *, voice: str | None = None, speed: float = 1.0, urgent: bool = False
    ) -> PhraseSheet:
        if self.broken is not None:
            raise self.broken
        if not urgent:
            await asyncio.sleep(self.slow_s)
        self.spoken += texts
        said = [" ".join(one.spoken for one in self.normalise(text).sentences) for text in texts]
        cuts = tuple(Cut(from_ms=1_000 * n, dur_ms=600) for n in range(len(texts)))
        return PhraseSheet(audio=self._made(f"phrases:{voice}:{speed}:{'|'.join(said)}", 1_000 * len(texts)), cuts=cuts)

    async def chime(self, priority: str) -> MasteredAudio:
        return self._made(f"chime {priority}", 4_000)

    async def recorded(self, path: Path) -> MasteredAudio:
        if not path.exists() or not path.read_bytes():
            raise SpeechError("không đọc được tệp âm thanh")
        return self._made(f"recorded {path.read_text()}", 30_000)

    def _made(self, content: str, duration_ms: int) -> MasteredAudio:
        data = content.encode()
        sha256 = hashlib.sha256(data).hexdigest()
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / sha256
        path.write_bytes(data)
        return MasteredAudio(
            path=path,
            sha256=sha256,
            bytes=len(data),
            mime="audio/mpeg",
            duration_ms=duration_ms,
            loudness=Loudness(integrated_lufs=-16.0, true_peak_dbtp=-2.0),
        )
