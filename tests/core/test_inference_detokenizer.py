"""Ids to text: the same text however the tokens come, nothing of a stop string, log probabilities with their text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models

from inference.detokenizer import STOP, ChoiceText, StopMatcher
from inference.request import Prepared
from inference.tokenizer import ChatTokenizer, token_bytes
from tokenloom.chat.v1.chat_pb2 import Sampling, TokenLogprob
from tokenloom.inference.v1.inference_pb2 import GenerateResponse

MINI = ChatTokenizer(Path(__file__).resolve().parents[2] / "models" / "tokenloom-mini")
IDS = st.lists(st.integers(0, MINI.vocabulary_size - 1), max_size=40)
SMALL = st.text(alphabet="ab\n你", max_size=30)
STOPS = st.lists(st.text(alphabet="ab\n你", min_size=1, max_size=4), min_size=1, max_size=4)


def expected(text: str, stops: list[str]) -> tuple[str, bool]:
    """Where the first stop string to be completed ends the text."""
    for end in range(1, len(text) + 1):
        if starts := [end - len(stop) for stop in stops if text[:end].endswith(stop)]:
            return text[: min(starts)], True
    return text, False


@dataclass
class Piece:
    """What a choice showed."""

    text: str
    logprobs: Sequence[TokenLogprob]
    reason: Any


class Choice:
    """A choice without end, of the bundled model or of a tokenizer with these attributes."""

    def __init__(self, stops: Sequence[str] = (), logprobs: bool = False, **tokenizer: Any) -> None:
        model: Any = SimpleNamespace(tokenizer=SimpleNamespace(**tokenizer) if tokenizer else MINI, end_ids=[])
        of = Prepared("", model, [], Sampling(stop=stops, logprobs=logprobs), 10**9, 0, 60.0)
        self.made = ChoiceText(of, 7)
        self.shown = 0

    def feed(self, ids: Sequence[int], logprobs: Sequence[float] = ()) -> Piece:
        return self.piece(*self.made.feed(ids, logprobs))

    def finish(self) -> Piece:
        return self.piece(*self.made.finish())

    def piece(self, response: GenerateResponse | None, reason: Any) -> Piece:
        if response is None:
            return Piece("", (), reason)
        (delta,) = response.tokens.deltas
        assert delta.text or delta.logprobs
        assert (delta.lane.choice, delta.offset) == (7, self.shown)
        self.shown += len(delta.text)
        return Piece(delta.text, delta.logprobs, reason)


def decode(ids: list[int]) -> str:
    return MINI.tokenizer.decode(ids, skip_special_tokens=True)


@given(IDS, st.lists(st.integers(1, 5), max_size=40))
def test_text_is_that_of_the_whole_sequence(ids: list[int], cuts: list[int]) -> None:
    choice, text, rest = Choice(), "", ids
    for cut in [*cuts, len(ids)]:
        text += choice.feed(rest[:cut]).text
        rest = rest[cut:]
    assert text + choice.finish().text == decode(ids)


@given(st.text())
def test_only_whole_characters_come(text: str) -> None:
    choice, shown = Choice(), ""
    for token in MINI.encode_text(text):
        shown += choice.feed([token]).text
        assert text.startswith(shown)
    assert shown == text


def test_ids_beyond_the_vocabulary_have_no_text() -> None:
    tokens = MINI.encode_text("ab")
    assert Choice().feed([tokens[0], 10**6, *tokens[1:], 2**32 - 1]).text == "ab"


def sentencepiece() -> Tokenizer:
    """As Llama 2 does it: pieces with a mark for a space, bytes where no piece fits."""
    pieces = ["<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "a", "b", "▁ab"]
    tokenizer = Tokenizer(models.BPE(vocab={p: i for i, p in enumerate(pieces)}, merges=[], byte_fallback=True))
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return tokenizer


@given(st.lists(st.sampled_from(["a", "b", "▁", "▁ab", "é", "你", "🎉"]), max_size=20))
def test_byte_fallback(pieces: list[str]) -> None:
    tokenizer = sentencepiece()
    ids: list[int] = []
    for piece in pieces:
        whole = tokenizer.token_to_id(piece)
        ids += [tokenizer.token_to_id(f"<0x{b:02X}>") for b in piece.encode()] if whole is None else [whole]
    table, strips = token_bytes(json.loads(tokenizer.to_str()), tokenizer)
    choice = Choice(token_bytes=table, strips_space=strips)
    assert "".join(choice.feed([i]).text for i in ids) + choice.finish().text == tokenizer.decode(ids)


@pytest.mark.parametrize("scheme", ["always", "first", "never"])
def test_metaspace(scheme: str) -> None:
    tokenizer = sentencepiece()
    tokenizer.decoder = decoders.Metaspace(prepend_scheme=scheme)
    table, strips = token_bytes(json.loads(tokenizer.to_str()), tokenizer)
    ids = [tokenizer.token_to_id("▁ab"), tokenizer.token_to_id("▁ab")]
    assert Choice(token_bytes=table, strips_space=strips).feed(ids).text == tokenizer.decode(ids)


def test_other_decoders_are_refused() -> None:
    tokenizer = sentencepiece()
    tokenizer.decoder = decoders.WordPiece()
    with pytest.raises(ValueError, match="WordPiece"):
        token_bytes(json.loads(tokenizer.to_str()), tokenizer)


def test_bytes_that_stay_incomplete_become_replacement_characters() -> None:
    text = Choice()
    assert text.feed(MINI.encode_text("🎉")[:1]).text == ""
    assert text.finish().text == "�"


@given(SMALL, STOPS, st.lists(st.integers(0, 4), max_size=30))
def test_stop_strings_whatever_the_cuts(text: str, stops: list[str], cuts: list[int]) -> None:
    want, met = expected(text, stops)
    matcher, shown, rest = StopMatcher(stops), "", text
    for cut in [*cuts, len(text)]:
        piece, stopped = matcher.feed(rest[:cut])
        shown += piece
        rest = rest[cut:]
        assert want.startswith(shown)
        if stopped:
            assert (shown, True) == (want, met)
            return
        fed = text[: len(text) - len(rest)]
        # Exact: what is held back is the longest suffix that a stop string may begin with, and nothing more.
        held = next(
            (fed[i:] for i in range(len(fed)) if any(s.startswith(fed[i:]) and s != fed[i:] for s in stops)), ""
        )
        assert shown + held == fed
        assert matcher.held == held
    assert not met
    assert shown + matcher.held == text


@given(SMALL, STOPS, st.booleans(), st.lists(st.integers(1, 5), max_size=10))
def test_a_choice(text: str, stops: list[str], logprobs: bool, cuts: list[int]) -> None:
    ids = MINI.encode_text(text)
    choice, rest, shown, entries = Choice(stops, logprobs), ids, "", []
    want, met = expected(text, stops)
    for cut in [*cuts, len(ids)]:
        piece = choice.feed(rest[:cut], [-1.0] * len(rest[:cut]))
        shown += piece.text
        entries += piece.logprobs
        assert all(entry.end <= len(shown) for entry in entries)
        rest = rest[cut:]
        if piece.reason:
            break
    else:
        last = choice.finish()
        shown += last.text
        entries += last.logprobs
        assert not last.reason
        assert choice.made.tokens == len(ids)
    assert shown == want
    if logprobs:
        raw = b"".join(entry.token_bytes for entry in entries)
        assert want.encode().startswith(raw)
        if not met:
            assert raw == text.encode()
        for entry in entries:
            assert entry.end <= len(want)


@given(IDS)
def test_log_probabilities_end_where_their_bytes_do(ids: list[int]) -> None:
    choice = Choice(logprobs=True)
    piece = choice.feed(ids, [-float(index) for index in range(len(ids))])
    last = choice.finish()
    text = piece.text + last.text
    entries = [*piece.logprobs, *last.logprobs]
    assert [entry.token_bytes for entry in entries] == [MINI.token_bytes[i] for i in ids if MINI.token_bytes[i]]
    assert [entry.end for entry in entries] == sorted(entry.end for entry in entries)
    raw, whole = b"", b"".join(entry.token_bytes for entry in entries)
    for entry in entries:
        raw += entry.token_bytes
        if whole.decode("utf-8", "ignore").encode() == whole:  # where every byte belongs to a character
            assert len(raw.decode("utf-8", "ignore")) <= entry.end <= len(raw.decode("utf-8", "ignore")) + 1
            assert text[: entry.end].encode().startswith(raw)


def test_positive_log_probabilities_are_rounding() -> None:
    piece = Choice(logprobs=True).feed(MINI.encode_text("a"), [1e-7])
    assert piece.logprobs[0].logprob == 0


@pytest.mark.parametrize("stop", ["\ufffd", "x\ufffd"])
def test_a_stop_string_met_at_the_very_end(stop: str) -> None:
    choice = Choice([stop])
    shown = choice.feed([*MINI.encode_text("ax"), *MINI.encode_text("🎉")[:1]]).text
    last = choice.finish()
    assert last.reason == STOP
    assert shown + last.text == ("ax" if stop == "\ufffd" else "a")


def test_a_character_that_begins_behind_a_stop_string_is_not_shown() -> None:
    choice = Choice(["b"], token_bytes=[b"ab\xf0"], strips_space=False)
    piece = choice.feed([0])
    assert (piece.text, piece.reason) == ("a", STOP)
    assert choice.finish().text == ""
