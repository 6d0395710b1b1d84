"""Ids that sort by the time they were made."""

import random
import time

_VERSION = 0x7 << 76 | 0x2 << 62  # 7, and the RFC's variant.
_RANDOM = (1 << 80) - 1 & ~(0xF << 76 | 0x3 << 62)


def new_id(prefix: str) -> str:
    """`<prefix>-<32 hex digits>` in the layout of UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    value = time.time_ns() // 1_000_000 << 80 | random.getrandbits(80) & _RANDOM | _VERSION
    return f"{prefix}-{value:032x}"
