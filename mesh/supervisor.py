"""`tokenloom up`: binds the port, starts Triton and the services, keeps them running, and leaves nothing behind."""

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from mesh import model_dir, settings
from mesh.data_dir import RUN_ID, DataDir, Refused, demand, ended, kill_run
from mesh.process import Child
from mesh.sockets import bind, free_ports
from mesh.triton_server import TritonServer, stubs

SERVICES = ("edge", "orchestrator", "context", "moderation", "inference")
KILL_AFTER_SECONDS = 2.0  # How much longer than its drain a service may take to end.
POLL_SECONDS = 0.2
PROGRESS_SECONDS = 5.0
METRICS = "http://127.0.0.1:{}/metrics"


@dataclass(frozen=True)
class SupervisorSettings:
    """What `up` reads of the environment: TOKENLOOM_API_KEY and so on."""

    api_key: str = ""  # Without it the mesh serves on loopback only.
    drain_seconds: float = 10.0  # What streams get to end in, when the mesh is told to stop.
    model_dir: Path = model_dir.BUNDLED  # What the bundled Triton serves: a model in OpenVINO's format.
    paced: bool = False  # Whether the bundled Triton has the test model, too.


def up(plan: argparse.Namespace, environ: Mapping[str, str]) -> None:
    """Runs the mesh that the command line asks for until a signal ends it. Raises Refused when it can't start."""
    own = settings.load(SupervisorSettings, "", environ)
    if plan.models:
        demand(plan.models.is_file(), f"the models file {plan.models} doesn't exist")
    else:
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
            except* Refused as failures:
                raise failures.exceptions[0] from None


