"""What the rails decide: whether an input may be answered, and how far each lane of an output may be shown.

Pure: no loop, no clock. Whoever calls lets others run between slices.
"""

from collections.abc import Iterable, Iterator

from mesh.faults import invalid
from moderation.matcher import Search, Step, Stream, Words
from tokenloom.chat.v1.chat_pb2 import CHANNEL_UNSPECIFIED, Lane
from tokenloom.moderation.v1.moderation_pb2 import ScreenResponse, Verdict

SLICE = 4096  # Code points that are read at once: under a millisecond.


def slices(text: str) -> Iterator[str]:
    """The text in pieces that take a bounded time each; the empty text is one."""
    for start in range(0, len(text) or 1, SLICE):
        yield text[start : start + SLICE]


def judge(words: Words[Verdict], texts: Iterable[Iterable[str]]) -> Iterator[Verdict | None]:
    """Reads texts, each in the parts it is joined of: a word may lie across parts, not across texts.

    Gives each verdict it finds, and None now and then: after a bounded time.
    """
    unread = SLICE
    for parts in texts:
        search = Search(words)
        for piece in (piece for part in parts for piece in slices(part)):
            if (verdict := search.feed(piece)) is not None:
                yield verdict
            unread -= len(piece)
            if unread <= 0:
                unread = SLICE
                yield None
        if (verdict := search.finish()) is not None:
            yield verdict


class _Lane:
    __slots__ = ("ended", "lane", "stream", "verdict")

    def __init__(self, words: Words[Verdict], lane: Lane) -> None:
        self.lane = lane
        self.stream = Stream(words)
        self.verdict: Verdict | None = None
        self.ended = False


class Screening:
    """The screening of one response: lanes that know nothing of each other."""

    def __init__(self, words: Words[Verdict]) -> None:
        self._words = words
        self._lanes: dict[tuple[int, int], _Lane] = {}

    def text(self, lane: Lane, text: str) -> ScreenResponse | None:
        """More of a lane; None after a verdict. Raises Fault when the lane is invalid or was finished."""
        state = self._lane(lane)
        return None if state.verdict else self._answer(state, state.stream.feed(text))

    def finish(self, lane: Lane) -> ScreenResponse | None:
        """A lane has ended; None after a verdict. Raises Fault when the lane is invalid or was finished."""
        state = self._lane(lane)
        if state.verdict:
            return None
        state.ended = True
        return self._answer(state, state.stream.finish())

    def verdicts(self) -> Iterator[Verdict | None]:
        """Of each lane, as far as it has come."""
        return (lane.verdict for lane in self._lanes.values())

    def _lane(self, lane: Lane) -> _Lane:
        key = lane.choice, lane.channel
        state = self._lanes.get(key)
        if state is None:
            if lane.channel == CHANNEL_UNSPECIFIED:
                raise invalid("lane.channel", "required")
            state = self._lanes[key] = _Lane(self._words, lane)
        elif state.ended and state.verdict is None:
            raise invalid("lane", "a lane that was not finished before")
        return state

    @staticmethod
    def _answer(state: _Lane, step: Step[Verdict]) -> ScreenResponse:
        state.verdict = step.found
        finished = state.ended or step.found is not None
        return ScreenResponse(lane=state.lane, release_to=step.release_to, verdict=step.found, finished=finished)
