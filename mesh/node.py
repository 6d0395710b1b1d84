"""One process of the mesh: places services in it, by the `start.py` of each, serves them, and ends in order."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

import grpc.aio
import prometheus_client
import structlog
import uvloop

from mesh import channels, inproc, serving, settings, telemetry

T = TypeVar("T")
Start = Callable[["Node"], Awaitable[None]]
_log = structlog.stdlib.get_logger("mesh.node")


@dataclass(frozen=True)
class NodeSettings:
    """What every process reads: TOKENLOOM_API_KEY and so on."""

    api_key: str = ""
    metrics_port: int | None = None
    log_format: Literal["json", "console"] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    drain_seconds: float = 30.0


@dataclass(eq=False)
class Node:
    """One process of the mesh, as its services see it."""

    placed: Collection[str]  # The services that run here: they reach each other in process.
    environ: Mapping[str, str]
    stack: contextlib.AsyncExitStack  # Closed at the end.
    tasks: asyncio.TaskGroup  # In the background, cancelled at the end.

    def __post_init__(self) -> None:
        own = settings.load(NodeSettings, "", self.environ)
        self.drain_seconds, self._api_key = own.drain_seconds, own.api_key
        self._inproc, self._grpc, self._health = inproc.Server(), serving.grpc_server(), serving.Health()
        self.stack.push_async_callback(self._grpc.stop, 0)
        self._drains: list[Callable[[], Awaitable[None]]] = []
        self.server: Any = serving.Registrar(own.api_key, (self._inproc, self._grpc))

    def settings(self, cls: type[T], prefix: str) -> T:
        """The settings of a service; see mesh.settings.load."""
        return settings.load(cls, prefix, self.environ)

    def channel(self, service: str) -> grpc.aio.Channel:
        """The channel to a service: in process when it is placed here, else to TOKENLOOM_ADDRESS_<SERVICE>."""
        inner: Any = self._inproc
        if service not in self.placed:
            inner = channels.dial(service, self.address(service))
            self.stack.push_async_callback(inner.close)
        return cast(grpc.aio.Channel, channels.Channel(inner, self._api_key))

    def address(self, service: str) -> str:
        """host:port of a service. Raises SettingsError when it isn't configured."""
        key = f"TOKENLOOM_ADDRESS_{service.upper()}"
        if not self.environ.get(key):
            raise settings.SettingsError(f"{key}: required")
        return self.environ[key]

    def on_drain(self, callback: Callable[[], Awaitable[None]]) -> None:
        """`callback` runs before the process ends, while everything still serves; it returns when its work is done."""
        self._drains.append(callback)

    def ready(self, service: str, ok: bool) -> None:
        """Sets the service's health. Without it a service is healthy once its start has returned."""
        names = [service] if service == "edge" else [service, channels.service_names(service)[0]]
        self._health.serving.update(dict.fromkeys(names, ok))

    async def start(self, services: Mapping[str, Start]) -> None:
        """Starts the services, then serves them."""
        for name, start in services.items():
            await start(self)
            if name not in self._health.serving:
                self.ready(name, True)
        serving.add_infrastructure(self._grpc, self.server, self._health)
        for address in sorted({self.address(name) for name in services}):
            if not self._grpc.add_insecure_port(address):
                raise OSError(f"{address}: can't be bound")
        await self._grpc.start()

    async def drain(self) -> None:
        """Lets what runs end, within TOKENLOOM_DRAIN_SECONDS. In-process calls go last: they serve the others."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self.drain_seconds
        self._health.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(end):
                await asyncio.gather(*(callback() for callback in self._drains))
        for server in (self._grpc, self._inproc):
            await server.stop(max(end - loop.time(), 0.1))


def run(services: Mapping[str, Start]) -> None:
    """Runs services until a signal, then drains; a second exits.

    Exits with 2 when a setting is wrong, with 1 when a start or a background task fails.
    """
    telemetry.set_up_logs()
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # Its C core writes to stderr past the logs, also of lost peers.
    name = next(iter(services)) if len(services) == 1 else "cell"
    exit_code = 0
    try:
        own = settings.load(NodeSettings, "", os.environ)
        telemetry.set_up_logs(own.log_format, own.log_level)
        if own.metrics_port is not None:
            prometheus_client.start_http_server(own.metrics_port, "127.0.0.1")
        with telemetry.set_up_traces(name, os.environ):
            uvloop.run(_serve(name, services))
    except* settings.SettingsError as group:
        _log.error("bad setting", service=name, error=str(group.exceptions[0]))
        exit_code = 2
    except* Exception as group:
        _log.error("process failed", service=name, exc_info=group)
        exit_code = 1
    sys.exit(exit_code)


async def _serve(name: str, services: Mapping[str, Start]) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, lambda: os._exit(1) if stop.is_set() else stop.set())
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        node = Node(services, os.environ, stack, tasks)
        await node.start(services)
        gc.collect()
        gc.freeze()  # What lives now lives on; full collections of it would pause every stream.
        gc.set_threshold(50_000, 20, 50)
        _log.info("serving", service=name, pid=os.getpid())
        await stop.wait()
        _log.info("draining", service=name)
        await node.drain()
        loop.call_later(10, os._exit, 1)  # Whatever doesn't end by itself now.
        for task in list(tasks._tasks):
            task.cancel()
    _log.info("stopped", service=name)
