"""``loa cameras``: the registry, and looking at cameras. Each verb is a module of its own, read when asked for."""

import argparse
import importlib
from typing import Any

VERBS: tuple[tuple[str, str, str], ...] = (
    ("discover", "gateway.cli.cameras_discover", "tìm camera trong mạng / who is there"),
    ("probe", "gateway.cli.cameras_probe", "xem một camera từ mạng đến hình / look at one camera"),
    ("list", "gateway.cli.cameras_list", "danh mục camera / the registry"),
    ("import", "gateway.cli.cameras_import", "nhập từ CSV hoặc XLSX / read in a sheet"),
    ("export", "gateway.cli.cameras_export", "xuất ra CSV hoặc XLSX / write a sheet"),
)
"""Verb, module with ``add(parser)`` and ``run(args)``, summary."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, module, summary in VERBS:
        _module(module).add(verbs.add_parser(name, help=summary, description=summary))


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    module = next(module for name, module, _ in VERBS if name == args.verb)
    code: int = _module(module).run(args)
    return code


def _module(name: str) -> Any:
    return importlib.import_module(name)
