"""House rules that a machine can see."""

import re
from pathlib import Path

import pytest

from gateway.cli.parser import VERBS

ROOT = Path(__file__).parents[2]
CODE = [
    path for folder in ("gateway", "devices", "tts", "simulators", "bench") for path in (ROOT / folder).rglob("*.py")
]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def test_no_file_is_longer_than_people_read() -> None:
    long = {path.relative_to(ROOT): lines for path in CODE if (lines := len(path.read_text().splitlines())) > 400}
    assert not long


def test_nothing_imports_pytz_whose_offsets_freeze() -> None:
    assert CODE
    guilty = [path for path in CODE if re.search(r"^\s*(import|from) pytz", path.read_text(), re.MULTILINE)]
    assert not guilty


def test_only_clocks_and_boards_read_the_time() -> None:
    """Everything else is given a clock, or a week of airtime could not be tested in seconds."""
    allowed = {"devices/clock.py", "devices/agent/linux.py"}
    reading = re.compile(r"datetime\.now\(|datetime\.utcnow\(|\btime\.time\(|time\.time_ns\(")
    guilty = {
        str(path.relative_to(ROOT))
        for path in CODE
        if path.parts[len(ROOT.parts)] != "bench" and reading.search(path.read_text())
    }
    assert guilty <= allowed | {"gateway/cli/demo.py"}, "the demo asks only which Thursday comes next"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    pins = re.findall(r"^[a-zA-Z0-9_.\-\[\]]+==", text, re.MULTILINE)
    assert len(pins) > 1
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    assert "index-url" not in text


def test_the_pole_needs_none_of_the_gateways_dependencies() -> None:
    pole = (ROOT / "requirements" / "agent.txt").read_text()
    for heavy in ("fastapi", "uvicorn", "sqlite-utils", "pydub", "gtts", "espeakng", "holidays", "argon2"):
        assert heavy not in pole.lower()


@pytest.mark.parametrize("verb", [verb.name for verb in VERBS])
def test_every_command_is_described_for_people(verb: str) -> None:
    pages = (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
    assert any(f"loa {verb}" in page.read_text() for page in pages), f"loa {verb} stands in no page"


def test_every_code_word_of_the_glossary_exists() -> None:
    words = set()
    for line in (ROOT / "docs" / "glossary.md").read_text().splitlines():
        cells = line.split("|")
        if len(cells) > 3:
            words |= set(re.findall(r"`([A-Z][A-Za-z]+)(?:\.[A-Z_ /]+)?`", cells[2]))
    assert len(words) > 15
    everything = "\n".join(path.read_text() for path in CODE)
    missing = {word for word in words if not re.search(rf"\b{word}\b", everything)}
    assert not missing


def test_decisions_are_numbered_without_gap_or_repeat() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_links_between_the_pages_lead_somewhere() -> None:
    broken = []
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")):
        targets = re.findall(r"\]\(([^)#]+)\)", page.read_text())
        lost = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
        broken += [f"{page.relative_to(ROOT)}: {target}" for target in lost]
    assert not broken
