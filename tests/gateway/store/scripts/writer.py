"""A farm of victims: forks a process that writes for ever, says its pid, and when it was killed says how far it got.

What is acknowledged is told through a pipe after each write has returned: that much must survive.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from devices.model import ClusterId
from gateway.store.opening import open_store
from tests.gateway.store.rows import NOW, audio_file, batch, note, play


async def write_for_ever(folder: Path, told: int) -> None:
    with open_store(folder, now=NOW) as store:
        head = (await store.proofs.heads()).get(ClusterId("kp1"), (0, ""))[0]
        n = 0
        while await store.values.get(f"v{n + 1}") is not None:
            n += 1
        farmer = os.getppid()
        while os.getppid() == farmer:
            n, head = n + 1, head + 1
            cluster = ClusterId("kp1")
            await store.proofs.keep([batch(head, head, play(f"o@{head}", cluster), cluster=cluster)])
            source = folder / "in.mp3"
            await store.audio.add(source, audio_file(source, str(n).encode() * 5_000), note=note("audio"))
            await store.values.set(f"v{n}", n, note=note(f"set.{n}"))
            os.write(told, n.to_bytes(8, "big"))


def say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def farm(folder: Path) -> None:
    while True:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            asyncio.run(write_for_ever(folder, write))
            os._exit(0)
        os.close(write)
        say(pid)
        os.waitpid(pid, 0)
        last = b""
        while data := os.read(read, 8 * 1000):
            last = data[-8:]
        os.close(read)
        say(int.from_bytes(last, "big"))
        go_on = folder.parent / "go-on"
        while not go_on.exists():
            time.sleep(0.005)
        go_on.unlink()


farm(Path(sys.argv[1]))
