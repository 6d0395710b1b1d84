"""`tokenloom up`: binds the port, starts Triton and the services, keeps them running, and leaves nothing behind."""

import asyncio
import contextlib
import os
import secrets
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mesh import model_dir, settings
from mesh.data_dir import RUN_ID, DataDir, Refused, kill_run
from mesh.process import Child, Command, StartFailed
from mesh.sockets import bind, free_ports
from mesh.triton_server import EngineUnusable, TritonServer, clean_shared_memory, stub_pids

SERVICES = ("edge", "orchestrator", "context", "moderation", "inference")
KILL_AFTER_SECONDS = 2.0
"""How much longer than its drain a service may take to end."""
POLL_SECONDS = 0.2
PROGRESS_SECONDS = 5.0


@dataclass(frozen=True)
class SupervisorSettings:
    """What `up` reads of the environment: TOKENLOOM_API_KEY and so on."""

    api_key: str = ""
    """Without it the mesh serves on loopback only."""
    drain_seconds: float = 10.0
    """What streams get to end in, when the mesh is told to stop."""
    model_dir: Path = model_dir.BUNDLED
    """What the bundled Triton serves: a model in OpenVINO's format."""
    paced: bool = False
    """Whether the bundled Triton has the test model, too."""


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    host: str
    port: int
    """0 lets the system choose."""
    data_dir: Path
    models: Path | None
    """The models file. Without it, the bundled Triton is started."""
    split: bool
    """A process a service, instead of one for all five."""


def up(plan: Plan, environ: Mapping[str, str]) -> None:
    """Runs the mesh until a signal ends it. Raises Refused or StartFailed when it, or a part of it, can't start."""
    own = settings.load(SupervisorSettings, "", environ)
    if plan.models and not plan.models.is_file():
        raise Refused(f"the models file {plan.models} doesn't exist")
    if not plan.models:
        model_dir.check(own.model_dir.resolve())
    data = DataDir(plan.data_dir)
    data.acquire()
    run_id = data.read_state().get("run_id")
    if run_id and (left := kill_run(run_id)):
        _say(f"killed {left} processes that the last run had left")
    with bind(plan.host, plan.port, open_to_others=bool(own.api_key)) as listener:
        supervisor = Supervisor(plan, own, environ, data, listener)
        with asyncio.Runner() as runner:
            try:
                runner.run(supervisor.run())
            except* (StartFailed, Refused) as failures:
                raise failures.exceptions[0] from None


