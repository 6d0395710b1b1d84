"""Training: goes through the stages of the recipe, saving what is needed to resume and a log of the loss."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)
from tqdm import tqdm

from training.data import IGNORED, Batch, batches
from training.model import Network, Shape
from training.optimizer import Optimizer

SAVE_SECONDS = 120.0


@dataclass(frozen=True)
class Stage:
    """One pass over the rows of a token file.

    Both learning rates go from `start` to `end` times the peak, after a warm-up over the first `warmup` of the steps.
    """

    name: str
    batch_tokens: int
    start: float
    end: float
    warmup: float = 0.0


def _loss(network: Network, batch: Batch) -> torch.Tensor:
    tokens, wanted = torch.from_numpy(batch.tokens), torch.from_numpy(batch.wanted)
    logits = network(tokens, wanted)
    return F.cross_entropy(logits.float(), torch.from_numpy(batch.targets), ignore_index=IGNORED)


def train(
    runs: Path,
    stages: list[Stage],
    shape: Shape,
    seed: int,
    muon_rate: float,
    adam_rate: float,
    finished: Callable[[Stage, dict[str, torch.Tensor]], None],
) -> None:
    """Trains through `stages`, whose rows are `runs`/NAME.npz; calls `finished` with the fp32 weights after each.

    State is saved to `runs`/state.pt every two minutes; a later call goes on from there, at the batch it had reached.
    """
    torch.manual_seed(seed)
    network = Network(shape, seed).bfloat16()
    optimizer = Optimizer(network, muon_rate, adam_rate)
    state_path, log_path = runs / "state.pt", runs / "loss.jsonl"
    reached, done = 0, 0
    if state_path.exists():
        state = torch.load(state_path, weights_only=True)
        optimizer.load_state_dict(state["optimizer"])
        reached, done = state["stage"], state["batches"]

    def save(stage: int, batch: int) -> None:
        scratch = state_path.with_suffix(".part")
        torch.save({"optimizer": optimizer.state_dict(), "stage": stage, "batches": batch}, scratch)
        scratch.rename(state_path)

    for number, stage in enumerate(stages):
        if number < reached:
            continue
        plan = list(batches(runs / f"{stage.name}.npz", seed, stage.batch_tokens))
        warmup = max(1, int(stage.warmup * len(plan)))
        saved = began = time.monotonic()
        seen, sums = 0, 0.0
        with log_path.open("a") as log, tqdm(total=len(plan), initial=done, desc=stage.name, mininterval=10) as bar:
            for index in range(done, len(plan)):
                batch = plan[index]
                part = index / len(plan)
                rate = (stage.start + (stage.end - stage.start) * part) * min(1.0, (index + 1) / warmup)
                loss = _loss(network, batch)
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step(rate)
                seen += batch.tokens.size
                sums += loss.item()
                bar.update()
                if (index + 1) % 25 == 0 or index + 1 == len(plan):
                    mean = sums / ((index % 25) + 1)
                    sums = 0.0
                    speed = seen / (time.monotonic() - began)
                    bar.set_postfix(loss=f"{mean:.3f}", speed=f"{speed:.0f} tok/s")
                    record = {
                        "stage": stage.name,
                        "step": index + 1,
                        "loss": round(mean, 4),
                        "tokens_per_s": round(speed),
                    }
                    log.write(json.dumps(record) + "\n")
                    log.flush()
                if time.monotonic() - saved > SAVE_SECONDS:
                    saved = time.monotonic()
                    save(number, index + 1)
        done = 0
        finished(stage, optimizer.master)
        save(number + 1, 0)
