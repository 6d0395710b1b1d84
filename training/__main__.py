"""The whole recipe, in steps that are skipped when their result is there: `python -m training`."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tokenizers import Tokenizer
from tqdm import tqdm

from training import data, tokenizer
from training.corpus.dialogues import dialogue
from training.corpus.values import Values
from training.export import export
from training.model import Shape
from training.train import Stage, train

SEED = 7
RATES = 0.02, 3e-3  # of Muon and Adam
# For each stage: tokens, longest row, and how often each profile of dialogue is drawn.
_MIX = {"recall": 0.52, "sums": 0.13, "chat": 0.1, "long": 0.06, "repeat": 0.05, "list": 0.03, "copy": 0.11}
# More of what is learnt last: copying digits and rare characters exactly, and sums.
_CLOSE = {"recall": 0.43, "sums": 0.2, "chat": 0.09, "long": 0.05, "repeat": 0.07, "list": 0.03, "copy": 0.13}
# Facts far back come last: a third of the tokens.
_WIDE = {
    "recall": 0.42, "sums": 0.14, "chat": 0.1, "long": 0.05, "repeat": 0.05, "list": 0.03, "copy": 0.11, "far": 0.1,
}  # fmt: skip
CORPUS: dict[str, tuple[int, int, dict[str, float]]] = {
    "copy": (900_000, 160, {"copy": 0.8, "repeat": 0.2}),
    "first": (20_000_000, 1536, _MIX),
    "second": (9_000_000, 1536, _CLOSE),
    "wide": (16_500_000, 2048, _WIDE),
}
STAGES = [
    Stage("copy", 3072, 1.0, 1.0, warmup=0.2),
    Stage("first", 4096, 1.0, 0.5),
    Stage("second", 4096, 0.5, 0.25),
    Stage("wide", 4096, 0.25, 0.01),
]
TOKENIZER_SHARES = {"recall": 0.5, "chat": 0.2, "long": 0.1, "sums": 0.05, "repeat": 0.1, "list": 0.05}


def _texts(count: int) -> Iterator[str]:
    random = Random(SEED)
    values = Values(random, [])
    for _ in tqdm(range(count), desc="tokenizer", mininterval=5):
        profile = random.choices(list(TOKENIZER_SHARES), list(TOKENIZER_SHARES.values()))[0]
        yield "\n".join(text for _, text in dialogue(random, values, profile, 400))


def main() -> None:
    """Runs every step that is still to be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, default=Path("training/runs"), help="folder of everything in between")
    parser.add_argument(
        "--target", type=Path, default=Path("models/tokenloom-mini"), help="folder of the exported model"
    )
    arguments = parser.parse_args()
    runs: Path = arguments.runs
    runs.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    words = runs / "tokenizer"
    if not (words / "chat_template.jinja").exists():
        tokenizer.save(tokenizer.train(_texts(40_000)), words)
    vocabulary = Tokenizer.from_file(str(words / "tokenizer.json"))
    for number, (name, (tokens, limit, shares)) in enumerate(CORPUS.items()):
        path = runs / f"{name}.npz"
        if not path.exists():
            data.write(path, vocabulary, SEED + 1 + number, tokens, shares, limit)

    shape = Shape(vocabulary.get_vocab_size())
    train(runs, STAGES, shape, SEED, RATES, int(os.environ.get("TRAINING_THREADS", len(os.sched_getaffinity(0)))))
    size = export(runs / STAGES[-1].name, arguments.target)
    print(f"{arguments.target}: {size / 1e6:.1f} MB, after {(time.monotonic() - began) / 60:.0f} minutes")


if __name__ == "__main__":
    main()
