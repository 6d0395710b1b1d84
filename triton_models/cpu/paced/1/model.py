"""A model for tests: the prompt says what to answer and how fast. One thread paces all the streams.

The prompt's text is a JSON object, all of whose fields but `text` have defaults:
    text               what to answer; the strings of a list are tokenized each by itself, so that tests choose the cuts
    repeat             how many times over (1)
    prefill_ms         silence before the first token (0)
    interval_ms        between responses (20)
    tokens_per_response (1)
    fail_after         answer with an error after so many tokens (never)
    stall_after        go silent after so many tokens, until cancelled (never)
    end                whether an end id follows the text (true); TensorRT-LLM's own decoder never sends it
A prompt that isn't such an object is echoed at the default pace.
"""

from __future__ import annotations

import heapq
import itertools
import json
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import triton_python_backend_utils as pb
from tokenizers import Tokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from contract import Call, Desk, Refused, live_and_die_with_parent

CONTEXT = 1 << 20
LOG_PROB = -0.5
FIELDS = {
    "text": "",
    "repeat": 1,
    "prefill_ms": 0,
    "interval_ms": 20,
    "tokens_per_response": 1,
    "fail_after": None,
    "stall_after": None,
    "end": True,
}


@dataclass
class Script:
    """What one call will emit: `ids[sent:]`, the next of them at `due` (monotonic seconds)."""

    call: Call
    ids: list[int]
    due: float
    interval: float
    step: int
    fail_after: int | None
    stall_after: int | None
    sent: int = 0

    @classmethod
    def read(cls, call: Call, tokenizer: Tokenizer) -> Script:
        """The script in a call's prompt. Raises Refused for a field that is unknown or out of range."""
        text = tokenizer.decode(call.prompt.tolist(), skip_special_tokens=False)
        try:
            given = json.loads(text)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            given = {"text": text}
        if unknown := set(given) - set(FIELDS):
            raise Refused(f"input_ids: unknown field {min(unknown)!r} in the directive")
        fields: dict[str, Any] = FIELDS | given
        try:
            texts = fields["text"] if isinstance(fields["text"], list) else [fields["text"]]
            encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
            ids = list(itertools.chain.from_iterable(encoded)) * int(fields["repeat"])
            step, interval = int(fields["tokens_per_response"]), float(fields["interval_ms"]) / 1000
            due = time.monotonic() + float(fields["prefill_ms"]) / 1000
        except (TypeError, ValueError) as error:
            raise Refused(f"input_ids: bad directive: {error}") from error
        if step < 1 or interval < 0:
            raise Refused("input_ids: bad directive: tokens_per_response or interval_ms")
        if fields["end"] and call.end_id >= 0:
            ids.append(call.end_id)
        return cls(call, ids[: call.limit], due, interval, step, fields["fail_after"], fields["stall_after"])

    def emit(self) -> bool:
        """Sends the next tokens; false once there is nothing more to come (or nothing but a cancel)."""
        limits = [x for x in (self.fail_after, self.stall_after) if x is not None]
        end = min([self.sent + self.step, len(self.ids), *limits])
        ids = self.ids[self.sent : end]
        self.sent = end
        self.due += self.interval
        last = end == len(self.ids) and end not in limits
        if ids or last:
            self.call.push(ids, [LOG_PROB] * len(ids), last)
        if end == self.fail_after:
            self.call.fail("paced: told to fail", pb.TritonError.INTERNAL)
        return not last and end not in limits


class TritonPythonModel:
    """Triton's entry point."""

    def initialize(self, args: dict[str, str]) -> None:
        """Loads the tokenizer of TOKENLOOM_MODEL_DIR and starts the pacing thread."""
        live_and_die_with_parent()
        self._tokenizer = Tokenizer.from_file(str(Path(os.environ["TOKENLOOM_MODEL_DIR"]) / "tokenizer.json"))
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, Script]] = []
        self._live: dict[int, Call] = {}
        self._closing = False
        self._desk = Desk(args["model_name"], args["model_version"], CONTEXT, self._admit, self._drop)
        self._thread = threading.Thread(target=self._pace, name="pace", daemon=True)
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

    def _admit(self, call: Call) -> None:
        script = Script.read(call, self._tokenizer)
        with self._changed:
            self._live[call.number] = call
            heapq.heappush(self._heap, (script.due, call.number, script))
            self._changed.notify()
        if call.cancelled:
            self._drop(call)

    def _drop(self, call: Call) -> None:
        with self._changed:
            if self._live.pop(call.number, None):
                call.push([], [], last=True)

    def _pace(self) -> None:
        while True:
            with self._changed:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if not self._closing and (wait is None or wait > 0):
                    self._changed.wait(wait)
                if self._closing:
                    for call in self._live.values():
                        call.fail("the model is being unloaded", pb.TritonError.UNAVAILABLE)
                    return
                now = time.monotonic()
                while self._heap and self._heap[0][0] <= now:
                    script = heapq.heappop(self._heap)[2]
                    if script.call.number not in self._live:
                        continue
                    if script.emit():
                        heapq.heappush(self._heap, (script.due, script.call.number, script))
                    elif script.call.done:
                        del self._live[script.call.number]
