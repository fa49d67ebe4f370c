"""Nhãn thiết bị: a page to print, four labels in a row, each with a QR code that leads to its device on any phone."""

import html
import io
from collections.abc import Iterable
from dataclasses import dataclass

import segno

_PAGE = """<!doctype html>
<html lang="vi">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="stylesheet" href="{css}"></head>
<body><h1>{title}</h1><ul class="labels">{labels}</ul></body>
</html>
"""
_LABEL = '<li><div class="qr">{qr}</div><strong>{code}</strong><span>{name}</span><span>{zone} · {ward}</span></li>'


@dataclass(frozen=True, kw_only=True)
class Label:
    """What stands on one."""

    code: str
    name: str
    zone: str


def labels_page(labels: Iterable[Label], *, base: str, ward: str, css: str) -> str:
    """Return a whole HTML page. ``base``: how phones reach this gateway, without a slash at the end.
    ``css``: where the style sheet is.
    """
    made = [
        _LABEL.format(
            qr=qr_svg(f"{base}/t/{label.code}"),
            code=html.escape(label.code),
            name=html.escape(label.name),
            zone=html.escape(label.zone),
            ward=html.escape(ward),
        )
        for label in labels
    ]
    return _PAGE.format(title="Nhãn thiết bị", css=css, labels="\n".join(made))


def qr_svg(text: str) -> str:
    """Return ``text`` as a QR code that survives scratches and sun (level Q), as SVG for a page."""
    out = io.BytesIO()
    segno.make(text, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()
