"""Meshes for tests, where several folders have them: the shared ones are started once a session, for all folders."""

from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.whole_mesh import Mesh, end, start

hypothesis.settings.register_profile("no deadline", deadline=None)  # Machines are shared: an example may take any time.
hypothesis.settings.load_profile("no deadline")


@pytest.fixture
def start_mesh(tmp_path: Path) -> Iterator[Callable[..., Mesh]]:
    """Starts meshes of the test's own: `start_mesh(*arguments of up, **environment)`, all on one data directory."""
    started: list[Mesh] = []

    def start_one(*arguments: str, **extra: str) -> Mesh:
        started.append(start(tmp_path / "data", *arguments, **extra))
        return started[-1]

    yield start_one
    for mesh in started:
        end(mesh.process, mesh.run_id)


def _shared(tmp_path_factory: pytest.TempPathFactory, *arguments: str) -> Iterator[Mesh]:
    mesh = start(tmp_path_factory.mktemp("mesh") / "data", *arguments)
    yield mesh
    end(mesh.process, mesh.run_id)


@pytest.fixture(scope="session")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """A mesh of one cell with the bundled model and `paced`, shared by the tests of a session: nobody may harm it."""
    yield from _shared(tmp_path_factory)


@pytest.fixture(scope="session")
def split_mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """The same with a process a service."""
    yield from _shared(tmp_path_factory, "--split")


@pytest.fixture(params=["cell", "split"])
def any_mesh(request: pytest.FixtureRequest) -> Mesh:
    """The shared mesh in either placement."""
    found = request.getfixturevalue("mesh" if request.param == "cell" else "split_mesh")
    assert isinstance(found, Mesh)
    return found
