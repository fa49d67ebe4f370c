"""``loa check-config``: every mistake at once, with its path."""

import argparse
from collections.abc import Iterator

from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say
from gateway.cli.parser import add_settings_options
from gateway.main.broker import external_address
from gateway.main.founding import read_pack
from gateway.settings import BadSettings, Broker, Settings
from tts.speech import local_studio

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - looked for, not listened on
_NEEDED = "địa chỉ mà cụm loa dùng / needed then, where poles find this machine:"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Check, and say what will be used."""
    settings = settings_for(args.config, args.data)
    voices = [(path, f"không có giọng “{name}” / no such voice") for path, name in _missing_voices(settings)]
    problems = [*_pack(settings), *_nowhere(settings), *_broker(settings.broker), *voices]
    if problems:
        lines = "\n".join(f"  {path}: {text}" for path, text in problems)
        hint = "\nXem các giọng đang có / see what there is: loa voices list" if voices else ""
        raise Failed(f"Cài đặt có {len(problems)} lỗi / the settings have mistakes:\n{lines}{hint}")
    say("Cài đặt dùng được / the settings are fine:")
    for section, values in settings.model_dump(mode="json").items():
        say(f"  {section}: {values}")
    return 0


def _pack(settings: Settings) -> list[tuple[str, str]]:
    try:
        read_pack(settings.ward.policy)
    except BadSettings as error:
        return error.problems
    return []


def _nowhere(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield what poles would be told and could not reach: 0.0.0.0 is where to listen, not where to go."""
    if settings.http.host in EVERYWHERE and settings.http.public_url is None:
        yield (
            "http.public_url",
            f"cần khi http.host là {settings.http.host}: {_NEEDED} http://192.168.1.10:8080",
        )
    broker = settings.broker
    if broker.mode != "external" and broker.host in EVERYWHERE and broker.advertised_host is None:
        yield (
            "broker.advertised_host",
            f"cần khi broker.host là {broker.host}: {_NEEDED} 192.168.1.10",
        )


def _broker(settings: Broker) -> list[tuple[str, str]]:
    if settings.mode != "external":
        return []
    try:
        address = external_address(settings)
    except BadSettings as error:
        return error.problems
    if address.tls is None:
        return []
    try:
        address.tls.context()
    except OSError as error:
        named = ", ".join(str(each) for each in (settings.ca, settings.certificate, settings.key) if each)
        return [("broker", f"không dùng được chứng thư {named} / these certificates cannot be used: {error}")]
    return []


def _missing_voices(settings: Settings) -> list[tuple[str, str]]:
    """Return the voices that are set and that nobody has, with the path of each setting."""
    studio = local_studio(
        settings.data / "speech", online=settings.speech.online, voices=settings.data / "voices"
    )  # never started: it only knows its voices
    there = {voice.id for voice in studio.voices()}
    return [(path, name) for path, name in settings.speech.named if name not in there]
