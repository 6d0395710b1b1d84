"""A real tritonserver with both CPU models, one for all these tests, and fresh ones for those that break it."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import grpc
import psutil
import pytest
from engine.triton_client import PATIENCE, Triton
from tokenizers import Tokenizer

from inference import triton_pb2, triton_pb2_grpc
from mesh.triton_server import TritonServer

ROOT = Path(__file__).resolve().parents[2]
MODEL_DIR = ROOT / "models" / "tokenloom-mini"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(data_dir: Path, *models: str) -> Iterator[tuple[TritonServer, subprocess.Popen[bytes]]]:
    """A server that has loaded `models`; killed with all its processes at the end."""
    server = TritonServer(
        repository=ROOT / "triton_models" / "cpu",
        venv=ROOT / ".venv-engine",
        model_dir=MODEL_DIR,
        data_dir=data_dir,
        grpc_port=_free_port(),
        metrics_port=_free_port(),
        models=models,
    )
    server.prepare()
    process = subprocess.Popen(server.argv(), env=server.environment(), start_new_session=True)
    family: list[psutil.Process] = []
    try:
        with grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
            stub = triton_pb2_grpc.GRPCInferenceServiceStub(channel)
            deadline = time.monotonic() + PATIENCE * 2
            for model in models:
                while not _ready(stub, model):
                    assert process.poll() is None, "tritonserver ended"
                    assert time.monotonic() < deadline, f"{model} isn't ready"
                    time.sleep(0.05)
        yield server, process
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(process.pid).children(recursive=True)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        psutil.wait_procs(family, timeout=PATIENCE)
        server.clean()


def _ready(stub: triton_pb2_grpc.GRPCInferenceServiceStub, model: str) -> bool:
    try:
        ready: bool = stub.ModelReady(triton_pb2.ModelReadyRequest(name=model), timeout=1).ready
    except grpc.RpcError:
        return False
    return ready


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TritonServer, int]]:
    with running(tmp_path_factory.mktemp("triton"), "tensorrt_llm", "paced") as (server, process):
        yield server, process.pid


@pytest.fixture
async def triton(shared: tuple[TritonServer, int]) -> AsyncIterator[Triton]:
    """The server that all tests share: leave nothing in flight."""
    server, pid = shared
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
        yield Triton(server, pid, triton_pb2_grpc.GRPCInferenceServiceStub(channel))


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Triton]:
    """A server of one's own, to break."""
    with running(tmp_path, "tensorrt_llm", "paced") as (server, process):
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel:
            yield Triton(server, process.pid, triton_pb2_grpc.GRPCInferenceServiceStub(channel))


@pytest.fixture(scope="session")
def encode() -> Callable[[str], list[int]]:
    """Text to token ids, as both models have it."""
    tokenizer = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json"))
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids
