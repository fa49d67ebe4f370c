"""What people of the ward do before a test begins: everybody in their own role, through the services."""

from dataclasses import dataclass
from datetime import date, time

from devices.model import ClusterId, Priority, ZoneId
from gateway.domain.bulletin import Bulletin, Content
from gateway.domain.category import Category
from gateway.domain.ids import CategoryId, ProgrammeId, ScheduleId
from gateway.domain.people import Role
from gateway.domain.programme import BulletinItem, Programme
from gateway.domain.rule import Weekly
from gateway.domain.schedule import Schedule
from gateway.domain.targets import EVERYWHERE, Cluster, Targets, Zone
from gateway.main.gateway import Gateway
from gateway.ports.records import User

SHORT = "Kính mời bà con đi họp tổ dân phố."
LONG = "Kính thưa bà con, ngày mười tháng mười, phường tổ chức Ngày Chuyển đổi số tại nhà văn hóa. " * 3
PEOPLE = {
    Role.AUTHOR: ("bientap", "Biên tập viên"),
    Role.APPROVER: ("duyet", "Phó chủ tịch phụ trách"),
    Role.OPERATOR: ("vanhanh", "Người vận hành"),
    Role.TECHNICIAN: ("kythuat", "Kỹ thuật viên"),
}
MORNING = time(5, 30)
GENERAL = CategoryId("thong-tin-chung")
THURSDAY_AND_SATURDAY = frozenset({3, 5})


@dataclass(frozen=True)
class Staff:
    """Who works here, and how they sign in."""

    users: dict[Role, User]
    passwords: dict[Role, tuple[str, str]]

    def __getitem__(self, role: Role) -> User:
        return self.users[role]


async def hire(gateway: Gateway) -> Staff:
    """Make an account for every role."""
    (admin,) = await gateway.store.accounts.users()
    users = {Role.ADMIN: admin}
    passwords = {Role.ADMIN: ("admin", gateway.secrets.admin_password or "")}
    for role, (name, display_name) in PEOPLE.items():
        users[role], password = await gateway.people.accounts.create(
            admin, name=name, display_name=display_name, roles=frozenset({role})
        )
        passwords[role] = name, password
    return Staff(users, passwords)


async def survey(gateway: Gateway, staff: Staff, clusters: tuple[ClusterId, ...]) -> None:
    """Enter zones and clusters; a cluster's zone is the beginning of its name."""
    desk, admin = gateway.parts.inventory, staff[Role.ADMIN]
    for zone in sorted({ZoneId(name.partition("-")[0]) for name in clusters}):
        await desk.save_zone(Zone(id=zone, name=f"Khu phố {zone[2:]}"), by=admin)
    for name in clusters:
        zone = ZoneId(name.partition("-")[0])
        await desk.save_cluster(Cluster(id=name, name=f"Cụm loa {name}", zone=zone, households=140), by=admin)
    await desk.save_category(
        Category(id=GENERAL, label_vi="Thông tin chung", label_en="General"), by=staff[Role.OPERATOR]
    )


async def approved(gateway: Gateway, staff: Staff, text: str = SHORT, *, title: str = "Mời họp") -> Bulletin:
    """Write a bulletin, and have another person approve it."""
    editorial = gateway.parts.editorial
    bulletin = await editorial.create(Content(title=title, category=GENERAL, text=text), by=staff[Role.AUTHOR])
    return await approve(gateway, staff, bulletin)


async def approve(gateway: Gateway, staff: Staff, bulletin: Bulletin) -> Bulletin:
    """Submit and approve it as it stands."""
    editorial = gateway.parts.editorial
    submitted = await editorial.submit(bulletin.id, by=staff[Role.AUTHOR])
    assert submitted.audio is not None
    return await editorial.approve(
        submitted.id,
        text_sha256=submitted.text_sha256,
        asset=submitted.audio.asset,
        by=staff[Role.APPROVER],
    )


async def programme(
    gateway: Gateway, staff: Staff, name: str, *bulletins: Bulletin, priority: Priority = Priority.ROUTINE
) -> ProgrammeId:
    """Make a programme of nothing but these bulletins."""
    items = tuple(BulletinItem(bulletin=bulletin.id) for bulletin in bulletins)
    made = Programme(id=ProgrammeId(name), title=name, items=items, priority=priority)
    await gateway.parts.programming.save_programme(made, by=staff[Role.OPERATOR])
    return made.id


def weekly(
    name: str,
    programme_id: ProgrammeId,
    *times: time,
    first: date,
    targets: Targets = EVERYWHERE,
    weekdays: frozenset[int] = THURSDAY_AND_SATURDAY,
    zone: str = "Asia/Ho_Chi_Minh",
) -> Schedule:
    """Describe a schedule of the real wards: Thursday and Saturday."""
    return Schedule(
        id=ScheduleId(name),
        name=name,
        programme=programme_id,
        targets=targets,
        rule=Weekly(weekdays=weekdays, first=first),
        times=times,
        zone=zone,
    )


async def schedule(gateway: Gateway, staff: Staff, made: Schedule) -> Schedule:
    """Keep it, as an operator does."""
    return await gateway.parts.programming.save_schedule(made, was_revision=None, by=staff[Role.OPERATOR])


async def weekly_news(
    gateway: Gateway, staff: Staff, *times: time, first: date, text: str = SHORT, targets: Targets = EVERYWHERE
) -> Bulletin:
    """Have one bulletin written, approved and scheduled, at 05:30 unless told otherwise."""
    bulletin = await approved(gateway, staff, text)
    name = await programme(gateway, staff, "ban-tin", bulletin)
    made = weekly("ban-tin", name, *(times or (time(5, 30),)), first=first, targets=targets)
    await schedule(gateway, staff, made)
    return bulletin
