"""A command typed with the wrong folder or file changes nothing, and says which one and what to type instead."""

import asyncio
import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from devices.clock import SystemClock, instant
from devices.model import ClusterId, ZoneId
from gateway.cli.parser import main
from gateway.domain.targets import Cluster, Zone
from gateway.ports.records import AuditNote
from gateway.store.opening import open_store
from tests.gateway.services.people import build_door


async def founded(folder: Path) -> None:
    now = instant(SystemClock().now_ms())
    note = AuditNote(actor="system", action="seed", subject="test", at=now)
    with open_store(folder, now=now) as store:
        await build_door(store, SystemClock()).accounts.ensure_admin()
        await store.inventory.save_zone(Zone(id=ZoneId("kp1"), name="Khu phố 1", households=100), note=note)
        cluster = Cluster(id=ClusterId("kp1-01"), name="Cụm 1", zone=ZoneId("kp1"), households=80)
        await store.inventory.save_cluster(cluster, note=note)


@pytest.mark.parametrize(
    "words", [["plan", "--days", "7"], ["audit", "verify"], ["backup"], ["enrol", "kp1-01"], ["passwd", "admin"]]
)
def test_a_folder_without_a_ward_is_named_with_what_to_type(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--data", str(tmp_path / "nothing")]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "nothing") in said
    assert "--data" in said
    assert not (tmp_path / "nothing").exists()


def test_a_backup_that_is_not_there_is_said_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["restore", str(tmp_path / "loa.tar"), "--data", str(tmp_path / "data")]) == 1
    assert f"không có tệp sao lưu {tmp_path / 'loa.tar'}" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_stick_that_is_not_in_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(founded(tmp_path / "data"))
    assert main(["backup", "--data", str(tmp_path / "data"), "-o", str(tmp_path / "usb" / "loa.tar")]) == 1
    assert f"không có thư mục {tmp_path / 'usb'}" in capsys.readouterr().err


def test_a_code_says_until_when_by_the_ward_s_own_clock_and_a_strange_pole_how_to_be_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(founded(tmp_path))
    zone = ZoneInfo("Pacific/Auckland")  # no machine of this project is set to it
    monkeypatch.setenv("LOA_WARD__TIMEZONE", zone.key)
    before = instant(SystemClock().now_ms())
    assert main(["enrol", "kp1-01", "--data", str(tmp_path)]) == 0
    after = instant(SystemClock().now_ms())
    told = re.search(r"đến (\d\d:\d\d \d\d/\d\d/\d{4})", capsys.readouterr().out)
    assert told is not None
    until = datetime.strptime(told[1], "%H:%M %d/%m/%Y").replace(tzinfo=zone)
    day = timedelta(hours=24)
    assert before + day - timedelta(minutes=1) < until <= after + day
    assert main(["enrol", "kp9-09", "--data", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "kp9-09" in said
    assert "loa clusters import" in said
