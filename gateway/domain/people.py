"""Người dùng, vai trò, quyền: who may do what. One table; pages, API and services all ask :func:`expect`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from gateway.domain.errors import NotAllowed
from gateway.domain.ids import UserId


class Permission(StrEnum):
    """Quyền: one thing a person may do."""

    READ = "read"
    WRITE_BULLETIN = "write_bulletin"
    APPROVE = "approve"
    SCHEDULE = "schedule"
    BROADCAST_NOW = "broadcast_now"
    CONTROL_AIR = "control_air"
    """Stop, pause, resume, next, volume."""
    EMERGENCY = "emergency"
    KILL_SWITCH = "kill_switch"
    """IM LẶNG, and leaving it again."""
    TECHNICIAN = "technician"
    """Test tone, reboot, maintenance."""
    KEEP_DEVICES = "keep_devices"
    """The registry, alerts and repairs of cameras and loudspeakers."""
    ENROL = "enrol"
    MANAGE_USERS = "manage_users"
    READ_AUDIT = "read_audit"
    ADOPT_POLICY = "adopt_policy"


class Role(StrEnum):
    """Vai trò: a set of permissions with a name people use. One person may hold several."""

    VIEWER = "viewer"
    AUTHOR = "author"
    APPROVER = "approver"
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    ADMIN = "admin"

    @property
    def permissions(self) -> frozenset[Permission]:
        """What this role alone may do."""
        return ROLE_PERMISSIONS[self]


ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VIEWER: frozenset({Permission.READ}),
        Role.AUTHOR: frozenset({Permission.READ, Permission.WRITE_BULLETIN}),
        # A leader may always silence the ward; the rules the ward obeys are the leader's to adopt.
        Role.APPROVER: frozenset(
            {
                Permission.READ,
                Permission.APPROVE,
                Permission.EMERGENCY,
                Permission.KILL_SWITCH,
                Permission.CONTROL_AIR,
                Permission.READ_AUDIT,
                Permission.ADOPT_POLICY,
            }
        ),
        Role.OPERATOR: frozenset(
            {
                Permission.READ,
                Permission.SCHEDULE,
                Permission.BROADCAST_NOW,
                Permission.CONTROL_AIR,
                Permission.EMERGENCY,
                Permission.KILL_SWITCH,
            }
        ),
        # A repair put a relay on the air at 03:15 once: a technician can test and silence, never speak.
        Role.TECHNICIAN: frozenset(
            {
                Permission.READ,
                Permission.TECHNICIAN,
                Permission.KEEP_DEVICES,
                Permission.ENROL,
                Permission.KILL_SWITCH,
            },
        ),
        # An administrator gives rights, and to speak must be given them in the open, like everyone.
        Role.ADMIN: frozenset(
            {
                Permission.READ,
                Permission.KEEP_DEVICES,
                Permission.ENROL,
                Permission.MANAGE_USERS,
                Permission.READ_AUDIT,
                Permission.ADOPT_POLICY,
            }
        ),
    }
)
"""Vai trò × quyền. domain.md rows 34 and 54: the kill switch is for operators and technicians too."""

_IN_WORDS: Mapping[Permission, tuple[str, str]] = MappingProxyType(
    {
        Permission.READ: ("xem", "read"),
        Permission.WRITE_BULLETIN: ("soạn bản tin", "write bulletins"),
        Permission.APPROVE: ("duyệt bản tin", "approve bulletins"),
        Permission.SCHEDULE: ("đặt lịch phát", "schedule"),
        Permission.BROADCAST_NOW: ("phát ngay", "broadcast now"),
        Permission.CONTROL_AIR: ("dừng, tạm dừng, chỉnh âm lượng", "stop, pause or change the volume"),
        Permission.EMERGENCY: ("phát khẩn cấp", "send an emergency"),
        Permission.KILL_SWITCH: ("bật, tắt IM LẶNG", "use the kill switch"),
        Permission.TECHNICIAN: ("thử loa, khởi động lại, bảo trì", "test, reboot or maintain clusters"),
        Permission.KEEP_DEVICES: ("quản lý camera, thiết bị và phiếu sửa chữa", "keep cameras, devices and repairs"),
        Permission.ENROL: ("đăng ký cụm loa", "enrol clusters"),
        Permission.MANAGE_USERS: ("quản lý người dùng", "manage users"),
        Permission.READ_AUDIT: ("xem nhật ký kiểm tra", "read the audit log"),
        Permission.ADOPT_POLICY: ("ban hành quy chế phát", "adopt air rules"),
    }
)


class Account(Protocol):
    """Tài khoản, as much of one as the rules need; a stored row fits by shape."""

    @property
    def roles(self) -> frozenset[Role]: ...

    @property
    def active(self) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class User:
    """Người dùng: who acts, and in which roles. No password here."""

    id: UserId
    name: str
    roles: frozenset[Role]
    active: bool = True
    lent: Mapping[Permission, UserId] = field(default_factory=lambda: MappingProxyType({}))
    """Được ủy quyền: rights that somebody lends this person now, and who (:mod:`gateway.domain.delegation`)."""


def permissions_of(account: Account) -> frozenset[Permission]:
    """Return everything the roles of ``account`` together allow; nothing once it is closed.

    What is lent counts for a person who acts (:class:`User`); an account as it is kept has its roles alone.
    """
    if not account.active:
        return frozenset()
    lent = frozenset(account.lent) if isinstance(account, User) else frozenset[Permission]()
    return lent.union(*(role.permissions for role in account.roles))


def in_words(permission: Permission) -> tuple[str, str]:
    """Say what ``permission`` lets somebody do, Vietnamese and English."""
    return _IN_WORDS[permission]


def expect(account: Account, permission: Permission) -> None:
    """Let the work go on only if ``account`` has ``permission``.

    Raises:
        NotAllowed: it has not, or it is closed.
    """
    if permission in permissions_of(account):
        return
    vi, en = in_words(permission)
    raise NotAllowed(f"Bạn không có quyền {vi}.", f"You may not {en}.", code=f"needs_{permission}")
