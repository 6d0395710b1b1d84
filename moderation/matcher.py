"""Finds forbidden words: in a stream with an exact hold-back (`Stream`), in bulk as fast as C allows (`Search`).

Both see a *view* of the text: each character by itself in NFKC and casefolded, format characters and other invisible
ones left out, whitespace runs as one space. Offsets always count code points of the raw text.

Word boundaries are symbols of the view like any other: where a letter or digit of a script that is written with spaces
meets anything else, the view has EDGE. "kill" is stored as EDGE k i l l EDGE, Chinese words as they are. So one
Aho-Corasick automaton (Aho and Corasick, 1975) decides everything: its state is the longest suffix of the view that
begins a word, which is exactly what has to be held back.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Generic, NamedTuple, TypeVar

import ahocorasick

T = TypeVar("T")
EDGE = "\0"  # NUL itself is left out of the view.
_SPACED_SCRIPTS_END = "\u2e80"  # From here on: Han, kana, Hangul and others that are matched as substrings.
_MEMO = 2**16
# Invisible, but not of category Cf: NUL, the combining grapheme joiner, Hangul and Khmer fillers, variation selectors.
_INVISIBLE = {
    *map(chr, (0, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x3164, 0xFFA0)),
    *map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000))),
}


def _in_word(symbol: str) -> bool:
    """Whether it is part of a word that has boundaries."""
    return (symbol.isalnum() or symbol == "_") and symbol < _SPACED_SCRIPTS_END


class _Table(dict[int, str]):
    """What a raw character is in the view, by its code point as str.translate wants it: one symbol, mostly."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chr(code)).casefold())
        seen = [symbol for symbol in folded if symbol not in _INVISIBLE and unicodedata.category(symbol) != "Cf"]
        value = "" if chr(code) in _INVISIBLE else "".join(" " if symbol.isspace() else symbol for symbol in seen)
        if len(self) < _MEMO:
            self[code] = value
        return value


class _Folded(dict[str, tuple[tuple[str, bool], ...]]):
    """The same by the character: its symbols, and whether each is in a word."""

    def __missing__(self, char: str) -> tuple[tuple[str, bool], ...]:
        value = tuple((symbol, _in_word(symbol)) for symbol in _TABLE[ord(char)])
        if len(self) < _MEMO:
            self[char] = value
        return value


_TABLE, _FOLDED = _Table(), _Folded()


def fold(text: str) -> str:
    """The view of a whole text, without EDGEs."""
    view = text.translate(_TABLE)
    while "  " in view:
        view = view.replace("  ", " ")
    return view


class _Node(dict[str, "_Node[T]"], Generic[T]):
    """A state of the automaton: the view's last `depth` symbols begin a word. Its items lead on."""

    __slots__ = ("depth", "fail", "found")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.fail: _Node[T] | None = None  # The state of the next shorter suffix; None for the root.
        self.found: tuple[T, int] | None = None  # The longest word that ends here: its value, its symbols.


class Words(Generic[T]):
    """Forbidden words, each with a value: compiled once, then only read, so threads and streams may share them.

    A word that is given twice keeps its first value. Raises ValueError for a word with nothing visible in it.
    """

    def __init__(self, words: Iterable[tuple[str, T]]) -> None:
        self.root: _Node[T] = _Node(0)
        self.bulk = ahocorasick.Automaton()
        self.longest = 0
        for word, value in words:
            bare = fold(word).strip()
            if not bare:
                raise ValueError("nothing visible in it")
            self.longest = max(self.longest, len(bare))
            if bare not in self.bulk:
                self.bulk.add_word(bare, (len(bare), value))
                self._plant(bare, value)
        self.bulk.make_automaton()
        self._link()

    def _plant(self, bare: str, value: T) -> None:
        steps = ""
        for before, symbol in pairwise(f" {bare} "):
            steps += EDGE + symbol if _in_word(before) != _in_word(symbol) else symbol
        node = self.root
        for depth, step in enumerate(steps[:-1], 1):
            node = node.setdefault(step, _Node(depth))
        node.found = (value, len(steps) - 1)

    def _link(self) -> None:
        queue: list[_Node[T]] = [self.root]
        for node in queue:  # Breadth first: a state's shorter suffixes are linked before it.
            for symbol, child in node.items():
                fail = node.fail
                while fail is not None and symbol not in fail:
                    fail = fail.fail
                child.fail = self.root if fail is None else fail[symbol]
                child.found = child.found or child.fail.found
                queue.append(child)


class Step(NamedTuple, Generic[T]):
    """What a stream says: text before `release_to` may go; `found` is the value of a word that begins there."""

    release_to: int
    found: T | None


class Stream(Generic[T]):
    """Screens one text that comes in pieces. Once a word is found, the text is over: don't feed it any more."""

    __slots__ = ("_inside", "_length", "_node", "_root", "_space", "_starts")

    def __init__(self, words: Words[T]) -> None:
        self._root = self._node = words.root
        self._length = 0  # Code points fed.
        self._starts: list[int] = []  # Where the symbols that the state holds begin in the raw text.
        self._inside = False  # The last symbol was in a word.
        self._space = False  # The last symbol was a space.

    def feed(self, text: str) -> Step[T]:
        """Takes the next piece; costs time in proportion to it."""
        folded, node, starts, inside, space = _FOLDED, self._node, self._starts, self._inside, self._space
        at = self._length
        for char in text:
            for symbol, now in folded[char]:
                if space and symbol == " ":
                    continue
                space = symbol == " "
                for step in symbol if now is inside else EDGE + symbol:
                    starts.append(at)
                    while (following := node.get(step)) is None and node.fail is not None:
                        node = node.fail
                    if following is not None:
                        node = following
                        if node.found is not None:
                            return Step(starts[-node.found[1]], node.found[0])
                inside = now
            at += 1
        self._node, self._length, self._inside, self._space = node, at, inside, space
        del starts[: len(starts) - node.depth]
        return Step(starts[0] if starts else at, None)

    def finish(self) -> Step[T]:
        """The text has ended: that is a word boundary too, and nothing else is held any longer."""
        length = self._length
        step = self.feed(" ")
        return Step(length, None) if step.found is None else step


class Search(Generic[T]):
    """Looks for any word in one text that comes in pieces, without offsets. Finds something when `Stream` does.

    Costs about 60 ns a character, in C: give it pieces no larger than what a loop may wait for.
    """

    def __init__(self, words: Words[T]) -> None:
        self._words = words
        self._tail = ""  # The end of the view so far: room for the longest word and the symbol before it.

    def feed(self, text: str) -> T | None:
        """The value of a word that has certainly occurred by now."""
        return next(self._found(fold(text)), None)

    def finish(self) -> T | None:
        """The value of a word that the text ends with."""
        return next(self._found(" "), None)

    def _found(self, more: str) -> Iterator[T]:
        if not self._words.longest:
            return
        if self._tail.endswith(" "):
            more = more.removeprefix(" ")
        view, known = self._tail + more, len(self._tail) - 1
        self._tail = view[-self._words.longest - 1 :]
        for last, (length, value) in self._words.bulk.iter(view):
            first = last - length + 1
            before, after = view[max(first - 1, 0) : first], view[last + 1 : last + 2]
            # A word before `known` was judged when the symbol after it was there; a last letter waits for that symbol.
            if last < known or (_in_word(view[last]) and (not after or _in_word(after))):
                continue
            if not (_in_word(view[first]) and _in_word(before)):
                yield value
