"""Cameras that repeat the password in what they say went wrong: no trouble, no detail and no log holds it."""

import asyncio
import logging

import pytest

from devices.cameras.driver import CameraDriver
from devices.cameras.veil import veiled_words
from devices.errors import CameraTrouble
from devices.model.camera import AuthKind, Depth, Door, Memory, Secret
from tests.devices.cameras.conftest import PASSWORD
from tests.devices.cameras.test_hostile import Talk, door, server

SOAP = "http://www.w3.org/2003/05/soap-envelope"


def fault(words: str) -> bytes:
    body = (
        f'<e:Envelope xmlns:e="{SOAP}"><e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code>'
        f'<e:Reason><e:Text xml:lang="en">{words}</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>'
    ).replace("&đ", "&amp;đ")
    said = body.encode()
    return b"HTTP/1.1 500 X\r\nContent-Type: application/soap+xml\r\nContent-Length: %d\r\n\r\n" % len(said) + said


def repeats(words: str) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = fault(words)
        writer.write(answer)
        while await reader.read(65_536):
            writer.write(answer)

    return talk


@pytest.mark.parametrize("padding", range(0, 300, 7))
async def test_events_that_are_refused_with_the_password_in_the_words_do_not_pass_it_on(
    padding: int, driver: CameraDriver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    memory = Memory(events_path="/onvif/events", auth=AuthKind.WSSE)
    async with server(repeats(f"{'x' * padding} no such user admin/{PASSWORD}")) as (port, _):
        with pytest.raises(CameraTrouble) as caught:
            async for _ in driver.listen(door(port), memory, pulse=lambda: None):
                pass
    assert caught.value.detail
    assert PASSWORD[:5] not in str(caught.value)
    assert PASSWORD[:5] not in caplog.text


@pytest.mark.parametrize("padding", range(0, 300, 23))
async def test_a_look_does_not_either(padding: int, driver: CameraDriver) -> None:
    async with server(repeats(f"{'x' * padding} no such user admin/{PASSWORD}")) as (port, _):
        seen = await driver.look(door(port), Memory(auth=AuthKind.WSSE), Depth.FULL)
    assert PASSWORD[:5] not in repr(seen)


def test_a_password_cut_in_the_middle_is_veiled_and_other_words_are_left() -> None:
    known = Door(host="10.0.0.5", user="admin", password=Secret("live-2026"))
    assert "live-20" not in veiled_words("refused: live-20", known)
    assert "live-2026" not in veiled_words("refused: live-2026 for admin", known)
    assert veiled_words("no stream at /liv", known) == "no stream at /liv"
