"""Ids that sort by the time they were made."""

import random
import time


def new_id(prefix: str) -> str:
    """`<prefix>-<32 hex digits>` in the layout of UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits."""
    milliseconds, few, many = time.time_ns() // 1_000_000, random.getrandbits(12), random.getrandbits(62)
    return f"{prefix}-{milliseconds:012x}7{few:03x}{2 << 62 | many:016x}"  # Version 7, and the RFC's variant.
