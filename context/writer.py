"""The thread that writes to a SQLite file. What is asked for during one transaction goes into the next together.

So a write alone waits for nothing, and the more there are, the fewer commits, thread switches and pages a write costs.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mesh.faults import Fault

T = TypeVar("T")
_MOST = 64  # Writes in a transaction.
_Asked = tuple[Callable[[sqlite3.Connection], Any], "asyncio.Future[Any]"]
_Outcome = tuple["asyncio.Future[Any]", Any, Exception | None]


class Writer:
    """Writes by one connection, in the order in which it is asked."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="context-write", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns, once it is committed; done even if nobody waits any more.

        Raises what `work` raises: a Fault before it has changed anything, or else all that it changed is undone.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.put((work, done))
        return await done

    async def aclose(self) -> None:
        """Ends once all that was asked for is done."""
        self._asked.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            batch = [asked]
            while len(batch) < _MOST and not self._asked.empty():
                if (asked := self._asked.get()) is None:
                    self._asked.put(None)
                    break
                batch.append(asked)
            outcomes = self._transact(batch)
            batch[0][1].get_loop().call_soon_threadsafe(_tell, outcomes)

    def _transact(self, batch: Sequence[_Asked]) -> Sequence[_Outcome]:
        """Does all in one transaction; if that fails, each by itself."""
        try:
            with self._db:  # Commits, or rolls back.
                self._db.execute("BEGIN IMMEDIATE")
                return [(done, *_tried(work, self._db)) for work, done in batch]
        except Exception as error:
            if len(batch) == 1:
                return [(batch[0][1], None, error)]
        return [outcome for asked in batch for outcome in self._transact([asked])]


def _tried(work: Callable[[sqlite3.Connection], Any], db: sqlite3.Connection) -> tuple[Any, Exception | None]:
    try:
        return work(db), None
    except Fault as fault:
        return None, fault


def _tell(outcomes: Sequence[_Outcome]) -> None:
    for done, result, error in outcomes:
        if done.cancelled():
            continue
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)
