"""``loa cameras import FILE``: a sheet into the registry; a running gateway follows within seconds."""

import argparse
import asyncio
from pathlib import Path

from devices.model.camera import Cause
from devices.model.camera_words import WORDS
from gateway.cli import camera_registry, sheets
from gateway.cli.configured import settings_for
from gateway.cli.console import say, say_json
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import existing_store, somebody_who_may
from gateway.domain.people import Permission
from gateway.services.cameras.registry import Imported
from gateway.settings import Settings
from gateway.store.opening import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="tệp CSV (UTF-8) hoặc XLSX, dòng đầu là tiêu đề")
    add_settings_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="chỉ xem, không ghi")
    parser.add_argument("--json", action="store_true", help="in một đối tượng JSON")


def run(args: argparse.Namespace) -> int:
    """Read it in; 1 when some row was bad. The good ones are kept."""
    settings = settings_for(args.config, args.data)
    with explained():
        table = sheets.read(args.file)
        with existing_store(settings) as store:
            done = asyncio.run(_import(store, settings, table, dry_run=args.dry_run))
    rows = done.rows
    if args.json:
        told = sheets.as_json(rows.bad, rows.unknown_columns, new=done.new, changed=done.changed, same=done.same)
        say_json({**told, "weak_logins": done.weak})
    else:
        sheets.tell(rows.bad, rows.unknown_columns)
        sheets.summary(new=done.new, changed=done.changed, same=done.same, bad=rows.bad, dry_run=args.dry_run)
        if done.weak:
            words = WORDS[Cause.FACTORY_LOGIN]
            say(f"! {len(done.weak)} camera: {words.vi}. {words.advice_vi}\n  {', '.join(done.weak)}")
    return 1 if rows.bad else 0


async def _import(store: Store, settings: Settings, table: list[list[str]], *, dry_run: bool) -> Imported:
    by = await somebody_who_may(store, Permission.KEEP_DEVICES)
    registry = await camera_registry.loaded(store, settings)
    return await registry.import_(table, by=by, dry_run=dry_run)
