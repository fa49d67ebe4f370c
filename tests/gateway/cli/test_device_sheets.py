"""``loa cameras`` and ``loa clusters``: sheets in and out at the command line, with a report of every bad row."""

import asyncio
import json
from pathlib import Path

import pytest

from devices.clock import SystemClock, instant
from gateway.cli.parser import main
from gateway.domain.people import Role
from gateway.store.opening import open_store
from tests.gateway.services.people import build_door

SECRET = "mat-khau-cua-camera"
FACTORY = "Hik12345"


@pytest.fixture
def ward(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with open_store(folder, now=instant(SystemClock().now_ms())) as store:
        asyncio.run(build_door(store, SystemClock()).person("kythuat", Role.TECHNICIAN))
    return folder


def loa(*words: object) -> int:
    return main([str(word) for word in words])


def clusters(folder: Path, sheet: Path) -> int:
    sheet.write_text(
        "Mã,Tên cụm,Khu phố,Tên khu phố,Loại\n"
        "kp1-01,Cụm chợ,kp1,Khu phố 1,ip\nkp1-fm,Loa cũ,kp1,,fm\nkp2-01,,kp2,,ip\n",
        "utf-8",
    )
    return loa("clusters", "import", sheet, "--data", folder)


def test_clusters_come_in_with_their_neighbourhoods_and_bad_rows_are_named(
    ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clusters(ward, tmp_path / "loa.csv") == 1
    said = capsys.readouterr()
    assert "thêm 2" in said.out
    assert "dòng 4" in said.err
    assert loa("clusters", "list", "--json", "--data", ward) == 0
    assert [(each["id"], each["kind"]) for each in json.loads(capsys.readouterr().out)] == [
        ("kp1-01", "ip"), ("kp1-fm", "fm"),
    ]  # fmt: skip
    out = tmp_path / "ra.xlsx"
    assert loa("clusters", "export", out, "--data", ward) == 0
    assert loa("clusters", "import", out, "--json", "--data", ward) == 0
    assert json.loads(capsys.readouterr().out.partition("\n")[2])["same"] == 2


def test_cameras_come_in_go_out_and_come_in_again_the_same(
    ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clusters(ward, tmp_path / "loa.csv")
    sheet = tmp_path / "camera.csv"
    sheet.write_text(
        f"code;place;zone;host;password\ncam-1;Ngã tư;Khu phố 1;192.0.2.1;{SECRET}\ncam-2;Chợ;kp7;192.0.2.2;\n", "utf-8"
    )
    assert loa("cameras", "import", sheet, "--dry-run", "--data", ward) == 1
    capsys.readouterr()
    assert loa("cameras", "import", sheet, "--json", "--data", ward) == 1
    done = json.loads(capsys.readouterr().out)
    assert (done["new"], [(each["row"], each["column"]) for each in done["bad"]]) == (1, [(3, "Khu phố")])
    assert loa("cameras", "list", "--json", "--data", ward) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["id"], listed["health"], listed["checked_at"]) == ("cam-1", "unknown", None)
    for name in ("ra.csv", "ra.xlsx"):
        assert loa("cameras", "export", tmp_path / name, "--data", ward) == 0
        assert SECRET.encode() not in (tmp_path / name).read_bytes()
        assert loa("cameras", "import", tmp_path / name, "--data", ward) == 0
        assert "giữ nguyên 1" in capsys.readouterr().out
    assert loa("cameras", "export", tmp_path / "ra.csv", "--data", ward) == 1, "a file that is there stays"
    assert loa("cameras", "list", "--data", ward) == 0
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    for path in ward.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_a_mistyped_folder_or_file_is_told(ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert loa("cameras", "list", "--data", tmp_path / "khong-co") == 1
    assert loa("cameras", "import", tmp_path / "khong-co.csv", "--data", ward) == 1
    (tmp_path / "anh.csv").write_bytes(b"\xff\xd8\xff")
    assert loa("cameras", "import", tmp_path / "anh.csv", "--data", ward) == 1
    assert capsys.readouterr().err.count("\n") >= 3


def test_logins_that_everybody_knows_are_told_at_the_command_line_and_never_the_password(
    ward: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clusters(ward, tmp_path / "loa.csv")
    sheet = tmp_path / "camera.csv"
    rows = (f"cam-1;Chợ;kp1;192.0.2.1;admin;{FACTORY}", f"cam-2;Đình;kp1;192.0.2.2;admin;{SECRET}")
    sheet.write_text("\n".join(("code;place;zone;host;user;password", *rows)), "utf-8")
    capsys.readouterr()
    assert loa("cameras", "import", sheet, "--data", ward) == 0
    said = capsys.readouterr().out
    assert "1 camera: Mật khẩu mặc định, ai cũng biết. Đổi mật khẩu trên camera" in said
    assert "cam-1" in said
    assert "cam-2" not in said
    assert loa("cameras", "import", sheet, "--dry-run", "--json", "--data", ward) == 0
    assert json.loads(capsys.readouterr().out)["weak_logins"] == ["cam-1"]
    assert loa("cameras", "list", "--weak-login", "--json", "--data", ward) == 0
    assert [(each["id"], each["weak_login"]) for each in json.loads(capsys.readouterr().out)] == [
        ("cam-1", "factory_login"),
    ]  # fmt: skip
    assert loa("cameras", "export", tmp_path / "ra.csv", "--data", ward) == 0
    written = (tmp_path / "ra.csv").read_text("utf-8-sig")
    assert written.count("Mật khẩu mặc định, ai cũng biết") == 1
    assert loa("cameras", "list", "--data", ward) == 0
    said = written + capsys.readouterr().out
    assert "! Mật khẩu mặc định" in said
    assert FACTORY not in said
