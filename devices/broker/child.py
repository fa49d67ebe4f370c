"""A broker as a child process: started, watched, restarted, and gone when the gateway is gone.

Owns the child and the files it reads. Does not own what is on the bus: the broker may be killed at any instant, and
whoever needs a message there sends it again.
"""

import asyncio
import contextlib
import importlib.util
import logging
import os
import pwd
import shutil
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Self

from devices.broker import leash
from devices.broker.config import Listener, mosquitto_acl, mosquitto_conf, rumqttd_toml
from devices.broker.passwords import password_file
from devices.broker.probe import answers
from devices.errors import BrokerFailed
from devices.link import BrokerAddress, backoff
from devices.model import SiteId

logger = logging.getLogger(__name__)

LAST_WORDS = 12  # lines
STEADY_S = 60.0  # a child that lived so long did not die of its configuration
POLL_S = 0.02
STOP_S = 5.0
RELOAD_AGAIN_S = 1.0
"""Mosquitto forgets a SIGHUP that comes while it obeys the one before; the last account would stay locked out."""
SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")  # not on every user's PATH


class BrokerKind(StrEnum):
    """Which broker to run; ``AUTO`` takes Mosquitto where it is installed, and otherwise the one in a wheel."""

    AUTO = "auto"
    MOSQUITTO = "mosquitto"
    IOTCORE = "iotcore"


def _restart_waits() -> Iterator[float]:
    return backoff(first_s=0.2, limit_s=10.0, jitter=0.2)


class BrokerChild:
    """``async with BrokerChild(folder, site=site) as broker:`` and ``broker.address`` answers MQTT.

    ``accounts`` maps user names to hashes (:func:`devices.broker.hash_password`); with ``None`` anybody may connect.
    A cluster's user name is its id. Port 0 takes a free one.
    """

    def __init__(
        self,
        folder: Path,
        *,
        site: SiteId,
        kind: BrokerKind = BrokerKind.AUTO,
        host: str = "127.0.0.1",
        port: int = 1883,
        accounts: Mapping[str, str] | None = None,
        gateway_username: str = "gateway",
        ready_timeout_s: float = 10.0,
        restart_waits: Callable[[], Iterator[float]] = _restart_waits,
    ) -> None:
        self._folder = folder.absolute()
        self._site = site
        self._wanted = kind
        self._kind = kind
        self._host = host
        self._port = port
        self._accounts = None if accounts is None else dict(accounts)
        self._writing = asyncio.Lock()
        self._wrote: dict[str, str] = {}
        """Its files as they stand, by name."""
        self._gateway_username = gateway_username
        self._ready_timeout_s = ready_timeout_s
        self._restart_waits = restart_waits
        self._program: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._said: deque[str] = deque(maxlen=LAST_WORDS)
        self._listening: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._reload_again: asyncio.TimerHandle | None = None
        self._ready = False
        self.restarts = 0
        """How many times it died and came back."""

    @property
    def kind(self) -> BrokerKind:
        """Which broker it is, once started."""
        return self._kind

    @property
    def address(self) -> BrokerAddress:
        """Where this machine reaches it; without credentials."""
        return BrokerAddress(_reachable(self._host), self._port)

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self.is_running and self._process else None

    @property
    def is_running(self) -> bool:
        """Whether the child is alive and has answered."""
        return self._ready and self._process is not None and self._process.returncode is None

    @property
    def enforces_accounts(self) -> bool:
        """Whether accounts and topic rights are checked. Where not, anyone on the network can connect (not command)."""
        return self._kind is BrokerKind.MOSQUITTO and self._accounts is not None

    @property
    def last_words(self) -> str:
        """The last lines the child wrote."""
        return "\n".join(self._said)

    async def __aenter__(self) -> Self:
        """Start, and return once it answers.

        Raises:
            BrokerFailed: no broker program, port taken, or it died or stayed silent; with its last words.
        """
        self._kind, self._program = _choose(self._wanted, self._folder)
        if not self._port:
            self._port = _free_port(self._host)
        try:
            await asyncio.to_thread(self._write_files)
        except OSError as error:
            raise BrokerFailed(f"không ghi được cấu hình broker / cannot write broker files: {error}") from error
        if self._accounts is not None and not self.enforces_accounts:
            logger.warning("broker %s knows no accounts: anyone on its network can connect", self._kind)
        await self._start()
        self._keeping = asyncio.create_task(self._keep_alive(), name="broker")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it, giving it a moment to save."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._reload_again is not None:
            self._reload_again.cancel()
        await self._stop(signal.SIGTERM)

    async def set_accounts(self, accounts: Mapping[str, str]) -> None:
        """Replace the accounts; whoever's password is gone or changed is disconnected.

        Raises:
            ValueError: a name or hash the broker could not read; nothing changed.
        """
        password_file(dict(accounts))
        self._accounts = dict(accounts)
        async with self._writing:
            await asyncio.to_thread(self._write_files)
        self._reload()
        if self._reload_again is not None:
            self._reload_again.cancel()
        self._reload_again = asyncio.get_running_loop().call_later(RELOAD_AGAIN_S, self._reload)

    def _reload(self) -> None:
        if self.is_running and self._process is not None and self._kind is BrokerKind.MOSQUITTO:
            self._process.send_signal(signal.SIGHUP)

    def _write_files(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        listener = Listener(self._host, self._port)
        if self._kind is BrokerKind.IOTCORE:
            self._write("rumqttd.toml", rumqttd_toml(listener))
            return
        if self._accounts is not None:
            self._write("passwords", password_file(self._accounts))
            self._write("acl", mosquitto_acl(self._site, gateway=self._gateway_username))
        # as root Mosquitto would turn into a user who can read none of these files, and slip the leash
        me = pwd.getpwuid(os.getuid()).pw_name
        conf = mosquitto_conf(listener, self._folder, run_as=me, accounts=self._accounts is not None)
        self._write("mosquitto.conf", conf)

    def _write(self, name: str, text: str) -> None:
        if self._wrote.get(name) == text:
            return  # a thousand poles enrol: each changes the passwords, and nothing else
        draft = self._folder / f"{name}.new"
        draft.touch(mode=0o600)
        draft.write_text(text, encoding="utf-8")
        draft.replace(self._folder / name)
        self._wrote[name] = text

    async def _start(self) -> None:
        try:
            await self._launch()
        except BrokerFailed:
            if not await asyncio.to_thread(self._set_database_aside):
                raise
            await self._launch()

    def _set_database_aside(self) -> bool:
        """Rather an empty broker than none: nothing relies on what it kept."""
        database = self._folder / "mosquitto.db"
        if "database" not in self.last_words or not database.exists():
            return False
        try:
            kept = database.replace(self._folder / "mosquitto.db.unreadable")
        except OSError:
            logger.exception("the unreadable broker database cannot be moved")
            return False
        logger.error("the broker could not read its database; it starts empty, and the old one is kept as %s", kept)
        return True

    async def _launch(self) -> None:
        _bound(self._host, self._port).close()
        self._said.clear()
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", leash.__file__, str(os.getpid()), *self._program,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the gateway, which still has goodbyes to send
        )  # fmt: skip
        self._listening = asyncio.create_task(self._listen(process), name="broker output")
        try:
            async with asyncio.timeout(self._ready_timeout_s):
                await self._answered(process)
        except TimeoutError as error:
            await self._stop(signal.SIGKILL)
            why = f"{self._kind} không trả lời sau {self._ready_timeout_s:g} s / does not answer"
            raise BrokerFailed(self._epitaph(why)) from error
        except BaseException:
            await self._stop(signal.SIGKILL)
            raise
        self._ready = True
        logger.info("broker %s answers at %s (pid %d)", self._kind, self.address, process.pid)

    async def _answered(self, process: asyncio.subprocess.Process) -> None:
        while not await answers(_reachable(self._host), self._port):
            if process.returncode is not None:
                if self._listening is not None:
                    await self._listening
                raise BrokerFailed(self._epitaph(f"{self._kind} không chạy được / did not start"))
            await asyncio.sleep(POLL_S)

    def _epitaph(self, why: str) -> str:
        return f"{why}:\n{self.last_words}" if self._said else why

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        while line := await process.stdout.readline():
            text = line.decode(errors="replace").rstrip()
            self._said.append(text)
            logger.debug("broker: %s", text)

    async def _keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        waits = self._restart_waits()
        while True:
            began = loop.time()
            if self._process is not None:
                code = await self._process.wait()
                logger.error("%s", self._epitaph(f"broker {self._kind} died ({code})"))
            self._ready = False
            if loop.time() - began > STEADY_S:
                waits = self._restart_waits()
            while not self._ready:
                await asyncio.sleep(next(waits))
                try:
                    await self._start()
                except (BrokerFailed, OSError) as error:
                    logger.error("broker: %s", error)  # noqa: TRY400 - the message is the whole story
            self.restarts += 1

    async def _stop(self, gently: signal.Signals) -> None:
        self._ready = False
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(gently)
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._listening is not None:
            await self._listening


