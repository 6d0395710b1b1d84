"""What the rails decide: whether an input may be answered, and how far each lane of an output may be shown.

Pure: no loop, no clock. Whoever calls lets others run between slices.
"""

from collections.abc import Iterable, Iterator

from mesh.faults import invalid
from moderation.matcher import Stream, Words
from tokenloom.chat.v1.chat_pb2 import CHANNEL_UNSPECIFIED, Lane
from tokenloom.moderation.v1.moderation_pb2 import ScreenResponse, Verdict

SLICE = 1024  # Code points that are read at once: 0.1 ms, some ms when none of them was ever seen.
_BETWEEN_TEXTS = "\uffff"  # No character, so no word has it.


def slices(text: str) -> Iterator[str]:
    """The text in pieces that take a bounded time each; the empty text is one."""
    for start in range(0, len(text) or 1, SLICE):
        yield text[start : start + SLICE]


def judge(words: Words[Verdict], texts: Iterable[Iterable[str]]) -> Iterator[Verdict | None]:
    """Reads texts, each in the parts it is joined of: a word may lie across parts, not across texts.

    Gives the verdict if there is one, last, and None before it: after each slice.
    """
    stream = Stream(words)
    for piece in slices(_BETWEEN_TEXTS.join("".join(parts) for parts in texts)):
        stream.feed(piece)
        yield stream.found
        if stream.over:
            return
    stream.finish()
    if stream.found is not None:
        yield stream.found


class _Lane:
    __slots__ = ("_blank", "stream")

    def __init__(self, words: Words[Verdict], lane: Lane) -> None:
        self.stream = Stream(words)
        self._blank = ScreenResponse(lane=lane).SerializeToString()

    def answer(self, release_to: int) -> ScreenResponse:
        response = ScreenResponse.FromString(self._blank)  # Costs a third of making it from its parts.
        response.release_to = release_to
        if self.stream.over:
            response.finished = True
            if self.stream.found is not None:
                response.verdict.CopyFrom(self.stream.found)
        return response


class Screening:
    """The screening of one response: lanes that know nothing of each other."""

    def __init__(self, words: Words[Verdict]) -> None:
        self._words = words
        self._lanes: dict[tuple[int, int], _Lane] = {}

    def text(self, lane: Lane, text: str) -> ScreenResponse | None:
        """More of a lane; None after a verdict. Raises Fault when the lane is invalid or was finished."""
        state = self._live(lane)
        return None if state is None else state.answer(state.stream.feed(text))

    def finish(self, lane: Lane) -> ScreenResponse | None:
        """A lane has ended; None after a verdict. Raises Fault when the lane is invalid or was finished."""
        state = self._live(lane)
        return None if state is None else state.answer(state.stream.finish())

    def verdicts(self) -> Iterator[Verdict | None]:
        """Of each lane, as far as it has come."""
        return (lane.stream.found for lane in self._lanes.values())

    def _live(self, lane: Lane) -> _Lane | None:
        key = lane.choice, lane.channel
        state = self._lanes.get(key)
        if state is None:
            if lane.channel == CHANNEL_UNSPECIFIED:
                raise invalid("lane.channel", "required")
            state = self._lanes[key] = _Lane(self._words, lane)
        elif state.stream.over:
            if state.stream.found is None:
                raise invalid("lane", "a lane that was not finished before")
            return None
        return state
