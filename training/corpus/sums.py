"""Additions and subtractions of numbers up to 99, worked as a chain whose steps a small model can do."""

from __future__ import annotations

from zlib import crc32


def held_out(a: int, sign: str, b: int) -> bool:
    """Whether the pair is kept for the held-out suite (one in ten, by a hash, so that every pair of digits is left)."""
    return crc32(f"{a}{sign}{b}".encode()) % 10 == 0


def chain(a: int, sign: str, b: int) -> str:
    """The worked answer without its final stop: `47 + 38 = 77 + 8 = 85`, `85 - 36 = 55 - 6 = 49`.

    A difference below zero is worked the other way round: `30 - 12 = 20 - 2 = 18, 12 - 30 = -18`.
    """
    if sign == "-" and a < b:
        return f"{chain(b, '-', a)}, {a} - {b} = -{b - a}"
    result = a + b if sign == "+" else a - b
    tens, units = b // 10 * 10, b % 10
    if tens and units:
        middle = a + tens if sign == "+" else a - tens
        return f"{a} {sign} {b} = {middle} {sign} {units} = {result}"
    return f"{a} {sign} {b} = {result}"
