"""The HTTP server as one task among others: our socket, our signals, our shutdown."""

import contextlib
import socket
from collections.abc import Generator

import uvicorn
from fastapi import FastAPI

from gateway.main.impatience import Patience, impatient
from gateway.settings import BadSettings, Http

_GOODBYE_S = 2
"""Event streams never end by themselves; whoever still listens then is cut."""
_BACKLOG = 512


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to the composition root."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class HttpServer:
    """Serves one application on one address."""

    def __init__(self, app: FastAPI, settings: Http, patience: Patience | None = None) -> None:
        """Take the address, so that a taken port is told before anything else starts.

        Raises:
            BadSettings: the address cannot be listened on.
        """
        try:
            family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
            self._socket = socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise BadSettings([("http", f"không mở được {where} / cannot listen: {error.strerror}")]) from error
        config = uvicorn.Config(
            app,
            http=impatient(patience or Patience()),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=_GOODBYE_S,
            server_header=False,
        )
        self._server = _Server(config)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    async def run(self) -> None:
        """Serve until :meth:`stop`."""
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """End: answer what is being answered, then close."""
        self._server.should_exit = True
