"""``loa check-config``: every mistake at once, with its path."""

import argparse

from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say
from gateway.cli.parser import add_settings_options
from gateway.settings import Settings
from tts.speech import local_studio


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_settings_options(parser)


def run(args: argparse.Namespace) -> int:
    """Check, and say what will be used."""
    settings = settings_for(args.config, args.data)
    if missing := _missing_voices(settings):
        lines = "\n".join(f"  {path}: không có giọng “{name}” / no such voice" for path, name in missing)
        raise Failed(
            f"Cài đặt có {len(missing)} lỗi / the settings have mistakes:\n{lines}\n"
            "Xem các giọng đang có / see what there is: loa voices list"
        )
    say("Cài đặt dùng được / the settings are fine:")
    for section, values in settings.model_dump(mode="json").items():
        say(f"  {section}: {values}")
    return 0


def _missing_voices(settings: Settings) -> list[tuple[str, str]]:
    """Return the voices that are set and that nobody has, with the path of each setting."""
    studio = local_studio(
        settings.data / "speech", online=settings.speech.online, voices=settings.data / "voices"
    )  # never started: it only knows its voices
    there = {voice.id for voice in studio.voices()}
    return [(path, name) for path, name in settings.speech.named if name not in there]
