"""`tokenloom status`: what runs on a data directory, and how it is."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import grpc
import psutil

from mesh.data_dir import DataDir, ended

TIMEOUT_SECONDS = 2.0
SERVING = "serving"
SERVICE_HEALTH = "/grpc.health.v1.Health/Check"
MODEL_HEALTH = "/inference.GRPCInferenceService/ModelReady"
ROW = "{:<14} {:>8}  {:<32} {:>8}  {:<44} {}"


def running(data_dir: Path) -> dict[str, Any] | None:
    """The state of the mesh that runs on `data_dir`, as its supervisor wrote it last. None when there is none."""
    state = DataDir(data_dir).read_state()
    with contextlib.suppress(KeyError, psutil.NoSuchProcess):
        supervisor = psutil.Process(state["pid"])
        # A process that was given a dead supervisor's number began after that one had written its file.
        if supervisor.create_time() <= state["started_at"] and not ended(supervisor):
            return state
    return None


def status(data_dir: Path) -> dict[str, Any]:
    """Each process of the mesh with its health, asked of it now: `serving`, or why not."""
    state = running(data_dir)
    if state is None:
        return {"running": False, "ready": False, "processes": []}
    processes = []
    for process in state["processes"]:
        triton, health = process["service"] == "triton", dict.fromkeys(process["services"], "restarting")
        if process["pid"]:
            asked = (MODEL_HEALTH, process["models"]) if triton else (SERVICE_HEALTH, process["services"])
            health = _health(process["addresses"]["grpc"], *asked)
        processes.append(process | {"health": health})
        if triton and process["pid"]:
            processes += _triton_processes(process["pid"])
    healthy = all(health == SERVING for process in processes for health in process["health"].values())
    about = {"url": state["url"], "pid": state["pid"], "data_dir": str(data_dir.resolve())}
    return {"running": True, "ready": healthy and state["ready_at"] is not None, **about, "processes": processes}


def table(report: Mapping[str, Any]) -> str:
    """The report for people."""
    if not report["running"]:
        return "no mesh runs on this data directory"
    lines = [f"{report['url']} (supervisor {report['pid']}, {report['data_dir']})"]
    lines.append(ROW.format("SERVICE", "PID", "HEALTH", "RESTARTS", "ADDRESSES", "METRICS"))
    for it in report["processes"]:
        ill = ", ".join(f"{name}: {state}" for name, state in it["health"].items() if state != SERVING)
        addresses = " ".join(f"{kind}={address}" for kind, address in it["addresses"].items())
        cells = (it["service"], it["pid"] or "-", ill or SERVING, it["restarts"], addresses, it["metrics"] or "")
        lines.append(ROW.format(*cells).rstrip())
    return "\n".join(lines)


def _health(address: str, method: str, names: Iterable[str]) -> dict[str, str]:
    """Asks a server about each name; Triton's check is alike on the wire: a name in field 1, then 1 for all is well."""
    found = {}
    with grpc.insecure_channel(address) as channel:
        check: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
        for name in names:
            try:
                answer = check(b"\x0a" + bytes([len(name)]) + name.encode(), timeout=TIMEOUT_SECONDS)
                found[name] = SERVING if answer == b"\x08\x01" else "not_serving"
            except grpc.RpcError as error:
                found[name] = error.code().name.lower()
    return found


def _triton_processes(server: int) -> list[dict[str, Any]]:
    """The processes that Triton runs models in: a stub a model, and what the stub starts."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in psutil.Process(server).children(recursive=True):
            name = "triton-stub" if process.name().startswith("triton_python") else "triton-engine"
            # A dead one stays as a zombie, and a stopped one answers nothing, while Triton says that all is well.
            ill = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED)
            health = {name: str(process.status()) if ill else SERVING}
            about: dict[str, Any] = {"service": name, "services": [name], "pid": process.pid, "health": health}
            found.append(about | {"addresses": {}, "metrics": None, "restarts": 0})
    return found
