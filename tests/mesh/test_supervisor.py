"""`tokenloom up` and `status` with real processes: what is refused, what is restarted, what is left."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mesh import model_dir
from mesh.data_dir import DataDir
from mesh.sockets import free_ports
from tests.whole_mesh import Mesh, command, environment, run_processes

Start = Callable[..., Mesh]


def up(data_dir: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Runs an `up` that should end by itself."""
    return subprocess.run(
        command("up", "--data-dir", str(data_dir), *arguments),
        env=environment(**extra),
        capture_output=True,
        text=True,
        timeout=50,
    )


def refused(done: subprocess.CompletedProcess[str], complaint: str) -> None:
    """Asserts that an `up` ended with one line that says why."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(rf"tokenloom: .*{complaint}.*\n", done.stderr), done.stderr


def listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def regions(data_dir: Path) -> list[Path]:
    """The shared memory of Triton on a data directory."""
    from mesh.triton_server import TritonServer

    nowhere = Path("/nonexistent")
    server = TritonServer(nowhere, nowhere, nowhere, data_dir, 0, 0)
    return list(Path("/dev/shm").glob(f"{server.shared_memory_prefix}*"))


def nothing_left(mesh: Mesh, addresses: list[str]) -> None:
    assert run_processes(mesh.run_id) == []
    assert [it for it in addresses if listens(it)] == []
    assert regions(mesh.data_dir) == []


def addresses_of(mesh: Mesh) -> list[str]:
    return [it for process in mesh.status()["processes"] for it in process["addresses"].values()]


# What is refused


def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused(up(tmp_path, "--port", port), f"port {port} on 127.0.0.1 can't be used: Address already in use")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_host_beyond_loopback_needs_a_key(tmp_path: Path, host: str) -> None:
    refused(up(tmp_path, "--port", "0", "--host", host), "set TOKENLOOM_API_KEY")


def test_an_unknown_host_is_refused(tmp_path: Path) -> None:
    refused(up(tmp_path, "--host", "no-such-host.invalid"), "the host no-such-host.invalid is unknown")


def test_a_missing_models_file_is_refused(tmp_path: Path) -> None:
    refused(up(tmp_path, "--models", str(tmp_path / "none.yaml")), "none.yaml doesn't exist")


def test_a_bad_setting_is_named(tmp_path: Path) -> None:
    refused(
        up(tmp_path, TOKENLOOM_DRAIN_SECONDS="soon"),
        "TOKENLOOM_DRAIN_SECONDS: 'soon' is wrong: Expected `float`, got `str`",
    )


def test_a_model_directory_that_cannot_be_served_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    refused(up(tmp_path, TOKENLOOM_MODEL_DIR=str(tmp_path / "model")), "has no openvino_model.xml")


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_an_impossible_port_is_a_usage_error(tmp_path: Path, port: str) -> None:
    done = up(tmp_path, "--port", port)
    assert done.returncode == 2
    assert "argument --port: invalid" in done.stderr


@pytest.mark.parametrize("placement", [[], ["--split"]])
def test_a_service_that_cannot_start_ends_the_mesh_instead_of_a_loop(tmp_path: Path, placement: list[str]) -> None:
    done = up(tmp_path, "--port", "0", *placement, TOKENLOOM_MODERATION_NONSENSE="1")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "TOKENLOOM_MODERATION_NONSENSE" in done.stderr
    assert "Traceback" not in done.stderr
    assert "starting it again" not in done.stderr
    assert re.search(r"tokenloom: (cell|moderation) ended with exit code 2 before it was ready\n$", done.stderr)


def test_a_wrong_models_file_is_named_with_entry_and_key(tmp_path: Path) -> None:
    (tmp_path / "models.yaml").write_text("models: [{id: a, address: nowhere}]")
    done = up(tmp_path / "data", "--port", "0", "--models", str(tmp_path / "models.yaml"))
    assert done.returncode == 1
    assert "models[0]." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_that_the_engine_cannot_load_is_quoted(tmp_path: Path) -> None:
    directory = Path(shutil.copytree(model_dir.BUNDLED, tmp_path / "model"))
    graph = directory / "openvino_model.xml"
    graph.write_text(graph.read_text().replace('type="MatMul"', 'type="MatMoo"'))
    done = up(tmp_path / "data", "--port", "0", TOKENLOOM_MODEL_DIR=str(directory))
    assert done.returncode == 1
    assert done.stdout == ""
    last = done.stderr.splitlines()[-1]
    assert re.fullmatch(r"tokenloom: triton ended with exit code 1 before it was ready: .*MatMoo.*triton\.log\)", last)


@pytest.mark.parametrize("file", ["tokenizer.json", "chat_template.jinja"])
def test_a_damaged_tokenizer_or_template_of_a_models_file_is_named(tmp_path: Path, file: str) -> None:
    directory = Path(shutil.copytree(model_dir.BUNDLED, tmp_path / "model"))
    (directory / file).write_text("{% for x")
    models = tmp_path / "models.yaml"
    models.write_text(model_dir.describe(directory, address="127.0.0.1:1", metrics="", paced=False))
    done = up(tmp_path / "data", "--port", "0", "--models", str(models))
    assert done.returncode == 1
    assert "model: its tokenizer or template can't be used: " in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("tokenloom: cell ended with exit code 2 before it was ready\n")


def test_free_ports_are_distinct_and_below_those_of_connections() -> None:
    ports = free_ports(50)
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert len(set(ports)) == 50
    assert all(1024 <= port < lowest for port in ports)


def test_status_and_chat_without_a_mesh(tmp_path: Path) -> None:
    done = subprocess.run(
        command("status", "--json", "--data-dir", str(tmp_path)), env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"running": False, "ready": False, "processes": []}
    done = subprocess.run(
        command("chat", "--data-dir", str(tmp_path)), env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "no mesh runs on" in done.stderr


# What runs


def test_status_lists_every_process(any_mesh: Mesh) -> None:
    report = any_mesh.wait_healthy()
    services = [name for it in report["processes"] for name in it["services"]]
    services_and_stubs = [it for it in sorted(services) if it != "triton-engine"]
    everything = ["context", "edge", "inference", "moderation", "orchestrator", "triton", "triton-stub", "triton-stub"]
    assert services_and_stubs == everything
    assert report["url"] == any_mesh.url
    for process in report["processes"]:
        os.kill(process["pid"], 0)
        assert set(process["health"].values()) == {"serving"}
        if process["service"] not in ("triton-stub", "triton-engine"):
            assert listens(process["addresses"]["grpc"])
            assert httpx.get(process["metrics"], trust_env=False).status_code == 200
    assert any_mesh.processes("edge")[0]["addresses"]["http"] == any_mesh.url.removeprefix("http://")


def test_status_for_people(mesh: Mesh) -> None:
    done = subprocess.run(
        command("status", "--data-dir", str(mesh.data_dir)), env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0
    assert mesh.url in done.stdout
    assert re.search(r"^triton-stub +\d+ +serving", done.stdout, re.MULTILINE)


def test_a_second_owner_is_refused_and_the_first_lives_on(mesh: Mesh) -> None:
    refused(up(mesh.data_dir, "--port", "0"), rf"in use by another mesh \(pid {mesh.process.pid}\)")
    assert httpx.get(f"{mesh.url}/readyz", trust_env=False).status_code == 200


# What is restarted


@pytest.mark.timeout(180)
def test_what_dies_is_started_again_on_its_addresses(start_mesh: Start) -> None:
    mesh = start_mesh()
    before = addresses_of(mesh)
    for service in ("cell", "triton", "triton-stub"):
        name = "edge" if service == "cell" else service
        pid = mesh.pid(name)
        os.kill(pid, signal.SIGKILL)
        mesh.wait(lambda report, pid=pid: report["ready"] and pid not in [it["pid"] for it in report["processes"]])
    assert addresses_of(mesh) == before
    restarts = {it["service"]: it["restarts"] for it in mesh.status()["processes"]}
    assert restarts["cell"] == 1
    assert restarts["triton"] == 2
    assert httpx.get(f"{mesh.url}/readyz", trust_env=False, timeout=20).status_code == 200


@pytest.mark.timeout(180)
def test_triton_is_restarted_on_request(start_mesh: Start) -> None:
    mesh = start_mesh()
    pid = mesh.pid("triton")
    request = mesh.data_dir / "run" / "restart-triton"
    request.touch()
    mesh.wait(lambda report: report["ready"] and pid not in [it["pid"] for it in report["processes"]])
    assert not request.exists()


# What is left


@pytest.mark.timeout(120)
def test_open_answers_end_before_the_mesh_does(start_mesh: Start) -> None:
    mesh = start_mesh("--split")
    script = json.dumps({"text": "on and ", "repeat": 100, "interval_ms": 20, "tokens_per_response": 2})
    body = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": script}]}
    with httpx.stream("POST", f"{mesh.url}/v1/chat/completions", json=body, timeout=60, trust_env=False) as response:
        lines = response.iter_lines()
        assert "role" in next(lines)
        mesh.process.send_signal(signal.SIGTERM)
        rest = [line for line in lines if line]
    assert rest[-1] == "data: [DONE]"
    assert mesh.process.wait(20) == 0
    assert run_processes(mesh.run_id) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_nothing(start_mesh: Start, number: signal.Signals) -> None:
    mesh = start_mesh(*(["--split"] if number is signal.SIGINT else []))
    addresses = addresses_of(mesh)
    assert regions(mesh.data_dir) != []
    assert mesh.stop(number) == 0
    nothing_left(mesh, addresses)
    assert mesh.process.stdout
    assert mesh.process.stdout.read() == ""


@pytest.mark.timeout(180)
def test_a_killed_supervisor_leaves_no_process_and_the_next_start_cleans(start_mesh: Start) -> None:
    mesh = start_mesh()
    addresses = addresses_of(mesh)
    mesh.process.kill()
    mesh.process.wait()
    end = time.monotonic() + 10
    while run_processes(mesh.run_id):
        assert time.monotonic() < end, run_processes(mesh.run_id)
        time.sleep(0.05)
    before = set(regions(mesh.data_dir))
    second = start_mesh("--port", str(mesh.port))
    assert before.isdisjoint(regions(mesh.data_dir))
    assert second.stop() == 0
    nothing_left(second, addresses)


@pytest.mark.timeout(180)
def test_leftovers_that_will_not_end_are_killed_by_the_next_start(start_mesh: Start) -> None:
    mesh = start_mesh()
    state = DataDir(mesh.data_dir).read_state()
    stray = subprocess.Popen(["sleep", "600"], env=environment(TOKENLOOM_RUN_ID=state["run_id"]))
    with stray:
        mesh.process.kill()
        mesh.process.wait()
        start_mesh("--port", str(mesh.port))
        assert stray.wait(10) == -signal.SIGKILL
