"""``loa text``: what of an office's file would be read out, and what is taken off and why."""

import argparse
import asyncio
from pathlib import Path

from gateway.cli.console import Failed, say, say_json
from gateway.cli.failures import explained
from gateway.domain.paper import Paper
from gateway.domain.paper_reading import read_paper
from gateway.papers import PaperReader


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", type=Path, metavar="FILE", help="tệp .txt, .docx, .odt hoặc .pdf")
    parser.add_argument("--all", action="store_true", help="in cả những phần bị bỏ, với lý do")
    parser.add_argument("--json", action="store_true", help="in JSON")


def run(args: argparse.Namespace) -> int:
    """Print it."""
    with explained():
        try:
            paper = asyncio.run(_read(args.file))
        except OSError as error:
            raise Failed(f"không đọc được {args.file} / cannot read: {error}") from error
    if args.json:
        say_json(
            {
                "title": paper.title,
                "body": paper.body,
                "removed": [{"text": r.text, "reason": r.reason.value, "before": r.before} for r in paper.removed],
                "warnings": paper.warnings,
            }
        )
        return 0
    for warning in paper.warnings:
        say(f"! {warning}")
    if paper.title:
        say(f"# {paper.title}")
    say(paper.body)
    if args.all:
        for piece in paper.removed:
            say(f"\n[{piece.reason.words[0]}]\n{piece.text}")
    return 0


async def _read(path: Path) -> Paper:
    return read_paper(await PaperReader().read(path))