class Supervisor:
    """One running mesh: its children, and the state file that tells others about them."""

    def __init__(
        self,
        plan: Plan,
        own: SupervisorSettings,
        environ: Mapping[str, str],
        data: DataDir,
        listener: socket.socket,
    ) -> None:
        self._plan = plan
        self._data = data
        self._listener = listener
        self._run_id = secrets.token_hex(8)
        self._stop = asyncio.Event()
        self._grace = own.drain_seconds + KILL_AFTER_SECONDS
        self._ready_at: float | None = None
        self._started_at = time.time()
        self._restart_file = data.run / "restart-triton"
        host, port = listener.getsockname()[:2]
        self._port = port
        self._authority = f"[{plan.host}]:{port}" if ":" in plan.host else f"{plan.host}:{port}"
        self._reach = ("127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host, port)  # noqa: S104
        names = SERVICES if plan.split else ("cell",)
        ports = iter(free_ports(2 * len(names) + 2))
        self._grpc = {name: f"127.0.0.1:{next(ports)}" for name in names}
        self._engine = TritonServer(
            repository=model_dir.ROOT / "triton_models" / "cpu",
            venv=model_dir.ROOT / ".venv-engine",
            model_dir=own.model_dir.resolve(),
            data_dir=data.path,
            grpc_port=next(ports),
            metrics_port=next(ports),
            models=("tensorrt_llm", "paced") if own.paced else ("tensorrt_llm",),
        )
        self._services = [self._child(self._service(name, next(ports), own, environ), lambda: None) for name in names]
        self._triton = None if plan.models else self._child(self._triton_command(), self._prepare_triton)

    async def run(self) -> None:
        """Starts everything, and returns when a signal has come and all of it has ended."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._asked_to_stop)
        clean_shared_memory(self._engine.shared_memory_prefix)
        self._restart_file.unlink(missing_ok=True)
        if self._triton:
            described = model_dir.describe(
                self._engine.model_dir,
                paced="paced" in self._engine.models,
                address=f"127.0.0.1:{self._engine.grpc_port}",
                metrics=f"http://127.0.0.1:{self._engine.metrics_port}/metrics",
            )
            (self._data.run / "models.yaml").write_text(described)
            _say(f"starting Triton, which loads {self._engine.model_dir.name}, and the services ...")
        self._publish()
        try:
            async with asyncio.TaskGroup() as tasks:
                for child in self._children():
                    tasks.create_task(child.run())
                watchers = [tasks.create_task(self._announce())]
                if self._triton:
                    watchers.append(tasks.create_task(self._watch_triton(self._triton)))
                await self._stop.wait()
                for watcher in watchers:
                    watcher.cancel()
                _say("stopping ...")
                self._listener.close()
                await self._wind_down()
        finally:
            kill_run(self._run_id)
            clean_shared_memory(self._engine.shared_memory_prefix)
            self._data.state_file.unlink(missing_ok=True)

    async def _wind_down(self) -> None:
        """Ends the callers before those whom they call, so that open answers can end; Triton goes last, at once."""
        end = time.monotonic() + self._grace
        for wave in ({"cell", "edge"}, {"orchestrator"}, {"context", "moderation", "inference"}):
            left = max(end - time.monotonic(), KILL_AFTER_SECONDS)
            await asyncio.gather(*(child.stop(left) for child in self._services if child.command.name in wave))
        if self._triton:
            await self._triton.stop(0)

    def _children(self) -> list[Child]:
        return [self._triton, *self._services] if self._triton else self._services

    def _child(self, command: Command, prepare: Callable[[], None]) -> Child:
        return Child(command, prepare=prepare, changed=self._publish, say=_say)

    def _address(self, service: str) -> str:
        return self._grpc.get(service) or self._grpc["cell"]

    def _service(self, name: str, metrics_port: int, own: SupervisorSettings, environ: Mapping[str, str]) -> Command:
        services = SERVICES if name == "cell" else (name,)
        http = {"http": self._authority} if "edge" in services else {}
        defaults = {
            "TOKENLOOM_MODERATION_POLICIES": str(model_dir.ROOT / "config" / "policies"),
            "TOKENLOOM_DRAIN_SECONDS": str(own.drain_seconds),
        }
        fixed = {
            RUN_ID: self._run_id,
            "TOKENLOOM_DATA_DIR": str(self._data.path),
            "TOKENLOOM_METRICS_PORT": str(metrics_port),
            "TOKENLOOM_INFERENCE_MODELS": str((self._plan.models or self._data.run / "models.yaml").resolve()),
            "TOKENLOOM_INFERENCE_RESTART_FILE": str(self._restart_file),
            "TOKENLOOM_EDGE_HTTP_FD": str(self._listener.fileno()),
            "TOKENLOOM_EDGE_HOST": self._plan.host,
            "TOKENLOOM_EDGE_PORT": str(self._port),
        } | {f"TOKENLOOM_ADDRESS_{it.upper()}": self._address(it) for it in SERVICES}
        return Command(
            name=name,
            # -P: the current directory may hold a folder called `context` or `edge`.
            argv=[sys.executable, "-P", "-m", "mesh.cell" if name == "cell" else name],
            environ=defaults | dict(environ) | fixed,
            pass_fds=[self._listener.fileno()] if http else [],
            shown=_shown(services, {"grpc": self._grpc[name], **http}, metrics_port),
        )

    def _triton_command(self) -> Command:
        engine = self._engine
        return Command(
            name="triton",
            argv=engine.argv(),
            environ=engine.environment() | {RUN_ID: self._run_id},
            log=self._data.log / "triton.log",
            shown={
                "models": list(engine.models),
                **_shown(("triton",), {"grpc": f"127.0.0.1:{engine.grpc_port}"}, engine.metrics_port),
            },
        )

    def _prepare_triton(self) -> None:
        self._restart_file.unlink(missing_ok=True)
        try:
            self._engine.prepare()
        except EngineUnusable as error:
            raise OSError(str(error)) from error

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():  # Asked twice: the person is in a hurry.
            for child in self._children():
                child.kill()
        self._stop.set()

    async def _announce(self) -> None:
        """Says on standard output, once, that the mesh serves; until then, now and then, that it doesn't yet."""
        begun = reported = time.monotonic()
        while not await self._answers():
            await asyncio.sleep(POLL_SECONDS / 2)
            if time.monotonic() - reported >= PROGRESS_SECONDS:
                reported = time.monotonic()
                _say(f"still starting after {reported - begun:.0f} s ...")
        for child in self._children():
            child.settled = True
        self._ready_at = time.time()
        self._publish()
        seconds = self._ready_at - self._started_at
        sys.stdout.write(f"ready http://{self._authority} (gRPC {self._address('orchestrator')}, {seconds:.1f} s)\n")
        sys.stdout.flush()

    async def _answers(self) -> bool:
        """Whether the edge says that the whole mesh is ready."""
        request = f"GET /readyz HTTP/1.1\r\nHost: {self._authority}\r\nConnection: close\r\n\r\n"
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection(*self._reach)
                try:
                    writer.write(request.encode())
                    return b" 200 " in await reader.readline()
                finally:
                    writer.close()
        except OSError:  # TimeoutError is one, too.
            return False

    async def _watch_triton(self, triton: Child) -> None:
        """Restarts Triton when inference asks for it, by a file, or when one of its model processes has died."""
        server: int | None = None
        stubs: dict[int, int] = {}  # pid -> pidfd, which becomes readable when the process dies
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if triton.pid != server:
                for pidfd in stubs.values():
                    os.close(pidfd)
                server, stubs = triton.pid, {}
            # Until it has worked, Triton itself says best why a model doesn't load.
            if server and triton.settled and len(stubs) < len(self._engine.models):
                for pid in set(stub_pids(server)) - set(stubs):
                    with contextlib.suppress(ProcessLookupError):
                        stubs[pid] = os.pidfd_open(pid)
            if self._restart_file.exists():
                self._restart_file.unlink(missing_ok=True)
                _say("inference found Triton stuck: killing it")
                triton.kill()
            elif select.select(list(stubs.values()), [], [], 0)[0]:
                _say("a model process of Triton has died: killing Triton")
                triton.kill()

    def _publish(self) -> None:
        state = {
            "run_id": self._run_id,
            "pid": os.getpid(),
            "url": f"http://{self._authority}",
            "started_at": self._started_at,
            "ready_at": self._ready_at,
            "processes": [child.state() for child in self._children()],
        }
        try:
            self._data.write_state(state)
        except OSError as error:  # A full disk must not end the mesh.
            _say(f"{self._data.state_file} can't be written: {error.strerror}")


def _shown(services: Sequence[str], addresses: Mapping[str, str], metrics_port: int) -> dict[str, Any]:
    metrics = f"http://127.0.0.1:{metrics_port}/metrics"
    return {"services": list(services), "addresses": dict(addresses), "metrics": metrics}


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # Nobody may be listening any more.
        sys.stderr.write(f"tokenloom: {line}\n")
        sys.stderr.flush()
