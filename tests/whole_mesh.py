"""The whole mesh as processes with a real Triton, for tests: started by the command that people use, and ended."""

import contextlib
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from mesh.data_dir import RUN_ID, DataDir, kill_run

ROOT = Path(__file__).resolve().parents[1]
READY = re.compile(r"ready (http://\S+:(\d+)) \(gRPC (\S+), [\d.]+ s\)\n")
START_SECONDS = 60
"""Far more than a start takes, on a machine that does other things, too."""


def command(*arguments: str) -> list[str]:
    """The `tokenloom` command of this tree."""
    return [sys.executable, "-m", "mesh.cli", *arguments]


def environment(**extra: str) -> dict[str, str]:
    """Ours without what would configure a mesh, and with the test model."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("TOKENLOOM_", "OTEL_"))}
    return clean | {"TOKENLOOM_PACED": "1"} | extra


@dataclass
class Mesh:
    """A running `tokenloom up`."""

    process: subprocess.Popen[str]
    data_dir: Path
    log: Path
    """Its standard error, and that of its services."""
    url: str
    """Of the edge, without a slash at the end."""
    port: int
    grpc: str
    """host:port of the orchestrator's gRPC server; in one cell, of all services."""
    run_id: str
    api_key: str = ""

    def status(self) -> dict[str, Any]:
        """What `tokenloom status --json` prints."""
        done = subprocess.run(
            command("status", "--json", "--data-dir", str(self.data_dir)),
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert done.stdout, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def processes(self, service: str) -> list[dict[str, Any]]:
        """The processes that run a service (`edge`, `triton`, `triton-stub`, ...), as status lists them."""
        return [it for it in self.status()["processes"] if service in it["services"]]

    def pid(self, service: str) -> int:
        """The process that runs a service."""
        pid = self.processes(service)[0]["pid"]
        assert isinstance(pid, int)
        return pid

    def address(self, service: str) -> str:
        """host:port of a service's gRPC server."""
        return str(self.processes(service)[0]["addresses"]["grpc"])

    def wait(self, condition: Callable[[dict[str, Any]], bool], seconds: float = START_SECONDS) -> dict[str, Any]:
        """Waits until the status is as the condition says, and returns it."""
        end = time.monotonic() + seconds
        while not condition(report := self.status()):
            assert time.monotonic() < end, f"{json.dumps(report, indent=1)}\n{self.log.read_text()[-4000:]}"
            time.sleep(0.1)
        return report

    def wait_healthy(self) -> dict[str, Any]:
        """Waits until every process is healthy."""
        return self.wait(lambda report: bool(report["ready"]))

    def wait_models(self) -> None:
        """Waits until every model answers: `ready` promises only that one does."""
        end = time.monotonic() + START_SECONDS
        headers = {"authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        while True:
            listed = httpx.get(f"{self.url}/v1/models", headers=headers, trust_env=False, timeout=20)
            if listed.is_success and all(model["ready"] for model in listed.json()["data"]):
                return
            assert time.monotonic() < end, self.log.read_text()[-4000:]
            time.sleep(0.05)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ends the mesh as a person would, and returns its exit code."""
        self.process.send_signal(number)
        return self.process.wait(40)


def run_processes(run_id: str) -> list[tuple[int, str]]:
    """The processes of a run, zombies apart."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(RUN_ID) == run_id:
                found.append((process.pid, process.name()))
    return found


def start(data_dir: Path, *arguments: str, **extra: str) -> Mesh:
    """Starts the mesh and waits for its `ready` line. Raises AssertionError with its log when there is none."""
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "stderr.log"
    port = () if "--port" in arguments else ("--port", "0")
    with log.open("a") as errors:
        process = subprocess.Popen(
            # A test run that is killed takes its meshes along.
            ["setpriv", "--pdeathsig", "TERM", *command("up", "--data-dir", str(data_dir), *port, *arguments)],
            env=environment(**extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
        )
    assert process.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(START_SECONDS) else ""
    match = READY.fullmatch(line)
    state = DataDir(data_dir).read_state()
    if not match:
        end(process, state.get("run_id"))
        raise AssertionError(f"the mesh isn't ready: {line!r}\n{log.read_text()[-4000:]}")
    mesh = Mesh(
        process, data_dir, log, match[1], int(match[2]), match[3], state["run_id"], extra.get("TOKENLOOM_API_KEY", "")
    )
    mesh.wait_models()
    return mesh


def end(process: subprocess.Popen[str], run_id: str | None) -> None:
    """Ends a mesh, whatever state it is in."""
    with process:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
    if run_id:
        kill_run(run_id)
