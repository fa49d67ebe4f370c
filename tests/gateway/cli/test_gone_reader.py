"""``loa ... | head -1``: whoever read enough is gone, and that is nobody's mistake."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_reader_that_is_gone_ends_a_command_without_a_traceback(tmp_path: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "gateway", "voices", "list"],
            stdout=writes,
            stderr=subprocess.PIPE,
            env={**os.environ, "LOA_DATA": str(tmp_path)},
            check=False,
        )
    finally:
        os.close(writes)
    assert ended.returncode == 141
    assert ended.stderr == b""
