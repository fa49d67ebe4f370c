"""Câu của báo cáo: the sentences that wards write into their half-yearly reports, with the numbers of this one.

Modelled on how wards report: "Viết 6 bài tuyên truyền, phát 18 lượt trên hệ thống truyền thanh ... Đạt tỷ lệ 85% ...".
A number that is not known is left out with its sentence; none is made up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.domain.category import Category
from gateway.domain.ids import CategoryId
from gateway.domain.report import Report
from gateway.reports.numbers import decimal, percent, whole
from gateway.reports.words import category_words


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence in both languages; ``key`` names it."""

    key: str
    vi: str
    en: str


def sentences(report: Report, categories: Mapping[CategoryId, Category]) -> tuple[Sentence, ...]:
    """Return what can be said, the sentence of all reports first."""
    return tuple(_said(report, categories))


def _said(report: Report, categories: Mapping[CategoryId, Category]) -> Iterator[Sentence]:
    total = report.total
    minutes = decimal(total.minutes)
    yield Sentence(
        key="plays",
        vi=f"Viết {whole(report.written)} bài tuyên truyền, phát {whole(total.airings)} lượt trên hệ thống truyền thanh"
        f" trong {whole(report.sessions)} buổi, tổng thời lượng {minutes} phút.",
        en=f"{whole(report.written)} bulletins written, {whole(total.airings)} plays on the loudspeakers"
        f" in {whole(report.sessions)} sessions, {minutes} minutes in all.",
    )
    if report.reach.percent is not None:
        reached, households = whole(report.reach.reached), whole(report.reach.households)
        vi = (
            f"Đạt tỷ lệ {percent(report.reach.percent)} trên tổng số hộ dân được nghe tuyên truyền trên hệ thống loa"
            f" truyền thanh của phường và khu phố ({reached}/{households} hộ)"
        )
        en = f"{percent(report.reach.percent)} of households could hear it ({reached}/{households})"
        if report.mean_reach_percent is not None:
            vi += f", bình quân mỗi lượt {percent(report.mean_reach_percent)}"
            en += f", {percent(report.mean_reach_percent)} on the average of the plays"
        yield Sentence(key="reach", vi=f"{vi}.", en=f"{en}.")
    for group in report.by_category:
        if group.key and group.tally.airings:
            name = category_words(group.key, categories)
            many, times = whole(group.tally.bulletins), whole(group.tally.airings)
            yield Sentence(
                key=f"category:{group.key}",
                vi=f"Chuyên mục {name[0]}: {many} bài, phát {times} lượt.",
                en=f"{name[1]}: {many} bulletins, {times} plays.",
            )
    yield from _clusters(report)
    if report.heard_percent is not None:
        share = percent(report.heard_percent)
        yield Sentence(
            key="heard",
            vi=f"Có bằng chứng đã phát đủ {whole(report.heard)}/{whole(report.owed - report.waiting)} lượt trên các cụm"
            f" loa ({share}); {whole(report.unproven)} lượt không có bằng chứng, không được tính.",
            en=f"{whole(report.heard)} of {whole(report.owed - report.waiting)} cluster plays are proven whole"
            f" ({share}); {whole(report.unproven)} are unproven and not counted.",
        )


def _clusters(report: Report) -> Iterator[Sentence]:
    clusters = sum(each.count for each in report.stock if each.key.startswith("cluster."))
    if not clusters:
        return
    served, zones = whole(report.zones_served), whole(len(report.by_zone))
    vi = f"Hệ thống truyền thanh: trên địa bàn hiện có {whole(clusters)} cụm loa trên {served}/{zones} khu phố"
    en = f"The ward has {whole(clusters)} clusters in {served} of {zones} neighbourhoods"
    if report.working.percent is not None:
        share = percent(report.working.percent)
        vi += (
            f"; tỷ lệ hoạt động {share} thời gian theo dõi, {whole(report.working.good)}/"
            f"{whole(report.working.clusters)} cụm hoạt động tốt"
        )
        en += (
            f"; they worked {share} of the time watched, {whole(report.working.good)} of "
            f"{whole(report.working.clusters)} well"
        )
    yield Sentence(key="clusters", vi=f"{vi}.", en=f"{en}.")
    cameras = sum(each.count for each in report.stock if each.key.startswith("camera."))
    if cameras:
        yield Sentence(
            key="cameras", vi=f"Có {whole(cameras)} camera trong danh mục.", en=f"The registry holds {cameras} cameras."
        )
