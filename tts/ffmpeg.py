"""The ffmpeg of the ``imageio-ffmpeg`` wheel: called with an argument list, without a terminal, with a time limit."""

import signal
import subprocess
from collections.abc import Sequence
from functools import cache

import imageio_ffmpeg

from tts.errors import CacheFull, MasteringFailed
from tts.model import Pcm

_TAIL_CHARS = 400
_NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large")


@cache
def executable() -> str:
    """Return the path of ffmpeg.

    Raises:
        MasteringFailed: the wheel has no binary for this machine.
    """
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise MasteringFailed("Không tìm thấy ffmpeg: hãy cài lại gói imageio-ffmpeg.") from error


def run(arguments: Sequence[str], *, timeout_s: float, stdin: bytes = b"") -> tuple[bytes, str]:
    """Run ffmpeg and return what it wrote to its output and its log.

    Raises:
        MasteringFailed: it failed (with the end of its log) or did not finish in ``timeout_s``.
        CacheFull: the disk is full.
    """
    command = [executable(), "-nostdin", "-hide_banner", "-y", "-threads", "1", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; paths are passed as file: URLs
            command, input=stdin, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise MasteringFailed(f"ffmpeg không xong trong {timeout_s:.0f} giây (timed out).") from error
    except OSError as error:
        raise MasteringFailed(f"Không chạy được ffmpeg: {error}.") from error
    log = done.stderr.decode("utf-8", "replace")
    if done.returncode == -signal.SIGXFSZ or any(sign in log for sign in _NO_ROOM):
        raise CacheFull("Hết chỗ trên đĩa khi xử lý âm thanh (disk full).")
    if done.returncode:
        raise MasteringFailed(f"ffmpeg báo lỗi {done.returncode}: {log[-_TAIL_CHARS:].strip()}")
    return done.stdout, log


def raw_input(pcm: Pcm) -> list[str]:
    """Arguments that read ``pcm.data`` from standard input."""
    return ["-f", "s16le", "-ar", str(pcm.rate_hz), "-ac", "1", "-i", "pipe:0"]


def with_tempo(pcm: Pcm, speed: float, *, timeout_s: float = 60.0) -> Pcm:
    """Make ``pcm`` faster or slower without changing its pitch.

    Raises:
        MasteringFailed: as :func:`run`.
    """
    arguments = ["-loglevel", "error", *raw_input(pcm), "-af", f"atempo={speed:.3f}", "-f", "s16le", "pipe:1"]
    samples, _ = run(arguments, timeout_s=timeout_s, stdin=pcm.data)
    return Pcm(samples[: len(samples) // 2 * 2], pcm.rate_hz)
