"""``loa clusters list | import FILE | export FILE``: clusters and neighbourhoods, FM and wired points too."""

import argparse
import asyncio
from pathlib import Path

from devices.clock import SystemClock
from gateway.cli import sheets
from gateway.cli.configured import settings_for
from gateway.cli.console import say, say_json
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import existing_store, somebody_who_may
from gateway.domain.cluster_sheet import written
from gateway.domain.people import Permission
from gateway.services.cameras.ward_sheets import WardImported, WardSheets
from gateway.store.opening import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listed = verbs.add_parser("list", help="các cụm loa / the clusters")
    listed.add_argument("--json", action="store_true", help="in một danh sách JSON")
    imported = verbs.add_parser("import", help="nhập từ CSV hoặc XLSX / read in a sheet")
    imported.add_argument("file", type=Path, metavar="FILE", help="tệp CSV (UTF-8) hoặc XLSX, dòng đầu là tiêu đề")
    imported.add_argument("--dry-run", action="store_true", help="chỉ xem, không ghi")
    imported.add_argument("--json", action="store_true", help="in một đối tượng JSON")
    exported = verbs.add_parser("export", help="xuất ra CSV hoặc XLSX / write a sheet")
    exported.add_argument("file", type=Path, metavar="FILE", help="tên kết thúc bằng .csv hoặc .xlsx")
    for each in (listed, imported, exported):
        add_settings_options(each)


def run(args: argparse.Namespace) -> int:
    """Do what was asked; 1 when some row of an import was bad. The good ones are kept."""
    settings = settings_for(args.config, args.data)
    with explained():
        table = sheets.read(args.file) if args.verb == "import" else []
        with existing_store(settings) as store:
            match args.verb:
                case "list":
                    return asyncio.run(_list(store, as_json=args.json))
                case "export":
                    return asyncio.run(_export(store, args.file))
                case _:
                    done = asyncio.run(_import(store, table, dry_run=args.dry_run))
    rows = done.rows
    if args.json:
        counts = {"new": done.new, "changed": done.changed, "same": done.same, "new_zones": done.new_zones}
        say_json(sheets.as_json(rows.bad, rows.unknown_columns, **counts))
    else:
        sheets.tell(rows.bad, rows.unknown_columns)
        sheets.summary(new=done.new, changed=done.changed, same=done.same, bad=rows.bad, dry_run=args.dry_run)
    return 1 if rows.bad else 0


async def _list(store: Store, *, as_json: bool) -> int:
    clusters = sorted(await store.inventory.clusters(), key=lambda each: each.id)
    zones = {zone.id: zone.name for zone in await store.inventory.zones()}
    if as_json:
        say_json(
            [
                {
                    "id": each.id,
                    "name": each.name,
                    "zone": each.zone,
                    "kind": each.kind.value,
                    "households": each.households,
                    "people": each.people,
                    "address": each.address,
                }
                for each in clusters
            ]
        )
        return 0
    for each in clusters:
        say(f"{each.id:<20} {each.kind.value:<6} {zones.get(each.zone, each.zone):<16} {each.name}")
    say(f"{len(clusters)} cụm loa, {len(zones)} khu phố")
    return 0


async def _export(store: Store, path: Path) -> int:
    clusters = sorted(await store.inventory.clusters(), key=lambda each: each.id)
    zones = {zone.id: zone for zone in await store.inventory.zones()}
    await asyncio.to_thread(sheets.write, path, *written(clusters, zones, await store.cameras.particulars()))
    say(f"{len(clusters)} cụm loa -> {path}")
    return 0


async def _import(store: Store, table: list[list[str]], *, dry_run: bool) -> WardImported:
    by = await somebody_who_may(store, Permission.ENROL)
    desk = WardSheets(inventory=store.inventory, cameras=store.cameras, follow=_nobody_to_tell, clock=SystemClock())
    return await desk.import_(table, by=by, dry_run=dry_run)


async def _nobody_to_tell() -> None:
    """The running gateway notices in the audit log."""
