# ruff: noqa: S608  # The parts of statements are constants of this file.
"""The embedded store: SQLite in WAL mode, one thread that writes, one that reads.

Writes that wait for the writer share a transaction (group commit), so a busy store pays for the disk once a batch, not
once a turn. A commit is in the operating system's hands when it returns: killing the process loses nothing. With
synchronous=NORMAL a power cut may take the last commits, never the file's consistency.
"""

import asyncio
import hashlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

import grpc
from prometheus_client import Histogram

from context.store import LATEST, NEWEST, History, Past, Use, instructions, title_of, usable
from mesh.faults import Fault
from tokenloom.chat.v1.chat_pb2 import Message, Scope
from tokenloom.context.v1.context_pb2 import Conversation, Turn

T = TypeVar("T")
Key = tuple[str, str, str]
_MAX_WAITING_BYTES = 64 * 2**20
_WRITE_BYTES = 512  # What a write counts for besides its turn.
_MAX_INSTRUCTIONS = 256
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
    """A Store (see context/store.py) in one file, which one process may write at a time."""

    def __init__(self, writer: "_Writer", reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="context-read")

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens or makes the file, and brings it to this version. Raises RuntimeError for a file of a later one."""
        write, read = await asyncio.to_thread(_open, path)
        return cls(_Writer(write, asyncio.get_running_loop()), read)

    async def aclose(self) -> None:
        """Ends once every write that was asked for is done."""
        await asyncio.to_thread(self._writer.close)
        await asyncio.to_thread(self._reading.shutdown)
        self._reader.close()

    async def create(self, scope: Scope, conversation_id: str, title: str, now: int) -> Conversation:
        """See Store."""
        key = _key(scope, conversation_id)

        def write(db: sqlite3.Connection) -> Conversation:
            db.execute("INSERT OR IGNORE INTO conversations VALUES (?,?,?,?,?,?)", (*key, title, now, now))
            made = _conversation(db, key)
            assert made is not None
            return made

        return await self._writer.do(write, len(title))

    async def record(self, scope: Scope, conversation_id: str, turn: Turn, now: int) -> bool:
        """See Store."""
        stored = Turn()
        stored.CopyFrom(turn)
        stored.recorded.FromMicroseconds(now)
        body, key = stored.SerializeToString(), _key(scope, conversation_id)

        def write(db: sqlite3.Connection) -> bool:
            touched = db.execute(
                "UPDATE conversations SET updated = max(updated, ?), title = CASE title WHEN '' THEN ? ELSE title END"
                " WHERE (tenant, user, id) = (?,?,?)",
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
                digest = hashlib.sha256(said).digest()
                db.execute(
                    "INSERT OR IGNORE INTO instructions VALUES (?,?,?,?,?,?,?)", (*key, digest, stored.id, place, said)
                )
            return True

        return await self._writer.do(write, len(body))

    async def delete(self, scope: Scope, conversation_id: str) -> bool:
        """See Store."""
        key = _key(scope, conversation_id)

        def write(db: sqlite3.Connection) -> bool:
            for table in ("turns", "instructions"):
                db.execute(f"DELETE FROM {table} {_OF}", key)
            return db.execute("DELETE FROM conversations WHERE (tenant, user, id) = (?,?,?)", key).rowcount > 0

        return await self._writer.do(write)

    async def conversations(self, scope: Scope, limit: int, before: Use = LATEST) -> Sequence[Conversation]:
        """See Store."""

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
    ) -> tuple[Conversation, Sequence[Turn]] | None:
        """See Store."""
        key = _key(scope, conversation_id)

        def read(db: sqlite3.Connection) -> tuple[Conversation, Sequence[Turn]] | None:
            if (conversation := _conversation(db, key)) is None:
                return None
            rows = db.execute(
                f"SELECT body FROM turns {_OF} AND id < ? ORDER BY id DESC LIMIT ?", (*key, before, limit)
            )
            return conversation, [Turn.FromString(body) for (body,) in rows]

        return await self._read(read)

    async def history(self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST) -> History | None:
        """See Store."""
        key = _key(scope, conversation_id)

        def read(db: sqlite3.Connection) -> History | None:
            if _conversation(db, key) is None:
                return None
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
        return await asyncio.get_running_loop().run_in_executor(self._reading, _in_snapshot, read, self._reader)


def _key(scope: Scope, conversation_id: str) -> Key:
    return scope.tenant, scope.user, conversation_id


def _conversation(db: sqlite3.Connection, key: Key) -> Conversation | None:
    row = db.execute(
        "SELECT id, title, created, updated FROM conversations WHERE (tenant, user, id) = (?,?,?)", key
    ).fetchone()
    return row and _made(*row)


def _made(conversation_id: str, title: str, created: int, updated: int) -> Conversation:
    conversation = Conversation(id=conversation_id, title=title)
    conversation.created.FromMicroseconds(created)
    conversation.updated.FromMicroseconds(updated)
    return conversation


def _in_snapshot(read: Callable[[sqlite3.Connection], T], db: sqlite3.Connection) -> T:
    db.execute("BEGIN")
    try:
        return read(db)
    finally:
        db.execute("COMMIT")


Writing = tuple[Callable[[sqlite3.Connection], Any], "asyncio.Future[Any]", int]


class _Writer:
    """The thread that writes: what waits when it is free becomes one transaction."""

    def __init__(self, db: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        self._db = db
        self._loop = loop
        self._queue: queue.SimpleQueue[Writing | None] = queue.SimpleQueue()
        self._waiting_bytes = 0
        self._thread = threading.Thread(target=self._run, name="context-write", daemon=True)
        self._thread.start()

    async def do(self, write: Callable[[sqlite3.Connection], T], size: int = 0) -> T:
        size += _WRITE_BYTES
        if self._waiting_bytes + size > _MAX_WAITING_BYTES:
            message = "the disk doesn't keep up with the turns to be stored"
            raise Fault(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", message, retry_after=1.0)
        done: asyncio.Future[T] = self._loop.create_future()
        self._waiting_bytes += size
        self._queue.put((write, done, size))
        return await done

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()
        self._db.close()

    def _run(self) -> None:
        item = self._queue.get()
        while item is not None:
            batch = [item]
            while not self._queue.empty() and (item := self._queue.get()) is not None:
                batch.append(item)
            results = self._commit([write for write, _, _ in batch])
            self._loop.call_soon_threadsafe(self._settle, batch, results)
            if item is not None:
                item = self._queue.get()

    def _commit(self, writes: Sequence[Callable[[sqlite3.Connection], Any]]) -> list[Any] | Exception:
        """What each write gave, or why none of them is stored."""
        _batches.observe(len(writes))
        try:
            self._db.execute("BEGIN IMMEDIATE")
            results = [write(self._db) for write in writes]
            self._db.execute("COMMIT")
        except Exception as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            return error
        return results

    def _settle(self, batch: list[Writing], results: list[Any] | Exception) -> None:
        for index, (_, done, size) in enumerate(batch):
            self._waiting_bytes -= size
            if done.done():  # Its caller was cancelled meanwhile.
                continue
            if isinstance(results, Exception):
                done.set_exception(results)
            else:
                done.set_result(results[index])


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
