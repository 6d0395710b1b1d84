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
from typing import Any, NamedTuple, Self, TypeVar

import grpc
from prometheus_client import Histogram

from mesh.faults import Fault
from tokenloom.chat.v1.chat_pb2 import ROLE_DEVELOPER, ROLE_SYSTEM, ROLE_USER, Message, Scope
from tokenloom.context.v1.context_pb2 import TURN_STATUS_CANCELLED, TURN_STATUS_COMPLETED, Conversation, Turn

T = TypeVar("T")
INSTRUCTIONS = (ROLE_SYSTEM, ROLE_DEVELOPER)
_TITLE_CHARACTERS = 80
_MAX_WAITING_BYTES = 64 * 2**20
_WRITE_BYTES = 512  # What a write counts for besides its turn.
_MAX_INSTRUCTIONS = 256
_CONVERSATIONS = "SELECT id, title, created, updated FROM conversations"
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

Use = tuple[int, str]
"""A place in the list of conversations: when one was last used, in microseconds since 1970, and its id."""
LATEST: Use = (2**63 - 1, "")
NEWEST = "~"  # Above every id.


class Past(NamedTuple):
    """A turn as prompts see it."""

    turn: Turn
    position: int  # The bytes of all usable turns before it.


class History(NamedTuple):
    """What prompts may use of a conversation."""

    past: Sequence[Past]  # A page of its usable turns, newest first.
    usable_turns: int  # All of them.
    instructions: Sequence[Message]  # Its system and developer messages, each once, oldest first: the latest 256.


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
        key = _key(scope, conversation_id)

        def write(db: sqlite3.Connection) -> Conversation:
            db.execute("INSERT OR IGNORE INTO conversations VALUES (?,?,?,?,?,?)", (*key, title, now, now))
            return _conversation(db, key)

        return await self._write(write, len(title))

    async def record(self, scope: Scope, conversation_id: str, turn: Turn, now: int) -> None:
        """Puts a turn, in place of one with its id; the conversation is used `now`."""
        key, stored = _key(scope, conversation_id), Turn()
        stored.CopyFrom(turn)
        stored.recorded.FromMicroseconds(now)
        body, title, counts = stored.SerializeToString(), _title_of(turn), _usable(turn)
        told = [message.SerializeToString(deterministic=True) for message in _instructions(turn)]
        lines = [(*key, hashlib.sha256(line).digest(), turn.id, place, line) for place, line in enumerate(told)]

        def write(db: sqlite3.Connection) -> bool:
            use = "SET updated = max(updated, ?), title = CASE title WHEN '' THEN ? ELSE title END"
            if not db.execute(f"UPDATE conversations {use} {_IT}", (now, title, *key)).rowcount:
                return False
            end = f"SELECT position + length(body) FROM turns {_OF} AND usable AND id < ? ORDER BY id DESC LIMIT 1"
            position = db.execute(f"SELECT ifnull(({end}), 0)", (*key, stored.id)).fetchone()[0]
            row = (*key, stored.id, counts, position, body)
            db.execute("INSERT OR REPLACE INTO turns VALUES (?,?,?,?,?,?,?)", row)
            db.execute(f"DELETE FROM instructions {_OF} AND turn = ?", (*key, stored.id))
            db.executemany("INSERT OR IGNORE INTO instructions VALUES (?,?,?,?,?,?,?)", lines)
            return True

        if not await self._write(write, len(body)):
            raise _not_found(conversation_id)

    async def delete(self, scope: Scope, conversation_id: str) -> None:
        """Removes a conversation and its turns."""
        key = _key(scope, conversation_id)

        def write(db: sqlite3.Connection) -> int:
            db.execute(f"DELETE FROM turns {_OF}", key)
            db.execute(f"DELETE FROM instructions {_OF}", key)
            return db.execute(f"DELETE FROM conversations {_IT}", key).rowcount

        if not await self._write(write):
            raise _not_found(conversation_id)

    async def conversations(self, scope: Scope, limit: int, before: Use = LATEST) -> Sequence[Conversation]:
        """Last used first, those that come after the place `before`."""
        which = "WHERE (tenant, user) = (?,?) AND (updated, id) < (?,?) ORDER BY updated DESC, id DESC LIMIT ?"
        values = (scope.tenant, scope.user, *before, limit)
        return await self._read(lambda db: [_made(*row) for row in db.execute(f"{_CONVERSATIONS} {which}", values)])

    async def turns(
        self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST
    ) -> tuple[Conversation, Sequence[Turn]]:
        """The conversation and its latest turns with ids below `before`, newest first."""
        key = _key(scope, conversation_id)

        def read(db: sqlite3.Connection) -> tuple[Conversation, Sequence[Turn]]:
            latest = f"{_OF} AND id < ? ORDER BY id DESC LIMIT ?"
            rows = db.execute(f"SELECT body FROM turns {latest}", (*key, before, limit))
            return _conversation(db, key), [Turn.FromString(body) for (body,) in rows]

        return await self._read(read)

    async def history(self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST) -> History:
        """Its instructions, and the latest turns that are `usable` and have ids below `before`."""
        key = _key(scope, conversation_id)

        def read(db: sqlite3.Connection) -> History:
            _conversation(db, key)
            total = db.execute(f"SELECT count(*) FROM turns {_OF} AND usable", key).fetchone()[0]
            last = f"{_OF} ORDER BY turn DESC, place DESC LIMIT {_MAX_INSTRUCTIONS}"
            said = db.execute(f"SELECT body FROM instructions {last}", key).fetchall()
            latest = f"{_OF} AND usable AND id < ? ORDER BY id DESC LIMIT ?"
            rows = db.execute(f"SELECT body, position FROM turns {latest}", (*key, before, limit))
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
        if not self._waiting:
            return
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        batch = [(write, done) for write, done in waiting if done.set_running_or_notify_cancel()]
        try:
            results = _transact(self._writer, "BEGIN IMMEDIATE", lambda db: [write(db) for write, _ in batch])
        except Exception as error:
            for _, done in batch:
                done.set_exception(error)
        else:
            for (_, done), result in zip(batch, results, strict=True):
                done.set_result(result)
        _batches.observe(len(batch))


