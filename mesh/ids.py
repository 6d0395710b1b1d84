"""Ids that sort by the time they were made."""

import random
import time


def new_id(prefix: str) -> str:
    """`<prefix>-<32 hex digits>` in the layout of UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    value = time.time_ns() // 1_000_000 << 80 | random.getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76  # Version 7.
    value = value & ~(0x3 << 62) | 0x2 << 62  # RFC variant.
    return f"{prefix}-{value:032x}"
