"""What every Store must do."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from context import sqlite_store
from context.sqlite_store import LATEST, NEWEST, SqliteStore
from context.writer import Writer
from mesh.faults import Fault
from tokenloom.chat.v1.chat_pb2 import ROLE_ASSISTANT, ROLE_DEVELOPER, ROLE_SYSTEM, ROLE_USER, Message, Part, Scope
from tokenloom.context.v1.context_pb2 import (
    TURN_STATUS_CANCELLED,
    TURN_STATUS_COMPLETED,
    TURN_STATUS_FAILED,
    TURN_STATUS_REFUSED,
    Turn,
)

ADA = Scope(tenant="acme", user="ada")
OTHERS = [Scope(tenant="acme", user="bob"), Scope(tenant="globex", user="ada")]
Open = Callable[[], Awaitable[Any]]


@pytest.fixture(params=["sqlite", "sqlite, by the thread", "sqlite, locked"])
async def reopen(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Open]:
    """Opens the store; what was open before is closed. History is read at once, by the thread, or at once in vain."""
    if request.param == "sqlite, by the thread":
        monkeypatch.setattr("context.sqlite_store._SHORT_BYTES", 0)
    opened: list[SqliteStore] = []

    async def close() -> None:
        if opened:
            await opened.pop().aclose()

    async def reopen() -> SqliteStore:
        await close()
        opened.append(store := SqliteStore(tmp_path / "context.db"))
        if request.param == "sqlite, locked":
            store._quick_reader.set_progress_handler(lambda: True, 1)  # Every statement fails: interrupted.
        return store

    yield reopen
    await close()


@pytest.fixture
async def store(reopen: Open) -> Any:
    return await reopen()


def says(role: Any, text: str) -> Message:
    return Message(role=role, parts=[Part(text=text)])


def turn(turn_id: str, text: str = "hi", answer: str | None = "hello", status: Any = TURN_STATUS_COMPLETED) -> Turn:
    made = Turn(id=turn_id, messages=[says(ROLE_USER, text)], status=status, model="m")
    if answer is not None:
        made.answer.CopyFrom(says(ROLE_ASSISTANT, answer))
    return made


async def ids(store: SqliteStore, conversation: str, scope: Scope = ADA) -> list[str]:
    return [turn.id for turn in (await store.turns(scope, conversation, 100))[1]]


def missing() -> Any:
    return pytest.raises(Fault, match="no conversation c")


async def test_creating_again_gives_what_is_there(store: SqliteStore) -> None:
    first = await store.create(ADA, "c", "Title", 5_000_000)
    assert (first.id, first.title, first.created.seconds, first.updated.seconds) == ("c", "Title", 5, 5)
    assert await store.create(ADA, "c", "Other", 9_000_000) == first


async def test_turns_come_newest_first_and_in_pages(store: SqliteStore) -> None:
    await store.create(ADA, "c", "", 1)
    for number in (3, 1, 2, 5, 4):
        await store.record(ADA, "c", turn(f"t{number}"), 10 + number)
    assert await ids(store, "c") == ["t5", "t4", "t3", "t2", "t1"]
    found = await store.turns(ADA, "c", 2, "t4")
    assert [turn.id for turn in found[1]] == ["t3", "t2"]
    assert found[1][0].recorded.ToMicroseconds() == 13
    assert found[0].updated.ToMicroseconds() == 15


async def test_a_turn_of_the_same_id_is_replaced(store: SqliteStore) -> None:
    await store.create(ADA, "c", "", 1)
    await store.record(ADA, "c", turn("t1", answer="old"), 2)
    await store.record(ADA, "c", turn("t1", answer="new"), 3)
    found = await store.turns(ADA, "c", 10)
    assert [each.answer.parts[0].text for each in found[1]] == ["new"]


async def test_the_title_is_the_beginning_of_the_first_user_message(store: SqliteStore) -> None:
    await store.create(ADA, "c", "", 1)
    await store.record(ADA, "c", turn("t1", "  What is\n my name? " + "x" * 300), 2)
    await store.record(ADA, "c", turn("t2", "later"), 3)
    await store.create(ADA, "named", "Mine", 1)
    await store.record(ADA, "named", turn("t1"), 2)
    titles = {found.id: found.title for found in await store.conversations(ADA, 10)}
    assert titles["c"].startswith("What is my name? xxx")
    assert len(titles["c"]) == 80
    assert titles["named"] == "Mine"


async def test_conversations_are_listed_by_last_use_in_pages(store: SqliteStore) -> None:
    for number in range(6):
        await store.create(ADA, f"c{number}", "", 100 + number // 2)
    await store.record(ADA, "c0", turn("t"), 500)
    seen: list[str] = []
    before = LATEST
    while page := await store.conversations(ADA, 2, before):
        seen += [found.id for found in page]
        before = page[-1].updated.ToMicroseconds(), page[-1].id
    assert seen == ["c0", "c5", "c4", "c3", "c2", "c1"]


@pytest.mark.parametrize("other", OTHERS, ids=["user", "tenant"])
async def test_scopes_never_see_each_other(store: SqliteStore, other: Scope) -> None:
    await store.create(ADA, "c", "Ada's", 1)
    await store.record(ADA, "c", turn("t1"), 2)
    with missing():
        await store.turns(other, "c", 10)
    with missing():
        await store.history(other, "c", 10)
    with missing():
        await store.record(other, "c", turn("t2"), 3)
    with missing():
        await store.delete(other, "c")
    assert list(await store.conversations(other, 10)) == []
    assert (await store.create(other, "c", "Theirs", 4)).title == "Theirs"
    await store.record(other, "c", turn("t9"), 5)
    assert await ids(store, "c") == ["t1"]
    await store.delete(other, "c")
    assert await ids(store, "c") == ["t1"]


async def test_deleting_removes_the_turns_too(store: SqliteStore) -> None:
    await store.create(ADA, "c", "", 1)
    made = turn("t1")
    made.messages.insert(0, says(ROLE_SYSTEM, "be brief"))
    await store.record(ADA, "c", made, 2)
    await store.delete(ADA, "c")
    with missing():
        await store.delete(ADA, "c")
    with missing():
        await store.turns(ADA, "c", 10)
    with missing():
        await store.record(ADA, "c", turn("t2"), 3)
    await store.create(ADA, "c", "", 4)
    assert await ids(store, "c") == []
    history = await store.history(ADA, "c", 10)
    assert (list(history.past), history.usable_turns, list(history.instructions)) == ([], 0, [])


async def test_history_has_what_prompts_may_use(store: SqliteStore) -> None:
    await store.create(ADA, "c", "", 1)
    system, developer = says(ROLE_SYSTEM, "be brief"), says(ROLE_DEVELOPER, "use English")
    for number, (status, answer) in enumerate([
        (TURN_STATUS_COMPLETED, "a"), (TURN_STATUS_REFUSED, None), (TURN_STATUS_FAILED, "b"),
        (TURN_STATUS_CANCELLED, "c"), (TURN_STATUS_CANCELLED, None), (TURN_STATUS_COMPLETED, ""),
    ]):  # fmt: skip
        made = turn(f"t{number}", "x" * number, answer, status)
        made.messages.insert(0, system)
        if number == 1:
            made.messages.insert(0, says(ROLE_SYSTEM, "of a refused turn"))
        if number == 4:
            made.messages.append(developer)
        await store.record(ADA, "c", made, number)
    history = await store.history(ADA, "c", 2)
    assert [turn.id for turn, _ in history.past] == ["t5", "t3"]
    assert history.usable_turns == 3
    assert list(history.instructions) == [system, developer]
    older = await store.history(ADA, "c", 9, "t3")
    assert [turn.id for turn, _ in older.past] == ["t0"]
    positions = [position for _, position in (*older.past, *reversed(history.past))]
    assert positions[0] == 0
    assert positions == sorted(set(positions))


async def test_many_writes_at_once_are_all_there_after_reopening(reopen: Open) -> None:
    store = await reopen()
    await asyncio.gather(*(store.create(ADA, f"c{number}", "", number) for number in range(20)))
    recorded = [store.record(ADA, f"c{n % 20}", turn(f"t{n:03}"), n) for n in range(400)]
    await asyncio.gather(*recorded)
    store = await reopen()
    for number in range(20):
        assert await ids(store, f"c{number}") == [f"t{n:03}" for n in range(399, -1, -1) if n % 20 == number]


async def test_a_cancelled_write_leaves_the_writer_well(store: SqliteStore) -> None:
    tasks = [asyncio.create_task(store.create(ADA, f"c{number}", "", 1)) for number in range(50)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (await store.create(ADA, "last", "", 2)).id == "last"


WRITER = """
import asyncio, sys
from pathlib import Path
from context.sqlite_store import SqliteStore
from tokenloom.chat.v1.chat_pb2 import Scope
from tokenloom.context.v1.context_pb2 import Turn

