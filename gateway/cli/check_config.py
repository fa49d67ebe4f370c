"""``loa check-config``: every mistake at once, with its path."""

import argparse

from gateway.cli.configured import settings_for
from gateway.cli.console import say
from gateway.cli.parser import add_settings_options


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Check, and say what will be used."""
    settings = settings_for(args.config, args.data)
    say("Cài đặt dùng được / the settings are fine:")
    for section, values in settings.model_dump(mode="json").items():
        say(f"  {section}: {values}")
    return 0
