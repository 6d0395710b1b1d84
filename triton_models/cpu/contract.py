"""The `tensorrt_llm` contract of TensorRT-LLM's in-flight batcher, as both models of this repository speak it.

A request becomes a `Call`; the model's own thread pushes tokens into it; the `Desk` sends them, one response for all
that piled up while the last one was on its way, and watches for clients that are gone.
"""

from __future__ import annotations

import heapq
import itertools
import math
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb

CANCEL_CHECK_SECONDS = (0.01, 0.04)  # between rounds of checks, at least and at most ...
CANCEL_CHECK_REST = 4  # ... and so many times as long as a round takes: each check is a round trip between processes
RESPONSE_SECONDS = 0.0005  # about what one costs in all; a stream gets its next no sooner than this times the streams

NO_END = -1  # TensorRT-LLM's spelling of "don't stop at an end id", also what an absent end_id means


class Refused(Exception):
    """What a request asks for is invalid or unsupported; the text names the tensor and reaches the client."""


@dataclass(frozen=True)
class Sampling:
    """How to choose tokens. The defaults are TensorRT-LLM's: without top_k and top_p decoding is greedy."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 0.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    min_tokens: int = 0
    seed: int = 0

    @property
    def greedy(self) -> bool:
        """Whether the most likely token is always taken."""
        return self.temperature == 0 or self.top_k == 1 or (self.top_k == 0 and self.top_p == 0)


@dataclass(eq=False)
class Call:
    """One request in flight. The model's thread calls `push`, the last time with `last`, or ends it with `fail`."""

    sender: Any
    desk: Desk
    request_id: str
    prompt: np.ndarray
    limit: int
    end_id: int
    sampling: Sampling
    streaming: bool
    log_probs: bool
    echo: bool
    number: int
    wanted: frozenset[str]
    """The outputs that the client asked for; all of them if it named none."""
    cancelled: bool = False
    done: bool = False
    ids: list[int] = field(default_factory=list)
    probs: list[float] = field(default_factory=list)
    cumulative: float = 0.0
    error: tuple[str, int] | None = None
    asking: threading.Lock = field(default_factory=threading.Lock)
    over: bool = False  # the last response is on its way: the sender may not be asked anything more
    due: float = 0.0
    """When its next response may be sent, in monotonic seconds."""
    queued: float = math.inf
    """The time under which it stands in the desk's queue; infinite if it doesn't."""

    def push(self, ids: list[int], probs: list[float], last: bool = False) -> None:
        """Adds tokens (and, if `log_probs`, as many log probabilities) to what the client gets next."""
        self.desk.deliver(self, ids, probs, done=last, error=None)

    def fail(self, message: str, code: int) -> None:
        """Ends the answer with an error; `code` is one of pb.TritonError's."""
        self.desk.deliver(self, [], [], done=True, error=(message, code))


class Gauges:
    """Gauges under TensorRT-LLM's metric names, set only when they change since each set crosses a process."""

    REQUESTS = "nv_trt_llm_request_metrics"
    BLOCKS = "nv_trt_llm_kv_cache_block_metrics"
    GENERAL = "nv_trt_llm_general_metrics"

    def __init__(self, model: str, version: str) -> None:
        family = pb.MetricFamily
        self._families = {
            self.REQUESTS: family(name=self.REQUESTS, description="TRT LLM request metrics", kind=family.GAUGE),
            self.BLOCKS: family(name=self.BLOCKS, description="TRT LLM KV cache block metrics", kind=family.GAUGE),
            self.GENERAL: family(name=self.GENERAL, description="General TRT LLM metrics", kind=family.GAUGE),
        }
        self._labels = {"model": model, "version": version}
        self._gauges: dict[tuple[str, str], Any] = {}
        self._values: dict[tuple[str, str], float] = {}

    def requests(self, **values: float) -> None:
        """Sets requests by type: active, max, scheduled, context, waiting."""
        self._set(self.REQUESTS, "request_type", values)

    def blocks(self, **values: float) -> None:
        """Sets blocks by type: max, free, used, tokens_per, reused, fraction."""
        self._set(self.BLOCKS, "kv_cache_block_type", values)

    def general(self, **values: float) -> None:
        """Sets general values by type: iteration_counter."""
        self._set(self.GENERAL, "general_type", values)

    def _set(self, family: str, label: str, values: dict[str, float]) -> None:
        for kind, value in values.items():
            key = (family, kind)
            if self._values.get(key) == value:
                continue
            if key not in self._gauges:
                self._gauges[key] = self._families[family].Metric(labels={label: kind, **self._labels})
            self._gauges[key].set(value)
            self._values[key] = value


