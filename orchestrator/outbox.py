"""What a Converse stream has yet to send: events merge while the client is slow, and never wait when it isn't."""

import asyncio
from collections import deque

from tokenloom.orchestrator.v1.orchestrator_pb2 import Event

_EVENT_BYTES = 64  # what an event takes besides its text


class Outbox:
    """The pending events of one stream, many writers and one reader. Bounded by `room`, which the writers await."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._reader: asyncio.Future[None] | None = None
        self._writers: list[asyncio.Future[None]] = []
        self._detached = False
        self._closed = False

    def put(self, event: Event) -> None:
        """Add an event; a delta that continues the one before it becomes part of it. Never blocks."""
        if self._detached:
            return
        if not (self._events and _merge(self._events[-1], event)):
            self._events.append(event)
            self._bytes += _EVENT_BYTES
        self._bytes += len(event.delta.text) if event.HasField("delta") else 0
        self._wake_reader()

    async def room(self) -> None:
        """Wait until less than the bound is pending."""
        while self._bytes > self._max_bytes:
            waiter = asyncio.get_running_loop().create_future()
            self._writers.append(waiter)
            await waiter

    async def take(self) -> list[Event]:
        """All pending events; waits for one. Empty once the outbox is closed and drained."""
        while not self._events and not self._closed:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        events = list(self._events)
        self._clear()
        return events

    def close(self) -> None:
        """No more events will come."""
        self._closed = True
        self._wake_reader()

    def detach(self) -> None:
        """The client is gone: drop what is pending and what will come."""
        self._detached = True
        self._clear()

    def _clear(self) -> None:
        self._events.clear()
        self._bytes = 0
        for waiter in self._writers:
            if not waiter.done():
                waiter.set_result(None)
        self._writers.clear()

    def _wake_reader(self) -> None:
        if self._reader and not self._reader.done():
            self._reader.set_result(None)


def _merge(last: Event, event: Event) -> bool:
    """Append a delta to the one before it, if it is the same lane's; the event then covers both sequence numbers."""
    if (
        last.response_id != event.response_id
        or not last.HasField("delta")
        or not event.HasField("delta")
        or last.delta.lane != event.delta.lane
    ):
        return False
    last.delta.text += event.delta.text
    last.delta.logprobs.extend(event.delta.logprobs)
    last.sequence = event.sequence
    return True
