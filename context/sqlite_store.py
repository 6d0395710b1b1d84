# ruff: noqa: S608  # The parts of statements are constants of this file.
"""The embedded store: SQLite in WAL mode, one thread that writes, one that reads what may have to come from disk.

A commit is in the operating system's hands when it returns: killing the process loses nothing. With synchronous=NORMAL
a power cut may take the last commits, never the file's consistency.
"""

import asyncio
import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from context.writer import Writer
from mesh.faults import Fault
from tokenloom.chat.v1.chat_pb2 import ROLE_DEVELOPER, ROLE_SYSTEM, ROLE_USER, Message, Scope
from tokenloom.context.v1.context_pb2 import TURN_STATUS_CANCELLED, TURN_STATUS_COMPLETED, Conversation, Turn

T = TypeVar("T")
INSTRUCTIONS = (ROLE_SYSTEM, ROLE_DEVELOPER)
_TITLE_CHARACTERS = 80
_MAX_WAITING_BYTES = 64 * 2**20
_WRITE_BYTES = 512  # What a write counts for besides its turn.
_MAX_INSTRUCTIONS = 256
_RECENT, _SHORT_BYTES = 4096, 2**16  # Conversations last recorded in are in memory: short ones are read at once.
_CONVERSATIONS = "SELECT id, title, created, updated FROM conversations"
_IT = "WHERE (tenant, user, id) = (?,?,?)"
_OF = "WHERE (tenant, user, conversation) = (?,?,?)"
# In one statement, which sees one state of the file: how many turns are usable, unless there is no such conversation;
# its instructions, latest first; a page of its usable turns, newest first.
_HISTORY = f"""
    SELECT 'total', NULL, (SELECT count(*) FROM turns {_OF} AND usable) FROM conversations {_IT}
    UNION ALL SELECT 'told', body, place FROM
        (SELECT body, place FROM instructions {_OF} ORDER BY turn DESC, place DESC LIMIT {_MAX_INSTRUCTIONS})
    UNION ALL SELECT 'turn', body, position FROM
        (SELECT body, position FROM turns {_OF} AND id < ? AND usable ORDER BY id DESC LIMIT ?)
"""

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
    "CREATE INDEX instructions_by_turn ON instructions (tenant, user, conversation, turn, place);",
)

LATEST = (2**63 - 1, "")  # Before all in the list of conversations: a place in it is a time of use, and an id.
NEWEST = "~"  # Above every id.


class History(NamedTuple):
    """What prompts may use of a conversation."""

    past: Sequence[tuple[Turn, int]]  # A page of its usable turns, newest first, each with the bytes of all before it.
    usable_turns: int  # All of them.
    instructions: Sequence[Message]  # Its system and developer messages, each once, oldest first: the latest 256.


