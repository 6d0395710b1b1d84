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
    __slots__ = ("finished", "lane", "said", "stream")

    def __init__(self, words: Words[Verdict], lane: Lane) -> None:
        self.lane = lane
        self.stream = Stream(words)
        self.said: Step[Verdict] = Step(0, None)
        self.finished = False


class Screening:
    """The screening of one response: lanes that know nothing of each other, and at most one answer due for each."""

    def __init__(self, words: Words[Verdict]) -> None:
        self._words = words
        self._lanes: dict[tuple[int, int], _Lane] = {}
        self._due: set[_Lane] = set()

    def text(self, lane: Lane, text: str) -> None:
        """More of a lane; ignored after a verdict. Raises Fault when the lane is invalid or was finished."""
        if (state := self._live(lane)) is not None:
            state.said = state.stream.feed(text)
            state.finished = state.said.found is not None
            self._due.add(state)

    def finish(self, lane: Lane) -> None:
        """A lane has ended; ignored after a verdict. Raises Fault when the lane is invalid or was finished."""
        if (state := self._live(lane)) is not None:
            state.said = state.stream.finish()
            state.finished = True
            self._due.add(state)

    def answers(self) -> list[ScreenResponse]:
        """What has to be said since the last time. A verdict's answer is the last one of its lane."""
        due = [
            ScreenResponse(lane=at.lane, release_to=at.said.release_to, verdict=at.said.found, finished=at.finished)
            for at in self._due
        ]
        self._due.clear()
        return due

    def verdicts(self) -> Iterator[Verdict | None]:
        """Of each lane, as far as it has come."""
        return (lane.said.found for lane in self._lanes.values())

    def _live(self, lane: Lane) -> _Lane | None:
        """The lane; None after a verdict."""
        key = lane.choice, lane.channel
        state = self._lanes.get(key)
        if state is None:
            if lane.channel == CHANNEL_UNSPECIFIED:
                raise invalid("lane.channel", "required")
            state = self._lanes[key] = _Lane(self._words, lane)
        if state.finished and state.said.found is None:
            raise invalid("lane", "a lane that was not finished before")
        return None if state.finished else state
