"""Những tuần xấu: what goes wrong with many cameras together. A scenario is data, the same for the same seed."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from devices.clock import Clock
from simulators.cameras.camera import SimulatedCamera
from simulators.cameras.faults import Fault
from simulators.cameras.park import CameraPark
from simulators.cameras.spec import CameraSpec

DAY_S = 86_400.0
_DIRTY_SHARE = 0.15
_WRONG = (
    # how cameras of a ward usually are, in hundredths of all of them
    (2, Fault.REFUSE),
    (1, Fault.HANG),
    (2, Fault.WRONG_PASSWORD),
    (2, Fault.CLOCK_MINUS_1H),
    (1, Fault.STREAM_404),
    (2, Fault.FROZEN_CLOCK_TICKS),
    (2, Fault.BLURRED),
    (1, Fault.COVERED),
    (1, Fault.MOVED),
    (1, Fault.BLACK),
)


class Act(StrEnum):
    """What happens at a turn."""

    BREAK = "break"
    MEND = "mend"
    """Ends its faults; all of them where it names none."""
    OFF = "off"
    ON = "on"


@dataclass(frozen=True)
class Turn:
    """At ``at_s`` seconds into the scenario this happens to these cameras."""

    at_s: float
    act: Act
    codes: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


def storm(
    specs: Sequence[CameraSpec], *, seed: int | str = 0, share: float = 0.3, lasts_s: float = 3_600.0
) -> list[Turn]:
    """Bão: this share of all cameras hangs at once, and comes back one after the other."""
    dice = random.Random(f"storm/{seed}")
    struck = sorted(dice.sample([spec.code for spec in specs], round(share * len(specs))))
    turns = [Turn(0.0, Act.BREAK, tuple(struck), (Fault.HANG,))]
    back = sorted((lasts_s * dice.uniform(0.5, 1.0), code) for code in struck)
    return turns + [Turn(at_s, Act.MEND, (code,), (Fault.HANG,)) for at_s, code in back]


def cabinet_lost(specs: Iterable[CameraSpec], switch: str, *, lasts_s: float = 1_800.0) -> list[Turn]:
    """Mất cả tủ: every camera of one cabinet loses power, and gets it back.

    Raises:
        ValueError: there is no such cabinet.
    """
    codes = _of_switch(specs, switch)
    return [Turn(0.0, Act.OFF, codes), Turn(lasts_s, Act.ON, codes)]


def power_flap(
    specs: Iterable[CameraSpec], switch: str, *, seed: int | str = 0, times: int = 4, every_s: float = 300.0
) -> list[Turn]:
    """Điện chập chờn: a cabinet's power comes and goes; its cameras wake in 1970 each time.

    Raises:
        ValueError: there is no such cabinet.
    """
    codes = _of_switch(specs, switch)
    dice = random.Random(f"flap/{seed}/{switch}")
    turns = [Turn(0.0, Act.BREAK, codes, (Fault.CLOCK_LOST_AT_BOOT,))]
    for number in range(times):
        at_s = every_s * (number + dice.uniform(0.1, 0.4))
        turns += [Turn(at_s, Act.OFF, codes), Turn(at_s + dice.uniform(3.0, 40.0), Act.ON, codes)]
    return turns


def dirty_lens_week(specs: Sequence[CameraSpec], *, seed: int | str = 0) -> list[Turn]:
    """Tuần bẩn ống kính: day by day more lenses blur, some get covered; on the seventh somebody wipes half of them."""
    dice = random.Random(f"dirty/{seed}")
    dirty = dice.sample([spec.code for spec in specs], max(1, round(_DIRTY_SHARE * len(specs))))
    turns = []
    for code in dirty:
        fault = dice.choice((Fault.BLURRED, Fault.BLURRED, Fault.PARTLY_COVERED, Fault.COVERED))
        turns.append(Turn(DAY_S * dice.uniform(0.0, 6.0), Act.BREAK, (code,), (fault,)))
    turns += [Turn(DAY_S * dice.uniform(6.0, 7.0), Act.MEND, (code,)) for code in dirty[::2]]
    return sorted(turns, key=lambda turn: turn.at_s)


def usual_faults(specs: Iterable[CameraSpec], *, seed: int | str = 0) -> dict[str, tuple[Fault, ...]]:
    """Return how a ward's cameras are on an ordinary day, by code: some 15 in a hundred have something."""
    found: dict[str, tuple[Fault, ...]] = {}
    for spec in specs:
        throw = random.Random(f"usual/{seed}/{spec.code}").random() * 100
        for share, fault in _WRONG:
            if throw < share:
                found[spec.code] = (fault,)
                break
            throw -= share
    return found


async def play(park: CameraPark, turns: Iterable[Turn], clock: Clock) -> None:
    """Let it happen, each turn at its time by ``clock``.

    Raises:
        KeyError: a turn names a camera that the park has not.
    """
    began_ns = clock.mono_ns()
    for turn in sorted(turns, key=lambda each: each.at_s):
        await clock.sleep(turn.at_s - (clock.mono_ns() - began_ns) / 1e9)
        for code in turn.codes:
            await _do(park[code], turn)


async def _do(camera: SimulatedCamera, turn: Turn) -> None:
    match turn.act:
        case Act.BREAK:
            await camera.break_(*turn.faults)
        case Act.MEND:
            await camera.mend(*turn.faults)
        case Act.OFF:
            await camera.power_off()
        case Act.ON:
            await camera.power_on()


def _of_switch(specs: Iterable[CameraSpec], switch: str) -> tuple[str, ...]:
    codes = tuple(spec.code for spec in specs if spec.switch == switch)
    if not codes:
        raise ValueError(f"no camera hangs on {switch}")
    return codes
