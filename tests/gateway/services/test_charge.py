"""Of several runs exactly one is in charge, whoever looks; and nothing but silence leaves the others."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import LinkDown
from devices.model import ClusterId
from devices.wire.commands import EmergencyEnd, Stop
from devices.wire.documents import GatewayInstance, SilenceBody
from gateway.ports.clusters import To
from gateway.services.charge import first_of
from gateway.services.charge_gate import GatedClusters, GatedVoice
from tests.gateway.services.fakes import PIN, FakeClusters, FakeVoice

POLE = ClusterId("kp1-01")


def run(instance: str, *, started: int = 0, leads: bool = False, epoch: int = 0) -> GatewayInstance:
    return GatewayInstance(instance=instance, sid="s", online=True, started_ms=started, leads=leads, epoch=epoch)


RUNS = st.lists(
    st.builds(
        run,
        st.sampled_from("abcd"),
        started=st.integers(0, 3),
        leads=st.booleans(),
        epoch=st.integers(0, 3),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each.instance,
)


@given(RUNS)
def test_everybody_finds_the_same_one_in_whatever_order_they_were_heard(runs: list[GatewayInstance]) -> None:
    assert len({first_of(some).instance for some in permutations(runs)}) == 1


def test_who_is_in_charge_stays_so_whatever_clocks_say() -> None:
    assert first_of([run("a", started=1), run("b", started=9, leads=True)]).instance == "b"


def test_of_two_that_begin_the_one_that_started_first_is_in_charge() -> None:
    assert first_of([run("a", started=9), run("b", started=1)]).instance == "b"


def test_who_took_over_is_above_who_slept_and_still_thinks_so() -> None:
    assert (
        first_of([run("a", started=1, leads=True, epoch=4), run("b", started=9, leads=True, epoch=5)]).instance == "b"
    )


async def test_nothing_but_silence_leaves_a_gateway_that_stands_by() -> None:
    driver = FakeClusters()
    gated = GatedClusters(driver, lambda: False)
    assert not gated.connected
    stop = gated.command("stop", To(), Stop(), jti="j", now_ms=1, exp_ms=2, epoch=0)
    plan = gated.publish_document("plan", To(cluster=POLE), b"{}")
    for order in (stop, plan, gated.acknowledge_journal(POLE, 1, now_ms=1), gated.resync_journal(POLE, 1, now_ms=1)):
        with pytest.raises(LinkDown):
            await order
    assert (driver.sent, driver.published, driver.acked, driver.resyncs) == ([], [], [], [])
    body = SilenceBody(silent=True, by="u", at_ms=1)
    await gated.publish_document("silence", To(), gated.seal_document("silence", To(), body, epoch=1, seq=1, now_ms=1))
    assert driver.retained["silence", None]["body"]["silent"] is True


async def test_no_emergency_leaves_a_gateway_that_stands_by() -> None:
    voice = FakeVoice(FakeClusters())
    gated = GatedVoice(voice, lambda: False)
    with pytest.raises(LinkDown):
        await gated.send("emergency_end", EmergencyEnd(em="e"), pin=PIN, jti="j", now_ms=1, exp_ms=2, epoch=0)
    with pytest.raises(LinkDown):
        await gated.repeat(b'{"jti": "j"}', To())
    assert (voice.sent, voice.repeated) == ([], [])
