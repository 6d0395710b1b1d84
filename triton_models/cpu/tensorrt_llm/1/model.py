"""TensorRT-LLM's `tensorrt_llm` model on CPU: the stub's side of the engine, which runs in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import triton_python_backend_utils as pb

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2])]

from contract import Call, Desk, Refused, live_and_die_with_parent  # noqa: E402 (found by the path above)

MAX_SEQUENCES = 256
BLOCK_TOKENS = 32


class TritonPythonModel:
    """Triton's entry point."""

    def initialize(self, args: dict[str, str]) -> None:
        """Starts the engine on TOKENLOOM_MODEL_DIR and waits until it has loaded."""
        live_and_die_with_parent()
        sys.setswitchinterval(0.001)
        self._model_dir = Path(os.environ["TOKENLOOM_MODEL_DIR"])
        config = json.loads((self._model_dir / "config.json").read_text())
        self._vocabulary = int(config["vocab_size"])
        self._lock = threading.Lock()
        self._calls: dict[int, Call] = {}
        self._closing = False
        self._spawn()
        context = int(config["max_position_embeddings"])
        self._desk = Desk(args["model_name"], args["model_version"], context, self._admit, self._drop)
        self._desk.gauges.requests(max=MAX_SEQUENCES)
        self._desk.gauges.blocks(max=self._blocks, tokens_per=BLOCK_TOKENS)
        self._publish(scheduled=0, context=0, used=0, reused=0, iterations=0)
        self._reader = threading.Thread(target=self._read, name="read", daemon=True)
        self._reader.start()

    def execute(self, requests: list[Any]) -> None:
        """Takes requests; answers come on their own."""
        self._desk.execute(requests)

    def finalize(self) -> None:
        """Ends the engine and fails what is in flight."""
        self._closing = True
        self._process.kill()
        self._reader.join()
        self._desk.close()

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [f"{sys.prefix}/bin/python3", str(Path(__file__).with_name("engine.py"))]
            command += [str(self._model_dir), str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()])  # noqa: S603 (our own)
        self._connection = Connection(ours.detach())
        self._blocks = self._connection.recv()

    def _admit(self, call: Call) -> None:
        if not 0 <= call.prompt.min() <= call.prompt.max() < self._vocabulary:
            raise Refused(f"input_ids: must be from 0 to {self._vocabulary - 1}")
        fields = _generation_fields(call)
        with self._lock:
            self._calls[call.number] = call
            self._tell("add", call.number, call.prompt.tolist(), fields)
            if call.cancelled:
                self._tell("drop", call.number)

    def _drop(self, call: Call) -> None:
        with self._lock:
            if call.number in self._calls:
                self._tell("drop", call.number)

    def _tell(self, *message: Any) -> None:
        with contextlib.suppress(OSError):  # the engine is gone: the reading thread sees it too, and fails every call
            self._connection.send(message)

    def _read(self) -> None:
        while True:
            try:
                tokens, ended, stats = self._connection.recv()
            except (EOFError, OSError):
                if not self._restart():
                    return
                continue
            for number, ids, probs in tokens:
                if call := self._calls.get(number):
                    call.push(ids, probs if call.log_probs else [])
            for number, error in ended:
                if call := self._calls.pop(number, None):
                    if error is None:
                        call.push([], [], last=True)
                    else:
                        call.fail(error, pb.TritonError.INTERNAL)
            if stats:
                self._publish(**stats)

    def _restart(self) -> bool:
        with self._lock:
            reason = "the model is being unloaded" if self._closing else "the engine died and was restarted"
            for call in self._calls.values():
                call.fail(reason, pb.TritonError.UNAVAILABLE)
            self._calls.clear()
            self._process.wait()
            self._connection.close()
            if not self._closing:
                try:
                    self._spawn()
                except (EOFError, OSError):
                    os._exit(1)  # it can't be started any more: a dead stub says so to everybody
        return not self._closing

    def _publish(self, scheduled: int, context: int, used: int, reused: int, iterations: int) -> None:
        live = len(self._calls)
        self._desk.gauges.requests(scheduled=scheduled, context=context, waiting=live - scheduled)
        free = self._blocks - used
        self._desk.gauges.blocks(used=used, free=free, reused=reused, fraction=used / self._blocks)
        self._desk.gauges.general(iteration_counter=iterations)


def _generation_fields(call: Call) -> dict[str, Any]:
    sampling = call.sampling
    fields: dict[str, Any] = {
        "max_new_tokens": call.limit,
        "min_new_tokens": min(sampling.min_tokens, call.limit),
        "ignore_eos": call.end_id < 0,
        "repetition_penalty": sampling.repetition_penalty,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "logprobs": int(call.log_probs),
        "do_sample": not sampling.greedy,
    }
    if call.end_id >= 0:
        fields |= {"eos_token_id": call.end_id, "stop_token_ids": {call.end_id}}
    if not sampling.greedy:
        fields |= {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p or 1.0,
            "min_p": sampling.min_p,
            "rng_seed": sampling.seed,
        }
        if sampling.top_k:
            fields["top_k"] = sampling.top_k
    return fields
