"""Podcast: the feed of what may be listened to again (RSS 2.0 with the iTunes words that players ask for)."""

from datetime import timedelta
from email.utils import format_datetime

from lxml import etree

from devices.model import asset_sha256
from gateway.domain.aired import Aired
from gateway.services.listen_again import Offer

_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_ATOM = "http://www.w3.org/2005/Atom"
_NOT_IN_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])


def feed(offer: Offer, *, ward: str, base: str, icon: str) -> bytes:
    """Write the feed. ``base``: where this ward's pages are, without a slash at the end; ``icon``: a path."""
    rss = etree.Element("rss", {"version": "2.0"}, nsmap={"itunes": _ITUNES, "atom": _ATOM})
    channel = etree.SubElement(rss, "channel")
    _say(channel, "title", f"Đài truyền thanh {ward}")
    _say(channel, "link", f"{base}/listen")
    _say(channel, "description", f"Các bản tin đã phát trên hệ thống truyền thanh {ward}.")
    _say(channel, "language", "vi")
    _say(channel, "lastBuildDate", format_datetime(offer.at))
    _say(channel, "ttl", "60")
    _say(channel, f"{{{_ITUNES}}}author", f"Đài truyền thanh {ward}")
    _say(channel, f"{{{_ITUNES}}}explicit", "false")
    etree.SubElement(channel, f"{{{_ITUNES}}}category", {"text": "Government"})
    etree.SubElement(channel, f"{{{_ITUNES}}}image", {"href": f"{base}{icon}"})
    itself = {"href": f"{base}/listen/feed.xml", "rel": "self", "type": "application/rss+xml"}
    etree.SubElement(channel, f"{{{_ATOM}}}link", itself)
    for each in offer.aired:
        _item(channel, each, offer, base)
    return etree.tostring(rss, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def file_name(aired: Aired, offer: Offer) -> str:
    """Return the last part of the address of its sound: players go by the ending."""
    ending = {"audio/mpeg": "mp3", "audio/ogg": "ogg"}.get(offer.files[aired.asset].mime, "mp3")
    return f"{asset_sha256(aired.asset)}.{ending}"


def _item(channel: etree._Element, aired: Aired, offer: Offer, base: str) -> None:
    item, file = etree.SubElement(channel, "item"), offer.files[aired.asset]
    _say(item, "title", aired.title)
    _say(item, "link", f"{base}/listen/{aired.id}")
    _say(item, "description", aired.text)
    _say(item, "pubDate", format_datetime(aired.first_at))
    guid = etree.SubElement(item, "guid", {"isPermaLink": "false"})
    guid.text = str(aired.asset)  # edited and heard anew, it is another episode
    if (category := offer.categories.get(aired.category)) is not None:
        _say(item, "category", category.label_vi)
    sound = {
        "url": f"{base}/listen/audio/{file_name(aired, offer)}",
        "length": str(file.bytes),
        "type": file.mime,
    }
    etree.SubElement(item, "enclosure", sound)
    seconds = timedelta(seconds=round(aired.duration_ms / 1000))
    _say(item, f"{{{_ITUNES}}}duration", str(seconds).zfill(8))


def _say(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = text.translate(_NOT_IN_XML)
