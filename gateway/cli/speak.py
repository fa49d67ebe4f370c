"""``loa speak``: text to a mastered file, with the same engines, normaliser and master as a bulletin."""

import argparse
import asyncio
import shutil
import tempfile
from pathlib import Path

from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say
from gateway.cli.parser import add_settings_options
from tts.errors import SpeechError
from tts.framing import Framing, usual
from tts.model import PROFILES, Codec, MasteredAudio, Pauses, voice_id
from tts.speech import Studio, local_studio

_USUAL = Pauses()


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="tệp văn bản UTF-8")
    parser.add_argument("--text", metavar="T", help="đọc câu này thay cho tệp")
    parser.add_argument("--engine", default="espeak", help="espeak (mặc định), piper (giọng thả vào) hoặc gtts")
    parser.add_argument("--voice", metavar="V", help="giọng, ví dụ vi+Annie hoặc piper:TÊN; bỏ trống: giọng mặc định")
    parser.add_argument("--second-voice", metavar="V", help="giọng thứ hai, đọc luân phiên trong văn bản dài")
    parser.add_argument("--fallback", metavar="V", action="append", default=[], help="giọng thay khi giọng chọn hỏng")
    parser.add_argument("--speed", type=float, default=1.0, help="0.8 đến 1.2")
    parser.add_argument("--pause-ms", type=int, default=_USUAL.sentence_ms, help="nghỉ sau câu, mặc định %(default)s")
    parser.add_argument(
        "--profile", choices=sorted(PROFILES), default="horn", help="loa nén ngoài trời hay loa trong nhà"
    )
    parser.add_argument("--sentence", type=int, metavar="N", help="chỉ nghe thử câu thứ N")
    parser.add_argument(
        "--priority", choices=("routine", "priority", "emergency"), help="nhạc hiệu, lời xưng, số lần đọc"
    )
    parser.add_argument(
        "--station", default="phường", metavar="T", help="tên đài trong lời xưng, ví dụ “phường Tân Thạnh”"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="tệp được ghi: .mp3 hoặc .opus")
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Render, write, and say what was measured on the file and who spoke."""
    text = text_of(args)
    try:
        with tempfile.TemporaryDirectory(prefix="loa-speak-") as folder:
            made = asyncio.run(_render(Path(folder), text, args))
            partial = args.output.with_name(args.output.name + ".part")
            shutil.copyfile(made.path, partial)
            partial.replace(args.output)
    except SpeechError as error:
        raise Failed(str(error)) from error
    except OSError as error:
        raise Failed(f"không ghi được {args.output} / cannot write: {error}") from error
    loud = made.loudness
    say(
        f"{args.output}: {made.duration_ms / 1000:.1f} s, {loud.integrated_lufs:.1f} LUFS,"
        f" đỉnh {loud.true_peak_dbtp:.1f} dBTP, sha256 {made.sha256[:16]}…, giọng {', '.join(made.voices)}"
    )
    if made.fallback_reason:
        say(f"! {made.fallback_reason}")
    return 0


def text_of(args: argparse.Namespace) -> str:
    """Return ``--text`` or the file's text.

    Raises:
        Failed: neither or both, or the file cannot be read.
    """
    if (args.file is None) == (args.text is None):
        raise Failed("cho một tệp hoặc --text / give a FILE or --text")
    if args.text is not None:
        return str(args.text)
    try:
        return str(args.file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"không đọc được {args.file} (cần UTF-8) / cannot read: {error}") from error


async def _render(folder: Path, text: str, args: argparse.Namespace) -> MasteredAudio:
    voices = settings_for(args.config, args.data).data / "voices"
    engine = args.voice.partition(":")[0] if args.voice and ":" in args.voice else args.engine
    codec = Codec.OPUS if args.output.suffix.lower() in (".opus", ".ogg") else Codec.MP3
    async with local_studio(folder, online=engine == "gtts", voices=voices) as studio:
        chosen = _voice(studio, engine, args.voice)
        second = _named(engine, args.second_voice) if args.second_voice else None
        profile = PROFILES[args.profile]
        if args.sentence is not None:
            return await studio.preview(
                text, args.sentence - 1, voice=chosen, second_voice=second, speed=args.speed, profile=profile
            )
        framing = usual(args.priority, args.station) if args.priority else None
        return await _spoken(studio, text, args, framing=framing, chosen=chosen, second=second, codec=codec)


async def _spoken(
    studio: Studio,
    text: str,
    args: argparse.Namespace,
    *,
    framing: Framing | None,
    chosen: str,
    second: str | None,
    codec: Codec,
) -> MasteredAudio:
    pauses = Pauses(sentence_ms=args.pause_ms, paragraph_ms=max(args.pause_ms, _USUAL.paragraph_ms))
    profile, fallback = PROFILES[args.profile], [_named("espeak", voice) for voice in args.fallback]
    if framing is None:
        return await studio.speak(
            text,
            voice=chosen,
            second_voice=second,
            speed=args.speed,
            pauses=pauses,
            profile=profile,
            codec=codec,
            fallback=fallback,
        )
    return await studio.compose(
        text,
        framing,
        voice=chosen,
        second_voice=second,
        speed=args.speed,
        pauses=pauses,
        profile=profile,
        codec=codec,
        fallback=fallback,
    )


def _named(engine: str, voice: str) -> str:
    return voice if ":" in voice else voice_id(engine, voice)


def _voice(studio: Studio, engine: str, name: str | None) -> str:
    if name:
        return _named(engine, name)
    known = [voice.id for voice in studio.voices() if voice.engine == engine]
    if known:
        return known[0]
    if engine == "piper":
        raise Failed("chưa có giọng Piper nào: loa voices install … / there is no Piper voice yet")
    raise Failed(f"không có bộ đọc “{engine}” / no such engine; có: espeak, piper, gtts")
