"""Who is in charge of the ward, built from what it numbers and what is issued anew when the numbers jump."""

from devices.clock import Clock
from devices.clusters import ClusterDriver, Presence
from gateway.ports.store import Issues
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.charge import Charge, Paper
from gateway.services.config_desk import ConfigDesk
from gateway.services.planner import Planner
from gateway.services.publisher import Publisher
from gateway.services.silence import SilenceSwitch

WHY = "another gateway was in charge"


def build_charge(
    presence: Presence,
    driver: ClusterDriver,
    issues: Issues,
    publishers: tuple[Publisher, Publisher, Publisher],
    desks: tuple[SilenceSwitch, Planner, ConfigDesk],
    *,
    alarms: AlarmDesk,
    zone: str,
    clock: Clock,
) -> Charge:
    """``publishers``: of plans, configurations and silence. The driver speaks as the gateway while this run leads."""
    silence, planner, config_desk = desks

    async def again() -> None:
        await silence.load()  # who silenced the ward meanwhile is obeyed until a person says otherwise
        planner.changed(WHY, force=True)
        config_desk.changed(WHY, force=True)

    charge = Charge(
        instances=presence,
        paper=Paper(issues=issues, publishers=publishers, silences=publishers[2], again=again),
        announce=driver.announce,
        alarms=alarms,
        zone=zone,
        clock=clock,
    )
    driver.lead_while(lambda: charge.leads)
    return charge
