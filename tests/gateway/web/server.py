"""The application on a real socket, for what an in-memory transport cannot show: streams, huge bodies, bad bytes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from tests.gateway.services.people import GOOD
from tests.gateway.web.world import Browser, World


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def online(world: World, base: str, *roles) -> AsyncIterator[Browser]:
    async with httpx.AsyncClient(base_url=base, timeout=10) as client:
        browser = Browser(client)
        if roles:
            name = "-".join(sorted(roles))
            if await world.store.accounts.by_name(name) is None:
                await world.door.person(name, *roles)
            await browser.sign_in(name, GOOD)
        yield browser