class SqliteStore:
    """Conversations and turns, each under its scope, in one file that one process may write at a time.

    Writes are durable when they return, and seen by every later read. Times are microseconds since 1970. Raises Fault:
    CONVERSATION_NOT_FOUND when there is none in the scope, OVERLOADED when more writes wait than may.
    tests/contract/test_store.py holds for this and every other store.
    """

    def __init__(self, path: Path) -> None:
        """Opens or makes the file, and brings it to this version. Raises RuntimeError for a file of a later one."""
        writer, self._reader, self._quick_reader = self._connections = [
            sqlite3.connect(path, wait, isolation_level=None, check_same_thread=False) for wait in (10, 10, 0)
        ]
        self._reading = ThreadPoolExecutor(1, "context-read")
        self._waiting_bytes = 0
        self._recent: dict[tuple[str, str, str], int] = {}  # Conversations and their bytes, last the last recorded in.
        writer.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        version = writer.execute("PRAGMA user_version").fetchone()[0]
        if version > len(_MIGRATIONS):
            raise RuntimeError(f"{path} is of version {version}; this program knows {len(_MIGRATIONS)}")
        for number, script in enumerate(_MIGRATIONS[version:], version + 1):
            writer.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {number}; COMMIT;")
        self._writer = Writer(writer)

    async def aclose(self) -> None:
        """Ends once every write that was asked for is done."""
        await self._writer.aclose()
        await asyncio.to_thread(self._reading.shutdown)
        for db in self._connections:
            db.close()

    async def create(self, scope: Scope, conversation_id: str, title: str, now: int) -> Conversation:
        """Makes an empty conversation, or gives the one that has the id."""
        key = scope.tenant, scope.user, conversation_id

        def write(db: sqlite3.Connection) -> Conversation:
            db.execute("INSERT OR IGNORE INTO conversations VALUES (?,?,?,?,?,?)", (*key, title, now, now))
            return _conversation(db, key)

        conversation = await self._write(write, len(title))
        if conversation.created == conversation.updated:  # Empty, be it new or not.
            self._remember(key, 0)
        return conversation

    async def record(self, scope: Scope, conversation_id: str, turn: Turn, now: int) -> None:
        """Puts a turn, in place of one with its id; the conversation is used `now`."""
        key, stored = (scope.tenant, scope.user, conversation_id), Turn()
        stored.CopyFrom(turn)
        stored.recorded.FromMicroseconds(now)
        body, title = stored.SerializeToString(), _title_of(turn)
        heard = turn.status in (TURN_STATUS_COMPLETED, TURN_STATUS_CANCELLED)  # Else it counts for nothing later.
        usable = heard and turn.HasField("answer")  # In prompts: without an answer, roles wouldn't alternate.
        said = [message for message in turn.messages if heard and message.role in INSTRUCTIONS]
        told = [message.SerializeToString(deterministic=True) for message in said]
        lines = [(*key, hashlib.sha256(line).digest(), turn.id, place, line) for place, line in enumerate(told)]

        def write(db: sqlite3.Connection) -> int:
            use = "SET updated = max(updated, ?), title = CASE title WHEN '' THEN ? ELSE title END"
            if not db.execute(f"UPDATE conversations {use} {_IT}", (now, title, *key)).rowcount:
                _conversation(db, key)
            end = f"SELECT position + length(body) FROM turns {_OF} AND usable AND id < ? ORDER BY id DESC LIMIT 1"
            put = f"INSERT INTO turns VALUES (?,?,?,?,?,ifnull(({end}), 0),?) ON CONFLICT DO NOTHING RETURNING position"
            while (placed := db.execute(put, (*key, turn.id, usable, *key, turn.id, body)).fetchone()) is None:
                db.execute(f"DELETE FROM turns {_OF} AND id = ?", (*key, turn.id))  # It was recorded before.
                db.execute(f"DELETE FROM instructions {_OF} AND turn = ?", (*key, turn.id))
            if lines:
                db.executemany("INSERT OR IGNORE INTO instructions VALUES (?,?,?,?,?,?,?)", lines)
            return int(placed[0])

        position = await self._write(write, len(body))
        self._remember(key, position + len(body))

    async def delete(self, scope: Scope, conversation_id: str) -> None:
        """Removes a conversation and its turns."""
        key = scope.tenant, scope.user, conversation_id

        def write(db: sqlite3.Connection) -> None:
            _conversation(db, key)
            for which in (f"conversations {_IT}", f"turns {_OF}", f"instructions {_OF}"):
                db.execute(f"DELETE FROM {which}", key)

        await self._write(write)

    async def conversations(self, scope: Scope, limit: int, before: tuple[int, str] = LATEST) -> Sequence[Conversation]:
        """Last used first, those that come after the place `before`."""
        which = "WHERE (tenant, user) = (?,?) AND (updated, id) < (?,?) ORDER BY updated DESC, id DESC LIMIT ?"
        values = (scope.tenant, scope.user, *before, limit)
        return await self._read(lambda db: [_made(*row) for row in db.execute(f"{_CONVERSATIONS} {which}", values)])

    async def turns(
        self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST
    ) -> tuple[Conversation, Sequence[Turn]]:
        """The conversation and its latest turns with ids below `before`, newest first."""
        key = scope.tenant, scope.user, conversation_id
        values = (*key, before, limit)
        last = f"SELECT body FROM turns {_OF} AND id < ? ORDER BY id DESC LIMIT ?"

        def read(db: sqlite3.Connection) -> tuple[Conversation, Sequence[Turn]]:
            with db:  # Ends what begins here: both see the same.
                db.execute("BEGIN")
                return _conversation(db, key), [Turn.FromString(body) for (body,) in db.execute(last, values)]

        return await self._read(read)

    async def history(self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST) -> History:
        """Its instructions, and the latest turns that are `usable` and have ids below `before`."""
        key = scope.tenant, scope.user, conversation_id

        def read(db: sqlite3.Connection) -> History:
            rows = db.execute(_HISTORY, (*key, *key, *key, *key, before, limit)).fetchall()
            if not rows:
                raise _not_found(conversation_id)
            (_, _, total), *parts = rows
            told = [Message.FromString(body) for kind, body, _ in reversed(parts) if kind == "told"]
            return History([(Turn.FromString(body), at) for kind, body, at in parts if kind == "turn"], total, told)

        if self._recent.get(key, _SHORT_BYTES) < _SHORT_BYTES:
            with contextlib.suppress(sqlite3.OperationalError):  # The file is locked for a moment.
                return read(self._quick_reader)  # A third of what the thread takes.
        return await self._read(read)

    def _remember(self, key: tuple[str, str, str], size: int) -> None:
        self._recent[key] = max(size, self._recent.pop(key, 0))  # An earlier turn may have been recorded again.
        if len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reading, read, self._reader)

    async def _write(self, write: Callable[[sqlite3.Connection], T], size: int = 0) -> T:
        size += _WRITE_BYTES
        if self._waiting_bytes + size > _MAX_WAITING_BYTES:
            raise Fault("OVERLOADED", "the disk doesn't keep up with the turns to be stored")
        self._waiting_bytes += size
        try:
            return await self._writer.write(write)
        finally:
            self._waiting_bytes -= size


def _conversation(db: sqlite3.Connection, key: tuple[str, str, str]) -> Conversation:
    if (row := db.execute(f"{_CONVERSATIONS} {_IT}", key).fetchone()) is None:
        raise _not_found(key[2])
    return _made(*row)


def _not_found(conversation_id: str) -> Fault:
    why = f"no conversation {conversation_id}"
    return Fault("CONVERSATION_NOT_FOUND", why, field="conversation_id", conversation_id=conversation_id)


def _made(conversation_id: str, title: str, created: int, updated: int) -> Conversation:
    conversation = Conversation(id=conversation_id, title=title)
    conversation.created.FromMicroseconds(created)
    conversation.updated.FromMicroseconds(updated)
    return conversation


def _title_of(turn: Turn) -> str:
    """The beginning of its first user message, on one line."""
    said = ["".join(part.text for part in message.parts) for message in turn.messages if message.role == ROLE_USER]
    return " ".join("".join(said[:1])[: 4 * _TITLE_CHARACTERS].split())[:_TITLE_CHARACTERS].rstrip()