def _transact(db: sqlite3.Connection, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
    with db:  # Commits, or rolls back.
        db.execute(begin)
        return work(db)


def _key(scope: Scope, conversation_id: str) -> tuple[str, str, str]:
    return scope.tenant, scope.user, conversation_id


def _conversation(db: sqlite3.Connection, key: tuple[str, str, str]) -> Conversation:
    if (row := db.execute(f"{_CONVERSATIONS} {_IT}", key).fetchone()) is None:
        raise _not_found(key[2])
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


def _not_found(conversation_id: str) -> Fault:
    text, field = f"there is no conversation {conversation_id}", "conversation_id"
    code = grpc.StatusCode.NOT_FOUND
    return Fault(code, "CONVERSATION_NOT_FOUND", text, field=field, conversation_id=conversation_id)


def _heard(turn: Turn) -> bool:
    """Whether the turn counts for later ones: a rail or a failure didn't end it."""
    return turn.status in (TURN_STATUS_COMPLETED, TURN_STATUS_CANCELLED)


def _usable(turn: Turn) -> bool:
    """Whether the turn's exchange can be part of a prompt: without an answer, roles wouldn't alternate."""
    return _heard(turn) and turn.HasField("answer")


def _instructions(turn: Turn) -> list[Message]:
    """What the turn tells the model for all later ones."""
    return [message for message in turn.messages if message.role in INSTRUCTIONS] if _heard(turn) else []


def _title_of(turn: Turn) -> str:
    """The beginning of its first user message, on one line."""
    said = ["".join(part.text for part in message.parts) for message in turn.messages if message.role == ROLE_USER]
    return " ".join("".join(said[:1])[: 4 * _TITLE_CHARACTERS].split())[:_TITLE_CHARACTERS].rstrip()
