"""``loa lexicon``: the ward's own readings, also beside a running gateway, which follows within seconds."""

import argparse
import asyncio
from pathlib import Path

from devices.clock import SystemClock, instant
from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say, say_error, say_json
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import existing_store
from gateway.domain.ids import UserId
from gateway.domain.lexicon import CASE_SENSITIVE, Version, WardEntry
from gateway.domain.people import Role, User
from gateway.services.lexicon_book import LexiconBook, Written
from gateway.store.opening import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    listed = verbs.add_parser("list", help="các mục của phường / the ward's entries")
    listed.add_argument("--json", action="store_true", help="in JSON")
    added = verbs.add_parser("add", help="thêm hoặc sửa một mục / add or change an entry")
    added.add_argument("surface", metavar="TỪ")
    added.add_argument("reading", metavar="CÁCH_ĐỌC")
    removed = verbs.add_parser("remove", help="bỏ một mục / take an entry out")
    removed.add_argument("surface", metavar="TỪ")
    for each in (added, removed):
        each.add_argument("--case-sensitive", action="store_true", help="chỉ đúng chữ hoa, chữ thường này")
    imported = verbs.add_parser("import", help="nhập tệp TSV / import a TSV file")
    imported.add_argument("file", type=Path, metavar="FILE")
    imported.add_argument("--skip-bad", action="store_true", help="vẫn nhận các dòng đúng khi có dòng sai")
    imported.add_argument("--replace", action="store_true", help="bỏ các mục không có trong tệp")
    exported = verbs.add_parser("export", help="xuất ra tệp TSV / export as TSV")
    exported.add_argument("file", nargs="?", type=Path, metavar="FILE", help="bỏ trống: in ra màn hình")
    history = verbs.add_parser("history", help="ai đã sửa gì / who changed what")
    history.add_argument("surface", nargs="?", metavar="TỪ")
    for each in (listed, added, removed, imported, exported, history):
        add_settings_options(each)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    settings = settings_for(args.config, args.data)
    with explained(), existing_store(settings) as store:
        return asyncio.run(_do(store, args))


async def _do(store: Store, args: argparse.Namespace) -> int:
    book = LexiconBook(lexicon=store.lexicon, now=lambda: instant(SystemClock().now_ms()))
    match args.verb:
        case "list":
            return _list(await book.entries(), as_json=args.json)
        case "history":
            for version in await book.history(args.surface):
                reading = version.reading if version.reading is not None else "(bỏ)"
                when = f"{version.at.astimezone():%d/%m/%Y %H:%M}"
                say(f"{when}  {version.by}  {version.surface}\t{reading}\t{version.flags}")
            return 0
        case "export":
            return await _export(book, args.file)
    # nobody signed in here: the history names no person who may never have seen it
    by = User(id=UserId("system"), name="loa lexicon", roles=frozenset({Role.AUTHOR}))
    flags = CASE_SENSITIVE if getattr(args, "case_sensitive", False) else ""
    match args.verb:
        case "add":
            written = await book.put(WardEntry(surface=args.surface, reading=args.reading, flags=flags), by=by)
        case "remove":
            written = await book.remove(WardEntry(surface=args.surface, reading="", flags=flags), by=by)
        case _:
            written = await book.import_(_text(args.file), by=by, skip_bad=args.skip_bad, replace=args.replace)
    return _told(written, asked_to_skip=getattr(args, "skip_bad", False))


def _list(entries: list[Version], *, as_json: bool) -> int:
    if as_json:
        say_json([{"surface": e.surface, "reading": e.reading, "flags": e.flags, "by": e.by} for e in entries])
        return 0
    for entry in entries:
        say("\t".join(filter(None, (entry.surface, entry.reading, entry.flags))))
    return 0


async def _export(book: LexiconBook, path: Path | None) -> int:
    text = await book.export()
    if path is None:
        say(text.rstrip("\n"))
        return 0
    try:
        await asyncio.to_thread(path.write_text, text, encoding="utf-8")
    except OSError as error:
        raise Failed(f"không ghi được {path} / cannot write: {error}") from error
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"không đọc được {path} (cần UTF-8) / cannot read: {error}") from error


def _told(written: Written, *, asked_to_skip: bool) -> int:
    for row in written.bad:
        say_error(f"dòng {row.line}: {row.text!r}: {row.why}")
    if written.bad and not asked_to_skip:
        raise Failed(f"{len(written.bad)} dòng sai, chưa nhập gì / nothing was imported (--skip-bad)")
    say(f"phiên bản {written.version}: thêm hoặc sửa {written.put}, bỏ {written.removed}")
    say("đài đang chạy sẽ dùng trong vài giây; bản tin đọc khác đi phải tạo lại và duyệt lại")
    return 0
