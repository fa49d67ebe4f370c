"""SIGKILL at any instant, and a disk that runs full: what was promised is there, and nothing is half there.

The victims run in processes of their own, from ``scripts``.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from devices.model import ClusterId, OccurrenceId
from gateway.store.opening import open_store, verify_audit
from tests.gateway.store.rows import NOW, sha256

TRIALS, MOST_TRIALS = 20, 200
"""On a busy machine many victims are killed before they have done anything."""
ROOT = Path(__file__).parents[3]
SCRIPTS = Path(__file__).parent / "scripts"


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(SCRIPTS / script), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


async def _check(folder: Path, acknowledged: int) -> int:
    """Everything acknowledged is there, with its note, journal entry, play and audio; all or none of each."""
    with open_store(folder, now=NOW) as store:
        assert await store.audit.verify() >= acknowledged
        kept = 0
        for n in range(1, 100_000):
            value = await store.values.get(f"v{n}")
            if value is None:
                break
            kept = n
            assert value == n
        assert kept >= acknowledged
        notes = [line.note.action for line in await store.audit.lines(limit=1_000_000)]
        assert [action for action in notes if action.startswith("set.")] == [f"set.{n}" for n in range(1, kept + 1)]
        heads = await store.proofs.heads()
        head = heads.get(ClusterId("kp1"), (0, ""))[0]
        assert head >= acknowledged
        for n in (head, head + 1):
            entry = await store.proofs.sealed(ClusterId("kp1"), n)
            play = await store.proofs.play(OccurrenceId(f"o@{n}"), ClusterId("kp1"))
            assert (entry is None) == (play is None)
        for audio in await store.audio.all():
            data = store.audio.path(audio.asset).read_bytes()
            assert audio.asset == f"sha256:{sha256(data)}"
        return kept


async def test_killed_at_any_instant_it_opens_again_with_all_that_was_promised(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    dice = random.Random(7)
    farm = _start("writer.py", str(folder))
    assert farm.stdout is not None
    acknowledged, killed_at_work = 0, 0
    try:
        for trial in range(MOST_TRIALS):
            if trial >= TRIALS and killed_at_work > TRIALS // 3:
                break
            if trial:
                (tmp_path / "go-on").touch()
            pid = int(farm.stdout.readline())
            time.sleep(dice.uniform(0.0, 0.25))
            os.kill(pid, signal.SIGKILL)
            said = int(farm.stdout.readline())
            killed_at_work += said > acknowledged
            acknowledged = max(acknowledged, said)
            assert await _check(folder, acknowledged) >= acknowledged
    finally:
        farm.kill()
        farm.wait()
        farm.stdout.close()
    assert killed_at_work > TRIALS // 3


@pytest.mark.parametrize("room", [0, 5_000, 40_000, 200_000])
async def test_a_disk_that_runs_full_leaves_nothing_half_written(tmp_path: Path, room: int) -> None:
    folder = tmp_path / "data"
    process = _start("full_disk.py", str(folder), str(room))
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    before, code, after = said.split()
    assert code in {"disk_full", "store_unreachable"}
    assert after == "recovered"
    assert await _check(folder, int(before)) >= int(before)
    assert verify_audit(folder) > int(before)
    assert not list(folder.glob("audio/*.part"))
