"""``loa report``: the same report at the office machine, beside a running gateway too."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from devices.model import ClusterId, Outcome, Proof, ZoneId
from gateway.cli import main
from gateway.domain.targets import Cluster, Zone
from gateway.ports.records import AuditNote
from gateway.store.opening import open_store
from tests.gateway.store.rows import NOW, play

OCTOBER = ("--from", "2026-10-01", "--to", "2026-10-31")


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    note = AuditNote(actor="system", action="seed", subject="test", at=NOW)
    with open_store(folder, now=NOW) as store:
        await store.inventory.save_zone(Zone(id=ZoneId("kp1"), name="Khu phố 1", households=100), note=note)
        cluster = Cluster(id=ClusterId("kp1-01"), name="Cụm 1", zone=ZoneId("kp1"), households=80)
        await store.inventory.save_cluster(cluster, note=note)
        proven = play(
            cluster=cluster.id,
            start_at=datetime(2026, 10, 7, 22, 30, tzinfo=UTC),
            outcome=Outcome.PLAYED,
            proof=Proof.DEVICE,
            heard_ms=120_000,
        )
        await store.proofs.settle([proven])
    return folder


def loa(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> str:
    assert main(["report", "--data", str(data), *OCTOBER, *words]) == 0
    return capsys.readouterr().out


def test_the_sentences_are_printed(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    said = loa(capsys, data)
    assert said.startswith("Kết quả hoạt động truyền thanh tháng 10 năm 2026")
    assert "phát 1 lượt trên hệ thống truyền thanh trong 1 buổi, tổng thời lượng 2 phút." in said
    assert "Đạt tỷ lệ 80% trên tổng số hộ dân" in said


def test_json_csv_word_and_spreadsheet_say_the_same(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    known = json.loads(loa(capsys, data, "--format", "json"))
    assert known["report"]["total"]["airings"] == 1
    assert '"Kết quả chung","Lượt phát","Kỳ này","1"' in loa(capsys, data, "--format", "csv")
    for kind in ("docx", "xlsx"):
        loa(capsys, data, "--format", kind, "-o", str(tmp_path / f"bao-cao.{kind}"))
    text = [line.text for line in Document(io.BytesIO((tmp_path / "bao-cao.docx").read_bytes())).paragraphs]
    assert f"- {known['sentences'][0]['vi']}" in text
    assert load_workbook(tmp_path / "bao-cao.xlsx")["Kết quả chung"]["B4"].value == 1


@pytest.mark.parametrize("words", [("--from", "2026-10-31", "--to", "2026-10-01"), ("--data", "nowhere")])
def test_what_cannot_be_reported_is_told_and_makes_no_ward(
    capsys: pytest.CaptureFixture[str], data: Path, words: tuple[str, ...], tmp_path: Path
) -> None:
    named = [str(tmp_path / word) if word == "nowhere" else word for word in words]
    assert main(["report", "--data", str(data), *named]) == 1
    assert capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
