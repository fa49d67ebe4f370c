"""``loa agent``: the program on the pole. Its options are ``devices.agent.run``'s own."""

import argparse

from devices.agent.run import add_options, run_agent


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_options(parser)


def run(args: argparse.Namespace) -> int:
    """Run until stopped."""
    return run_agent(args)
