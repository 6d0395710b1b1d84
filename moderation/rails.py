"""What the rails decide, purely: whether an input may be answered, and how far each lane of an output may be shown."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial

from mesh import plain
from mesh.faults import invalid
from moderation.matcher import Stream, Words
from tokenloom.chat.v1.chat_pb2 import CHANNEL_UNSPECIFIED, Lane
from tokenloom.moderation.v1.moderation_pb2 import ScreenResponse, Verdict

SLICE = 1024  # Code points that are read at once: 0.1 ms, some ms when none of them was ever seen.
_BETWEEN_TEXTS = "\uffff"  # No character, so no word has it.


def slices(text: str) -> Iterator[str]:
    """The text in pieces that take a bounded time each, so that others can run in between; the empty text is one."""
    for start in range(0, len(text) or 1, SLICE):
        yield text[start : start + SLICE]


def judge(words: Words[Verdict], texts: Iterable[Iterable[str]]) -> Iterator[Verdict | None]:
    """Reads texts, in parts that a word may lie across. Gives None between slices, last the verdict if there is one."""
    stream = Stream(words)
    for index, piece in enumerate(slices(_BETWEEN_TEXTS.join("".join(parts) for parts in texts))):
        if index:
            yield None
        stream.feed(piece)
        if stream.over:
            break
    else:
        stream.finish()
    if stream.found is not None:
        yield stream.found


class Screening:
    """The screening of one response: lanes that know nothing of each other."""

    def __init__(self, words: Words[Verdict]) -> None:
        self._lanes: defaultdict[tuple[int, int], Stream[Verdict]] = defaultdict(partial(Stream, words))
        self._lane: Lane | None = None  # The lane that was screened last,
        self._stream: Stream[Verdict]  # and its text.

    def screen(self, lane: Lane, text: str | None) -> ScreenResponse | None:
        """More of a lane, or None for its end. None after a verdict. Raises Fault for an invalid or finished lane."""
        if lane is not self._lane:
            if lane.channel == CHANNEL_UNSPECIFIED:
                raise invalid("lane.channel", "required")
            self._lane, self._stream = lane, self._lanes[lane.choice, lane.channel]
        if (stream := self._stream).over:
            if stream.found is None:
                raise invalid("lane", "a lane that was not finished before")
            return None
        release_to = stream.finish() if text is None else stream.feed(text)
        if not stream.over:
            return plain.ScreenResponse(lane=lane, release_to=release_to)
        return ScreenResponse(lane=plain.protobuf(lane), release_to=release_to, finished=True, verdict=stream.found)

    def verdicts(self) -> Iterator[Verdict | None]:
        """Of each lane, as far as it has come."""
        return (stream.found for stream in self._lanes.values())
