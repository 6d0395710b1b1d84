# ruff: noqa: S608  # The parts of statements are constants of this file.
"""The embedded store: SQLite in WAL mode, one thread that writes, one that reads.

Writes that wait for the writer share a transaction (group commit), so a busy store pays for the disk once a batch, not
once a turn. A commit is in the operating system's hands when it returns: killing the process loses nothing. With
synchronous=NORMAL a power cut may take the last commits, never the file's consistency.
"""

import asyncio
import hashlib
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

import grpc
from prometheus_client import Histogram

from context.store import LATEST, NEWEST, History, Past, Use, instructions, not_found, title_of, usable
from mesh.faults import Fault
from tokenloom.chat.v1.chat_pb2 import Message, Scope
from tokenloom.context.v1.context_pb2 import Conversation, Turn

T = TypeVar("T")
_MAX_WAITING_BYTES = 64 * 2**20
_WRITE_BYTES = 512  # What a write counts for besides its turn.
_MAX_INSTRUCTIONS = 256
_IT = "WHERE (tenant, user, id) = (?,?,?)"
_OF = "WHERE (tenant, user, conversation) = (?,?,?)"

# Each brings a file of the version before, PRAGMA user_version, to the next. Never edit one: add one.
_MIGRATIONS = (
    """
    CREATE TABLE conversations (
        tenant TEXT NOT NULL, user TEXT NOT NULL, id TEXT NOT NULL,
        title TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
        PRIMARY KEY (tenant, user, id)
    ) WITHOUT ROWID;
    CREATE INDEX conversations_by_use ON conversations (tenant, user, updated DESC, id DESC);
    CREATE TABLE turns (
        tenant TEXT NOT NULL, user TEXT NOT NULL, conversation TEXT NOT NULL, id TEXT NOT NULL,
        usable INTEGER NOT NULL, position INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (tenant, user, conversation, id)
    );
    CREATE INDEX turns_usable ON turns (tenant, user, conversation, id) WHERE usable;
    CREATE TABLE instructions (
        tenant TEXT NOT NULL, user TEXT NOT NULL, conversation TEXT NOT NULL, digest BLOB NOT NULL,
        turn TEXT NOT NULL, place INTEGER NOT NULL, body BLOB NOT NULL,
        PRIMARY KEY (tenant, user, conversation, digest)
    );
    """,
)
_batches = Histogram(
    "tokenloom_context_commit_writes", "Writes that shared a transaction.", buckets=(1, 2, 4, 8, 16, 32, 64, 128)
)


