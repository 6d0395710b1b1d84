"""Token files: dialogues as rows of token ids, written once and read in batches of rows of like length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import tqdm

from training.corpus.dialogues import Turn, dialogue
from training.corpus.values import Values
from training.tokenizer import ASSISTANT, END, LEARNT, SPECIALS, SYSTEM, TOOL, USER

ROLES = {"system": SPECIALS[SYSTEM], "user": SPECIALS[USER], "assistant": SPECIALS[ASSISTANT], "tool": SPECIALS[TOOL]}
Rows = NDArray[np.int64]
BUCKETS = (*range(32, 192, 16), *range(192, 512, 32), 512, 640, *range(896, 2049, 128))  # Row lengths, in tokens.
IGNORED = -100


@dataclass(frozen=True)
class Batch:
    """`tokens` (rows, length); `wanted` and `targets`: flat positions whose next token is learnt, and that token
    (IGNORED where a position only fills the batch up)."""

    tokens: Rows
    wanted: Rows
    targets: Rows


def render(turns: list[Turn]) -> str:
    """The text of a dialogue as the chat template would write it."""
    return "".join(f"{ROLES[role]}{text}{SPECIALS[END]}" for role, text in turns)


def pieces(tokenizer: Tokenizer) -> list[str]:
    """The learnt pieces that made-up values are built from: Latin letters, and single Chinese characters."""
    texts = {tokenizer.decode([token]) for token in tokenizer.get_vocab().values() if token < LEARNT}
    return sorted(
        text
        for text in texts
        if (text.isascii() and text.isalpha() and text[1:].lower() == text[1:] and len(text) <= 6)
        or (len(text) == 1 and "\u4e00" <= text <= "\u9fff")
    )


def write(path: Path, tokenizer: Tokenizer, seed: int, tokens: int, shares: dict[str, float], limit: int) -> None:
    """Writes dialogues of about `tokens` tokens into `path`; `shares` are the chances of each profile.

    A row longer than `limit` tokens is dropped.
    """
    random = Random(seed)
    values = Values(random, pieces(tokenizer))
    profiles, chances = list(shares), list(shares.values())
    rows: list[NDArray[np.uint16]] = []
    total = 0
    with tqdm(total=tokens, desc=path.stem, unit="tok", unit_scale=True, mininterval=5) as bar:
        while total < tokens:
            texts = []
            for _ in range(1000):
                profile = random.choices(profiles, chances)[0]
                size = random.randint(600, limit - 350) if profile == "far" else min(limit - 300, 420)
                texts.append(render(dialogue(random, values, profile, max(size, 60))))
            for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
                if len(encoding.ids) <= limit:
                    rows.append(np.array(encoding.ids, dtype=np.uint16))
                    total += len(encoding.ids)
                    bar.update(len(encoding.ids))
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    scratch = path.with_suffix(".part.npz")
    np.savez(scratch, tokens=np.concatenate(rows), lengths=lengths)
    scratch.rename(path)


def batches(path: Path, seed: int, size: int, worker: int, workers: int) -> Iterator[Batch]:
    """One worker's shares of batches of about `size` tokens in all, padding included.

    Every row of the file comes once, in an order given by `seed`.
    """
    with np.load(path) as file:
        flat, lengths = file["tokens"], file["lengths"]
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    generator = np.random.default_rng(seed)
    # Every bucket has one shape, so that the kernels for it are made once.
    groups: list[tuple[int, NDArray[np.int64]]] = []
    shorter = 0
    for bucket in BUCKETS:
        rows = np.flatnonzero((lengths > shorter) & (lengths <= bucket))
        shorter = bucket
        generator.shuffle(rows)
        count = max(1, size // bucket // workers) * workers
        groups += [(bucket, rows[i : i + count]) for i in range(0, len(rows) - count + 1, count)]
    for index in generator.permutation(len(groups)):
        bucket, group = groups[index]
        group = group[worker::workers]
        tokens = np.zeros((len(group), bucket), dtype=np.int64)
        for i, row in enumerate(group):
            tokens[i, : lengths[row]] = flat[starts[row] : starts[row] + lengths[row]]
        yield _batch(tokens)


def _batch(tokens: Rows) -> Batch:
    # The speaker at a position is the last role token before it; what follows an assistant's is learnt, up to its end.
    role = (tokens >= SYSTEM) & (tokens <= TOOL)
    last = np.maximum.accumulate(np.where(role, np.arange(tokens.shape[1]), 0), axis=1)
    speaking = np.take_along_axis(tokens, last, axis=1) == ASSISTANT
    learnt = speaking[:, :-1] & (tokens[:, :-1] != END) & (tokens[:, 1:] != 0)
    rows, columns = np.nonzero(learnt)
    wanted, targets = rows * tokens.shape[1] + columns, tokens[rows, columns + 1]
    spare = -len(wanted) % 256
    return Batch(tokens, np.pad(wanted, (0, spare)), np.pad(targets, (0, spare), constant_values=IGNORED))
