"""Sentence patterns: `(a|b|)` picks one alternative, nested as deep as needed; everything else is literal."""

from __future__ import annotations

import re
from functools import cache
from random import Random

Node = str | tuple["Sequence_", ...]
Sequence_ = tuple["Node", ...]


@cache
def _parse(pattern: str) -> Sequence_:
    position = 0

    def sequence() -> Sequence_:
        nonlocal position
        nodes: list[Node] = []
        literal = ""
        while position < len(pattern) and pattern[position] not in "|)":
            if pattern[position] != "(":
                literal += pattern[position]
                position += 1
                continue
            if literal:
                nodes.append(literal)
                literal = ""
            alternatives = []
            while pattern[position] in "(|":
                position += 1
                alternatives.append(sequence())
            if pattern[position] != ")":
                raise ValueError(f"unclosed parenthesis in {pattern!r}")
            position += 1
            nodes.append(tuple(alternatives))
        if literal:
            nodes.append(literal)
        return tuple(nodes)

    parsed = sequence()
    if position != len(pattern):
        raise ValueError(f"stray {pattern[position]!r} in {pattern!r}")
    return parsed


def _write(random: Random, nodes: Sequence_, out: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        else:
            _write(random, node[int(random.random() * len(node))], out)  # type: ignore[arg-type]


def expand(random: Random, pattern: str) -> str:
    """One random reading of `pattern`. Raises ValueError when its parentheses don't match."""
    out: list[str] = []
    _write(random, _parse(pattern), out)
    return "".join(out)


def _expression(nodes: Sequence_) -> str:
    return "".join(
        re.escape(node) if isinstance(node, str) else "(?:" + "|".join(_expression(part) for part in node) + ")"  # type: ignore[arg-type]
        for node in nodes
    )


@cache
def expression(pattern: str) -> str:
    """The regular expression of all readings of `pattern`, in lower case."""
    return _expression(_parse(pattern)).lower()


def capitalise(text: str) -> str:
    """`text` with its first character in upper case, the rest untouched."""
    return text[:1].upper() + text[1:]