class SqliteStore:
    """Conversations and turns, each under its scope, in one file that one process may write at a time.

    Writes are durable when they return, and seen by every later read. Times are microseconds since 1970. Raises Fault:
    CONVERSATION_NOT_FOUND when there is none in the scope, OVERLOADED when more writes wait than may.
    tests/contract/test_store.py holds for this and every other store.
    """

    def __init__(self, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self._writer, self._reader = writer, reader
        self._writing, self._reading = (ThreadPoolExecutor(1, f"context-{name}") for name in ("write", "read"))
        self._waiting: deque[tuple[Callable[[sqlite3.Connection], Any], Future[Any]]] = deque()
        self._waiting_bytes = 0

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens or makes the file, and brings it to this version. Raises RuntimeError for a file of a later one."""
        return cls(*await asyncio.to_thread(_open, path))

    async def aclose(self) -> None:
        """Ends once every write that was asked for is done."""
        for thread, db in ((self._writing, self._writer), (self._reading, self._reader)):
            await asyncio.to_thread(thread.shutdown)
            db.close()

    async def create(self, scope: Scope, conversation_id: str, title: str, now: int) -> Conversation:
        """Makes an empty conversation, or gives the one that has the id."""

        def write(db: sqlite3.Connection) -> Conversation:
            row = (scope.tenant, scope.user, conversation_id, title, now, now)
            db.execute("INSERT OR IGNORE INTO conversations VALUES (?,?,?,?,?,?)", row)
            return _conversation(db, scope, conversation_id)

        return await self._write(write, len(title))

    async def record(self, scope: Scope, conversation_id: str, turn: Turn, now: int) -> None:
        """Puts a turn, in place of one with its id; the conversation is used `now`."""
        stored = Turn()
        stored.CopyFrom(turn)
        stored.recorded.FromMicroseconds(now)
        body, key = stored.SerializeToString(), (scope.tenant, scope.user, conversation_id)

        def write(db: sqlite3.Connection) -> bool:
            touched = db.execute(
                "UPDATE conversations SET updated = max(updated, ?), title = CASE title WHEN '' THEN ? ELSE title END"
                f" {_IT}",
                (now, title_of(stored), *key),
            )
            if not touched.rowcount:
                return False
            before = db.execute(
                f"SELECT position + length(body) FROM turns {_OF} AND usable AND id < ? ORDER BY id DESC LIMIT 1",
                (*key, stored.id),
            ).fetchone()
            row = (*key, stored.id, usable(stored), before[0] if before else 0, body)
            db.execute("INSERT OR REPLACE INTO turns VALUES (?,?,?,?,?,?,?)", row)
            db.execute(f"DELETE FROM instructions {_OF} AND turn = ?", (*key, stored.id))
            for place, message in enumerate(instructions(stored)):
                said = message.SerializeToString(deterministic=True)
                line = (*key, hashlib.sha256(said).digest(), stored.id, place, said)
                db.execute("INSERT OR IGNORE INTO instructions VALUES (?,?,?,?,?,?,?)", line)
            return True

        if not await self._write(write, len(body)):
            raise not_found(conversation_id)

    async def delete(self, scope: Scope, conversation_id: str) -> None:
        """Removes a conversation and its turns."""
        key = (scope.tenant, scope.user, conversation_id)

        def write(db: sqlite3.Connection) -> int:
            db.execute(f"DELETE FROM turns {_OF}", key)
            db.execute(f"DELETE FROM instructions {_OF}", key)
            return db.execute(f"DELETE FROM conversations {_IT}", key).rowcount

        if not await self._write(write):
            raise not_found(conversation_id)

    async def conversations(self, scope: Scope, limit: int, before: Use = LATEST) -> Sequence[Conversation]:
        """Last used first, those that come after the place `before`."""

        def read(db: sqlite3.Connection) -> list[Conversation]:
            rows = db.execute(
                "SELECT id, title, created, updated FROM conversations WHERE (tenant, user) = (?,?)"
                " AND (updated, id) < (?,?) ORDER BY updated DESC, id DESC LIMIT ?",
                (scope.tenant, scope.user, *before, limit),
            )
            return [_made(*row) for row in rows]

        return await self._read(read)

    async def turns(
        self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST
    ) -> tuple[Conversation, Sequence[Turn]]:
        """The conversation and its latest turns with ids below `before`, newest first."""

        def read(db: sqlite3.Connection) -> tuple[Conversation, Sequence[Turn]]:
            rows = db.execute(
                f"SELECT body FROM turns {_OF} AND id < ? ORDER BY id DESC LIMIT ?",
                (scope.tenant, scope.user, conversation_id, before, limit),
            )
            return _conversation(db, scope, conversation_id), [Turn.FromString(body) for (body,) in rows]

        return await self._read(read)

    async def history(self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST) -> History:
        """Its instructions, and the latest turns that are `usable` and have ids below `before`."""
        key = (scope.tenant, scope.user, conversation_id)

        def read(db: sqlite3.Connection) -> History:
            _conversation(db, scope, conversation_id)
            total = db.execute(f"SELECT count(*) FROM turns {_OF} AND usable", key).fetchone()[0]
            said = db.execute(
                f"SELECT body FROM instructions {_OF} ORDER BY turn DESC, place DESC LIMIT {_MAX_INSTRUCTIONS}", key
            ).fetchall()
            rows = db.execute(
                f"SELECT body, position FROM turns {_OF} AND usable AND id < ? ORDER BY id DESC LIMIT ?",
                (*key, before, limit),
            )
            past = [Past(Turn.FromString(body), position) for body, position in rows]
            return History(past, total, [Message.FromString(body) for (body,) in reversed(said)])

        return await self._read(read)

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.wrap_future(self._reading.submit(_transact, self._reader, "BEGIN", read))

    async def _write(self, write: Callable[[sqlite3.Connection], T], size: int = 0) -> T:
        size += _WRITE_BYTES
        if self._waiting_bytes + size > _MAX_WAITING_BYTES:
            message = "the disk doesn't keep up with the turns to be stored"
            raise Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", message, retry_after=1.0)
        done: Future[T] = Future()
        self._waiting.append((write, done))
        self._writing.submit(self._commit)  # Finds nothing when the commit before it took this write along.
        self._waiting_bytes += size
        try:
            return await asyncio.wrap_future(done)
        finally:
            self._waiting_bytes -= size

    def _commit(self) -> None:
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if batch := [(write, done) for write, done in batch if done.set_running_or_notify_cancel()]:
            _batches.observe(len(batch))
            try:
                results = _transact(self._writer, "BEGIN IMMEDIATE", lambda db: [write(db) for write, _ in batch])
            except Exception as error:
                for _, done in batch:
                    done.set_exception(error)
            else:
                for (_, done), result in zip(batch, results, strict=True):
                    done.set_result(result)


def _transact(db: sqlite3.Connection, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
    with db:  # Commits, or rolls back.
        db.execute(begin)
        return work(db)


def _conversation(db: sqlite3.Connection, scope: Scope, conversation_id: str) -> Conversation:
    key = (scope.tenant, scope.user, conversation_id)
    row = db.execute(f"SELECT id, title, created, updated FROM conversations {_IT}", key).fetchone()
    if row is None:
        raise not_found(conversation_id)
    return _made(*row)


def _made(conversation_id: str, title: str, created: int, updated: int) -> Conversation:
    conversation = Conversation(id=conversation_id, title=title)
    conversation.created.FromMicroseconds(created)
    conversation.updated.FromMicroseconds(updated)
    return conversation


def _open(path: Path) -> tuple[sqlite3.Connection, sqlite3.Connection]:
    write = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    write.execute("PRAGMA journal_mode = WAL")
    write.execute("PRAGMA synchronous = NORMAL")
    version = write.execute("PRAGMA user_version").fetchone()[0]
    if version > len(_MIGRATIONS):
        write.close()
        raise RuntimeError(f"{path} is of version {version}; this program knows {len(_MIGRATIONS)}")
    for number, script in enumerate(_MIGRATIONS[version:], version + 1):
        write.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
    read = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    read.execute("PRAGMA query_only = ON")
    return write, read
