"""``loa audit verify``: whether the log is as it was written; also while a gateway runs on it."""

import argparse

from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, no_ward, say
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.domain.errors import ChainBroken
from gateway.store import layout
from gateway.store.opening import verify_audit


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("action", choices=["verify"])
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Check the chain; 1 when it is broken, with the first line that is wrong."""
    settings = settings_for(args.config, args.data)
    if not layout.database(settings.data).exists():
        raise no_ward(settings.data)
    with explained():
        try:
            lines = verify_audit(settings.data)
        except ChainBroken as error:
            raise Failed(f"NHẬT KÝ BỊ SỬA / THE LOG WAS CHANGED: {error.vi}\n{error.en}") from error
    say(f"nhật ký nguyên vẹn: {lines} dòng / the log is whole: {lines} lines")
    return 0
