"""The server's process: what it leaves behind, and what it says when it can't start."""

import os
import signal
from pathlib import Path

import psutil
import pytest
from engine.conftest import MODEL_DIR, ROOT
from engine.triton_client import Triton, until

from mesh.data_dir import Refused
from mesh.triton_server import SHARED_MEMORY, TritonServer, stubs


def regions(server: TritonServer) -> list[Path]:
    return list(SHARED_MEMORY.glob(f"{server.shared_memory_prefix}*"))


async def test_a_killed_server_takes_its_stubs_along(fresh: Triton) -> None:
    family = psutil.Process(fresh.pid).children(recursive=True)
    assert len(stubs(fresh.pid)) == 2
    assert len(family) == 3  # the engine's own process
    os.kill(fresh.pid, signal.SIGKILL)
    await until(lambda: not any(process.is_running() for process in family))
    assert stubs(fresh.pid) == []
    assert regions(fresh.server)
    fresh.server.clean()
    assert not regions(fresh.server)


async def test_a_terminated_server_leaves_nothing(fresh: Triton) -> None:
    family = psutil.Process(fresh.pid).children(recursive=True)
    assert len(await fresh.ids("tensorrt_llm", [7], 3, end_id=-1)) == 3
    os.kill(fresh.pid, signal.SIGTERM)
    await until(lambda: not any(process.is_running() for process in family))
    await until(lambda: not regions(fresh.server))


def test_an_environment_that_cannot_work_is_refused(tmp_path: Path) -> None:
    server = TritonServer(tmp_path, tmp_path / "venv", tmp_path, tmp_path / "data", 1, 2)
    with pytest.raises(Refused, match=r"make \.venv-engine"):
        server.prepare()


def test_a_python_without_a_shared_library_is_refused(tmp_path: Path) -> None:
    real = ROOT / ".venv-engine" / "lib" / "python3.11" / "site-packages" / "pytriton" / "tritonserver"
    home = tmp_path / "lib" / "python3.11" / "site-packages" / "pytriton" / "tritonserver"
    (home / "python_backend_stubs").mkdir(parents=True)
    (home / "backends").symlink_to(real / "backends")
    (home / "python_backend_stubs" / "3.11").symlink_to(real / "python_backend_stubs" / "3.8")
    server = TritonServer(tmp_path, tmp_path, MODEL_DIR, tmp_path / "data", 1, 2)
    with pytest.raises(Refused, match=r"libpython3\.8.*apt-get install libpython"):
        server.prepare()


def test_prefixes_differ_by_data_directory(tmp_path: Path) -> None:
    def prefix(name: str) -> str:
        return TritonServer(tmp_path, tmp_path, tmp_path, tmp_path / name, 1, 2).shared_memory_prefix

    assert prefix("a") != prefix("b")
    assert prefix("a") == prefix("a")
