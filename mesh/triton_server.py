"""The bundled Triton: how its process is prepared, started and found. Spawning and watching it is the supervisor's."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (where shm_open puts regions on Linux)
EXIT_TIMEOUT_SECONDS = 2
PYTHON = "3.11"


class EngineUnusable(Exception):
    """The engine's environment can't run here; the text is one line that says what to do."""


@dataclass(frozen=True)
class TritonServer:
    """One tritonserver process over a model repository, with gRPC and metrics on loopback."""

    repository: Path
    """The model repository: triton_models/cpu."""
    venv: Path
    """The engine's own virtual environment."""
    model_dir: Path
    """The model in OpenVINO's format, with tokenizer.json, config.json and generation_config.json."""
    data_dir: Path
    """Where the backend directory is made; also what makes shared memory names unique."""
    grpc_port: int
    metrics_port: int
    models: Sequence[str] = ("tensorrt_llm",)

    @property
    def run_dir(self) -> Path:
        """The directory this server's files are made in."""
        return self.data_dir / "triton"

    @property
    def shared_memory_prefix(self) -> str:
        """The start of the names of this server's shared memory regions."""
        digest = hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()
        return f"tokenloom_{digest[:12]}_"

    def prepare(self) -> None:
        """Makes the backend directory and removes what a killed predecessor left in shared memory.

        Raises EngineUnusable if the environment lacks a file or a library that the server needs.
        """
        home = self._site_packages / "pytriton" / "tritonserver"
        backend = self.run_dir / "backends" / "python"
        backend.mkdir(parents=True, exist_ok=True)
        for target in (
            home / "backends" / "python" / "libtriton_python.so",
            home / "backends" / "python" / "triton_python_backend_utils.py",
            home / "python_backend_stubs" / PYTHON / "triton_python_backend_stub",
        ):
            if not target.exists():
                raise EngineUnusable(f"{target} is missing: make the engine's environment again (make .venv-engine)")
            link = backend / target.name
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        self._check_libraries(backend / "triton_python_backend_stub")
        for name in ("openvino_model.xml", "openvino_model.bin", "config.json", "tokenizer.json"):
            if not (self.model_dir / name).exists():
                raise EngineUnusable(f"{self.model_dir} holds no model in OpenVINO's format: {name} is missing")
        clean_shared_memory(self.shared_memory_prefix)

    def argv(self) -> list[str]:
        """The command line."""
        load = [option for model in self.models for option in ("--load-model", model)]
        return [
            str(self._site_packages / "pytriton" / "tritonserver" / "bin" / "tritonserver"),
            f"--model-repository={self.repository}",
            f"--backend-directory={self.run_dir / 'backends'}",
            f"--backend-config=python,shm-region-prefix-name={self.shared_memory_prefix}",
            "--model-control-mode=explicit",
            *load,
            "--disable-auto-complete-config",
            "--allow-http=false",
            "--grpc-address=127.0.0.1",
            f"--grpc-port={self.grpc_port}",
            "--grpc-http2-min-recv-ping-interval-without-data=100",
            "--grpc-http2-max-ping-strikes=0",
            "--allow-gpu-metrics=false",
            "--allow-cpu-metrics=false",
            "--metrics-address=127.0.0.1",
            f"--metrics-port={self.metrics_port}",
            f"--exit-timeout-secs={EXIT_TIMEOUT_SECONDS}",
            "--pinned-memory-pool-byte-size=0",
            "--log-info=false",
        ]

    def environment(self) -> dict[str, str]:
        """The environment: the engine's Python first, its libraries found, the model named."""
        libraries = [self._library_dir(), self._site_packages / "nvidia_pytriton.libs"]
        inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        return inherited | {
            "PATH": f"{self.venv / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
            "VIRTUAL_ENV": str(self.venv),
            "TOKENLOOM_MODEL_DIR": str(self.model_dir.resolve()),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    @property
    def _site_packages(self) -> Path:
        return self.venv / "lib" / f"python{PYTHON}" / "site-packages"

    def _library_dir(self) -> Path:
        """Where the interpreter that the environment was made with keeps its shared library."""
        return (self.venv / "bin" / "python").resolve().parents[1] / "lib"

    def _check_libraries(self, stub: Path) -> None:
        listed = subprocess.run(  # noqa: S603 (our own arguments)
            ["/usr/bin/env", "ldd", str(stub.resolve())],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        ).stdout
        missing = [line.split()[0] for line in listed.splitlines() if "not found" in line]
        if missing:
            raise EngineUnusable(
                f"{', '.join(missing)} can't be found: the engine needs a Python {PYTHON} with a shared library "
                f"(on Debian: apt-get install libpython{PYTHON}; built by hand: --enable-shared)"
            )


def stub_pids(server_pid: int) -> list[int]:
    """The living processes of a tritonserver's Python models, one a loaded model; none if the server is gone.

    A stub that was killed stays a zombie until its server ends, and isn't among them.
    """
    try:
        children = psutil.Process(server_pid).children()
    except psutil.NoSuchProcess:
        return []
    pids = []
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.name().startswith("triton_python") and child.status() != psutil.STATUS_ZOMBIE:
                pids.append(child.pid)
    return pids


def clean_shared_memory(prefix: str) -> None:
    """Removes the shared memory regions whose names begin with `prefix`. Their server must be dead."""
    for region in SHARED_MEMORY.glob(f"{prefix}*"):
        region.unlink(missing_ok=True)
