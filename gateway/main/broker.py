"""The broker of the settings: a managed child, or somebody else's by URL."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from devices.broker import BrokerChild, BrokerKind, hash_password
from devices.link import BrokerAddress, TlsFiles, parse_url
from devices.model import SiteId
from gateway.settings import BadSettings, Broker

GATEWAY_ACCOUNT = "gateway"
SetAccounts = Callable[[Mapping[str, str]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class OpenBroker:
    """What the rest of the gateway needs to know of it."""

    address: BrokerAddress
    """With the gateway's own credentials."""
    advertised: BrokerAddress
    """Where poles are told to connect."""
    has_accounts: bool
    """Whether a pole is given a name and password for it."""
    set_accounts: SetAccounts
    """Replace the poles' accounts (``name -> hash``); nothing happens where the broker is not ours."""
    child: BrokerChild | None = None


async def _not_ours(_accounts: Mapping[str, str]) -> None:
    """Accounts of an external broker are its operator's business."""


@asynccontextmanager
async def open_broker(
    settings: Broker, *, folder: Path, site: SiteId, password: str, accounts: Mapping[str, str]
) -> AsyncIterator[OpenBroker]:
    """Start the managed broker, or describe the external one. ``password`` is the gateway's own for a managed one.

    Raises:
        BadSettings: ``external`` without a usable URL.
        BrokerFailed: the child did not come up.
    """
    if settings.mode == "external":
        address = external_address(settings)
        yield OpenBroker(address=address, advertised=address, has_accounts=False, set_accounts=_not_ours)
        return
    own = {GATEWAY_ACCOUNT: hash_password(password)}
    child = BrokerChild(
        folder,
        site=site,
        kind=BrokerKind(settings.mode),
        host=settings.host,
        port=settings.port,
        accounts={**accounts, **own},
        gateway_username=GATEWAY_ACCOUNT,
    )

    async def set_accounts(now: Mapping[str, str]) -> None:
        await child.set_accounts({**now, **own})

    async with child:
        known = child.enforces_accounts
        yield OpenBroker(
            address=replace(child.address, username=GATEWAY_ACCOUNT, password=password) if known else child.address,
            advertised=replace(child.address, host=settings.advertised_host or child.address.host),
            has_accounts=known,
            set_accounts=set_accounts,
            child=child,
        )


def external_address(settings: Broker) -> BrokerAddress:
    """Return where the external broker is and how the gateway is let in. No file is opened.

    Raises:
        BadSettings: no usable URL, or a certificate without its key.
    """
    if settings.url is None:
        raise BadSettings([("broker.url", "cần địa chỉ khi mode là external / needed with mode external")])
    if (settings.certificate is None) != (settings.key is None):
        text = "broker.certificate và broker.key đi cùng nhau / they come together"
        raise BadSettings([("broker.certificate", text)])
    files = TlsFiles(ca=settings.ca, certificate=settings.certificate, key=settings.key)
    try:
        secure = settings.url.startswith("mqtts://")
        address = parse_url(settings.url, tls=files if secure else None)
    except ValueError as error:
        raise BadSettings([("broker.url", str(error))]) from error
    if settings.username is None:
        return address
    secret = settings.password.get_secret_value() if settings.password else None
    return replace(address, username=settings.username, password=secret)
