"""What the official clients and the browser are pointed at: whole meshes with a real Triton."""

from collections.abc import Iterator

import pytest

from tests.whole_mesh import Mesh, end, start


@pytest.fixture(scope="session")
def base_url(mesh: Mesh) -> str:
    """The mesh that the whole session shares."""
    return mesh.url


@pytest.fixture(scope="session")
def metrics(mesh: Mesh) -> str:
    """Where that mesh's engine tells its gauges."""
    return str(mesh.processes("triton")[0]["metrics"])


@pytest.fixture(scope="session")
def strict_mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """A mesh that demands the key `sesame` and takes two answers at a time."""
    settings = {"TOKENLOOM_API_KEY": "sesame", "TOKENLOOM_INFERENCE_MAX_STREAMS": "2"}
    mesh = start(tmp_path_factory.mktemp("strict") / "data", **settings)
    yield mesh
    end(mesh.process, mesh.run_id)
