"""Plays one job at a time on one card: on the sample, in step, silent at once when told, and honest about it."""

from collections.abc import Callable

from devices.agent.ports import AmpReading, Decoder, Job, MicReading, SoundCard, Sounded
from devices.agent.sound.drift import StartPace, free_running
from devices.agent.sound.play import Order, Play, Rig
from devices.clock import Clock
from devices.errors import CardFailed

AHEAD_MS = 400
"""Never more than this in the buffer: even a card that cannot drop it is silent half a second after a stop."""
BLOCK_MS = 100


def _no_amp() -> AmpReading | None:
    return None


def _no_mic() -> MicReading | None:
    return None


class CardPlayer:
    """Fits :class:`devices.agent.ports.Player` on any card.

    ``amp`` and ``mic`` are read while something sounds. ``pace`` corrects the drift of the board's clock during a
    play (``Timebase.pace``). ``threaded`` decodes in a thread, so that a slow disk does not stop the event loop;
    simulators with everything in memory do without. ``ahead_ms`` and ``block_ms`` trade wake-ups for the time a card
    without :meth:`SoundCard.drop` takes to fall silent.
    """

    def __init__(
        self,
        card: SoundCard,
        decoder: Decoder,
        clock: Clock,
        *,
        amp: Callable[[], AmpReading | None] = _no_amp,
        mic: Callable[[], MicReading | None] = _no_mic,
        pace: StartPace = free_running,
        ahead_ms: int = AHEAD_MS,
        block_ms: int = BLOCK_MS,
        threaded: bool = True,
    ) -> None:
        self._rig = Rig(
            card=card,
            decoder=decoder,
            clock=clock,
            amp=amp,
            mic=mic,
            pace=pace,
            ahead_ms=ahead_ms,
            block_ms=block_ms,
            threaded=threaded,
        )
        self._play: Play | None = None

    async def play(self, job: Job) -> Sounded:
        """Play ``job`` to its end, or until stopped.

        Raises:
            CardFailed: the card could not be opened, or is playing another job; nothing was heard.
        """
        if self._play is not None:
            raise CardFailed(f"the card is playing {self._play.job.name}")
        # Taken before the first await: two jobs can never be on the card together.
        play = self._play = Play(job, self._rig)
        try:
            await self._rig.card.open()
            try:
                return await play.run()
            finally:
                play.hush()
                await self._rig.card.close()
        finally:
            self._play = None

    def stop(self) -> None:
        """Be silent now. Nothing happens when nothing plays."""
        if self._play is not None:
            self._play.command(Order.STOP)

    def pause(self) -> None:
        """Be silent now and keep the place."""
        if self._play is not None:
            self._play.command(Order.PAUSE)

    def resume(self) -> None:
        if self._play is not None:
            self._play.command(Order.RESUME)

    def next(self) -> None:
        """Leave the current piece; the next one begins at once. Leaving the last one ends the job."""
        if self._play is not None:
            self._play.command(Order.NEXT)

    def set_volume(self, percent: int) -> None:
        """Change the volume of the running job, over 5 ms, once the buffer has passed (at most ``ahead_ms``)."""
        if self._play is not None:
            self._play.volume(percent)

    @property
    def playing(self) -> bool:
        """Whether a job has the card, also before its start and while paused."""
        return self._play is not None

    @property
    def position_ms(self) -> int:
        """Where in the programme the loudspeaker is; 0 when nothing plays."""
        return self._play.position_ms if self._play is not None else 0
