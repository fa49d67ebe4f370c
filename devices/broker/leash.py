"""Run a program that dies with its parent: ``python leash.py PARENT_PID PROGRAM ARGUMENTS...``.

A gateway killed with SIGKILL cannot stop its broker; the kernel can. Stands alone, so that it starts without importing
the product.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become ``PROGRAM``, leashed to ``PARENT_PID``."""
    parent, program = int(arguments[1]), arguments[2:]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # one descriptor per cluster
    prctl = getattr(ctypes.CDLL(None), "prctl", None)  # Linux only; elsewhere the gateway stops it when it can
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit("the parent is gone already")
    os.execv(program[0], program)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv)
