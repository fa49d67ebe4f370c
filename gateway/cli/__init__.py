"""The ``loa`` command. Each subcommand imports its own half when it is called, so a pole needs no gateway.

Exit status: 0 done, 1 it did not work (and why, on standard error), 2 the command was not understood.
"""

from gateway.cli.parser import main

__all__ = ["main"]
