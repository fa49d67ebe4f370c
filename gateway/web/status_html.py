"""The status page as HTML. Every text that somebody typed is escaped; there is no script and no style in it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from html import escape

from gateway.ports.records import Severity
from gateway.services.presence import Presence
from gateway.web import status_words as words
from gateway.web.services import WebOptions
from gateway.web.status_picture import ClusterLine, NextAirtime, PastAirtime, Picture

_REFRESH_S = 15
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_SIGN_IN = '<p><a href="/sign-in">Đăng nhập <span class="en" lang="en">sign in</span></a></p>'


def render(picture: Picture) -> str:
    """Return the page."""
    clock = f"{picture.now.astimezone(picture.zone):%H:%M:%S}"
    body = [
        f"<h1>{escape(picture.options.ward_name)}</h1>",
        f'<p>Đài truyền thanh · cập nhật lúc {clock} <span class="en" lang="en">updated every 15 s</span></p>',
        _SIGN_IN,
        *_warnings(picture),
        _heading("Lượt phát tới", "Next broadcast"),
        _coming(picture.coming, picture),
        _heading("Cảnh báo", "Alarms"),
        _list(
            (
                f'<li class="{_class(alarm.severity)}"><strong>{words.SEVERITY[alarm.severity]}:</strong> '
                f"{escape(alarm.text_vi)}{' (đã nhận)' if alarm.seen_at else ''}"
                f'<br><span class="en" lang="en">{escape(alarm.text_en)}</span></li>'
                for alarm in picture.alarms
            ),
            nothing="Không có cảnh báo.",
        ),
        _heading("Kết quả gần đây", "Last outcomes"),
        _list((_past(each, picture) for each in picture.past), nothing="Chưa có lượt phát nào."),
        _heading("Cụm loa", "Clusters"),
        f"<p>{escape(_totals(picture.clusters))}</p>",
        _list((_cluster(each) for each in picture.clusters), nothing="Chưa có cụm loa nào."),
    ]
    return _page(picture.options, "".join(body), refresh=True)


def render_closed(options: WebOptions) -> str:
    """Return what a stranger sees when the page is not public."""
    body = (
        f"<h1>{escape(options.ward_name)}</h1><p>Hãy đăng nhập để xem tình trạng đài. "
        '<span class="en" lang="en">Sign in to see the status.</span></p>{_SIGN_IN}'
    )
    return _page(options, body, refresh=False)


def _page(options: WebOptions, body: str, *, refresh: bool) -> str:
    again = f'<meta http-equiv="refresh" content="{_REFRESH_S}">' if refresh else ""
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{again}<title>{escape(options.ward_name)} · Loa Phường</title>"
        f'<link rel="stylesheet" href="/status.css"></head><body><main>{body}</main></body></html>'
    )


def _heading(vi: str, en: str) -> str:
    return f'<h2>{vi} <span class="en" lang="en">{en}</span></h2>'


def _list(items: Iterable[str], *, nothing: str) -> str:
    rows = "".join(items)
    return f"<ul>{rows}</ul>" if rows else f"<p>{nothing}</p>"


def _warnings(picture: Picture) -> Iterable[str]:
    if picture.silent:
        yield '<p class="bad big">Toàn phường đang IM LẶNG <span class="en" lang="en">the ward is silenced</span></p>'
    if not picture.healthy:
        yield (
            '<p class="bad">Có bộ phận của đài không hoạt động '
            '<span class="en" lang="en">a part of the gateway is not working</span></p>'
        )


def _coming(coming: NextAirtime | None, picture: Picture) -> str:
    if coming is None:
        return '<p class="next warn">Không có lượt phát nào trong 14 ngày tới.</p>'
    broadcast = coming.broadcast
    left = broadcast.start - picture.now
    ready = f"{coming.ready}/{coming.total} cụm sẽ phát dù mất mạng"
    worry = ' <strong class="warn">CHƯA ĐỦ</strong>' if coming.ready < coming.total else ""
    return (
        f'<div class="next"><p class="big">{escape(broadcast.title)}</p>'
        f"<p>{_when(broadcast.start, picture)} · <strong>{words.countdown(left)}</strong></p>"
        f'<p>{ready}{worry} <span class="en" lang="en">ready to play without the network</span></p></div>'
    )


def _past(past: PastAirtime, picture: Picture) -> str:
    parts = [f"{many} cụm {words.OUTCOME[outcome]}" for outcome, many in past.outcomes.items()]
    good = all(outcome is not None and outcome.heard for outcome in past.outcomes)
    mark = "" if good else ' class="warn"'
    return f"<li{mark}>{_when(past.start, picture)} · {escape(past.title)}<br>{escape('; '.join(parts))}</li>"


def _cluster(line: ClusterLine) -> str:
    lost = line.live is not None and line.live.presence is Presence.LOST
    mark = ' class="bad"' if lost else ""
    return f"<li{mark}><strong>{escape(line.name)}</strong>: {escape(words.of_cluster(line.live))}</li>"


def _totals(clusters: Iterable[ClusterLine]) -> str:
    counts = Counter(line.live.presence for line in clusters if line.live is not None)
    return ", ".join(f"{many} {words.PRESENCE[presence]}" for presence, many in sorted(counts.items()))


def _when(at: datetime, picture: Picture) -> str:
    local = at.astimezone(picture.zone)
    return f"{local:%H:%M} {_WEEKDAYS[local.weekday()]} {local:%d/%m/%Y}"


def _class(severity: Severity) -> str:
    return "bad" if severity is Severity.CRITICAL else "warn"
