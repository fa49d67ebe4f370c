"""A machine without a time-zone database, as small boards are: the product brings its own."""

from pathlib import Path

from tests.onair.loa import environment, loa
from tests.onair.world import settings_for


async def test_without_the_machines_time_zones_the_ward_keeps_its_hours_by_those_that_come_along(
    tmp_path: Path,
) -> None:
    settings = settings_for(tmp_path, timezone="Asia/Ho_Chi_Minh", broker="auto", policy="default")
    bare = environment(settings) | {"PYTHONTZPATH": ""}
    checked = await loa("check-config", env=bare)
    assert (checked.code, checked.err) == (0, "")
    assert "Asia/Ho_Chi_Minh" in checked.out


async def test_without_any_time_zones_at_all_nothing_starts_and_the_missing_package_is_named(tmp_path: Path) -> None:
    """Neither the database of the machine nor the one that comes along."""
    settings = settings_for(tmp_path, timezone="Asia/Ho_Chi_Minh", broker="auto", policy="default")
    stub = tmp_path / "stub" / "tzdata"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("")
    bare = environment(settings) | {"PYTHONTZPATH": "", "PYTHONPATH": str(stub.parent)}
    for words in (("check-config",), ("run",)):
        ended = await loa(*words, env=bare)
        assert ended.code != 0, words
        assert "tzdata" in ended.err
        assert "múi giờ" in ended.err
        assert "Traceback" not in ended.err
    assert not (settings.data / "keys").exists()


async def test_a_misspelt_time_zone_is_named_by_its_setting_before_anything_is_founded(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, timezone="Asia/Ho_Chi_Minh", broker="auto", policy="default")
    for words in (("check-config",), ("run",)):
        ended = await loa(*words, env=environment(settings) | {"LOA_WARD__TIMEZONE": "Asia/Sai_Gon"})
        assert ended.code != 0, words
        assert "ward.timezone" in ended.err
    assert not (settings.data / "keys").exists()
