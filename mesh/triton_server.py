"""The bundled Triton: how its process is prepared, started and found. Spawning and watching it is the supervisor's."""

import contextlib
import hashlib
import math
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from mesh.data_dir import demand, ended

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 (where shm_open puts regions on Linux)
TEMPORARY = Path("/tmp")  # noqa: S108 (not configurable in Triton's Python backend)
PYTHON = "3.11"
OPTIONS = """
    --model-control-mode=explicit --disable-auto-complete-config --exit-timeout-secs=2
    --grpc-address=127.0.0.1 --grpc-http2-min-recv-ping-interval-without-data=100 --grpc-http2-max-ping-strikes=0
    --metrics-address=127.0.0.1 --allow-gpu-metrics=false --allow-cpu-metrics=false --allow-http=false
    --pinned-memory-pool-byte-size=0 --log-info=false
"""


@dataclass(eq=False)
class TritonServer:
    """One tritonserver process over a model repository, with gRPC and metrics on loopback."""

    repository: Path  # The model repository: triton_models/cpu.
    venv: Path  # The engine's own virtual environment.
    model_dir: Path  # The model in OpenVINO's format; mesh/model_dir.py checks it.
    data_dir: Path  # Where the backend directory is made; also what makes shared memory names unique.
    grpc_port: int
    metrics_port: int
    models: Sequence[str] = ("tensorrt_llm",)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(str(self.data_dir.resolve()).encode()).hexdigest()
        self.shared_memory_prefix = f"tokenloom_{digest[:12]}_"
        self._home = self.venv / "lib" / f"python{PYTHON}" / "site-packages" / "pytriton" / "tritonserver"
        self._backends = self.data_dir / "triton" / "backends"

    def prepare(self) -> None:
        """Makes the backend directory and cleans. Raises Refused if the environment lacks a file or a library."""
        backend = self._backends / "python"
        backend.mkdir(parents=True, exist_ok=True)
        own, stub = self._home / "backends" / "python", f"python_backend_stubs/{PYTHON}/triton_python_backend_stub"
        for target in (own / "libtriton_python.so", own / "triton_python_backend_utils.py", self._home / stub):
            demand(target.exists(), f"{target} is missing: make the engine's environment again (make .venv-engine)")
            link = backend / target.name
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        ldd = ["/usr/bin/env", "ldd", str((backend / "triton_python_backend_stub").resolve())]
        listed = subprocess.run(ldd, env=self.environment(), capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
        missing = [line.split()[0] for line in listed.stdout.splitlines() if "not found" in line]
        hint = f"on Debian: apt-get install libpython{PYTHON}; built by hand: --enable-shared"
        needed = f"the engine needs a Python {PYTHON} with a shared library ({hint})"
        demand(not missing, f"{', '.join(missing)} can't be found: {needed}")
        self.clean()

    def clean(self) -> None:
        """Removes what a killed server leaves: shared memory, and an empty folder, if no server as old as it lives."""
        for region in SHARED_MEMORY.glob(f"{self.shared_memory_prefix}*"):
            region.unlink(missing_ok=True)
        servers = [it for it in psutil.process_iter(["name", "create_time"]) if it.info["name"] == "tritonserver"]
        oldest = min((it.info["create_time"] for it in servers if not ended(it)), default=math.inf)
        for folder in TEMPORARY.glob("python_env_*"):
            with contextlib.suppress(OSError):  # It isn't ours, or not empty.
                if folder.stat().st_mtime < oldest - 5:  # The kernel's times of processes are a little off.
                    folder.rmdir()

    def argv(self) -> list[str]:
        places = [f"--model-repository={self.repository}", f"--backend-directory={self._backends}"]
        ports = [f"--grpc-port={self.grpc_port}", f"--metrics-port={self.metrics_port}"]
        memory = f"--backend-config=python,shm-region-prefix-name={self.shared_memory_prefix}"
        models = (f"--load-model={model}" for model in self.models)
        return [str(self._home / "bin" / "tritonserver"), *places, *ports, memory, *models, *OPTIONS.split()]

    def environment(self) -> dict[str, str]:
        """The environment: the engine's Python first, its libraries found, the model named."""
        # Also where the interpreter that the environment was made with keeps its shared library.
        python = (self.venv / "bin" / "python").resolve().parents[1] / "lib"
        inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        return inherited | {
            "PATH": f"{self.venv / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "LD_LIBRARY_PATH": f"{python}:{self._home.parents[1] / 'nvidia_pytriton.libs'}",
            "VIRTUAL_ENV": str(self.venv),
            "TOKENLOOM_MODEL_DIR": str(self.model_dir.resolve()),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def stubs(server_pid: int) -> list[psutil.Process]:
    """The living processes of a tritonserver's Python models, one a loaded model; none if the server is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(server_pid).children()
        return [child for child in children if not ended(child) and child.name().startswith("triton_python")]
    return []