async def main():
    store, scope = SqliteStore(Path(sys.argv[1])), Scope(tenant="acme", user="ada")
    await store.create(scope, "c", "", 1)
    async def write(lane):
        for number in range(10**6):
            turn = Turn(id=f"t{lane}-{number:06}", status=1, model="x" * 2000)
            await store.record(scope, "c", turn, number)
            print(turn.id, flush=True)
    await asyncio.gather(*(write(lane) for lane in range(4)))

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 60, 400])
async def test_what_was_acknowledged_survives_kill_9(reopen: Open, tmp_path: Path, lines: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "context.db")], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [(await asyncio.to_thread(writer.stdout.readline)).strip() for _ in range(lines)]
        writer.kill()
        acknowledged += writer.stdout.read().split("\n")[:-1]
    store = await reopen()
    there: set[str] = set()
    before = NEWEST
    while found := (await store.turns(ADA, "c", 1000, before))[1]:
        there.update(each.id for each in found)
        before = found[-1].id
    assert set(acknowledged) <= there
    await store.record(ADA, "c", turn("u"), 1)


async def test_writes_that_share_a_transaction_fail_each_by_itself(tmp_path: Path) -> None:
    """Be it by a fault, which changes nothing, or by what undoes the transaction."""
    db = sqlite3.connect(tmp_path / "x.db", isolation_level=None, check_same_thread=False)
    db.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)")
    writer = Writer(db)
    busy = asyncio.ensure_future(writer.write(lambda _: time.sleep(0.2)))  # What follows comes meanwhile.
    await asyncio.sleep(0.05)

    def fault(db: sqlite3.Connection) -> None:
        raise Fault("CONVERSATION_NOT_FOUND", "no")

    def put(x: int) -> Any:
        return lambda db: db.execute("INSERT INTO t VALUES (?)", (x,)).lastrowid

    works = [put(1), fault, put(1), put(2)]
    abandoned = asyncio.ensure_future(writer.write(put(3)))
    await asyncio.sleep(0)
    abandoned.cancel()
    outcomes = await asyncio.gather(*map(writer.write, works), return_exceptions=True)
    assert [type(each) for each in outcomes] == [int, Fault, sqlite3.IntegrityError, int]
    await busy
    await writer.aclose()
    assert [x for (x,) in db.execute("SELECT x FROM t")] == [1, 2, 3]
    db.close()


async def test_a_file_of_the_first_version_is_brought_to_this_one(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "context.db") as db:
        db.executescript(f"{sqlite_store._MIGRATIONS[0]} PRAGMA user_version = 1;")
    db.close()
    store = SqliteStore(tmp_path / "context.db")
    await store.create(ADA, "c", "", 1)
    told = turn("t")
    told.messages.insert(0, says(ROLE_SYSTEM, "Be brief."))
    await store.record(ADA, "c", told, 2)
    assert [message.parts[0].text for message in (await store.history(ADA, "c", 9)).instructions] == ["Be brief."]
    await store.aclose()


async def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "context.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(RuntimeError, match="version 99"):
        SqliteStore(tmp_path / "context.db")
