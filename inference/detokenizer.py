"""Token ids to the text of one choice, as they come: where it ends, whole characters only, stop strings never shown.

Three rules, each exact whatever the cuts between tokens:
- Text is what the whole sequence of ids decodes to; a character whose bytes are spread over tokens appears with the
  last of them, and bytes that never become one appear as U+FFFD at the end.
- The first stop string to be completed ends the text before it. Text is held back only while it is a proper prefix of a
  stop string, so nothing of a stop string is ever shown.
- A token's log probability is shown once all of its text is.
"""

import codecs
from bisect import bisect_right
from collections.abc import Sequence
from typing import TypeAlias

from inference.request import Prepared
from mesh import plain
from tokenloom.chat.v1.chat_pb2 import Channel, FinishReason, TokenLogprob
from tokenloom.inference.v1.inference_pb2 import GenerateResponse

Reason: TypeAlias = "FinishReason.ValueType | None"
STOP, LENGTH = FinishReason.FINISH_REASON_STOP, FinishReason.FINISH_REASON_LENGTH


class StopMatcher:
    """Finds the first completed stop string in text that comes in pieces; without stop strings, nothing."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._prefixes = dict.fromkeys(stop[:end] for stop in stops for end in range(1, len(stop)))
        self._lasts = "".join({prefix[-1] for prefix in self._prefixes})
        self._longest = max(map(len, self._prefixes), default=0)
        self.held = ""

    def feed(self, text: str) -> tuple[str, bool]:
        """The text that may be shown, and whether a stop string was met: then that is the last of it."""
        text = self.held + text
        matches = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if matches:
            self.held = ""
            return text[: min(matches)[1]], True
        # Held back is the longest suffix that is a proper prefix of a stop string.
        longest = min(self._longest, len(text)) if text[-1:] in self._lasts else 0
        self.held = next((text[-n:] for n in range(longest, 0, -1) if text[-n:] in self._prefixes), "")
        return text.removesuffix(self.held), False


class ChoiceText:
    """The text of one choice, as responses: what may be shown next, if anything, and why the choice ends with that."""

    def __init__(self, of: Prepared, index: int) -> None:
        sampling, tokenizer = of.sampling, of.model.tokenizer
        self.tokens, self.shown = 0, list[str]()  # of the answer
        self._lane = plain.Lane(choice=index, channel=Channel.CHANNEL_CONTENT)
        self._max_tokens, self._min_tokens = of.max_tokens, sampling.min_tokens
        self._end_ids = () if sampling.ignore_eos else of.model.end_ids
        self._table, self._strips_space = tokenizer.token_bytes, tokenizer.strips_space
        self._rest = b""  # Bytes of a character that isn't complete.
        self._matcher, self._logprobs = StopMatcher(sampling.stop), sampling.logprobs
        self._plain = not sampling.stop and not sampling.logprobs
        self._decoded = self._shown = 0  # code points
        self._waiting: list[TokenLogprob] = []  # of tokens whose text isn't shown yet
        self._partial = 0  # how many of these, the last ones, wait for a character's end to know their own

    def feed(self, ids: Sequence[int], logprobs: Sequence[float] = ()) -> tuple[GenerateResponse | None, Reason]:
        """Takes the engine's next ids (with at least as many log probabilities, if they were asked for)."""
        reason: Reason = None
        if len(ids) >= (room := self._max_tokens - self.tokens):
            ids, reason = ids[:room], LENGTH
        for index, token in enumerate(ids):
            if token in self._end_ids and self.tokens + index >= self._min_tokens:
                ids, reason = ids[: index + 1], STOP
                break
        if self._plain:
            self.tokens += len(ids)
            return self._show(self._decode(ids)), reason
        shown, stopped = "", False
        for index, token in enumerate(ids):
            text = self._decode((token,))
            if self._logprobs:
                self._place(token, logprobs[index], text)
            self._decoded += len(text)
            text, stopped = self._matcher.feed(text)
            shown += text
            self.tokens += 1
            if stopped:
                self._rest = b""  # of a character that begins behind the stop string
                break
        return self._show(shown), STOP if stopped else reason

    def finish(self) -> tuple[GenerateResponse | None, Reason]:
        """What was held back, at the end of the ids; a stop string can still be met in it."""
        rest = self._decode((), final=True)
        self._settle(self._decoded + len(rest))
        text, stopped = self._matcher.feed(rest)
        text, self._matcher.held = text + self._matcher.held, ""
        return self._show(text), STOP if stopped else None

    def _decode(self, ids: Sequence[int], *, final: bool = False) -> str:
        try:
            raw = self._table[ids[0]] if len(ids) == 1 else b"".join([self._table[i] for i in ids])
        except IndexError:  # Engines pad vocabularies; a padding id has no text.
            raw = b"".join([self._table[i] for i in ids if i < len(self._table)])
        if self._strips_space and raw:
            self._strips_space = False
            raw = raw.removeprefix(b" ")
        text, used = codecs.utf_8_decode(raw := self._rest + raw, "replace", final)
        self._rest = raw[used:]
        return text

    def _place(self, token: int, logprob: float, text: str) -> None:
        if text:
            self._settle(self._decoded + 1)  # Earlier tokens' last bytes belong to the first character of this text.
        raw = self._table[token] if token < len(self._table) else b""
        if raw:  # An end token and its like have no text, and nothing to show.
            entry = TokenLogprob(token=raw.decode("utf-8", "replace"), token_bytes=raw, logprob=min(logprob, 0.0))
            entry.end = self._decoded + len(text)
            self._waiting.append(entry)
            self._partial += bool(self._rest)  # bytes of an unfinished character

    def _settle(self, end: int) -> None:
        for entry in self._waiting[len(self._waiting) - self._partial :]:
            entry.end = end
        self._partial = 0

    def _show(self, text: str) -> GenerateResponse | None:
        """A delta of this text and the log probabilities due with it."""
        offset, self._shown = self._shown, self._shown + len(text)
        logprobs: Sequence[TokenLogprob] = ()
        if self._waiting:
            known = len(self._waiting) - self._partial
            due = bisect_right(self._waiting, self._shown, hi=known, key=lambda entry: entry.end)
            logprobs, self._waiting[:due] = self._waiting[:due], []
        if not text and not logprobs:
            return None
        self.shown.append(text)
        delta = plain.Delta(lane=self._lane, offset=offset, text=text, logprobs=logprobs)
        return plain.GenerateResponse(tokens=plain.Tokens(deltas=[delta]))
