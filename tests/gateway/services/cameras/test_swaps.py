"""Cameras that changed places: found by their marks, told on both sides, and moved by a person, one tap each."""

import asyncio
from pathlib import Path

from gateway.domain.device import Camera, CameraId
from gateway.services.cameras.finder import SEARCH_AGAIN_S
from tests.gateway.services.cameras.eyes import TECHNICIAN, Ward, open_ward
from tests.gateway.services.cameras.test_poller import pass_time, polling


def marked(ward: Ward, number: int, **marks: str) -> Camera:
    return ward.camera(number, port=80, uuid=f"u-{number}", mac=f"00:11:22:33:44:0{number}", **marks)


async def test_two_that_changed_places_are_searched_for_and_told_though_both_answer(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        one, two = marked(ward, 1), marked(ward, 2)
        await ward.have([one, two])
        ward.eyes.does = {80: "camera_replaced"}
        ward.eyes.network = [
            ward.found(one, host=two.host, uuid="u-1"),
            ward.found(two, host=one.host, uuid="u-2"),
        ]
        searching = asyncio.ensure_future(ward.room.finder.run())
        try:
            async with polling(ward):
                await pass_time(ward, 600)
                assert ward.eyes.searches == 1
                found = {each.camera.id: each.found.host for each in ward.room.finder.matches if each.camera}
                assert found == {one.id: two.host, two.id: one.host}
                assert all(each.moved for each in ward.room.finder.matches)
                assert ward.room.registry.get(one.id).host == one.host, "nothing moves by itself"
                ward.eyes.does = {}
                await ward.room.finder.accept(one.id, by=TECHNICIAN)
                await ward.room.finder.accept(two.id, by=TECHNICIAN)
                assert [ward.room.registry.get(each).host for each in (one.id, two.id)] == [two.host, one.host]
                assert not any(each.moved for each in ward.room.finder.matches)
                await pass_time(ward, SEARCH_AGAIN_S + 60)
        finally:
            searching.cancel()
            await asyncio.gather(searching, return_exceptions=True)
        assert ward.eyes.searches == 1, "each is where it should be"


async def test_a_copied_mark_or_a_serial_alone_proposes_nothing(tmp_path: Path) -> None:
    async with open_ward(tmp_path) as ward:
        camera = ward.camera(1, uuid="u-1", serial="123456", model="DS-2CD")
        await ward.have([camera])
        by_serial = ward.found(camera, host="192.0.2.77", serial="123456", model="DS-2CD")
        copied = [ward.found(camera, host=host, uuid="u-1") for host in ("192.0.2.78", "192.0.2.79")]
        for network, proposed in (([by_serial], []), (copied, []), (copied[:1], [CameraId("cam-0001")])):
            ward.eyes.network = list(network)
            searching = asyncio.ensure_future(ward.room.finder.search(by=TECHNICIAN))
            await pass_time(ward, 10)
            assert [each.camera.id for each in await searching if each.camera and each.moved] == proposed
