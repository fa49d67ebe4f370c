"""Căn cước của cụm loa: who this pole is, whom it believes, and its own key. Made at enrolment, never changed."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

from devices.agent.disk import Disk
from devices.errors import BadMessage, DeviceError, EnrolmentFailed
from devices.model import ClusterId, SiteId, ZoneId
from devices.seal import SigningKey
from devices.seal.enrolment import Grant
from devices.wire.base import parse
from devices.wire.documents import KeyEntry, KeyRole

_CARD = "identity.json"
_KEY = "device.pem"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The pole's own name and key, the ward's root key, and where the ward lives."""

    site: SiteId
    cluster: ClusterId
    zones: tuple[ZoneId, ...]
    """As enrolled; the configuration's list replaces it."""
    root: KeyEntry
    keys: str
    """The sealed key list of the enrolment, so that the first configuration can be checked."""
    key: SigningKey
    broker_host: str
    broker_port: int
    broker_tls: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    asset_base: str = ""

    @property
    def issuer(self) -> str:
        """Return how this pole signs its messages (``iss``)."""
        return f"cluster:{self.cluster}"

    @property
    def reader(self) -> str:
        """Return whom they are for (``aud``)."""
        return f"gateway:{self.site}"


def identity_of(grant: Grant, key: SigningKey) -> Identity:
    """Put together what the gateway granted and the key that was made here; the grant names it."""
    return Identity(
        site=SiteId(grant.site),
        cluster=ClusterId(grant.cluster),
        zones=tuple(ZoneId(zone) for zone in grant.zones),
        root=grant.root,
        keys=grant.keys,
        key=replace(key, kid=grant.kid or grant.cluster),
        broker_host=grant.broker_host,
        broker_port=grant.broker_port,
        broker_tls=grant.broker_tls,
        username=grant.username,
        password=grant.password,
        asset_base=grant.asset_base,
    )


def save_identity(identity: Identity, grant: Grant, folder: Path, disk: Disk) -> None:
    """Keep the identity. The key goes first: a card without its key would be worthless.

    Raises:
        DiskFailed, OSError: it was not kept.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    identity.key.save(folder / _KEY)
    disk.put(folder / _CARD, grant.model_dump_json(indent=1).encode())


def load_identity(folder: Path) -> Identity | None:
    """Read the identity, or return ``None`` when this pole has never been enrolled.

    Raises:
        EnrolmentFailed: there is one and it is damaged: only enrolling again helps, and a person must decide that.
    """
    if not (folder / _CARD).exists():
        return None
    try:
        grant: Grant = parse(Grant, json.loads((folder / _CARD).read_bytes()))
        key = SigningKey.load(folder / _KEY, grant.kid or grant.cluster, KeyRole.DEVICE)
    except (OSError, ValueError, BadMessage, DeviceError) as error:
        raise EnrolmentFailed(
            f"căn cước trong {folder} bị hỏng, hãy ghi danh lại bằng --code vào một thư mục mới / "
            f"the identity is damaged, enrol again into a new folder ({error})"
        ) from error
    return identity_of(grant, key)
