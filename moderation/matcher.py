"""Finds forbidden words in a text that comes in pieces, with an exact hold-back.

It sees a *view* of the text: each character by itself in NFKC and casefolded, format characters and other invisible
ones left out, whitespace runs as one space. Offsets always count code points of the raw text.

Word boundaries are symbols of the view, too: where a letter or digit of a script that is written with spaces meets
anything else, the view has EDGE. "kill" is EDGE k i l l EDGE, Chinese words are as they are. So one Aho-Corasick
automaton (Aho and Corasick, 1975) decides everything: its state is the longest suffix of the view that begins a word,
which is exactly what has to be held back. It is built as text comes: where a character leads to from a state is worked
out when that is first asked, then remembered, for a whole token too if it leaves nothing held: mostly a look-up.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Generic, TypeVar

T = TypeVar("T")
EDGE = "\0"  # NUL itself is left out of the view.
_SPACED_SCRIPTS_END = "\u2e80"  # From here on: Han, kana, Hangul and others that are matched as substrings.
_REMEMBERED = 2**16  # Transitions by policy side: some 10 MB.
# Invisible, but not of category Cf: NUL, the combining grapheme joiner, Hangul and Khmer fillers, variation selectors.
_INVISIBLE = {
    *map(chr, (0, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x3164, 0xFFA0)),
    *map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000))),
}


@lru_cache(2**15)
def _symbols(char: str) -> str:
    """What a raw character is in the view: one symbol, mostly."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    seen = [symbol for symbol in folded if symbol not in _INVISIBLE and unicodedata.category(symbol) != "Cf"]
    return "" if char in _INVISIBLE else "".join(" " if symbol.isspace() else symbol for symbol in seen)


def fold(text: str) -> str:
    """The view of a whole text, without EDGEs and without space around it."""
    return " ".join("".join(map(_symbols, text)).split())


def _steps(last: str, symbol: str) -> str:
    """What the automaton reads for a symbol that follows another."""
    return EDGE + symbol if _in_word(last) != _in_word(symbol) else symbol


def _in_word(symbol: str) -> bool:
    """Whether it is part of a word that has boundaries."""
    return (symbol.isalnum() or symbol == "_") and symbol < _SPACED_SCRIPTS_END


@dataclass(slots=True, eq=False)
class _State(dict[str, "_State[T]"], Generic[T]):
    """Where a text is after a character. The items: where it is after the next one, as far as remembered."""

    words: "Words[T]"
    held: str  # The longest suffix of the view, EDGEs included, that begins a word.
    last: str  # The last symbol, or one that means the same for what follows.
    steps: int  # How many steps of the automaton the character was, if any are held.
    found: tuple[T, int] | None = None  # A word that ends here: its value, its steps.

    def __missing__(self, char: str) -> "_State[T]":
        words, held, last, steps = self.words, self.held, self.last, 0
        words.remember()
        for symbol in _symbols(char):
            if symbol == last == " ":
                continue
            for step in _steps(last, symbol):
                held, steps = held + step, steps + 1
                while held not in words.begun:
                    held = held[1:]
                for word in (held[start:] for start in range(len(held))):
                    if word in words.values:
                        self[char] = _State(words, held, last, steps, (words.values[word], len(word)))
                        return self[char]
            last = symbol
        key = held, " " if last == " " else "a" if _in_word(last) else ".", steps if held else 0
        self[char] = words.states.setdefault(key, _State(words, *key))
        return self[char]


class Words(Generic[T]):
    """Forbidden words, visible ones, for the streams of one thread. One that is given twice keeps its first value."""

    def __init__(self, words: Iterable[tuple[str, T]]) -> None:
        self.values: dict[str, T] = {}  # By the steps of the word.
        self.begun = {""}  # Whatever begins a word.
        for word, value in words:
            steps = "".join(_steps(last, symbol) for last, symbol in pairwise(f" {fold(word)} "))[:-1]
            self.values.setdefault(steps, value)
            self.begun.update(steps[:end] for end in range(1, len(steps) + 1))
        self.start: _State[T] = _State(self, "", ".", 0)
        self.states = {("", ".", 0): self.start}
        self._remembered = 0

    def remember(self) -> None:
        """Makes room for one more transition: text that nobody writes mustn't fill the memory."""
        if self._remembered == _REMEMBERED:
            self._remembered = 0
            for state in self.states.values():
                state.clear()
        self._remembered += 1


class Stream(Generic[T]):
    """Screens one text that comes in pieces. Once `over`, don't feed it any more."""

    __slots__ = ("_length", "_starts", "_state", "found", "over")

    def __init__(self, words: Words[T]) -> None:
        self._state = words.start
        self._length = 0  # Code points fed.
        self._starts: list[int] = []  # Where the steps that the state holds begin in the raw text.
        self.found: T | None = None  # The value of the word that begins where the text may be released to.
        self.over = False  # A word was found, or the text has ended.

    def feed(self, text: str) -> int:
        """Takes the next piece; costs time in proportion to it. Returns how much of the whole text may be released."""
        state, starts, at = self._state, self._starts, self._length
        if (after := state.get(text)) is not None and not after.held:  # A token that was seen here before.
            state, at, text = after, at + len(text), ""
        for char in text:
            state = state[char]
            if state.held:
                starts += (at,) * state.steps
                if state.found is not None:
                    self.over = True
                    self.found, steps = state.found
                    return starts[-steps]
            at += 1
        before, self._state, self._length = self._state, state, at
        if not state.held:
            starts.clear()
            if 1 < len(text) <= 16:  # As most tokens are.
                state.words.remember()
                before[text] = state
            return at
        del starts[: -len(state.held)]
        return starts[0]

    def finish(self) -> int:
        """The text has ended: that is a word boundary too, and nothing else is held any longer."""
        length, release_to = self._length, self.feed(" ")
        self.over = True
        return length if self.found is None else release_to
