"""TensorRT-LLM's `tensorrt_llm` model on CPU: OpenVINO GenAI's continuous batching behind the same tensors.

One thread owns the pipeline: it adds what arrived, drops what was cancelled, steps, and pushes each step's tokens.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai
import triton_python_backend_utils as pb

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from contract import Call, Desk, die_with_parent

MAX_SEQUENCES = 256
BATCHED_TOKENS = 256  # a step's budget: a long prompt is cut into steps short enough that no other stream stalls
BLOCK_TOKENS = 32  # fixed by the engine on CPU
BLOCKS = 4096  # 131,072 tokens: 64 streams of 2k
STATS_SECONDS = 0.1

# Activations quantised on the fly make a stream's numbers depend on what shares its batch: greedy answers would differ
# alone and among others. In f32 without it they don't (log probabilities agree to 2e-5).
PROPERTIES = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0, "KV_CACHE_PRECISION": "f16"}


class TritonPythonModel:
    """Triton's entry point."""

    def initialize(self, args: dict[str, str]) -> None:
        """Loads the model of TOKENLOOM_MODEL_DIR and starts the engine's thread."""
        die_with_parent()
        self._model_dir = Path(os.environ["TOKENLOOM_MODEL_DIR"])
        config = json.loads((self._model_dir / "config.json").read_text())
        self._vocabulary = int(config["vocab_size"])
        self._changed = threading.Condition()
        self._arrived: list[Call] = []
        self._live: dict[int, tuple[Call, genai.GenerationHandle]] = {}
        self._closing = False
        self._stats_due = 0.0
        self._build()
        self._desk = Desk(
            args["model_name"], args["model_version"], int(config["max_position_embeddings"]), self._admit, self._wake
        )
        self._desk.gauges.requests(active=0, max=MAX_SEQUENCES, scheduled=0, context=0, waiting=0)
        self._desk.gauges.blocks(max=BLOCKS, free=BLOCKS, used=0, tokens_per=BLOCK_TOKENS, reused=0, fraction=0.0)
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def execute(self, requests: list[Any]) -> None:
        """Takes requests; answers come on their own."""
        self._desk.execute(requests)

    def finalize(self) -> None:
        """Fails what is in flight and stops."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._desk.close()

    def _build(self) -> None:
        scheduler = genai.SchedulerConfig()
        scheduler.max_num_batched_tokens = BATCHED_TOKENS
        scheduler.max_num_seqs = MAX_SEQUENCES
        scheduler.num_kv_blocks = BLOCKS
        scheduler.dynamic_split_fuse = True
        scheduler.enable_prefix_caching = True
        self._pipeline = genai.ContinuousBatchingPipeline(str(self._model_dir), scheduler, "CPU", PROPERTIES)

    def _admit(self, call: Call) -> None:
        with self._changed:
            self._arrived.append(call)
            self._changed.notify()

    def _wake(self) -> None:
        """Nothing to do: with a call to cancel the thread is stepping, and looks before each step."""

    def _run(self) -> None:
        while True:
            with self._changed:
                while not (self._arrived or self._live or self._closing):
                    self._publish(time.monotonic(), force=True)
                    self._changed.wait()
                arrived, self._arrived = self._arrived, []
                closing = self._closing
            if closing:
                for call in [call for call, _ in self._live.values()] + arrived:
                    call.fail("the model is being unloaded", pb.TritonError.UNAVAILABLE)
                self._live.clear()
                return
            for call in arrived:
                self._start(call)
            for call, handle in list(self._live.values()):
                if call.cancelled:
                    handle.cancel()
                    self._end(call)
            self._step()

    def _start(self, call: Call) -> None:
        try:
            if not 0 <= call.prompt.min() <= call.prompt.max() < self._vocabulary:
                raise ValueError(f"input_ids: must be from 0 to {self._vocabulary - 1}")
            prompt = ov.Tensor(call.prompt.astype(np.int64)[None])
            handle = self._pipeline.add_request(call.number, prompt, _generation_config(call))
        except (RuntimeError, ValueError) as error:
            call.fail(str(error).splitlines()[-1], pb.TritonError.INVALID_ARG)
        else:
            self._live[call.number] = (call, handle)

    def _end(self, call: Call, ids: list[int] = [], probs: list[float] = []) -> None:  # noqa: B006 (never changed)
        del self._live[call.number]
        call.push(ids, probs, last=True)

    def _step(self) -> None:
        try:
            if self._pipeline.has_non_finished_requests():
                self._pipeline.step()
            for call, handle in list(self._live.values()):
                self._collect(call, handle)
        except Exception as error:  # whatever it was, the pipeline's state can't be trusted any more
            for call, _ in self._live.values():
                call.fail(f"the engine failed and was restarted: {error}", pb.TritonError.INTERNAL)
            self._live.clear()
            self._build()
        self._publish(time.monotonic())

    def _collect(self, call: Call, handle: genai.GenerationHandle) -> None:
        if handle.can_read():
            (output,) = handle.read().values()
            probs = list(output.generated_log_probs) if call.log_probs else []
            if output.finish_reason == genai.GenerationFinishReason.NONE:
                call.push(output.generated_ids, probs)
            else:
                self._end(call, output.generated_ids, probs)
        elif handle.get_status() != genai.GenerationStatus.RUNNING:
            del self._live[call.number]
            call.fail("the KV cache is full", pb.TritonError.UNAVAILABLE)

    def _publish(self, now: float, force: bool = False) -> None:
        if now < self._stats_due and not force:
            return
        self._stats_due = now + STATS_SECONDS
        metrics = self._pipeline.get_metrics()
        live = len(self._live)
        scheduled = min(metrics.scheduled_requests, live)
        context = sum(not call.started for call, _ in self._live.values())
        used = round(metrics.cache_usage / 100 * BLOCKS)
        self._desk.gauges.requests(scheduled=scheduled, waiting=live - scheduled, context=context)
        self._desk.gauges.blocks(used=used, free=BLOCKS - used, fraction=used / BLOCKS)


def _generation_config(call: Call) -> genai.GenerationConfig:
    sampling = call.sampling
    config = genai.GenerationConfig()
    config.max_new_tokens = call.limit
    config.min_new_tokens = min(sampling.min_tokens, call.limit)
    config.ignore_eos = call.end_id < 0
    if call.end_id >= 0:
        config.eos_token_id = call.end_id
        config.stop_token_ids = {call.end_id}
    config.repetition_penalty = sampling.repetition_penalty
    config.presence_penalty = sampling.presence_penalty
    config.frequency_penalty = sampling.frequency_penalty
    config.logprobs = int(call.log_probs)
    config.do_sample = not sampling.greedy
    if config.do_sample:
        config.temperature = sampling.temperature
        config.top_p = sampling.top_p or 1.0
        config.top_k = sampling.top_k or 2**31 - 1
        config.min_p = sampling.min_p
        config.rng_seed = sampling.seed
    return config
