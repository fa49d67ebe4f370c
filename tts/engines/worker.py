"""The gateway's side of an engine's process: start it, ask it, and never wait for it beyond the deadline.

A third party's library may crash, hang or keep global state (and may have a licence of its own): it does so over there.
"""

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Any

from tts.engines import pipe
from tts.errors import EngineCrashed, EngineTimeout, EngineUnavailable

logger = logging.getLogger(__name__)

_CHUNK_BYTES = 65536
_POLITENESS = 10  # nice: below the gateway itself and everything on the air, whoever asks first


class Worker:
    """One child process that answers one request at a time. Safe to call from several threads; they take turns."""

    def __init__(self, engine: str, command: Sequence[str]) -> None:
        self._engine = engine
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The child, when there is one."""
        return self._process.pid if self._process else None

    def call(self, head: dict[str, Any], deadline_s: float) -> tuple[dict[str, Any], bytes]:
        """Ask the worker, starting it first when needed. After a failure the next call starts a fresh one.

        Raises:
            EngineTimeout: no whole answer by the deadline. The worker is killed.
            EngineCrashed: the worker died, or answered something that is no frame.
            EngineUnavailable: the process cannot be started.
        """
        with self._turn:
            until = time.monotonic() + deadline_s  # from its turn on
            process = self._process or self._start()
            try:
                self._send(process, pipe.pack(head))
                size, body = pipe.lengths(self._receive(process, pipe.LENGTHS.size, until))
                answer = json.loads(self._receive(process, size, until))
                return answer, self._receive(process, body, until)
            except EngineTimeout:
                self._kill()
                raise
            except (OSError, ValueError, EOFError) as error:
                self._kill()
                raise EngineCrashed(self._engine, f"Bộ đọc {self._engine} bị lỗi giữa chừng ({error}).") from error

    def call_twice(self, head: dict[str, Any], deadline_s: float) -> tuple[dict[str, Any], bytes]:
        """As :meth:`call`; a crash, or no answer in half the time, costs one more try within the same deadline.

        The first worker may have been killed from outside; a sentence that kills two is at fault itself.
        """
        until = time.monotonic() + deadline_s
        try:
            return self.call(head, deadline_s / 2)
        except (EngineCrashed, EngineTimeout):
            return self.call(head, max(0.0, until - time.monotonic()))

    def close(self) -> None:
        """Stop the worker. A call in progress in another thread ends with :class:`EngineCrashed`."""
        process = self._process
        if process is not None:
            _kill_group(process)
        with self._turn:
            self._kill()

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            # a group of its own, so that what the worker forks dies with it
            self._process = subprocess.Popen(  # noqa: S603 - our own module, an argument list, no shell
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise EngineUnavailable(self._engine, f"Không khởi động được bộ đọc {self._engine}: {error}.") from error
        with contextlib.suppress(OSError, AttributeError):  # it has ended already, or this is not Linux
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _POLITENESS)
        return self._process

    @staticmethod
    def _send(process: subprocess.Popen[bytes], frame: bytes) -> None:
        if process.stdin is None:
            raise EOFError("no input")
        process.stdin.write(frame)
        process.stdin.flush()

    def _receive(self, process: subprocess.Popen[bytes], count: int, until: float) -> bytes:
        if process.stdout is None:
            raise EOFError("no output")
        descriptor = process.stdout.fileno()
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        received = bytearray()
        while len(received) < count:
            left_s = until - time.monotonic()
            if left_s <= 0 or not poller.poll(left_s * 1000):
                raise EngineTimeout(self._engine, f"Bộ đọc {self._engine} không trả lời đúng hạn (timed out).")
            chunk = os.read(descriptor, min(_CHUNK_BYTES, count - len(received)))
            if not chunk:
                raise EOFError(f"worker ended with {process.poll()}")
            received += chunk
        return bytes(received)

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        _kill_group(process)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):  # an unsent request: its reader is dead
                    stream.close()
        status = process.wait()
        logger.debug("worker of %s ended with %s", self._engine, status)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended by itself
        os.killpg(process.pid, signal.SIGKILL)
