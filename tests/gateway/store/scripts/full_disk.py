"""Writes until the disk (a limit on the size of any file) is full, makes room, goes on; says what it saw."""

import asyncio
import resource
import sys
from pathlib import Path

from devices.model import ClusterId
from gateway.domain.errors import StoreFailed
from gateway.store.opening import Store, open_store
from tests.gateway.store.rows import NOW, audio_file, batch, note, play


async def write(store: Store, n: int) -> None:
    cluster = ClusterId("kp1")
    await store.proofs.keep([batch(n, n, play(f"o@{n}", cluster), cluster=cluster)])
    source = store.folder / "in.mp3"
    await store.audio.add(source, audio_file(source, str(n).encode() * 30_000), note=note("audio"))
    await store.values.set(f"v{n}", n, note=note(f"set.{n}"))


async def main(folder: Path, room: int) -> None:
    with open_store(folder, now=NOW) as store:
        for n in (1, 2):
            await write(store, n)
        size = max(path.stat().st_size for path in folder.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, resource.RLIM_INFINITY))
        n, code = 2, ""
        while not code:
            try:
                await write(store, n + 1)
                n += 1
            except StoreFailed as error:
                code = error.code
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        head = (await store.proofs.heads())[ClusterId("kp1")][0]
        cluster = ClusterId("kp1")
        await store.proofs.keep([batch(head + 1, head + 1, play(f"o@{head + 1}", cluster), cluster=cluster)])
        await store.values.set(f"v{n + 1}", n + 1, note=note(f"set.{n + 1}"))
    sys.stdout.write(f"{n} {code} recovered\n")


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
