"""76 camera của phường mẫu: whose they are, where they hang, on which cabinet, and of which make. Data, no people.

The counts by owner are those of a real commune's report: 32 at 28 critical points, 15 at the people's committee, 6 at
the credit fund, 2 at the police, 17 at the kindergarten, 4 at the primary school. Its one camera that recognises faces
is left out on purpose: this product has nothing to do with faces.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from simulators.cameras.spec import MAIN, SUB, CameraSpec, Owner, Profile, make_spec


@dataclass(frozen=True)
class Make:
    """A maker and model sold in Vietnam, with what it can do."""

    maker: str
    model: str
    firmware: str
    encoding: str = "H264"
    media2: bool = True
    max_subscriptions: int = 8


@dataclass(frozen=True)
class Group:
    """Cameras of one owner at one place or of one kind."""

    prefix: str
    owner: Owner
    makes: tuple[Make, ...]
    places: tuple[tuple[str, str, str, int], ...]
    """Place, neighbourhood, cabinet, how many."""
    password: str | None = None
    """The one that all of them were left with; else each has its own."""


HIKVISION = Make("Hikvision", "DS-2CD1023G2-I", "V5.7.18", "H265")
HIKVISION_COLOR = Make("Hikvision", "DS-2CD2T47G2-L", "V5.7.15", "H265")
DAHUA = Make("Dahua", "IPC-HFW1230S-S5", "2.840.0000000.22.R", "H265")
KBVISION = Make("KBVISION", "KX-A2011N3", "2.800.0000000.16.R")
UNIVIEW = Make("UNIVIEW", "IPC2122LB-SF28-A", "QIPC-B2202.7.8", "H265")
VIGI = Make("TP-Link", "VIGI C340", "2.1.3", max_subscriptions=4)
VANTECH = Make("Vantech", "VP-2224IP", "3.1.0.5", media2=False, max_subscriptions=2)

GROUPS: tuple[Group, ...] = (
    Group(
        "diem",
        Owner.WARD,
        (HIKVISION_COLOR, DAHUA, HIKVISION_COLOR, KBVISION),
        (
            ("Ngã tư trung tâm", "kp1", "tu-nga-tu", 2),
            ("Cổng chợ", "kp1", "tu-nga-tu", 2),
            ("Bến xe", "kp1", "tu-nga-tu", 2),
            ("Nhà văn hóa khu phố 1", "kp1", "tu-kp1", 1),
            ("Đầu đường vào khu phố 1", "kp1", "tu-kp1", 1),
            ("Nhà văn hóa khu phố 2", "kp2", "tu-kp2", 1),
            ("Ngã ba khu phố 2", "kp2", "tu-kp2", 1),
            ("Công viên", "kp2", "tu-kp2", 1),
            ("Nhà văn hóa khu phố 3", "kp3", "tu-kp3", 1),
            ("Ngã ba khu phố 3", "kp3", "tu-kp3", 1),
            ("Đầu cầu", "kp3", "tu-kp3", 2),
            ("Trạm bơm", "kp3", "tu-kp3", 1),
            ("Nhà văn hóa khu phố 4", "kp4", "tu-kp4", 1),
            ("Sân vận động", "kp4", "tu-kp4", 1),
            ("Ngã ba khu phố 4", "kp4", "tu-kp4", 1),
            ("Nhà văn hóa khu phố 5", "kp5", "tu-kp5", 1),
            ("Đầu đường vào khu phố 5", "kp5", "tu-kp5", 1),
            ("Nhà văn hóa khu phố 6", "kp6", "tu-kp6", 1),
            ("Ngã ba khu phố 6", "kp6", "tu-kp6", 1),
            ("Trạm y tế", "kp6", "tu-kp6", 1),
            ("Nhà văn hóa khu phố 7", "kp7", "tu-kp7", 1),
            ("Đường tàu, lối đi dân sinh", "kp7", "tu-kp7", 1),
            ("Nhà văn hóa khu phố 8", "kp8", "tu-kp8", 1),
            ("Ngã ba khu phố 8", "kp8", "tu-kp8", 1),
            ("Nhà văn hóa khu phố 9", "kp9", "tu-kp9", 1),
            ("Bờ kè", "kp9", "tu-kp9", 1),
            ("Nhà văn hóa khu phố 10", "kp10", "tu-kp10", 1),
            ("Đường vào nghĩa trang", "kp10", "tu-kp10", 1),
        ),
    ),
    Group(
        "ubnd",
        Owner.WARD,
        (HIKVISION, HIKVISION, DAHUA),
        (
            ("UBND phường, cổng", "kp1", "tu-ubnd", 2),
            ("UBND phường, sân", "kp1", "tu-ubnd", 3),
            ("UBND phường, bộ phận một cửa", "kp1", "tu-ubnd", 4),
            ("UBND phường, hành lang", "kp1", "tu-ubnd", 4),
            ("UBND phường, nhà xe", "kp1", "tu-ubnd", 2),
        ),
    ),
    Group(
        "quy",
        Owner.CREDIT_FUND,
        (UNIVIEW,),
        (
            ("Quỹ tín dụng nhân dân, cổng", "kp2", "tu-quy", 2),
            ("Quỹ tín dụng nhân dân, quầy giao dịch", "kp2", "tu-quy", 4),
        ),
    ),
    Group("ca", Owner.POLICE, (HIKVISION_COLOR,), (("Công an phường, cổng", "kp1", "tu-ca", 2),)),
    Group(
        "mn",
        Owner.SCHOOL,
        (VIGI, VANTECH, VIGI),
        (
            ("Trường mầm non, cổng", "kp4", "tu-mn", 2),
            ("Trường mầm non, sân chơi", "kp4", "tu-mn", 4),
            ("Trường mầm non, lớp học", "kp4", "tu-mn", 9),
            ("Trường mầm non, bếp ăn", "kp4", "tu-mn", 2),
        ),
    ),
    # as whoever hangs four of them leaves them
    Group("th", Owner.SCHOOL, (KBVISION,), (("Trường tiểu học, cổng và sân", "kp5", "tu-th", 4),), "admin123"),
)


def demo_cameras(seed: int | str = "phuong-mau") -> tuple[CameraSpec, ...]:
    """Return the 76 cameras of the demo ward; serials, addresses and passwords follow from ``seed``.

    The primary school's four have the password that installers type, which the registry warns of.
    """
    return tuple(spec for group in GROUPS for spec in _cameras(group, seed))


def plain_cameras(count: int, seed: int | str = 0) -> tuple[CameraSpec, ...]:
    """Return the demo ward's cameras, and as many more like them as it takes, ``count`` in all."""
    made = list(demo_cameras(seed))[:count]
    makes = (HIKVISION, DAHUA, KBVISION, UNIVIEW, VIGI, VANTECH)
    for number in range(len(made) + 1, count + 1):
        zone = number % 10 + 1
        place = (f"Điểm {number}", f"kp{zone}", f"tu-kp{zone}-{number // 80}", 1)
        made.append(_camera(f"cam-{number:05}", Owner.CITIZEN, makes[number % len(makes)], place, seed))
    return tuple(made)


def _cameras(group: Group, seed: int | str) -> Iterator[CameraSpec]:
    number = 0
    for place in group.places:
        for _ in range(place[3]):
            number += 1
            make = group.makes[number % len(group.makes)]
            yield _camera(f"cam-{group.prefix}-{number:02}", group.owner, make, place, seed, password=group.password)


def _camera(
    code: str,
    owner: Owner,
    make: Make,
    place: tuple[str, str, str, int],
    seed: int | str,
    *,
    password: str | None = None,
) -> CameraSpec:
    main = Profile(
        token=MAIN.token, name=MAIN.name, width=MAIN.width, height=MAIN.height, encoding=make.encoding, kbps=MAIN.kbps
    )
    where, zone, switch, _ = place
    return make_spec(
        code,
        seed=seed,
        password=password,
        owner=owner,
        place=where,
        zone=zone,
        switch=switch,
        maker=make.maker,
        model=make.model,
        firmware=make.firmware,
        profiles=(main, SUB),
        media2=make.media2,
        max_subscriptions=make.max_subscriptions,
    )