@dataclass(eq=False)
class Supervisor:
    """One running mesh: its children, and the state file that tells others about them."""

    plan: argparse.Namespace  # host, port, data_dir, models, split: see mesh/cli.py.
    own: SupervisorSettings
    environ: Mapping[str, str]
    data: DataDir
    listener: socket.socket

    def __post_init__(self) -> None:
        plan, data, own = self.plan, self.data, self.own
        self._stop = asyncio.Event()
        self._restart_file = data.run / "restart-triton"
        self._models_file = plan.models or data.run / "models.yaml"
        host = f"[{plan.host}]" if ":" in plan.host else plan.host
        self._authority = f"{host}:{self.listener.getsockname()[1]}"
        self._about: dict[str, Any] = {"run_id": secrets.token_hex(8), "started_at": time.time(), "ready_at": None}
        self._about |= {"pid": os.getpid(), "url": f"http://{self._authority}"}
        names = SERVICES if plan.split else ("cell",)
        ports = iter(free_ports(2 * len(names) + 2))
        repository, venv = model_dir.ROOT / "triton_models" / "cpu", model_dir.ROOT / ".venv-engine"
        models = ("tensorrt_llm", "paced") if own.paced else ("tensorrt_llm",)
        directory = own.model_dir.resolve()
        self._engine = TritonServer(repository, venv, directory, data.path, next(ports), next(ports), models)
        grpc = {name: f"127.0.0.1:{next(ports)}" for name in names}
        self._grpc = {service: grpc.get(service) or grpc["cell"] for service in SERVICES}
        self._services = [self._service(name, next(ports)) for name in names]
        self._triton = None if plan.models else self._bundled_triton()
        self._children = [self._triton, *self._services] if self._triton else self._services

    async def run(self) -> None:
        """Starts everything, and returns when a signal has come and all of it has ended."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._asked_to_stop)
        self._engine.clean()
        if self._triton:
            _say(f"starting Triton, which loads {self._engine.model_dir.name}, and the services ...")
        self._publish()
        try:
            async with asyncio.TaskGroup() as tasks:
                for child in self._children:
                    tasks.create_task(child.run())
                watchers = [tasks.create_task(self._announce())]
                if self._triton:
                    watchers.append(tasks.create_task(self._watch_triton(self._triton)))
                await self._stop.wait()
                for watcher in watchers:
                    watcher.cancel()
                _say("stopping ...")
                self.listener.close()
                await self._wind_down()
        finally:
            kill_run(self._about["run_id"])
            self._engine.clean()
            self.data.state_file.unlink(missing_ok=True)

    async def _wind_down(self) -> None:
        """Ends the callers before those whom they call, so that open answers can end; Triton goes last, at once."""
        end = time.monotonic() + self.own.drain_seconds + KILL_AFTER_SECONDS
        for wave in ({"cell", "edge"}, {"orchestrator"}, {"context", "moderation", "inference"}):
            left = max(end - time.monotonic(), KILL_AFTER_SECONDS)
            await asyncio.gather(*(child.stop(left) for child in self._services if child.name in wave))
        if self._triton:
            await self._triton.stop(0)

    def _service(self, name: str, metrics_port: int) -> Child:
        services = SERVICES if name == "cell" else (name,)
        edge = "edge" in services
        addresses = {"grpc": self._grpc[services[0]]} | ({"http": self._authority} if edge else {})
        defaults = {
            "TOKENLOOM_MODERATION_POLICIES": str(model_dir.ROOT / "config" / "policies"),
            "TOKENLOOM_DRAIN_SECONDS": str(self.own.drain_seconds),
            "TOKENIZERS_PARALLELISM": "false",  # Waking its threads costs more than the few short texts of a prompt.
        }
        fixed = {
            RUN_ID: self._about["run_id"],
            "TOKENLOOM_DATA_DIR": str(self.data.path),
            "TOKENLOOM_METRICS_PORT": str(metrics_port),
            "TOKENLOOM_INFERENCE_MODELS": str(self._models_file.resolve()),
            "TOKENLOOM_INFERENCE_RESTART_FILE": str(self._restart_file),
            "TOKENLOOM_EDGE_HTTP_FD": str(self.listener.fileno()),
        } | {f"TOKENLOOM_ADDRESS_{service.upper()}": address for service, address in self._grpc.items()}
        # -P: the current directory may hold a folder called `context` or `edge`.
        argv = [sys.executable, "-P", "-m", "mesh.cell", *reversed(services)]
        environ = defaults | dict(self.environ) | fixed
        shown = {"services": services, "addresses": addresses, "metrics": METRICS.format(metrics_port)}
        fds = [self.listener.fileno()] if edge else []
        return Child(name, argv, environ, self._publish, _say, pass_fds=fds, shown=shown)

    def _bundled_triton(self) -> Child:
        engine = self._engine
        environ = engine.environment() | {RUN_ID: self._about["run_id"]}
        at = {"address": f"127.0.0.1:{engine.grpc_port}", "metrics": METRICS.format(engine.metrics_port)}
        self._models_file.write_text(model_dir.describe(engine.model_dir, **at, paced=self.own.paced))
        shown: dict[str, Any] = {"services": ["triton"], "models": engine.models}
        shown |= {"addresses": {"grpc": at["address"]}, "metrics": at["metrics"]}
        log = self.data.log / "triton.log"
        return Child("triton", engine.argv(), environ, self._publish, _say, engine.prepare, log=log, shown=shown)

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():  # Asked twice: the person is in a hurry.
            for child in self._children:
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
        for child in self._children:
            child.settled = True
        self._about["ready_at"] = time.time()
        self._publish()
        seconds = self._about["ready_at"] - self._about["started_at"]
        ready = f"ready http://{self._authority} (gRPC {self._grpc['orchestrator']}, {seconds:.1f} s)"
        print(ready, flush=True)  # noqa: T201 (for programs)

    async def _answers(self) -> bool:
        """Whether the edge says that the whole mesh is ready."""
        request = f"GET /readyz HTTP/1.1\r\nHost: {self._authority}\r\nConnection: close\r\n\r\n"
        with contextlib.suppress(OSError):  # TimeoutError is one, too.
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection(*self.listener.getsockname()[:2])
                with contextlib.closing(writer):
                    writer.write(request.encode())
                    return b" 200 " in await reader.readline()
        return False

    async def _watch_triton(self, triton: Child) -> None:
        """Restarts Triton when inference asks for it, by a file, or when one of its model processes has died."""
        server: int | None = None
        known: set[psutil.Process] = set()
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if triton.pid != server:
                server, known = triton.pid, set()
                self._restart_file.unlink(missing_ok=True)  # It meant the one before.
            # Until it has worked, Triton itself says best why a model doesn't load.
            if server and triton.settled and len(known) < len(self._engine.models):
                known.update(stubs(server))
            if server and self._restart_file.exists():
                self._restart_file.unlink()
                _say("inference found Triton stuck: killing it")
                triton.kill()
            elif any(map(ended, known)):
                _say("a model process of Triton has died: killing Triton")
                triton.kill()

    def _publish(self) -> None:
        try:
            self.data.write_state(self._about | {"processes": [child.state() for child in self._children]})
        except OSError as error:  # A full disk must not end the mesh.
            _say(f"{self.data.state_file} can't be written: {error.strerror}")


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # Nobody may be listening any more.
        print(f"tokenloom: {line}", file=sys.stderr, flush=True)  # noqa: T201 (for people)
