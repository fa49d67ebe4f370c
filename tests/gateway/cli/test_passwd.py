"""A lost password is renewed on the machine itself, and never beside a running gateway."""

import asyncio
import re
from pathlib import Path

import pytest

from devices.clock import SystemClock, instant
from gateway.cli.parser import main
from gateway.domain.people import Role
from gateway.services.sessions import SignIn
from gateway.store.lock import only_gateway
from gateway.store.opening import open_store
from tests.gateway.services.people import build_door

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"


async def founded(folder: Path) -> str:
    with open_store(folder, now=instant(SystemClock().now_ms())) as store:
        password = await build_door(store, SystemClock()).accounts.ensure_admin()
    assert password is not None
    return password


async def sign_in(folder: Path, password: str) -> frozenset[Role]:
    with open_store(folder, now=instant(SystemClock().now_ms())) as store:
        door = build_door(store, SystemClock())
        entered = await door.sessions.sign_in(SignIn(name="admin", password=password, address="x"))
        assert entered.user.must_change_password
        await store.audit.verify()
        return entered.user.roles


def test_the_lost_password_of_the_only_administrator_is_renewed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(founded(tmp_path))
    assert main(["passwd", "Admin", "--data", str(tmp_path)]) == 0
    password = capsys.readouterr().out.strip().splitlines()[-1].strip()
    assert asyncio.run(sign_in(tmp_path, password)) == {Role.ADMIN}


def test_the_way_back_in_works_as_it_is_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = re.findall(r"^ *loa (passwd .*)$", OPERATIONS.read_text("utf-8"), re.MULTILINE)
    assert commands == ["passwd admin --data data"]
    asyncio.run(founded(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    for options in ([], ["--no-second-factor"]):
        assert main([*commands[0].split(), *options]) == 0
        password = capsys.readouterr().out.strip().splitlines()[-1].strip()
        assert asyncio.run(sign_in(tmp_path / "data", password)) == {Role.ADMIN}


def test_nothing_is_changed_under_a_running_gateway_or_for_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = asyncio.run(founded(tmp_path))
    with only_gateway(tmp_path):
        assert main(["passwd", "admin", "--data", str(tmp_path)]) == 1
    assert main(["passwd", "ai-do", "--data", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "ai-do" in said
    assert "Quản trị viên: admin." in said
    assert asyncio.run(sign_in(tmp_path, first)) == {Role.ADMIN}


def test_a_wrong_folder_is_said_and_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["passwd", "admin", "--data", str(tmp_path / "khac")]) == 1
    assert "khac" in capsys.readouterr().err
    assert not (tmp_path / "khac").exists()
