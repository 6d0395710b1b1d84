"""The shape of a fact that a user tells and asks for; the facts themselves are in english_facts and chinese_facts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fact:
    """One kind of fact about the user or another person.

    Patterns may hold `{v}` for the value and `{k}` for what tells apart two facts of this kind (a relation, a thing).
    `value` and `keys` name pools: a method of Values, or an entry of the language's word lists.
    `tell` are clauses that can be joined by "and"; `missing` is what follows "you haven't told me".
    `tell_words` and `ask_words` are what the fact can be recognised by: at times a message is made of one of them (and
    the value) among random small words, so that the model learns to go by them, not by the sentence around them.
    """

    kind: str
    value: str
    tell: tuple[str, ...]
    ask: tuple[str, ...]
    answer: str
    missing: str
    keys: str = ""
    greet: bool = False
    weight: float = 1.0
    told_alone: tuple[str, ...] = field(default=())
    tell_words: tuple[str, ...] = ()
    ask_words: tuple[str, ...] = ()
