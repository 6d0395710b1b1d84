"""The engine's process: OpenVINO GenAI's continuous batching pipeline, one thread, one socket.

It is apart from the model's stub because `step()` holds the interpreter lock: in one process each response and each
check for a cancelled client would wait for a step. Also, what crashes here is restarted by the stub.

    python engine.py MODEL_DIRECTORY SOCKET_FD

Messages are pickled tuples. In: ("add", number, token ids, generation config fields) and ("drop", number). Out: first
the number of KV blocks once loaded, then the fields of each `Step`. The process ends when its socket's other side does.
"""

from __future__ import annotations

import collections
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai

MAX_SEQUENCES = 256
BATCHED_TOKENS = 256  # a step's budget: a long prompt is cut into steps short enough that no other stream stalls
BLOCK_TOKENS = 32  # fixed by the engine on CPU
BLOCKS = 4096  # 131,072 tokens: 64 streams of 2k
STATS_SECONDS = 0.1

# Activations quantised on the fly make a stream's numbers depend on what shares its batch: greedy answers would differ
# alone and among others. In f32 without it they don't (log probabilities agree to 2e-5). Half of the cores suffice for
# the engine: a small model gains nothing from more, and the services need the rest.
PROPERTIES = {
    "INFERENCE_PRECISION_HINT": "f32",
    "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,
    "KV_CACHE_PRECISION": "f16",
    "INFERENCE_NUM_THREADS": max(1, len(os.sched_getaffinity(0)) // 2),
}


@dataclass
class Step:
    """What changed: tokens by request, requests that ended (with an error message, or None), and now and then stats."""

    tokens: list[tuple[int, list[int], list[float]]] = field(default_factory=list)
    ended: list[tuple[int, str | None]] = field(default_factory=list)
    stats: dict[str, float] | None = None


@dataclass
class Request:
    """One in the pipeline: all its tokens so far, and whether the first generated one is still to come."""

    handle: genai.GenerationHandle
    ids: list[int]
    prefilling: bool = True


class Prefixes:
    """How many blocks the prefix cache saved computing. The engine doesn't tell: this counts what it must have had."""

    def __init__(self) -> None:
        self.reused = 0
        self._known: collections.OrderedDict[int, None] = collections.OrderedDict()

    def look_up(self, ids: list[int]) -> None:
        """Counts the leading blocks of a new prompt that were computed before."""
        for key in self._keys(ids[:-1]):  # the last token is always computed
            if key not in self._known:
                return
            self.reused += 1

    def record(self, ids: list[int]) -> None:
        """Notes that the blocks of `ids` are computed; the cache forgets those unused for longest."""
        for key in self._keys(ids):
            self._known[key] = None
            self._known.move_to_end(key)
        while len(self._known) > BLOCKS:
            self._known.popitem(last=False)

    @staticmethod
    def _keys(ids: list[int]) -> Iterator[int]:
        key = 0
        for end in range(BLOCK_TOKENS, len(ids) + 1, BLOCK_TOKENS):
            key = hash((key, *ids[end - BLOCK_TOKENS : end]))
            yield key


class Engine:
    """The pipeline and the requests in it."""

    def __init__(self, model_dir: str) -> None:
        self._model_dir = model_dir
        self._live: dict[int, Request] = {}
        self._prefixes = Prefixes()
        self._stats_due = 0.0
        self._iterations = 0
        self._build()

    @property
    def busy(self) -> bool:
        """Whether there is anything to step for."""
        return bool(self._live)

    def add(self, number: int, ids: list[int], fields: dict[str, Any], step: Step) -> None:
        """Adds a request; one that the pipeline rejects ends at once."""
        try:
            config = genai.GenerationConfig()
            for name, value in fields.items():
                setattr(config, name, value)
            handle = self._pipeline.add_request(number, ov.Tensor(np.array([ids], np.int64)), config)
        except (RuntimeError, TypeError) as error:
            step.ended.append((number, str(error).strip().splitlines()[-1]))
        else:
            self._live[number] = Request(handle, ids)
            self._prefixes.look_up(ids)

    def drop(self, number: int, step: Step) -> None:
        """Frees a request's place and blocks."""
        if request := self._live.pop(number, None):
            request.handle.cancel()
            step.ended.append((number, None))

    def step(self, step: Step) -> None:
        """One step of the pipeline. After any exception the pipeline is made anew, and what was in it has failed."""
        self._iterations += 1
        try:
            self._pipeline.step()
            for number, request in list(self._live.items()):
                self._collect(number, request, step)
        except Exception as error:  # the pipeline's state can't be trusted after any of them
            step.ended += [(number, f"the engine failed and was restarted: {error}") for number in self._live]
            self._live.clear()
            self._prefixes = Prefixes()
            self._build()

    def report(self, step: Step) -> None:
        """Adds the stats when they are due, always before going idle."""
        now = time.monotonic()
        if now >= self._stats_due or not self._live:
            self._stats_due = now + STATS_SECONDS
            step.stats = self._stats()

    def _build(self) -> None:
        scheduler = genai.SchedulerConfig()
        scheduler.max_num_batched_tokens = BATCHED_TOKENS
        scheduler.max_num_seqs = MAX_SEQUENCES
        scheduler.num_kv_blocks = BLOCKS
        scheduler.dynamic_split_fuse = True
        scheduler.enable_prefix_caching = True
        self._pipeline = genai.ContinuousBatchingPipeline(self._model_dir, scheduler, "CPU", PROPERTIES)

    def _collect(self, number: int, request: Request, step: Step) -> None:
        if request.handle.can_read():
            (output,) = request.handle.read().values()
            step.tokens.append((number, output.generated_ids, output.generated_log_probs))
            request.ids += output.generated_ids
            last = output.finish_reason != genai.GenerationFinishReason.NONE
            if request.prefilling or last:
                request.prefilling = False
                self._prefixes.record(request.ids)
            if last:
                del self._live[number]
                step.ended.append((number, None))
        elif request.handle.get_status() != genai.GenerationStatus.RUNNING:
            del self._live[number]
            step.ended.append((number, "the KV cache is full"))

    def _stats(self) -> dict[str, float]:
        metrics = self._pipeline.get_metrics()
        return {
            "scheduled": min(metrics.scheduled_requests, len(self._live)),
            "context": sum(request.prefilling for request in self._live.values()),
            "used": round(metrics.cache_usage / 100 * BLOCKS),
            "reused": self._prefixes.reused,
            "iterations": self._iterations,
        }


def main() -> None:
    """Serves the socket until it closes."""
    engine = Engine(sys.argv[1])
    connection = Connection(int(sys.argv[2]))
    connection.send(BLOCKS)
    while True:
        step = Step()
        while connection.poll(0 if engine.busy or step.ended else None):
            kind, number, *rest = connection.recv()
            if kind == "add":
                engine.add(number, *rest, step)
            else:
                engine.drop(number, step)
        if engine.busy:
            engine.step(step)
        engine.report(step)
        connection.send((step.tokens, step.ended, step.stats))


if __name__ == "__main__":
    try:
        main()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)  # the stub is gone: nothing is worth tidying up