def _choose(wanted: BrokerKind, folder: Path) -> tuple[BrokerKind, list[str]]:
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path=os.pathsep.join(SYSTEM_FOLDERS))
    if mosquitto and wanted in {BrokerKind.AUTO, BrokerKind.MOSQUITTO}:
        return BrokerKind.MOSQUITTO, [mosquitto, "-c", str(folder / "mosquitto.conf")]
    if wanted is BrokerKind.MOSQUITTO:
        raise BrokerFailed("không tìm thấy mosquitto: cài gói mosquitto / mosquitto is not installed")
    if importlib.util.find_spec("iotcore") is None:
        raise BrokerFailed("không có broker nào: cài mosquitto hoặc iotcore / install mosquitto or iotcore")
    # its log has an error for every packet; what kills it is printed all the same
    quiet = ["--log-level", "CRITICAL"]
    return BrokerKind.IOTCORE, [
        sys.executable, "-P", "-m", "iotcore", "--config", str(folder / "rumqttd.toml"), *quiet,
    ]  # fmt: skip


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - recognised, not bound


def _bound(host: str, port: int) -> socket.socket:
    """Bind, to learn whether the child could: an older broker on the port would answer in the new one's name."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise BrokerFailed(
            f"không mở được cổng {port} trên {host} / cannot listen on port {port} of {host}: {error.strerror}"
        ) from error
    return listener


def _free_port(host: str) -> int:
    with _bound(host, 0) as listener:
        return int(listener.getsockname()[1])
