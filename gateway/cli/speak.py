"""``loa speak``: text to a mastered file, with the same engines, normaliser and master as a bulletin."""

import argparse
import asyncio
import shutil
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say
from gateway.cli.parser import add_settings_options
from gateway.domain.bulletin import ONE_VOICE
from gateway.speech_settings import Speech
from tts.errors import SpeechError
from tts.framing import usual as usual_framing
from tts.model import PROFILES, Codec, MasteredAudio, Pauses, voice_id
from tts.speech import Studio, local_studio
from tts.text.reading import REGIONS


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="tệp văn bản UTF-8")
    parser.add_argument("--text", metavar="T", help="đọc câu này thay cho tệp")
    parser.add_argument("--engine", help="espeak, piper (giọng thả vào) hoặc gtts; bỏ trống: theo cài đặt")
    parser.add_argument("--voice", metavar="V", help="giọng, ví dụ vi+Annie hoặc piper:TÊN; bỏ trống: theo cài đặt")
    parser.add_argument(
        "--second-voice", metavar="V", help="giọng thứ hai, đọc luân phiên trong văn bản dài; none: không"
    )
    parser.add_argument("--fallback", metavar="V", action="append", help="giọng thay khi giọng chọn hỏng")
    parser.add_argument("--speed", type=float, metavar="S", help="0.8 đến 1.2; bỏ trống: theo cài đặt")
    parser.add_argument("--pause-ms", type=int, metavar="MS", help="nghỉ sau câu; bỏ trống: theo cài đặt")
    parser.add_argument(
        "--profile", choices=sorted(PROFILES), default="horn", help="loa nén ngoài trời hay loa trong nhà"
    )
    parser.add_argument(
        "--format", choices=[str(codec) for codec in Codec], help="bỏ trống: theo đuôi của tệp được ghi"
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


def codec_of(args: argparse.Namespace) -> Codec:
    """Return what ``--format`` says, else the ending of the file.

    Raises:
        Failed: the one says this and the other that, or the ending is of something else.
    """
    endings = {".mp3": Codec.MP3, ".opus": Codec.OPUS, ".ogg": Codec.OPUS}
    ending = args.output.suffix.lower()
    by_name = endings.get(ending)
    asked = Codec(args.format) if args.format else by_name
    if asked is None or (by_name is not None and by_name is not asked):
        say_so = "ghi ra .mp3 hoặc .opus, hay nêu đúng --format / write .mp3 or .opus, or name the --format"
        raise Failed(f"không rõ định dạng của {args.output.name}: {say_so}")
    return asked


async def _render(folder: Path, text: str, args: argparse.Namespace) -> MasteredAudio:
    codec = codec_of(args)
    settings = settings_for(args.config, args.data)
    usual = settings.speech
    engine = args.voice.partition(":")[0] if args.voice and ":" in args.voice else args.engine
    reading = REGIONS[usual.region]
    voices = settings.data / "voices"
    async with local_studio(folder, online=usual.online or engine == "gtts", reading=reading, voices=voices) as studio:
        cast = _cast(studio, args, engine, usual)
        profile = PROFILES[args.profile]
        speed = usual.speed if args.speed is None else args.speed
        if args.sentence is not None:
            if codec is not Codec.MP3:
                raise Failed("nghe thử một câu chỉ có .mp3 / one sentence is heard as .mp3 only")
            return await studio.preview(
                text, args.sentence - 1, voice=cast.voice, second_voice=cast.second, speed=speed, profile=profile
            )
        speak = studio.speak
        if args.priority:
            speak = partial(studio.compose, framing=usual_framing(args.priority, args.station))
        return await speak(
            text,
            voice=cast.voice,
            second_voice=cast.second,
            speed=speed,
            pauses=_pauses(args.pause_ms, usual),
            profile=profile,
            codec=codec,
            fallback=cast.fallback,
        )


@dataclass(frozen=True, kw_only=True)
class _Cast:
    voice: str
    second: str | None
    fallback: tuple[str, ...]


def _cast(studio: Studio, args: argparse.Namespace, engine: str | None, usual: Speech) -> _Cast:
    """Say who reads: what was typed, else what is set; a voice that was typed brings no other along."""
    typed = bool(args.voice or engine)
    voice = _voice(studio, engine or "espeak", args.voice) if typed else usual.voice_id
    second = usual.second_voice_id if args.second_voice is None and not typed else args.second_voice
    fallback = usual.fallback_ids if args.fallback is None and not typed else args.fallback or ()
    return _Cast(
        voice=voice,
        second=_named(voice.partition(":")[0], second) if second and second != ONE_VOICE else None,
        fallback=tuple(_named("espeak", each) for each in fallback),
    )


def _pauses(sentence_ms: int | None, usual: Speech) -> Pauses:
    after = usual.pauses.sentence_ms if sentence_ms is None else sentence_ms
    return Pauses(sentence_ms=after, paragraph_ms=max(after, usual.pauses.paragraph_ms))


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
