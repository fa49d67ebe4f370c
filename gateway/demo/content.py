"""What the demo ward has: 20 clusters in 8 of its 10 neighbourhoods, four bulletins, Thursday and Saturday airtimes."""

from dataclasses import dataclass
from datetime import date, time
from importlib import resources

from devices.model import ClusterId, ZoneId
from gateway.domain.category import Category, Duty
from gateway.domain.ids import CategoryId
from gateway.domain.people import Role
from gateway.domain.rule import Weekly
from gateway.domain.targets import Cluster, Zone

WARD_NAME = "Phường mẫu"
SITE = "phuong-mau"
GREETING = "Đây là đài truyền thanh phường."
SIGN_OFF = "Chương trình phát thanh đến đây là hết. Chào bà con."
MORNING, EVENING = time(5, 30), time(17, 30)
THURSDAY, SATURDAY = 3, 5
_ZONES = 10
_CLUSTERS_BY_ZONE = (3, 3, 3, 3, 2, 2, 2, 2)
_HOUSEHOLDS = 140
"""A round figure for the demo; a real ward enters its own."""
_OUT_OF_EARSHOT = 247
"""Households of each neighbourhood without a loudspeaker: 85 % of the ward can hear, as real wards report."""

PEOPLE: tuple[tuple[str, str, Role], ...] = (
    ("bientap", "Biên tập viên", Role.AUTHOR),
    ("duyet", "Phó chủ tịch phụ trách", Role.APPROVER),
    ("vanhanh", "Người vận hành", Role.OPERATOR),
    ("kythuat", "Kỹ thuật viên", Role.TECHNICIAN),
    ("xem", "Người xem", Role.VIEWER),
)
"""Sign-in name, what the screen shows, role. Passwords are generated."""

CATEGORIES = (
    Category(id=CategoryId("an-ninh-trat-tu"), label_vi="An ninh trật tự", label_en="Public order"),
    Category(
        id=CategoryId("chuyen-doi-so"),
        label_vi="Chuyển đổi số",
        label_en="Digital transformation",
        duty=Duty(bulletins_a_month=1, replays=2),
    ),
    Category(id=CategoryId("thong-tin-chung"), label_vi="Thông tin chung", label_en="General"),
)


@dataclass(frozen=True)
class Text:
    """One bulletin of the demo."""

    file: str
    title: str
    category: CategoryId

    def read(self) -> str:
        """Return its text."""
        return (resources.files("gateway.demo") / "bulletins" / f"{self.file}.txt").read_text("utf-8").strip()


TEXTS = (
    Text("01-an-ninh-trat-tu", "An ninh trật tự trong tuần", CategoryId("an-ninh-trat-tu")),
    Text("02-chuyen-doi-so", "Chuyên mục Chuyển đổi số", CategoryId("chuyen-doi-so")),
    Text("03-camera-an-ninh", "Camera an ninh cơ sở", CategoryId("an-ninh-trat-tu")),
    Text("04-truyen-thanh", "Hệ thống truyền thanh", CategoryId("thong-tin-chung")),
)


def zones() -> list[Zone]:
    """Return the ten neighbourhoods."""
    served = len(_CLUSTERS_BY_ZONE)
    return [
        Zone(id=ZoneId(f"kp{n}"), name=f"Khu phố {n}", households=_OUT_OF_EARSHOT if n > served else 0)
        for n in range(1, _ZONES + 1)
    ]


def clusters(count: int = sum(_CLUSTERS_BY_ZONE)) -> list[Cluster]:
    """Return ``count`` clusters; the first 20 stand in eight neighbourhoods, more go round all ten."""
    homes = [zone for zone, some in enumerate(_CLUSTERS_BY_ZONE, 1) for _ in range(some)]
    homes += [1 + n % _ZONES for n in range(max(0, count - len(homes)))]
    seen: dict[int, int] = {}
    made = []
    for zone in homes[:count]:
        seen[zone] = seen.get(zone, 0) + 1
        number = f"{seen[zone]:02}"
        made.append(
            Cluster(
                id=ClusterId(f"kp{zone}-{number}"),
                name=f"Cụm loa KP{zone}-{number}",
                zone=ZoneId(f"kp{zone}"),
                households=_HOUSEHOLDS,
            )
        )
    return made


def thursday_and_saturday(first: date) -> Weekly:
    """Return the rule of the real wards: every Thursday and Saturday from ``first`` on."""
    return Weekly(weekdays=frozenset({THURSDAY, SATURDAY}), first=first)
