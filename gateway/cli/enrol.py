"""``loa enrol``: a one-time code for a pole, also beside a running gateway; revoking one; a new gateway key."""

import argparse
import asyncio
from zoneinfo import ZoneInfo

from devices.broker import hash_password
from devices.clock import SystemClock
from devices.clusters import load_keyring
from devices.model import ClusterId
from gateway.cli.configured import settings_for
from gateway.cli.console import Failed, say, say_json
from gateway.cli.failures import explained
from gateway.cli.parser import add_settings_options
from gateway.cli.ward import clock_of, existing_store, somebody_who_may
from gateway.domain.errors import NotFound
from gateway.domain.people import Permission
from gateway.main.founding import KEYS
from gateway.ports.records import User
from gateway.services.enrolment import Enrolment, Offer, Terms
from gateway.settings import Settings
from gateway.store.opening import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("cluster", nargs="*", metavar="CLUSTER", help="mã cụm loa, ví dụ kp3-02")
    add_settings_options(parser)
    parser.add_argument("--revoke", action="store_true", help="thu hồi cụm: không tin, không cho kết nối nữa")
    parser.add_argument("--rotate-gateway-key", action="store_true", help="tạo khóa mới cho đài")
    parser.add_argument("--json", action="store_true", help="in {cụm: mã} để dùng với loa simulate --codes")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    settings = settings_for(args.config, args.data)
    if not args.cluster and not args.rotate_gateway_key:
        raise Failed("cho ít nhất một mã cụm loa / name at least one cluster")
    with explained():
        if args.rotate_gateway_key:
            _rotate(settings)
        if args.cluster:
            with existing_store(settings) as store:
                zone = ZoneInfo(settings.ward.timezone)
                asyncio.run(_each(store, [ClusterId(name) for name in args.cluster], args, zone))
    return 0


def _rotate(settings: Settings) -> None:
    try:
        ring = load_keyring(settings.data / KEYS).rotate_gateway(now_ms=SystemClock().now_ms())
    except OSError as error:
        raise Failed(
            f"cần khóa gốc (root.pem) trong {settings.data / KEYS} / the root key is needed: {error}"
        ) from error
    say(f"khóa mới {ring.gateway().kid}; đài đang chạy dùng trong vài giây / a running gateway uses it within seconds")


async def _each(store: Store, clusters: list[ClusterId], args: argparse.Namespace, zone: ZoneInfo) -> None:
    actor = await somebody_who_may(store, Permission.ENROL)
    enrolment = Enrolment(
        store=store.enrolments,
        inventory=store.inventory,
        audit=store.audit,
        clock=await clock_of(store),
        terms=_not_here,
        hash_password=hash_password,
        on_change=_nobody_to_tell,
    )
    codes: dict[str, str] = {}
    for cluster in clusters:
        if args.revoke:
            await enrolment.revoke(actor, cluster, why="loa enrol --revoke")
            say(f"{cluster}: đã thu hồi; đài đang chạy thôi tin trong vài giây")
            say(f"{cluster}: revoked; a running gateway stops trusting it within seconds")
        else:
            offer = await _offer(enrolment, actor, cluster)
            codes[cluster] = offer.code
            if not args.json:
                until = offer.expires_at.astimezone(zone)
                say(f"{cluster}: {offer.code}   (dùng một lần, đến {until:%H:%M %d/%m/%Y})")
    if args.json:
        say_json(codes)


async def _offer(enrolment: Enrolment, actor: User, cluster: ClusterId) -> Offer:
    try:
        return await enrolment.offer(actor, cluster)
    except NotFound as error:
        raise Failed(
            f"{error.vi} Thêm cụm trước: Loa & camera → Thêm, hoặc “loa clusters import”.\n"
            f"{error.en} Add it first: on the phone, or with “loa clusters import”."
        ) from error


def _not_here() -> Terms:
    raise RuntimeError("codes are made here and spent at the gateway")


async def _nobody_to_tell() -> None:
    """The running gateway reads the store itself when the code is spent."""
