"""A ward with real keys: seals everything a gateway would, right or wrong on purpose."""

from dataclasses import replace
from datetime import time

from devices.agent.identity import Identity
from devices.model import AirRules, ClusterId, SiteId, Window, ZoneId
from devices.seal import SigningKey, new_jti, seal_body
from devices.wire.commands import Emergency, Play
from devices.wire.documents import (
    AssetEntry,
    ConfigBody,
    KeyList,
    KeyRole,
    PlanBody,
    PlanEntry,
    PlayItem,
    SilenceBody,
)
from devices.wire.reports import ClockState
from devices.wire.rules import document_of
from devices.wire.topics import Topics

T = 1_791_412_200_000
"""Thursday 8 October 2026, 05:30 in Vietnam."""
DAY = AirRules(
    name="test", version=3, zone="Asia/Ho_Chi_Minh", windows=(Window(start=time(5), end=time(22)),), max_percent=85
)
SHA = "sha256:" + "ab" * 32


class Ward:
    """Keys, epoch and sequence of one gateway."""

    def __init__(self, site="ward-1", rules=DAY):
        self.site = SiteId(site)
        self.topics = Topics(self.site)
        self.root = SigningKey.generate("root", KeyRole.ROOT)
        self.gateway = SigningKey.generate("gw-1", KeyRole.GATEWAY)
        self.emergency = SigningKey.generate("em-1", KeyRole.EMERGENCY)
        self.rules = rules
        self.keys_version = 1
        self.epoch = 7
        self.seq = 0

    @property
    def everyone(self):
        return f"all:{self.site}"

    def key_list(self, *keys):
        body = KeyList(
            site=self.site,
            version=self.keys_version,
            keys=tuple(key.entry for key in keys or (self.gateway, self.emergency)),
        )
        return seal_body(self.root, "keys", body, iss=self.site, aud=self.everyone, iat_ms=T).decode()

    def policy(self, rules=None):
        body = document_of(rules or self.rules)
        return seal_body(self.root, "policy", body, iss=self.site, aud=self.everyone, iat_ms=T).decode()

    def identity(self, cluster="kp3-02", zones=("kp3",), **more):
        key = SigningKey.generate(cluster, KeyRole.DEVICE)
        values = {"broker_host": "127.0.0.1", "broker_port": 1883, **more}
        return Identity(
            site=self.site,
            cluster=ClusterId(cluster),
            zones=tuple(ZoneId(zone) for zone in zones),
            root=self.root.entry,
            keys=self.key_list(),
            key=key,
            **values,
        )

    def seal(self, typ, body, *, to="cluster:kp3-02", key=None, now=T, life_ms=60_000, seq=None, **more):
        key = key or (self.emergency if typ.startswith("emergency") else self.gateway)
        values = {"epoch": self.epoch, "seq": seq if seq is not None else 0, "jti": new_jti(), **more}
        exp_ms = None if typ in {"config", "plan", "silence", "gateway"} else now + life_ms
        return seal_body(key, typ, body, iss=f"gateway:{self.site}", aud=to, iat_ms=now, exp_ms=exp_ms, **values)

    def next_seq(self):
        self.seq += 1
        return self.seq

    def config(self, *, cluster="kp3-02", now=T, key=None, seq=None, rules=None, **more):
        values = {
            "keys": self.key_list(),
            "policy": self.policy(rules),
            "zones": ("kp3",),
            "asset_base": "http://127.0.0.1:9/a/",
            "amp_wake_ms": 0,
            **more,
        }
        body = ConfigBody(**values)
        return self.seal("config", body, to=f"cluster:{cluster}", now=now, key=key, seq=seq or self.next_seq())

    def plan(self, *entries, cluster="kp3-02", assets=(), now=T, from_ms=None, seq=None, key=None, epoch=None):
        body = PlanBody(
            rev=self.seq + 1,
            from_ms=T - 3_600_000 if from_ms is None else from_ms,
            until_ms=T + 14 * 86_400_000,
            entries=entries,
            assets=assets,
        )
        more = {} if epoch is None else {"epoch": epoch}
        return self.seal("plan", body, to=f"cluster:{cluster}", now=now, seq=seq or self.next_seq(), key=key, **more)

    def silence(self, silent, *, now=T):
        body = SilenceBody(silent=silent, by="operator", at_ms=now)
        return self.seal("silence", body, to=self.everyone, now=now, seq=self.next_seq())

    def renewed_gateway_key(self, kid="gw-2"):
        """Rotate: both keys speak for a while."""
        old, self.gateway = self.gateway, SigningKey.generate(kid, KeyRole.GATEWAY)
        self.keys_version += 1
        return old


def entry(occ="sch-12@2026-10-08T05:30:00+07:00", start_ms=T, dur_ms=60_000, asset=SHA, **more):
    items = (PlayItem(role="bulletin", asset=asset, dur_ms=dur_ms),)
    return PlanEntry(**{"occ": occ, "start_at_ms": start_ms, "dur_ms": dur_ms, "items": items, **more})


def play(start_ms=T + 1500, occ="adhoc-1", nonce=None, assets=(), **more):
    return Play(nonce=nonce, entry=entry(occ, start_ms, **more), assets=assets)


def alarm(em="E-1", start_ms=T, **more):
    return Emergency(**{"em": em, "start_at_ms": start_ms, "end_by_ms": start_ms + 600_000, **more})


def asset_entry(asset=SHA, size=1000, dur_ms=60_000, need_by_ms=T - 7_200_000, **more):
    return AssetEntry(id=asset, bytes=size, mime="audio/mpeg", dur_ms=dur_ms, need_by_ms=need_by_ms, **more)


class StillTime:
    """A timebase that says what it is told."""

    def __init__(self, now_ms=T, *, trusted=True):
        self.now_ms = now_ms
        self.trusted = trusted

    def utc_ms(self):
        return self.now_ms

    def mono_ns_at(self, utc_ms):
        return (utc_ms - self.now_ms) * 1_000_000

    def state(self):
        return ClockState(src="ntp" if self.trusted else "none", trusted=self.trusted)

    alarm = None

    def tick(self):
        pass

    def observe(self, t1_us, t2_us, t3_us, t4_us):
        pass


__all__ = ["DAY", "SHA", "StillTime", "T", "Ward", "alarm", "asset_entry", "entry", "play", "replace"]
