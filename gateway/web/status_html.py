"""The status page as HTML. Every text that somebody typed is escaped; there is no script and no style in it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from html import escape
from importlib import resources
from itertools import groupby

from gateway.ports.records import Alarm, Severity
from gateway.services.alarm_heaps import Heap, heaps_of
from gateway.services.presence import Presence
from gateway.web import status_words as words
from gateway.web.services import WebOptions
from gateway.web.status_picture import ClusterLine, NextAirtime, PastAirtime, Picture
from gateway.web.words.alarms import WORDS

_REFRESH_S = 15
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_SIGN_IN = '<a class="button is-plain" href="/sign-in">Đăng nhập <span class="en" lang="en">sign in</span></a>'
_UNFOLDED = 24
"""With more clusters than this, neighbourhoods are folded; who is lost stands above them."""
_ALARMS = 8
"""So many stand open, the gravest: a ward with a power cut has hundreds."""
_TONES = {Presence.ONLINE: "good", Presence.LOST: "bad", Presence.UNKNOWN: "wait", Presence.UNENROLLED: "off"}


def render(picture: Picture) -> str:
    """Return the page."""
    clock = f"{picture.now.astimezone(picture.zone):%H:%M:%S}"
    body = [
        "<h1>Đài truyền thanh</h1>",
        f'<p class="hint">cập nhật lúc {clock} <span class="en" lang="en">updated every 15 s</span></p>',
        *_warnings(picture),
        _heading("Lượt phát tới", "Next broadcast"),
        _coming(picture.coming, picture),
        _heading("Cảnh báo", "Alarms"),
        _alarms(picture.alarms),
        _heading("Kết quả gần đây", "Last outcomes"),
        _rows((_past(each, picture) for each in picture.past), nothing="Chưa có lượt phát nào."),
        _heading("Cụm loa", "Clusters"),
        _clusters(picture.clusters),
    ]
    return _page(picture.options, "".join(body), refresh=True)


def render_closed(options: WebOptions) -> str:
    """Return what a stranger sees when the page is not public."""
    body = (
        "<h1>Đài truyền thanh</h1><p>Hãy đăng nhập để xem tình trạng đài. "
        '<span class="en" lang="en">Sign in to see the status.</span></p>'
    )
    return _page(options, body, refresh=False)


def _page(options: WebOptions, body: str, *, refresh: bool) -> str:
    again = f'<meta http-equiv="refresh" content="{_REFRESH_S}">' if refresh else ""
    brand = f'<span class="brand">{_file("static/icons/icon.svg")}<span>{escape(options.ward_name)}</span></span>'
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{again}<title>{escape(options.ward_name)} · Loa Phường</title>"
        '<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/status.css"></head>'
        f'<body class="status"><header class="top">{brand}{_SIGN_IN}</header><main>{body}</main></body></html>'
    )


def _heading(vi: str, en: str) -> str:
    return f'<h2>{vi} <span class="en" lang="en">{en}</span></h2>'


def _rows(items: Iterable[str], *, nothing: str) -> str:
    rows = "".join(items)
    return f'<ul class="rows">{rows}</ul>' if rows else f'<p class="quiet">{_icon("good")}<span>{nothing}</span></p>'


def _row(title: str, *, more: str, state: str) -> str:
    return (
        '<li class="row"><div class="row-in"><span class="row-words">'
        f'<span class="row-title">{title}</span><span class="row-more">{more}</span>'
        f'<span class="row-state badges">{state}</span></span></div></li>'
    )


def _badge(tone: str, text: str) -> str:
    return f'<span class="badge is-{tone}">{_icon(tone)}<span>{text}</span></span>'


def _warnings(picture: Picture) -> Iterable[str]:
    if picture.silent:
        yield _warning("silence", "Toàn phường đang IM LẶNG", "the ward is silenced")
    if not picture.healthy:
        yield _warning("bad", "Có bộ phận của đài không hoạt động", "a part of the gateway is not working")


def _warning(icon: str, vi: str, en: str) -> str:
    said = f'<strong>{vi}</strong> <span class="en" lang="en">{en}</span>'
    return f'<div class="note is-bad">{_icon(icon)}<p>{said}</p></div>'


def _coming(coming: NextAirtime | None, picture: Picture) -> str:
    if coming is None:
        return f'<div class="note is-warn">{_icon("warn")}<p>Không có lượt phát nào trong 14 ngày tới.</p></div>'
    broadcast = coming.broadcast
    left = broadcast.start - picture.now
    short = coming.ready < coming.total
    worry = " <strong>CHƯA ĐỦ</strong>" if short else ""
    return (
        f'<section class="card hero"><h2>{escape(broadcast.title)}</h2>'
        f'<p class="when">{_when(broadcast.start, picture)}</p><p class="countdown">{words.countdown(left)}</p>'
        f'<div class="meter{" is-short" if short else ""}">'
        f'<progress max="{max(1, coming.total)}" value="{coming.ready}" aria-hidden="true"></progress>'
        f"<p>{_icon('warn' if short else 'good')}<span>{coming.ready}/{coming.total} cụm sẽ phát dù mất mạng{worry} "
        '<span class="en" lang="en">ready to play without the network</span></span></p></div></section>'
    )


def _alarms(alarms: Sequence[Alarm]) -> str:
    heaps = heaps_of(alarms)
    shown = _rows((_heap(heap) for heap in heaps[:_ALARMS]), nothing="Không có cảnh báo.")
    if not (more := heaps[_ALARMS:]):
        return shown
    n = sum(len(heap.alarms) for heap in more)
    said = f'và {n} cảnh báo nữa <span class="en" lang="en">{n} more</span>'
    rest = "".join(map(_heap, more))
    return f'{shown}<details><summary><span>{said}</span></summary><ul class="rows">{rest}</ul></details>'


def _heap(heap: Heap) -> str:
    if not heap.many:
        return _alarm(heap.newest)
    vi, en = (text.format(n=len(heap.alarms)) for text in WORDS[f"alarms.kind.{heap.kind}"])
    told = _row(vi, more=f'<span lang="en">{en}</span>', state=_tone(heap.newest)).removesuffix("</li>")
    each = "".join(_alarm(alarm) for alarm in heap.alarms)
    return (
        f'{told}<details class="zone"><summary><span>từng cụm <span class="en" lang="en">each</span></span>'
        f'{_icon("down")}</summary><ul class="rows">{each}</ul></details></li>'
    )


def _alarm(alarm: Alarm) -> str:
    seen = " (đã nhận)" if alarm.seen_at else ""
    return _row(
        f"{escape(alarm.text_vi)}{seen}",
        more=f'<span lang="en">{escape(alarm.text_en)}</span>',
        state=_tone(alarm),
    )


def _tone(alarm: Alarm) -> str:
    tone = {Severity.CRITICAL: "bad", Severity.WARNING: "warn"}.get(alarm.severity, "info")
    return _badge(tone, words.SEVERITY[alarm.severity])


def _past(past: PastAirtime, picture: Picture) -> str:
    state = "".join(
        _badge(
            "wait" if outcome is None else "good" if outcome.heard else "warn",
            escape(f"{many} cụm {words.OUTCOME[outcome]}"),
        )
        for outcome, many in past.outcomes.items()
    )
    return _row(escape(past.title), more=_when(past.start, picture), state=state)


def _clusters(clusters: Sequence[ClusterLine]) -> str:
    if not clusters:
        return "<p>Chưa có cụm loa nào.</p>"
    if len(clusters) <= _UNFOLDED:
        return _totals(clusters) + _strips(clusters)
    parts = [_totals(clusters), _strips([line for line in clusters if _lost(line)])]
    for zone, some in groupby((line for line in clusters if not _lost(line)), key=lambda line: line.zone):
        lines = list(some)
        parts.append(
            f'<details class="zone"><summary><span class="strip-name">{escape(zone)}</span>{_totals(lines)}'
            f"{_icon('down')}</summary>{_strips(lines)}</details>"
        )
    return "".join(parts)


def _strips(lines: Iterable[ClusterLine]) -> str:
    rows = "".join(
        f'<li class="strip{" is-lost" if _lost(line) else ""}">'
        f"<span><strong>{escape(line.name)}</strong>: {escape(words.of_cluster(line.live))}</span></li>"
        for line in lines
    )
    return f'<ul class="strips">{rows}</ul>' if rows else ""


def _lost(line: ClusterLine) -> bool:
    return line.live is not None and line.live.presence is Presence.LOST


def _totals(clusters: Iterable[ClusterLine]) -> str:
    counts = Counter(line.live.presence for line in clusters if line.live is not None)
    told = (_badge(_TONES[presence], f"{many} {words.PRESENCE[presence]}") for presence, many in sorted(counts.items()))
    return f'<span class="badges">{"".join(told)}</span>'


def _when(at: datetime, picture: Picture) -> str:
    local = at.astimezone(picture.zone)
    return f"{local:%H:%M} {_WEEKDAYS[local.weekday()]} {local:%d/%m/%Y}"


def _icon(name: str) -> str:
    return _file(f"templates/icons/{name}.svg")


@cache
def _file(path: str) -> str:
    return resources.files("gateway.web").joinpath(path).read_text("utf-8").strip()
