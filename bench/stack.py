"""What a benchmark runs: the fake engine, a sink for traces, the mesh as `tokenloom up` starts it, and the load."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import selectors
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import yaml
from tokenizers import Tokenizer

from bench.fake import ROOT, request, start_fake

LOAD = ROOT / "build" / "load"
MODEL_DIR = ROOT / "models" / "tokenloom-mini"
POLICIES = ROOT / "config" / "policies"
CLOCK_NS = 100_000
"""A step of the clock that the fake engine's words tell."""
START_SECONDS = 60
SHORT_TURNS = {"streams": 32, "tokens": 16, "warmup": 1}  # 32 at a time, each begun when the one before has ended
ENDLESS = 200_000
"""Tokens of an answer that outlasts the measuring."""
OPEN_SECONDS = 0.01
"""Between the starts of streams: more than one costs the mesh."""
PROMPT = "Tell me about the sea, the stars above it, and those who have sailed by them."


@dataclasses.dataclass(frozen=True)
class Cores:
    """Which core the mesh runs on, and which one the engine and the load share; None leaves it to the kernel."""

    mesh: int | None
    rest: int | None

    @classmethod
    def apart(cls) -> Cores:
        """The first core for the mesh, the last for the rest."""
        cores = sorted(os.sched_getaffinity(0))
        return cls(cores[0], cores[-1])


def pinned(core: int | None, command: Sequence[str]) -> list[str]:
    """The command, kept on a core."""
    return [*(("taskset", "-c", str(core)) if core is not None else ()), *command]


@dataclasses.dataclass
class Mesh:
    """A running `tokenloom up`: its HTTP address, and the processes of its services by name."""

    address: str
    pids: dict[str, int]
    triton: str
    """host:port of its own Triton's gRPC, if it has one."""

    def memory(self) -> dict[str, int]:
        """Resident bytes of each service's process."""
        return {name: psutil.Process(pid).memory_info().rss for name, pid in self.pids.items()}

    def peak_memory(self) -> dict[str, int]:
        """The most resident bytes that each service's process has had."""
        peaks = {}
        for name, pid in self.pids.items():
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
            peaks[name] = 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
        return peaks


