"""``loa voices``: which voices there are, what is known of one, and taking one in."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from devices.clock import Clock, SystemClock
from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say, say_json
from gateway.cli.parser import add_settings_options
from tts.engines.espeak import EspeakEngine
from tts.engines.gtts import GttsEngine
from tts.engines.piper import PiperEngine
from tts.engines.port import Engine
from tts.errors import SpeechError
from tts.model import Gender, Region, Voice, voice_id
from tts.voices.folder import PIPER, VoiceFolder, VoiceRecord
from tts.voices.install import Wanted, install
from tts.voices.policy import POLICY_EN, POLICY_VI

TRIAL = "Xin chào bà con."
_TRIAL_DEADLINE_S = 60.0
_KNOWN_GENDERS = [str(gender) for gender in Gender if gender is not Gender.UNKNOWN]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="list|show|install")
    listing = verbs.add_parser("list", help="các giọng đang có / the voices there are")
    listing.add_argument("--json", action="store_true", help="in JSON: mỗi bộ đọc, vì sao không dùng được, các giọng")
    showing = verbs.add_parser("show", help="lý lịch một giọng / what is known of a voice")
    showing.add_argument("voice", metavar="GIỌNG", help="ví dụ piper:vi_VN-vais1000-medium")
    taking = verbs.add_parser("install", help="nhận một giọng Piper / take in a Piper voice")
    taking.add_argument("source", metavar="URL", help="địa chỉ hoặc đường dẫn tệp .onnx; tệp .onnx.json nằm cạnh")
    taking.add_argument("--sha256", required=True, metavar="H", help="SHA-256 của tệp .onnx")
    taking.add_argument("--config-sha256", default="", metavar="H", help="SHA-256 của tệp .onnx.json")
    taking.add_argument("--licence", required=True, metavar="L", help='giấy phép, ví dụ "CC BY 4.0"')
    taking.add_argument("--attribution", default="", metavar="A", help="lời ghi công tác giả")
    taking.add_argument("--label", default="", metavar="T", help="tên hiện trên màn hình")
    taking.add_argument("--name", default="", metavar="N", help="tên tệp trong thư mục giọng")
    taking.add_argument("--gender", choices=_KNOWN_GENDERS)
    taking.add_argument("--region", choices=[str(region) for region in Region])
    taking.add_argument(
        "--accept-voice-policy",
        action="store_true",
        help="xác nhận quy định về giọng đọc (hiện ra khi thiếu cờ này) / accept the policy on voices",
    )
    for each in (listing, showing, taking):
        add_settings_options(each)


def run(args: argparse.Namespace, clock: Clock | None = None) -> int:
    """Do it."""
    settings = settings_for(args.config, args.data)
    folder = VoiceFolder(settings.data / "voices")
    verbs: dict[str, Callable[[], int]] = {
        "list": lambda: (_list_json if args.json else _list)(_engines(folder, online=settings.speech.online)),
        "show": lambda: _show(args.voice, _engines(folder, online=settings.speech.online), folder),
        "install": lambda: _install(args, folder, clock or SystemClock()),
    }
    try:
        return verbs[args.verb]()
    except SpeechError as error:
        raise Failed(str(error)) from error


def _engines(folder: VoiceFolder, *, online: bool) -> tuple[Engine, ...]:
    return (EspeakEngine(), PiperEngine(folder), GttsEngine(enabled=online))


def _list(engines: tuple[Engine, ...]) -> int:
    for engine in engines:
        status = engine.available()
        engine.close()
        state = "sẵn sàng / ready" if status.available else status.reason
        say(f"{engine.id} [{status.quality}] {status.version}: {state}")
        for voice in engine.voices():
            say(f"  {voice.id:<34} {voice.label}; {voice.licence}")
    return 0


def _list_json(engines: tuple[Engine, ...]) -> int:
    known: list[dict[str, Any]] = []
    for engine in engines:
        status = engine.available()
        engine.close()
        known.append({**asdict(status), "voices": [asdict(voice) for voice in engine.voices()]})
    say_json(known)
    return 0


def _show(name: str, engines: tuple[Engine, ...], folder: VoiceFolder) -> int:
    known = {voice.id: voice for engine in engines for voice in engine.voices()}
    found = next((voice for key, voice in known.items() if name in (key, key.partition(":")[2])), None)
    if found is None:
        raise Failed(f"không có giọng “{name}” / no such voice; xem: loa voices list")
    _say_voice(found)
    dropped = folder.find(found.id.partition(":")[2]) if found.engine == PIPER else None
    if dropped is not None and dropped.record is not None:
        record = dropped.record
        say(f"nguồn / source          {record.source}")
        say(f"SHA-256 .onnx           {record.model_sha256}")
        say(f"SHA-256 .onnx.json      {record.config_sha256}")
        say(f"cài lúc / installed     {record.installed_at} (quy định giọng đọc bản {record.policy_version})")
    elif dropped is not None:
        say("chưa có lý lịch: tệp được thả vào, chưa ai xác nhận giấy phép / dropped in, no licence was confirmed")
    return 0


def _say_voice(voice: Voice) -> None:
    say(f"{voice.id}: {voice.label}")
    say(f"bộ đọc / engine         {voice.engine} [{voice.quality}]")
    say(f"vùng, giới / region     {voice.region}, {voice.gender}")
    say(f"giấy phép / licence     {voice.licence}")
    say(f"ghi công / attribution  {voice.attribution or '—'}")


def _install(args: argparse.Namespace, folder: VoiceFolder, clock: Clock) -> int:
    if not args.accept_voice_policy:
        say(f"{POLICY_VI}\n\n{POLICY_EN}\n")
        raise Failed("đọc quy định trên rồi thêm --accept-voice-policy / read the policy, then add the flag")
    record = VoiceRecord(
        licence=args.licence,
        attribution=args.attribution,
        label=args.label,
        gender=Gender(args.gender) if args.gender else Gender.UNKNOWN,
        region=Region(args.region) if args.region else None,
    )
    wanted = Wanted(
        source=args.source,
        sha256=args.sha256,
        config_sha256=args.config_sha256,
        name=args.name,
        record=record,
        accepts_policy=True,
    )
    at = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).isoformat(timespec="seconds")
    made = install(wanted, folder.folder, installed_at=at)
    say(f"đã nhận giọng / installed: {made.model}")
    _show(voice_id(PIPER, made.name), (PiperEngine(folder),), folder)
    _try(made.name, folder)
    return 0


def _try(name: str, folder: VoiceFolder) -> None:
    """Let the voice say something: one that loads today will not surprise anybody tomorrow."""
    engine = PiperEngine(folder)
    status = engine.available()
    if not status.available:
        say(f"chưa đọc thử / not tried: {status.reason}")
        return
    try:
        said = engine.synth(TRIAL, voice_id(PIPER, name), 1.0, _TRIAL_DEADLINE_S)
        say(f"đọc thử / tried: “{TRIAL}” {said.duration_ms / 1000:.1f} s, {said.rate_hz} Hz")
    finally:
        engine.close()
