"""How many files the gateway may hold open: as many as the machine allows, not as few as a shell hands on."""

import subprocess
import sys

RAISED = """
import resource
from gateway.cli.serve import allow_every_file
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
allow_every_file()
print(*resource.getrlimit(resource.RLIMIT_NOFILE), hard)
"""


def test_the_gateway_may_open_as_many_files_as_the_machine_allows() -> None:
    ran = subprocess.run([sys.executable, "-c", RAISED], capture_output=True, text=True, check=True)
    soft, _, hard = ran.stdout.split()
    assert soft == hard
    assert soft != "64"