class Desk:
    """Takes requests in, sends what the model makes of them, and notices cancelled ones.

    `admit` is called with each valid call and may still raise Refused. `drop` is called once with a call whose client
    has gone or has asked for a stop: the model ends it by `push`. Neither may block.
    """

    def __init__(
        self, model: str, version: str, context: int, admit: Callable[[Call], None], drop: Callable[[Call], None]
    ) -> None:
        self.gauges = Gauges(model, version)
        self._context, self._admit, self._drop = context, admit, drop
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._something = threading.Condition(self._lock)  # to send
        self._someone = threading.Condition(self._lock)  # to watch
        self._publishing = threading.Lock()
        self._live: dict[int, Call] = {}
        self._queue: list[tuple[float, int, Call]] = []
        self._closing = False
        self._publish_active()
        self._threads = [
            threading.Thread(target=self._send_all, name="send", daemon=True),
            threading.Thread(target=self._watch, name="watch", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def execute(self, requests: list[Any]) -> None:
        """Takes what Triton hands over. Answers what is wrong with a request on its own stream."""
        for request in requests:
            sender = request.get_response_sender()
            try:
                if _flag(request, "stop"):
                    self._stop(request.request_id())
                    sender.send(flags=pb.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
                    continue
                call = self._read(request, sender)
            except Refused as refused:
                error = pb.TritonError(str(refused), pb.TritonError.INVALID_ARG)
                sender.send(pb.InferenceResponse(error=error), flags=pb.TRITONSERVER_RESPONSE_COMPLETE_FINAL)
                continue
            with self._lock:
                self._live[call.number] = call
                self._someone.notify()
            self._publish_active()
            try:
                self._admit(call)
            except Refused as refused:
                call.fail(str(refused), pb.TritonError.INVALID_ARG)

    def deliver(
        self, call: Call, ids: list[int], probs: list[float], done: bool, error: tuple[str, int] | None
    ) -> None:
        """Hands tokens or the end of a call to the sending thread. Never blocks."""
        with self._lock:
            if call.done:
                return
            call.ids += ids
            call.probs += probs
            call.done, call.error = done, error
            due = call.due
            if done:
                self._live.pop(call.number, None)
                due = 0.0
            if due < call.queued and (done or call.streaming):
                call.queued = due
                heapq.heappush(self._queue, (due, call.number, call))
                self._something.notify()

    def close(self) -> None:
        """Stops both threads. Calls in flight must have been finished."""
        with self._lock:
            self._closing = True
            self._something.notify()
            self._someone.notify()
        for thread in self._threads:
            thread.join()

    def _publish_active(self) -> None:
        with self._publishing:  # so that an older count is never set after a newer one
            self.gauges.requests(active=len(self._live))

    def _stop(self, request_id: str) -> None:
        if not request_id:
            raise Refused("stop: a request id is needed to say which request to stop")
        with self._lock:
            calls = [call for call in self._live.values() if call.request_id == request_id]
        self._cancel(calls)

    def _cancel(self, calls: list[Call]) -> None:
        for call in calls:
            call.cancelled = True
            self._drop(call)

    def _send_all(self) -> None:
        while True:
            with self._lock:
                now = time.monotonic()
                while not self._queue or self._queue[0][0] > now:
                    if self._closing and not self._queue:
                        return
                    self._something.wait(self._queue[0][0] - now if self._queue else None)
                    now = time.monotonic()
                due, _, call = heapq.heappop(self._queue)
                if due != call.queued:
                    continue  # it was queued again for an earlier time, and is sent
                call.queued = math.inf
                call.due = now + RESPONSE_SECONDS * len(self._live)
                ids, call.ids = call.ids, []
                probs, call.probs = call.probs, []
                done, error = call.done, call.error
            if done:
                self._publish_active()
            self._send(call, ids, probs, done, error)

    def _send(self, call: Call, ids: list[int], probs: list[float], done: bool, error: tuple[str, int] | None) -> None:
        count = len(ids)
        if call.echo:
            ids = call.prompt.tolist() + ids
        outputs = {
            "output_ids": np.array([[ids]], np.int32),
            "sequence_length": np.array([[len(ids)]], np.int32),
            "sequence_index": np.zeros((1, 1), np.int32),
            "batch_index": np.zeros((1, 1), np.int32),
        }
        if call.log_probs:
            call.cumulative += math.fsum(probs[:count])
            outputs["output_log_probs"] = np.array([[probs[:count]]], np.float32)
            outputs["cum_log_probs"] = np.array([[call.cumulative]], np.float32)
        tensors = [pb.Tensor(name, array) for name, array in outputs.items() if name in call.wanted]
        if done:
            with call.asking:
                call.over = True
        last = done and error is None
        if last or count:
            call.sender.send(
                pb.InferenceResponse(tensors), flags=pb.TRITONSERVER_RESPONSE_COMPLETE_FINAL if last else 0
            )
        if error is not None:
            response = pb.InferenceResponse(error=pb.TritonError(*error))
            call.sender.send(response, flags=pb.TRITONSERVER_RESPONSE_COMPLETE_FINAL)

    def _watch(self) -> None:
        shortest, longest = CANCEL_CHECK_SECONDS
        while True:
            with self._lock:
                while not self._live and not self._closing:
                    self._someone.wait()
                if self._closing:
                    return
                calls = [call for call in self._live.values() if not call.cancelled]
            began = time.monotonic()
            self._cancel([call for call in calls if _gone(call)])
            time.sleep(min(max(shortest, CANCEL_CHECK_REST * (time.monotonic() - began)), longest))

    def _read(self, request: Any, sender: Any) -> Call:
        prompt = _array(request, "input_ids")
        if prompt is None or prompt.size == 0:
            raise Refused("input_ids: at least one token is needed")
        length = int(_number(request, "input_lengths", prompt.size, 1, prompt.size))
        limit = int(_number(request, "request_output_len", None, 1, 2**31 - 1))
        if length + limit > self._context:
            raise Refused(
                f"input_ids: {length} tokens and request_output_len {limit} exceed the context of {self._context}"
            )
        if _number(request, "num_return_sequences", 1, 1, 2**31 - 1) != 1:
            raise Refused("num_return_sequences: only 1 is supported, send a request for each sequence")
        if _number(request, "beam_width", 1, 1, 2**31 - 1) != 1:
            raise Refused("beam_width: only 1 is supported")
        sampling = Sampling(
            temperature=_number(request, "temperature", 1.0, 0.0, 100.0),
            top_k=int(_number(request, "runtime_top_k", 0, 0, 2**31 - 1)),
            top_p=_number(request, "runtime_top_p", 0.0, 0.0, 1.0),
            min_p=_number(request, "min_p", 0.0, 0.0, 0.999),
            repetition_penalty=_number(request, "repetition_penalty", 1.0, 1e-3, 1e3),
            presence_penalty=_number(request, "presence_penalty", 0.0, -2.0, 2.0),
            frequency_penalty=_number(request, "frequency_penalty", 0.0, -2.0, 2.0),
            min_tokens=int(_number(request, "min_tokens", 0, 0, 2**31 - 1)),
            seed=int(_number(request, "seed", 0, 0, 2**64 - 1)),
        )
        streaming = _flag(request, "streaming")
        return Call(
            sender=sender,
            desk=self,
            request_id=request.request_id(),
            prompt=prompt[:length],
            limit=limit,
            end_id=int(_number(request, "end_id", NO_END, NO_END, 2**31 - 1)),
            sampling=sampling,
            streaming=streaming,
            log_probs=_flag(request, "return_log_probs"),
            echo=not streaming and not _flag(request, "exclude_input_in_output"),
            number=next(self._numbers),
            wanted=frozenset(request.requested_output_names()),
        )


def live_and_die_with_parent() -> None:
    """Ends this process as soon as tritonserver, which started it, is gone, or when one of its threads has failed.

    A stub that is half dead would keep its streams waiting; one that is gone is found and loaded again.
    """
    parent = os.getppid()
    pidfd = os.pidfd_open(parent)
    # Killed while it started us, it has left us to another parent, which must not be taken for it.
    if Path(f"/proc/{parent}/comm").read_text().strip() != "tritonserver" or os.getppid() != parent:
        os._exit(1)

    def wait() -> None:
        select.select([pidfd], [], [])
        os._exit(1)

    def fail(args: threading.ExceptHookArgs) -> None:
        sys.excepthook(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
        os._exit(1)

    threading.excepthook = fail
    threading.Thread(target=wait, name="parent", daemon=True).start()


def _gone(call: Call) -> bool:
    """Whether the client has cancelled. Triton's server crashes when that is asked while the last response is sent."""
    with call.asking:
        return not call.over and bool(call.sender.is_cancelled())


def _array(request: Any, name: str) -> np.ndarray | None:
    tensor = pb.get_input_tensor_by_name(request, name)
    return None if tensor is None else tensor.as_numpy().reshape(-1)


def _number(request: Any, name: str, default: float | None, low: float, high: float) -> float:
    array = _array(request, name)
    if array is None:
        if default is None:
            raise Refused(f"{name}: is required")
        return default
    value = array[0].item() if array.size == 1 else math.nan
    if not low <= value <= high:
        raise Refused(f"{name}: must be one number from {low} to {high}")
    return value


def _flag(request: Any, name: str) -> bool:
    array = _array(request, name)
    return array is not None and array.size == 1 and bool(array[0])
