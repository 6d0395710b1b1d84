"""Token ids to the text of one choice, as they come: whole characters only, stop strings never shown.

Three rules, each exact whatever the cuts between tokens:
- Text is what the whole sequence of ids decodes to; a character whose bytes are spread over tokens appears with the
  last of them, and bytes that never become one appear as U+FFFD at the end.
- The first stop string to be completed ends the text before it. Text is held back only while it is a proper prefix of a
  stop string, so nothing of a stop string is ever shown.
- A token's log probability is shown once all of its text is.
"""

import codecs
from collections.abc import Sequence
from typing import NamedTuple

from inference.tokenizer import ChatTokenizer
from tokenloom.chat.v1.chat_pb2 import TokenLogprob


class Decoder:
    """Ids to text: the bytes of the ids, read as UTF-8."""

    def __init__(self, table: Sequence[bytes], *, strips_space: bool) -> None:
        """`table` gives the bytes of an id; `strips_space`: a space that begins the text is an artefact."""
        self._table = table
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._strips = strips_space

    def feed(self, ids: Sequence[int]) -> str:
        """The text that these ids complete."""
        try:
            raw = b"".join([self._table[i] for i in ids])
        except IndexError:  # Engines pad vocabularies; a padding id has no text.
            raw = b"".join([self._table[i] for i in ids if i < len(self._table)])
        if self._strips and raw:
            self._strips = False
            raw = raw.removeprefix(b" ")
        return self._utf8.decode(raw)

    def flush(self) -> str:
        """What is left at the end: bytes that are no character become U+FFFD."""
        return self._utf8.decode(b"", final=True)

    @property
    def incomplete(self) -> bool:
        """Whether bytes of an unfinished character are waiting."""
        return bool(self._utf8.getstate()[0])


class StopMatcher:
    """Finds the first completed stop string in text that comes in pieces."""

    def __init__(self, stops: Sequence[str]) -> None:
        """`stops` aren't empty, nor is the list."""
        self._stops = stops
        self._prefixes = {stop[:end] for stop in stops for end in range(1, len(stop))}
        self._lasts = {prefix[-1] for prefix in self._prefixes}
        self._longest = max(map(len, stops)) - 1
        self.held = ""

    def feed(self, text: str) -> tuple[str, bool]:
        """The text that may be shown, and whether a stop string was met: then that is the last of it."""
        text = self.held + text
        match = min(
            ((at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0),
            default=None,
        )
        if match is not None:
            self.held = ""
            return text[: match[1]], True
        hold = self._hold(text)
        self.held = text[len(text) - hold :]
        return text[: len(text) - hold], False

    def _hold(self, text: str) -> int:
        """The length of the longest suffix that is a proper prefix of a stop string."""
        if not text or text[-1] not in self._lasts:
            return 0
        for length in range(min(self._longest, len(text)), 0, -1):
            if text[-length:] in self._prefixes:
                return length
        return 0


class Piece(NamedTuple):
    """What may be shown next of a choice, and what is known besides."""

    text: str
    logprobs: Sequence[TokenLogprob] = ()
    used: int = 0
    """How many of the ids fed belong to the answer: fewer than all when a stop string was met."""
    stopped: bool = False
    """A stop string was met: the choice is over."""


class ChoiceText:
    """The text of one choice."""

    def __init__(self, tokenizer: ChatTokenizer, stops: Sequence[str], logprobs: bool) -> None:
        self._decoder = Decoder(tokenizer.token_bytes, strips_space=tokenizer.strips_space)
        self._table = tokenizer.token_bytes
        self._matcher = StopMatcher(stops) if stops else None
        self._logprobs = logprobs
        self._decoded = 0  # code points, shown or held back
        self._shown = 0  # code points
        self._partial: list[TokenLogprob] = []  # tokens whose last character isn't complete
        self._waiting: list[TokenLogprob] = []  # tokens with an end, in order, not shown yet

    def feed(self, ids: Sequence[int], logprobs: Sequence[float] = ()) -> Piece:
        """Takes the next ids (with as many log probabilities, if they were asked for)."""
        if self._matcher is None and not self._logprobs:
            return Piece(self._decoder.feed(ids), (), len(ids))
        shown: list[str] = []
        for index, token in enumerate(ids):
            text = self._decoder.feed((token,))
            if self._logprobs:
                self._place(token, logprobs[index], text)
            self._decoded += len(text)
            if self._show(text, shown):
                return Piece("".join(shown), self._due(), index + 1, stopped=True)
        return Piece("".join(shown), self._due(), len(ids))

    def finish(self) -> Piece:
        """What was held back, at the end of the ids; a stop string can still be met in it."""
        shown: list[str] = []
        text = self._decoder.flush()
        for entry in self._partial:
            entry.end = self._decoded + len(text)
            self._waiting.append(entry)
        self._partial.clear()
        self._decoded += len(text)
        stopped = self._show(text, shown)
        if self._matcher is not None:
            shown.append(self._matcher.held)
            self._shown += len(self._matcher.held)
            self._matcher.held = ""
        return Piece("".join(shown), self._due(), stopped=stopped)

    def _show(self, text: str, shown: list[str]) -> bool:
        stopped = False
        if self._matcher is not None:
            text, stopped = self._matcher.feed(text)
        shown.append(text)
        self._shown += len(text)
        return stopped

    def _place(self, token: int, logprob: float, text: str) -> None:
        raw = self._table[token] if token < len(self._table) else b""
        if text:
            # Earlier tokens' last bytes belong to the first character of this text.
            for entry in self._partial:
                entry.end = self._decoded + 1
                self._waiting.append(entry)
            self._partial.clear()
        if not raw:
            return  # An end token and its like: no text, nothing to show.
        entry = TokenLogprob(token=raw.decode("utf-8", "replace"), token_bytes=raw, logprob=min(logprob, 0.0))
        if self._decoder.incomplete:
            self._partial.append(entry)
        else:
            entry.end = self._decoded + len(text)
            self._waiting.append(entry)

    def _due(self) -> list[TokenLogprob]:
        count = 0
        for entry in self._waiting:
            if entry.end > self._shown:
                break
            count += 1
        due, self._waiting = self._waiting[:count], self._waiting[count:]
        return due
