"""Ids sort by time and don't repeat."""

import re
import time
import uuid

from mesh.ids import new_id


def test_the_layout_is_that_of_uuid_v7() -> None:
    before = time.time_ns() // 1_000_000
    value = new_id("turn")
    prefix, digits = value.split("-")
    parsed = uuid.UUID(digits)
    assert prefix == "turn"
    assert re.fullmatch(r"turn-[0-9a-f]{32}", value)
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert before <= parsed.int >> 80 <= time.time_ns() // 1_000_000


def test_later_ids_sort_later() -> None:
    first = new_id("x")
    time.sleep(0.002)
    assert first < new_id("x")


def test_ids_made_at_once_differ() -> None:
    assert len({new_id("x") for _ in range(10_000)}) == 10_000
