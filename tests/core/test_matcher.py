"""The matcher against a brute-force oracle: what is held back, what is found, and when."""

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moderation import matcher
from moderation.matcher import Stream, Words, fold

WORDS = [
    "kill",
    "kill you now",
    "ill",
    "skip it",
    "杀人",
    "人杀了",
    "他杀人放",
    "c4炸药",
    "straße",
    "ﬁne print",
    "-x-",
    "Ⅻ oaks",
]
LETTERS = [*"kilyouw sn他杀人放了c4炸药-x_é.\n\t\u3000ｋＩKßİﬁⅫ㎏\u200b\u0301𝐤😀\U000e0041\x00\u00ad\ufe0f한ي"]
pieces = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from([word.upper() for word in WORDS]),
    st.sampled_from([word[:-1] for word in WORDS]),
    st.text(st.sampled_from(LETTERS), max_size=6),
    st.text(max_size=4),
    st.sampled_from([" ", "  ", "\u200b", "the ", "了"]),
)
texts = st.lists(pieces, max_size=8).map("".join)
words = Words([(word, word) for word in WORDS])


def view_of(text: str) -> list[tuple[str, int]]:
    """The view's symbols with the raw offset of each, made the slow way."""
    view: list[tuple[str, int]] = []
    for at, char in enumerate(text):
        for symbol in fold("x" + char + "x")[1:-1]:
            if not (symbol == " " and view and view[-1][0] == " "):
                view.append((symbol, at))
    return view


def in_word(symbol: str) -> bool:
    return symbol < "\u2e80" and (symbol.isalnum() or symbol == "_")


def oracle(text: str, ended: bool) -> tuple[int, bool]:
    """How far `text` may be released, and whether it holds a word: every word is tried at every place."""
    view = view_of(text)
    hits, live = [], []
    for start, (first, at) in enumerate(view):
        for word in map(fold, WORDS):
            seen = "".join(symbol for symbol, _ in view[start : start + len(word)])
            if start and in_word(first) and in_word(view[start - 1][0]):
                continue
            rest = view[start + len(word) :]
            if seen == word and not in_word(word[-1]):
                hits.append((start + len(word) - 1, at))
            elif seen == word and (not in_word(rest[0][0]) if rest else ended):
                hits.append((start + len(word), at))
            elif word.startswith(seen) and not rest and not ended:
                live.append(at)
    if hits:
        first_end = min(end for end, _ in hits)
        return min(at for end, at in hits if end == first_end), True
    return min(live, default=len(text)), False


def cut(text: str, sizes: list[int]) -> list[str]:
    parts, at = [], 0
    for size in itertools.cycle(sizes):
        parts.append(text[at : at + size])
        at += size
        if at >= len(text):
            return parts
    raise AssertionError


@settings(max_examples=500)
@given(texts, st.lists(st.integers(1, 6), min_size=1, max_size=8))
@example("I will kill", [3])
@example("skill ill", [1])
@example("kill \u200b\u3000 you\nnow!", [2])
def test_each_piece_releases_exactly_what_is_safe(text: str, sizes: list[int]) -> None:
    stream, fed = Stream(words), ""
    for part in cut(text, sizes):
        fed += part
        assert (stream.feed(part), stream.found is not None) == oracle(fed, ended=False)
        assert stream.over == (stream.found is not None)
        if stream.over:
            return
    assert (stream.finish(), stream.found is not None) == oracle(text, ended=True)
    assert stream.over


@settings(max_examples=150)
@given(texts, st.sampled_from(WORDS), texts, st.booleans())
def test_a_planted_word_never_gets_out(before: str, word: str, after: str, upper: bool) -> None:
    """Cut before every character, and in two at every place."""
    planted = word.upper() if upper else word
    text = f"{before} {planted} {after}"
    limit, found = oracle(text, ended=True)
    assert found
    assert limit < len(before) + 1 + len(planted)
    for parts in [list(text), *([text[:at], text[at:]] for at in range(len(text)))]:
        stream = Stream(words)
        releases = []
        for part in parts:
            releases.append(stream.feed(part))
            if stream.over:
                break
        else:
            releases.append(stream.finish())
        assert stream.found is not None
        assert releases[-1] == limit
        assert releases == sorted(releases)


@pytest.mark.parametrize("text", [
    "skill", "killer", "refill it", "Kill_", "ki ll", "杀 人", "c44炸药", "xc4炸药", "kill-you-now-then"[5:], "",
])  # fmt: skip
def test_harmless(text: str) -> None:
    stream = Stream(words)
    stream.feed(text)
    assert not stream.over
    assert stream.finish() == len(text)
    assert stream.found is None


@pytest.mark.parametrize(("text", "release_to", "word"), [
    ("KILL", 0, "kill"), ("我kill你", 1, "kill"), ("ｋｉｌｌ!", 0, "kill"),
    ("a k\u200bi\u00adl\U000e0041l.", 2, "kill"), ("𝐤𝐢𝐥𝐥?", 0, "kill"), ("😀杀\ufe0f人", 1, "杀人"),
    ("STRASSE 1", 0, "straße"), ("fine\u3000 \nPRINT", 0, "ﬁne print"),
    ("a xii oaks", 2, "Ⅻ oaks"), ("skip it", 0, "skip it"), ("他C4炸药", 1, "c4炸药"), ("a-x-b", 1, "-x-"),
])  # fmt: skip
def test_found(text: str, release_to: int, word: str) -> None:
    stream = Stream(words)
    released = stream.feed(text)
    assert (released if stream.over else stream.finish()) == release_to
    assert stream.found == word


def test_text_without_a_live_prefix_is_not_delayed() -> None:
    stream, fed = Stream(words), 0
    for part in [
        "Hello",
        ", ",
        "how",
        " are",
        " y",
        "ou to",
        "day",
        "? ",
        "I'm mak",
        "ing sal",
        "ads",
        "，今天",
        "天气好",
    ]:
        fed += len(part)
        assert stream.feed(part) == fed


def test_the_longest_of_words_that_end_together_decides_what_is_released() -> None:
    both = Words([("b c", "short"), ("a b c", "long")])
    stream = Stream(both)
    assert (stream.feed("x a b c "), stream.found) == (2, "long")


def test_no_words() -> None:
    empty: Words[int] = Words([])
    stream = Stream(empty)
    assert (stream.feed("anything"), stream.found) == (8, None)


def test_more_than_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every few characters all transitions are forgotten, in the middle of words too."""
    monkeypatch.setattr(matcher, "_REMEMBERED", 3)
    few = Words([(word, word) for word in WORDS])
    for text, word in [("so kill\u200b you  now, ", "kill"), ("如他杀人", "杀人"), ("a ⅻ oa oaks, Ⅻ Oaks.", "Ⅻ oaks")]:
        stream, released, fed = Stream(few), 0, ""
        for char in text:
            fed += char
            released = stream.feed(char)
            assert (released, stream.over) == oracle(fed, ended=False)
            if stream.over:
                break
        assert stream.found == word
