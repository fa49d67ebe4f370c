"""Cài đặt: one frozen tree, read once from a TOML file and ``LOA_`` variables, every mistake reported at once.

A validator only validates: no file is opened and nothing is connected to here, except the one TOML file itself.
"""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from gateway.setting_names import BETWEEN, PREFIX, known_variables, unknown_setting, unknown_variables
from gateway.speech_settings import Section, Speech

Port = Annotated[int, Field(ge=1, le=65_535)]
Percent = Annotated[int, Field(ge=0, le=100)]
_MOST_SEARCHED = 1_024


class BadSettings(Exception):  # noqa: N818 - it names what was found
    """The settings cannot be used. ``problems`` holds ``(path, text)`` for every mistake, not just the first."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__("\n".join(f"{path}: {text}" for path, text in problems))


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of the database, such as "Asia"
        raise ValueError(
            "múi giờ không có; nếu tên đúng thì máy thiếu dữ liệu múi giờ, hãy cài gói tzdata"
            " / no such time zone; if the name is right the machine has no time-zone data: install tzdata"
        ) from error
    return name


_ZONE = "Asia/Ho_Chi_Minh"
TimeZone = Annotated[str, AfterValidator(_known_zone)]


class Ward(Section):
    """Phường."""

    site: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$")] = "phuong"
    name: Annotated[str, Field(min_length=1, max_length=120)] = "Phường"
    timezone: TimeZone = _ZONE
    policy: str = "default"
    """Name of a pack that ships with the product (``default``, ``ha-noi``) or a path to a policy file."""


def _web_address(url: str) -> str:
    if not url.startswith(("http://", "https://")) or url.rstrip("/").endswith(":"):
        raise ValueError("phải bắt đầu bằng http:// hoặc https:// / it starts with http:// or https://")
    return url


class Http(Section):
    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: Annotated[str, AfterValidator(_web_address)] | None = None
    """How poles and phones reach this gateway, e.g. ``http://192.168.1.10:8080``; by default host and port above."""
    secure_cookies: bool = False
    """Set it when HTTPS stands in front."""


class Broker(Section):
    mode: Literal["auto", "mosquitto", "iotcore", "external"] = "auto"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 1883
    """0 takes any free one; poles are told at enrolment."""
    advertised_host: str | None = None
    """What poles are told at enrolment; by default ``host``."""
    url: str | None = None
    """For ``external``: ``mqtt://`` or ``mqtts://``."""
    username: str | None = None
    password: SecretStr | None = None
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class People(Section):
    require_second_factor: bool = False
    """Ask everybody who approves or sends emergencies for a second factor, not only those who turned it on."""


class Public(Section):
    """Trang nghe lại: what strangers may hear again."""

    enabled: bool = False
    days: Annotated[int, Field(ge=1, le=366)] = 30
    """How long after it was last heard a bulletin stays there."""


def _searched(network: IPv4Network) -> IPv4Network:
    if not network.is_private or network.num_addresses > _MOST_SEARCHED:
        raise ValueError(f"mạng nội bộ, nhiều nhất {_MOST_SEARCHED} địa chỉ / a private network, no more than that")
    return network


Network = Annotated[IPv4Network, AfterValidator(_searched)]


class Cameras(Section):
    allow_local: bool = False
    """Accept cameras on this very machine: for simulated ones, never in an office."""
    networks: Annotated[tuple[Network, ...], Field(max_length=16)] = ()
    """Behind routers, where a search asks each address by itself: ``10.1.2.0/24``. Private ones only."""


class Settings(BaseSettings):
    """Everything that may be set. ``configs/gateway.toml`` names each with its default."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter=BETWEEN)

    data: Path = Path("data")
    ward: Ward = Ward()
    http: Http = Http()
    broker: Broker = Broker()
    speech: Speech = Speech()
    people: People = People()
    cameras: Cameras = Cameras()
    public: Public = Public()

    @classmethod
    def settings_customise_sources(  # the library's own signature
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # the environment is laid over the file by load_settings

    @property
    def base_url(self) -> str:
        """Where poles and phones find this gateway."""
        return (self.http.public_url or f"http://{self.http.host}:{self.http.port}").rstrip("/")


def load_settings(path: Path | None = None, **overrides: Any) -> Settings:
    """Read settings: defaults, then the file, then the environment, then ``overrides``: what was typed for this run.

    Raises:
        BadSettings: with every mistake and where it stands.
    """
    problems = unknown_variables(os.environ, Settings)
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            problems.append((str(path), f"không đọc được tệp / cannot be read: {error}"))
        except tomllib.TOMLDecodeError as error:
            problems.append((str(path), f"không phải TOML / not TOML: {error}"))
    typed: dict[str, Any] = {}
    try:
        typed = _environment()
    except SettingsError as error:
        problems.append(("LOA_", f"biến môi trường không đọc được / an unreadable variable: {error}"))
    try:
        usual = {"ward": {"timezone": _ZONE}}  # said, so that it is checked: a machine may know no zone at all
        settings = Settings(**_over(usual, values, typed, overrides))
    except ValidationError as error:
        raise BadSettings([*problems, *map(_problem, error.errors())]) from error
    if problems:
        raise BadSettings(problems)
    return settings


def _environment() -> dict[str, Any]:
    source = EnvSettingsSource(Settings)
    source.env_vars = known_variables(source.env_vars, Settings)  # the others are told once, under their own names
    return source()


def _over(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Lay settings over one another, the last on top, section by section."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            below = merged.get(name)
            merged[name] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


_WORDS = {
    "missing": "thiếu / missing",
    "less_than_equal": "nhiều nhất là {le} / at most {le}",
    "greater_than_equal": "ít nhất là {ge} / at least {ge}",
    "int_parsing": "phải là số nguyên / not a whole number",
    "bool_parsing": "phải là true hoặc false / neither true nor false",
    "literal_error": "phải là một trong / one of: {expected}",
    "string_pattern_mismatch": "chỉ chữ thường, số, gạch nối / small letters, digits and dashes only",
}
"""What is wrong most often, in the words of whoever reads it; for the rest the library's own."""


def _problem(item: Any) -> tuple[str, str]:
    path = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return path, unknown_setting(path, Settings)
    words = _WORDS.get(item["type"])
    if words is None:
        return path, item["msg"].removeprefix("Value error, ")
    return path, words.format_map(item.get("ctx", {}))
