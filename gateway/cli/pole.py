"""``loa agent``: the program on the pole. Its options are ``devices.agent.run``'s own."""

import argparse
import os

from devices.agent.run import add_options, run_agent
from gateway.cli.console import Failed
from gateway.setting_names import unknown_variables
from gateway.settings import Settings


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run until stopped. It reads no variable; one that nobody reads was meant for something, and is told.

    Raises:
        Failed: such a variable is set.
    """
    unknown = unknown_variables(os.environ, Settings)
    if unknown:
        lines = "\n".join(f"  {name}: {text}" for name, text in unknown)
        raise Failed(f"Biến môi trường có {len(unknown)} lỗi / variables that nobody reads:\n{lines}")
    return run_agent(args)
