"""Settings: every mistake at once and with its path, and nothing that the example file does not name."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from gateway.settings import BadSettings, Settings, load_settings

EXAMPLE = Path(__file__).parents[2] / "configs" / "gateway.toml"


def test_the_example_says_the_defaults() -> None:
    assert load_settings(EXAMPLE) == Settings()


def test_every_setting_is_named_in_the_example() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            assert f"[{name}]" in text
            for inner in model.model_fields:
                assert f"\n{inner} =" in text or f"\n# {inner} =" in text, f"{name}.{inner}"
        else:
            assert f"\n{name} =" in text, name


def test_every_mistake_is_told_at_once_with_its_path(tmp_path: Path) -> None:
    file = tmp_path / "loa.toml"
    file.write_text('[http]\nport = 99999\nhots = "x"\n[speech]\nspeed = 3\n[ward]\nsite = "Phường 3"\n')
    with pytest.raises(BadSettings) as caught:
        load_settings(file)
    assert {path for path, _ in caught.value.problems} == {"http.port", "http.hots", "speech.speed", "ward.site"}
    assert all(text for _, text in caught.value.problems)


@pytest.mark.parametrize("content", [b"[http\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "loa.toml"
    file.write_bytes(content)
    with pytest.raises(BadSettings, match=r"loa\.toml"):
        load_settings(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"none\.toml"):
        load_settings(tmp_path / "none.toml")


def test_the_environment_wins_and_false_and_zero_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "loa.toml"
    file.write_text("[http]\nport = 9000\nsecure_cookies = true\n[broker]\nport = 1884\n")
    monkeypatch.setenv("LOA_HTTP__SECURE_COOKIES", "false")
    monkeypatch.setenv("LOA_BROKER__PORT", "0")
    settings = load_settings(file)
    assert (settings.http.port, settings.http.secure_cookies, settings.broker.port) == (9000, False, 0)


def test_what_was_typed_for_this_run_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_DATA", str(tmp_path / "that"))
    monkeypatch.setenv("LOA_HTTP__PORT", "9001")
    monkeypatch.setenv("LOA_HTTP__SECURE_COOKIES", "true")
    settings = load_settings(data=tmp_path / "this", http={"port": 9002})
    assert (settings.data, settings.http.port, settings.http.secure_cookies) == (tmp_path / "this", 9002, True)


def test_a_variable_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOA_WARD", "{")
    with pytest.raises(BadSettings, match="LOA_"):
        load_settings()


def test_a_password_is_not_printed() -> None:
    settings = load_settings(broker={"username": "gateway", "password": "quá bí mật"})
    assert "quá bí mật" not in repr(settings)
    assert "quá bí mật" not in str(settings.model_dump(mode="json"))


def test_the_example_is_toml_without_repeats() -> None:
    assert set(tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))) == set(Settings.model_fields)


@pytest.mark.parametrize("network", ["8.8.8.0/24", "10.0.0.0/8", "10.1.2.3/24", "camera", "100.64.0.0/24"])
def test_only_small_private_networks_are_searched_for_cameras(network: str, tmp_path: Path) -> None:
    file = tmp_path / "loa.toml"
    file.write_text(f'[cameras]\nnetworks = ["10.1.2.0/24", "{network}"]\n')
    with pytest.raises(BadSettings) as caught:
        load_settings(file)
    assert [path.startswith("cameras.networks") for path, _ in caught.value.problems] == [True]
    file.write_text('[cameras]\nnetworks = ["10.1.2.0/24", "192.168.8.0/22"]\n')
    assert [str(each) for each in load_settings(file).cameras.networks] == ["10.1.2.0/24", "192.168.8.0/22"]
