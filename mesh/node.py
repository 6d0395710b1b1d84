"""One process of the mesh: places services in it, serves them, and ends in order.

`run({"context": start})` is all that a service's __main__ calls; mesh/cell.py runs several in one process.
"""

import asyncio
import contextlib
import contextvars
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import grpc
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
    log_format: str = ""
    log_level: str = "info"
    drain_seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.log_format not in ("", "json", "console"):
            raise ValueError(f"log_format {self.log_format!r} is neither json nor console")
        if self.log_level not in ("debug", "info", "warning", "error"):
            raise ValueError(f"log_level {self.log_level!r} is not debug, info, warning or error")


class Tasks(asyncio.TaskGroup):
    """Background tasks. They outlive the call that starts them, so its deadline isn't theirs."""

    def __init__(self) -> None:
        super().__init__()
        self._live: set[asyncio.Task[Any]] = set()

    def create_task(  # type: ignore[override] # The stubs differ over Python versions in the type of the coroutine.
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: contextvars.Context | None = None
    ) -> asyncio.Task[T]:
        context = context or contextvars.copy_context()
        context.run(channels.deadline.set, None)
        task = super().create_task(coro, name=name, context=context)
        self._live.add(task)
        task.add_done_callback(self._live.discard)
        return task

    def cancel(self) -> None:
        """Cancels all of them; the group then ends."""
        for task in list(self._live):
            task.cancel()


class Node:
    """One process of the mesh, as its services see it."""

    def __init__(
        self,
        placed: tuple[str, ...],
        environ: Mapping[str, str],
        stack: contextlib.AsyncExitStack,
        tasks: Tasks,
        *,
        inproc_server: inproc.Server,
        grpc_server: grpc.aio.Server,
    ) -> None:
        self.environ = environ
        self.stack = stack
        self.tasks = tasks
        self.draining = asyncio.Event()
        self._own = settings.load(NodeSettings, "", environ)
        self.drain_seconds = self._own.drain_seconds
        self._placed = placed
        self._inproc = inproc_server
        self._grpc = grpc_server
        self._health = serving.Health()
        self._channels: dict[str, channels.Channel] = {}
        self._drains: list[Callable[[], Awaitable[None]]] = []
        self._registrar = serving.Registrar(serving.Boundary(self._own.api_key), (inproc_server, grpc_server))
        self.server: Any = self._registrar

    def settings(self, cls: type[T], prefix: str) -> T:
        """The settings of a service; see mesh.settings.load."""
        return settings.load(cls, prefix, self.environ)

    def channel(self, service: str) -> grpc.aio.Channel:
        """The channel to a service: in process when it is placed here, else to TOKENLOOM_ADDRESS_<SERVICE>."""
        if service not in self._channels:
            inner: Any
            if service in self._placed:
                inner = inproc.Channel(self._inproc)
            else:
                inner = channels.dial(service, self.address(service))
                self.stack.push_async_callback(inner.close)
            self._channels[service] = channels.Channel(inner, self._own.api_key)
        return cast(grpc.aio.Channel, self._channels[service])

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
        self._health.set([service] if service == "edge" else [service, channels.service_names(service)[0]], ok)

    async def start(self, services: Mapping[str, Start]) -> None:
        """Starts the services, then serves them."""
        for name, start in services.items():
            await start(self)
            if not self._health.known(name):
                self.ready(name, True)
        serving.add_infrastructure(self._grpc, self._registrar, self._health)
        for address in sorted({self.address(name) for name in services}):
            if not self._grpc.add_insecure_port(address):
                raise OSError(f"{address}: can't be bound")
        await self._grpc.start()

    async def drain(self) -> None:
        """Lets what runs end, within TOKENLOOM_DRAIN_SECONDS. In-process calls go last: they serve the others."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._own.drain_seconds
        self.draining.set()
        self._health.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(end), asyncio.TaskGroup() as group:
                for callback in self._drains:
                    group.create_task(_drained(callback))
        await self._grpc.stop(max(end - loop.time(), 0.1))
        await self._inproc.stop(max(end - loop.time(), 0.1))


async def _drained(callback: Callable[[], Awaitable[None]]) -> None:
    try:
        await callback()
    except Exception:  # One that fails must not stop the others from ending in order.
        _log.exception("drain callback failed")


def run(services: Mapping[str, Start]) -> None:
    """Runs services until SIGTERM or SIGINT, then drains; a second signal, or the parent's death, exits at once.

    Exits with 2 when a setting is wrong, with 1 when a start or a background task fails.
    """
    telemetry.set_up_logs("", "info")
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # Its C core writes to stderr past the logs, also of lost peers.
    name = next(iter(services)) if len(services) == 1 else "cell"
    failed = 0
    try:
        own = settings.load(NodeSettings, "", os.environ)
        telemetry.set_up_logs(own.log_format, own.log_level)
        with telemetry.set_up_traces(name, os.environ):
            uvloop.run(_serve(name, services, own))
    except* settings.SettingsError as group:
        _log.error("bad setting", service=name, error=str(group.exceptions[0]))
        failed = 2
    except* Exception as group:
        _log.error("process failed", service=name, exc_info=group)
        failed = 1
    if failed:
        sys.exit(failed)


async def _serve(name: str, services: Mapping[str, Start], own: NodeSettings) -> None:
    stop = asyncio.Event()
    _watch_signals(stop)
    _watch_parent()
    if own.metrics_port is not None:
        prometheus_client.start_http_server(own.metrics_port, "127.0.0.1")
    async with contextlib.AsyncExitStack() as stack, Tasks() as tasks:
        server = serving.grpc_server()
        stack.push_async_callback(server.stop, 0)
        node = Node(tuple(services), os.environ, stack, tasks, inproc_server=inproc.Server(), grpc_server=server)
        await node.start(services)
        gc.collect()
        gc.freeze()  # What lives now lives on; full collections of it would pause every stream.
        gc.set_threshold(50_000, 20, 50)
        _log.info("serving", service=name, pid=os.getpid())
        await stop.wait()
        _log.info("draining", service=name)
        await node.drain()
        asyncio.get_running_loop().call_later(10, os._exit, 1)  # Whatever doesn't end by itself now.
        tasks.cancel()
    _log.info("stopped", service=name)


def _watch_signals(stop: asyncio.Event) -> None:
    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, on_signal)


def _watch_parent() -> None:
    if parent := os.getppid():  # 0: the parent is outside this container.
        asyncio.get_running_loop().add_reader(os.pidfd_open(parent), os._exit, 1)
