"""``loa speak``: text to a mastered MP3, with the same engine, normaliser and master as a bulletin."""

import argparse
import asyncio
import shutil
import tempfile
from pathlib import Path

from gateway.cli.console import Failed, say
from tts.errors import SpeechError
from tts.model import MasteredAudio, voice_id
from tts.speech import local_studio


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="tệp văn bản UTF-8")
    parser.add_argument("--text", metavar="T", help="đọc câu này thay cho tệp")
    parser.add_argument("--engine", default="espeak", help="espeak (mặc định, không cần mạng) hoặc gtts")
    parser.add_argument("--voice", metavar="V", help="giọng, ví dụ vi+Annie; bỏ trống: giọng mặc định")
    parser.add_argument("--speed", type=float, default=1.0, help="0.8 đến 1.2")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT", help="tệp MP3 được ghi")


def run(args: argparse.Namespace) -> int:
    """Render, write, and say what was measured on the file."""
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
        f" đỉnh {loud.true_peak_dbtp:.1f} dBTP, sha256 {made.sha256[:16]}…"
    )
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
    async with local_studio(folder, online=args.engine == "gtts") as studio:
        known = [voice.id for voice in studio.voices() if voice.engine == args.engine]
        if not known:
            raise Failed(f"không có bộ đọc “{args.engine}” / no such engine; có: espeak, gtts")
        chosen = voice_id(args.engine, args.voice) if args.voice else known[0]
        return await studio.speak(text, voice=chosen, speed=args.speed)
