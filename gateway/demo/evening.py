"""Tối thứ tư: the evening before. People write, listen, approve and schedule, each in their own role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from devices.clock import instant
from gateway.demo import content
from gateway.domain.bulletin import Bulletin, Content
from gateway.domain.errors import WrongState
from gateway.domain.ids import ProgrammeId, ScheduleId
from gateway.domain.people import Role
from gateway.domain.programme import BulletinItem, Clip, ItemRole, Pause, Programme
from gateway.domain.schedule import Schedule
from gateway.domain.targets import EVERYWHERE
from gateway.main.gateway import Gateway
from gateway.ports.records import AuditNote, StoredAudio, User
from gateway.services.passwords import generate_password
from gateway.services.sessions import SignIn

Say = Callable[[str], None]
_PAUSE_MS = 700


@dataclass(frozen=True)
class Crew:
    """The people of the demo, one in each role, with the passwords they have chosen."""

    users: dict[Role, User]
    passwords: dict[str, str]

    def __getitem__(self, role: Role) -> User:
        return self.users[role]


async def prepare(gateway: Gateway, *, clusters: int, say: Say) -> Crew:
    """Fill an empty ward: everything that a real one would have by Thursday morning.

    Raises:
        GatewayError: the ward is not empty, or a rule was broken on the way.
    """
    crew = await _people(gateway)
    served = len({each.zone for each in content.clusters(clusters)})
    say(f"  {len(crew.users)} người dùng, {clusters} cụm loa ở {served} khu phố")
    await _inventory(gateway, clusters)
    bulletins = []
    for text in content.TEXTS:
        bulletins.append(await _write_and_approve(gateway, crew, text))
        say(f"  bản tin “{text.title}”: soạn, đọc thành tiếng, duyệt")
    await _programmes(gateway, crew, bulletins)
    say("  lịch phát: thứ 5 và thứ 7, 05:30 và 17:30, toàn phường")
    return crew


async def _people(gateway: Gateway) -> Crew:
    admin = next((user for user in await gateway.store.accounts.users() if Role.ADMIN in user.roles), None)
    if admin is None:
        raise WrongState("Phường chưa có quản trị viên.", "The ward has no administrator yet.")
    users = {Role.ADMIN: admin}
    passwords = {admin.name: await _settled(gateway, admin.name, gateway.secrets.admin_password or "")}
    for name, display_name, role in content.PEOPLE:
        user, first = await gateway.people.accounts.create(
            admin, name=name, display_name=display_name, roles=frozenset({role})
        )
        users[role], passwords[name] = user, await _settled(gateway, name, first)
    return Crew(users, passwords)


async def _settled(gateway: Gateway, name: str, first: str) -> str:
    """Sign in and choose a password, as everybody must: a newcomer to the demo then signs in as anyone at once."""
    sessions, chosen = gateway.people.sessions, generate_password()
    entered = await sessions.sign_in(SignIn(name=name, password=first, address="demo"))
    await sessions.change_password(entered, old=first, new=chosen)
    await sessions.sign_out(entered)
    return chosen


async def _inventory(gateway: Gateway, clusters: int) -> None:
    inventory, at = gateway.store.inventory, instant(gateway.clock.now_ms())

    def note(subject: str) -> AuditNote:
        return AuditNote(actor="system", action="demo.inventory", subject=subject, at=at)

    for zone in content.zones():
        await inventory.save_zone(zone, note=note(zone.id))
    for cluster in content.clusters(clusters):
        await inventory.save_cluster(cluster, note=note(cluster.id))
    for category in content.CATEGORIES:
        await inventory.save_category(category, note=note(category.id))
    await gateway.parts.ward_changes.follow()


async def _write_and_approve(gateway: Gateway, crew: Crew, text: content.Text) -> Bulletin:
    editorial = gateway.parts.editorial
    written = Content(title=text.title, category=text.category, text=text.read())
    bulletin = await editorial.create(written, by=crew[Role.AUTHOR])
    bulletin = await editorial.submit(bulletin.id, by=crew[Role.AUTHOR])
    if bulletin.audio is None:
        raise WrongState("Bản tin chưa có âm thanh.", "The bulletin has no audio.")
    return await editorial.approve(
        bulletin.id, text_sha256=bulletin.text_sha256, asset=bulletin.audio.asset, by=crew[Role.APPROVER]
    )


async def _programmes(gateway: Gateway, crew: Crew, bulletins: list[Bulletin]) -> None:
    """One short programme in the morning, a longer one in the evening."""
    programming, operator = gateway.parts.programming, crew[Role.OPERATOR]
    chime = _clip(ItemRole.CHIME, await gateway.parts.library.chime("routine"))
    greeting = _clip(ItemRole.GREETING, await _spoken(gateway, crew, content.GREETING))
    sign_off = _clip(ItemRole.SIGN_OFF, await _spoken(gateway, crew, content.SIGN_OFF))
    slots = (
        ("sang", "Bản tin sáng", content.MORNING, bulletins[:1]),
        ("chieu", "Bản tin chiều", content.EVENING, bulletins),
    )
    first = _local(gateway).date()
    for slug, title, at, some in slots:
        items: list[Clip | BulletinItem | Pause] = [chime, greeting]
        for bulletin in some:
            items += [Pause(duration_ms=_PAUSE_MS), BulletinItem(bulletin=bulletin.id)]
        programme = Programme(id=ProgrammeId(f"ct-{slug}"), title=title, items=(*items, sign_off))
        await programming.save_programme(programme, by=operator)
        schedule = Schedule(
            id=ScheduleId(f"lich-{slug}"),
            name=f"{title}, thứ 5 và thứ 7",
            programme=programme.id,
            targets=EVERYWHERE,
            rule=content.thursday_and_saturday(first),
            times=(at,),
            zone=gateway.settings.ward.timezone,
        )
        await programming.save_schedule(schedule, was_revision=None, by=operator)


def _clip(role: ItemRole, audio: StoredAudio) -> Clip:
    return Clip(role=role, asset=audio.asset, duration_ms=audio.duration_ms, title=audio.title)  # type: ignore[arg-type]


async def _spoken(gateway: Gateway, crew: Crew, text: str) -> StoredAudio:
    mastered = await gateway.studio.speak(text)
    kept = await gateway.parts.library.keep(mastered, engine="espeak", actor=crew[Role.AUTHOR].id, title=text)
    return await gateway.parts.editorial.approve_recording(kept.asset, by=crew[Role.APPROVER])


def _local(gateway: Gateway) -> datetime:
    return instant(gateway.clock.now_ms()).astimezone(ZoneInfo(gateway.settings.ward.timezone))
