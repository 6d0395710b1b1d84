"""`tokenloom status`: what runs on a data directory, and how it is."""

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
import psutil
from grpc_health.v1 import health_pb2

from mesh.data_dir import DataDir

TIMEOUT_SECONDS = 2.0
SERVING = "serving"
MODEL_READY = "/inference.GRPCInferenceService/ModelReady"


def running(data_dir: Path) -> dict[str, Any] | None:
    """The state of the mesh that runs on `data_dir`, as its supervisor wrote it last. None when there is none."""
    state = DataDir(data_dir).read_state()
    try:
        supervisor = psutil.Process(state["pid"])
        # A process that was given a dead supervisor's number began after that one had written its file.
        alive = supervisor.create_time() <= state["started_at"] and supervisor.status() != psutil.STATUS_ZOMBIE
    except (KeyError, psutil.NoSuchProcess):
        alive = False
    return state if alive else None


def status(data_dir: Path) -> dict[str, Any]:
    """Each process of the mesh with its health, asked of it now: `serving`, or why not."""
    state = running(data_dir)
    if state is None:
        return {"running": False, "ready": False, "processes": []}
    processes = []
    for process in state["processes"]:
        if process["pid"] is None:
            health = dict.fromkeys(process["services"], "restarting")
        elif process["service"] == "triton":
            health = _triton_health(process["addresses"]["grpc"], process["models"])
        else:
            health = _service_health(process["addresses"]["grpc"], process["services"])
        processes.append(process | {"healthy": all(it == SERVING for it in health.values()), "health": health})
        if process["service"] == "triton" and process["pid"]:
            processes += _triton_processes(process["pid"])
    return {
        "running": True,
        "ready": state["ready_at"] is not None and all(process["healthy"] for process in processes),
        "url": state["url"],
        "pid": state["pid"],
        "data_dir": str(data_dir.resolve()),
        "processes": processes,
    }


def table(report: Mapping[str, Any]) -> str:
    """The report for people."""
    if not report["running"]:
        return "no mesh runs on this data directory"
    rows = [("SERVICE", "PID", "HEALTH", "RESTARTS", "UP", "ADDRESSES", "METRICS")]
    for it in report["processes"]:
        ill = ", ".join(f"{name}: {state}" for name, state in it["health"].items() if state != SERVING)
        up = f"{time.time() - it['started_at']:.0f} s" if it["pid"] else "-"
        addresses = " ".join(f"{kind}={address}" for kind, address in it["addresses"].items())
        rows.append(
            (
                it["service"],
                str(it["pid"] or "-"),
                ill or SERVING,
                str(it["restarts"]),
                up,
                addresses,
                it["metrics"] or "",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([f"{report['url']} (supervisor {report['pid']}, {report['data_dir']})", *lines])


def _service_health(address: str, services: list[str]) -> dict[str, str]:
    found = {}
    with grpc.insecure_channel(address) as channel:
        check: grpc.UnaryUnaryMultiCallable[Any, Any] = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        for service in services:
            request = health_pb2.HealthCheckRequest(service=service)
            try:
                answer = check(request, timeout=TIMEOUT_SECONDS)
                found[service] = health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status).lower()
            except grpc.RpcError as error:
                found[service] = error.code().name.lower()
    return found


def _triton_health(address: str, models: list[str]) -> dict[str, str]:
    """Asks Triton about each model. Its stubs belong to inference, so the two one-field messages are spelt out here."""
    found = {}
    with grpc.insecure_channel(address) as channel:
        ready: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(MODEL_READY)
        for model in models:
            try:
                answer = ready(b"\x0a" + bytes([len(model)]) + model.encode(), timeout=TIMEOUT_SECONDS)
                found[model] = SERVING if answer == b"\x08\x01" else "not_serving"
            except grpc.RpcError as error:
                found[model] = error.code().name.lower()
    return found


def _triton_processes(server: int) -> list[dict[str, Any]]:
    """The processes that Triton runs models in: a stub a model, and what the stub starts."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in psutil.Process(server).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                name = "triton-stub" if process.name().startswith("triton_python") else "triton-engine"
                # A dead one stays as a zombie, and a stopped one answers nothing, while Triton says that all is well.
                ill = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_STOPPED)
                health = str(process.status()) if ill else SERVING
                found.append(
                    {"service": name, "services": [name], "pid": process.pid, "addresses": {}, "metrics": None}
                    | {"restarts": 0, "started_at": process.create_time()}
                    | {"healthy": not ill, "health": {name: health}}
                )
    return found