class Bench:
    """Starts things and ends them. Everything it leaves behind is in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.words = folder / "words"
        self.words.write_text("".join(f"{number}\t{text}\n" for number, text in clock_words()))
        self._meshes = 0

    @contextlib.contextmanager
    def fake(self, *flags: str, core: int | None = None) -> Iterator[str]:
        """The fake engine, whose tokens tell the time; its address."""
        ids = ",".join(line.split("\t")[0] for line in self.words.read_text().splitlines())
        process, address = start_fake("--ids", ids, "--clock", f"{CLOCK_NS}ns", *flags, core=core)
        try:
            yield address
        finally:
            process.terminate()
            process.wait()

    @contextlib.contextmanager
    def fake_http(self, *flags: str, core: int | None = None) -> Iterator[str]:
        """The fake engine behind OpenAI's API instead of Triton's; its address."""
        ids = ",".join(line.split("\t")[0] for line in self.words.read_text().splitlines())
        process, _ = start_fake("--ids", ids, "--clock", f"{CLOCK_NS}ns", "--words", str(self.words), *flags, core=core)
        assert process.stdout
        try:
            yield f"127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()
            process.wait()

    @contextlib.contextmanager
    def sink(self, core: int | None = None) -> Iterator[Mapping[str, str]]:
        """A collector of traces that throws them away; the environment that sends it one trace in a hundred."""
        process = subprocess.Popen(
            pinned(core, [sys.executable, "-m", "bench.sink"]), stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout
        try:
            yield {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{int(process.stdout.readline())}",
                "OTEL_EXPORTER_OTLP_INSECURE": "true",
                "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
                "OTEL_TRACES_SAMPLER_ARG": "0.01",
            }
        finally:
            process.terminate()
            process.wait()

    @contextlib.contextmanager
    def mesh(
        self,
        engine: str | None,
        *flags: str,
        core: int | None = None,
        environ: Mapping[str, str] | None = None,
        python: Path | None = None,
    ) -> Iterator[Mesh]:
        """`tokenloom up` in front of a fake engine's address, or with its own Triton; its services run by `python`."""
        self._meshes += 1
        data_dir = self.folder / f"mesh{self._meshes}"
        data_dir.mkdir()
        if engine:
            entry = {
                "id": "tokenloom-mini",
                "address": engine,
                "model": "tensorrt_llm",
                "dialect": "inflight_batcher_llm",
                "tokenizer": str(MODEL_DIR),
                "context_length": 1_000_000,
            }
            (data_dir / "models.yaml").write_text(yaml.safe_dump({"models": [entry]}))
            flags = (*flags, "--models", str(data_dir / "models.yaml"))
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("TOKENLOOM_", "OTEL_"))}
        clean["TOKENLOOM_DRAIN_SECONDS"] = "1"
        # One engine serves more streams here than a GPU would.
        clean["TOKENLOOM_INFERENCE_MAX_STREAMS"] = "20000"
        services = str(python or sys.executable)
        run = f"import sys; sys.executable = {services!r}; from mesh.cli import main; sys.exit(main())"
        with (data_dir / "stderr").open("w") as log:
            process = subprocess.Popen(
                pinned(core, [sys.executable, "-c", run, "up", "--port", "0", "--data-dir", str(data_dir), *flags]),
                env=clean | dict(environ or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=ROOT,
            )
        assert process.stdout
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(process.stdout, selectors.EVENT_READ)
                line = process.stdout.readline() if selector.select(START_SECONDS) else ""
            if not line.startswith("ready http://"):
                raise SystemExit(f"the mesh isn't ready: {line!r}\n{(data_dir / 'stderr').read_text()[-3000:]}")
            state = json.loads((data_dir / "run" / "state.json").read_text())
            pids = {it["service"]: it["pid"] for it in state["processes"]}
            pids.pop("triton", None)
            _same_priority(pids.values())
            triton = next((it["addresses"]["grpc"] for it in state["processes"] if it["service"] == "triton"), "")
            yield Mesh(line.split()[1].removeprefix("http://"), pids, triton)
        finally:
            process.terminate()
            process.wait(40)

    def load(
        self,
        kind: str,
        address: str,
        *,
        streams: int,
        tokens: int,
        seconds: float,
        pids: Mapping[str, int] | None = None,
        core: int | None = None,
        words: bool = True,
        **options: Any,
    ) -> dict[str, Any]:
        """Runs the load (bench/load) and returns what it saw; `cpu` has seconds by the names of `pids`."""
        with self.loading(
            kind, address, streams=streams, tokens=tokens, seconds=seconds, pids=pids, core=core, words=words, **options
        ) as running:
            return running.result()

    @contextlib.contextmanager
    def loading(
        self,
        kind: str,
        address: str,
        *,
        streams: int,
        tokens: int,
        seconds: float,
        pids: Mapping[str, int] | None = None,
        core: int | None = None,
        words: bool = True,
        **options: Any,
    ) -> Iterator[Load]:
        """The load while it runs; `options` are flags of bench/load. Without `words`, the usage counts the tokens."""
        if kind == "triton":
            prompt = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json")).encode(PROMPT).ids
            made = request(tokens, len(prompt))
            made.raw_input_contents[0] = struct.pack(f"<{len(prompt)}i", *prompt)
            made.outputs.add(name="output_ids")
            body = made.SerializeToString()
        else:
            chat = {
                "model": "tokenloom-mini",
                "messages": [{"role": "user", "content": PROMPT}],
                "max_tokens": tokens,
                "temperature": 0,
                "ignore_eos": True,
                "stream": True,
                "stream_options": {"include_usage": True},
            }
            body = json.dumps(chat).encode()
        file = self.folder / f"request-{kind}-{tokens}"
        file.write_bytes(body)
        flags = {"kind": kind, "address": address, "streams": streams, "seconds": seconds, "request": file, **options}
        if pids:
            flags["pids"] = ",".join(map(str, pids.values()))
        if words:
            flags["words"] = self.words
        command = [str(LOAD), *(f"--{name}={value}" for name, value in flags.items())]
        process = subprocess.Popen(
            pinned(core, command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            yield Load(process, {str(pid): name for name, pid in (pids or {}).items()})
        finally:
            process.kill()
            process.wait()


class Load:
    """A running load."""

    def __init__(self, process: subprocess.Popen[str], names: Mapping[str, str]) -> None:
        self._process = process
        self._names = names

    def measuring(self) -> None:
        """Returns when the load has warmed up and measures."""
        self._expect("measuring")

    def result(self) -> dict[str, Any]:
        """What was seen. Raises SystemExit when the load failed."""
        assert self._process.stdout
        while not (line := self._process.stdout.readline()).startswith("{"):
            if not line:
                self._fail()
        seen: dict[str, Any] = json.loads(line)
        seen["cpu"] = {self._names[pid]: used for pid, used in seen["cpu"].items()}
        if seen["errors"]:
            print(f"load: {seen['errors']} errors, for instance {seen['last_error']}", file=sys.stderr)
        return seen

    def _expect(self, word: str) -> None:
        assert self._process.stdout
        if self._process.stdout.readline().strip() != word:
            self._fail()

    def _fail(self) -> None:
        assert self._process.stderr
        raise SystemExit(f"the load failed: {self._process.stderr.read()[-2000:]}")


def _same_priority(pids: Iterable[int]) -> None:
    """Gives processes that lead sessions of their own our niceness, which autogroups would else make nothing of."""
    for pid in (os.getpid(), *pids):
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(os.nice(0)))


def clock_words() -> list[tuple[int, str]]:
    """Ids whose text is one lower-case word with a leading space, which begins no forbidden phrase: nothing is held."""
    tokenizer = Tokenizer.from_file(str(MODEL_DIR / "tokenizer.json"))
    forbidden = [
        str(phrase).casefold()
        for file in POLICIES.glob("*.yaml")
        for phrase in yaml.safe_load(file.read_text()).get("words", [])
    ]
    found = []
    for number in range(tokenizer.get_vocab_size()):
        text = tokenizer.decode([number], skip_special_tokens=True)
        word = text[1:]
        plain = text.startswith(" ") and word.isascii() and word.isalpha() and word.islower()
        if plain and not any(phrase.startswith(word) or word.startswith(phrase) for phrase in forbidden):
            found.append((number, text))
    return found[:1024]


def build() -> None:
    """Builds the compiled parts into build/, which Go does only when something changed."""
    for name in ("fake_triton", "load"):
        subprocess.run(["go", "build", "-o", str(ROOT / "build" / name), "."], cwd=ROOT / "bench" / name, check=True)


@contextlib.contextmanager
def bench() -> Iterator[Bench]:
    """A benchmark's folder, gone at its end."""
    build()
    with tempfile.TemporaryDirectory(prefix="tokenloom-bench-") as folder:
        yield Bench(Path(folder))


def machine() -> dict[str, Any]:
    """What the figures were taken on, and how busy it was."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "unknown",
    )
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "python": sys.version.split()[0],
        "load_average": list(os.getloadavg()),
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def busy(seconds: float = 1.0) -> list[float]:
    """How busy each core is with whatever else runs, in percent."""
    return psutil.cpu_percent(seconds, percpu=True)
