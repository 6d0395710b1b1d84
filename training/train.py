"""Training: goes through the stages of the recipe, saving what is needed to resume and a log of the loss.

Each worker is a process with one thread, which is faster on a small network than threads that share every product: it
takes its share of the rows of a batch, and of the step by the mean of all gradients, which lie in shared memory.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import distributed
from torch import multiprocessing as processes
from torch.nn import functional as F  # noqa: N812 (as everyone calls it)
from tqdm import tqdm

from training import tokenizer
from training.data import IGNORED, Batch, batches
from training.model import Network, Shape, to_checkpoint
from training.optimizer import Memory, Optimizer

SAVE_SECONDS = 120.0
Rates = tuple[float, float]  # the peak learning rates of Muon and Adam


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


def _work(rank: int, memory: Memory, runs: Path, stages: list[Stage], shape: Shape, seed: int, rates: Rates) -> None:
    workers = len(memory.gradients)
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    distributed.init_process_group("gloo", f"file://{runs.resolve()}/workers", rank=rank, world_size=workers)
    network = Network(shape, seed).bfloat16()
    if shutil.which("g++"):  # Fuses the small operations, a fifth faster; built once for rows of all lengths.
        for block in network.blocks:
            block.compile(dynamic=True)
    optimizer = Optimizer(network, memory, *rates)
    state_path, log_path = runs / "state.pt", runs / "loss.jsonl"
    reached, done = 0, 0
    if state_path.exists():
        state = torch.load(state_path, weights_only=True)
        optimizer.load_state_dict(state["optimizer"])
        reached, done = state["stage"], state["batches"]
    distributed.barrier()

    def save(stage: int, batch: int) -> None:
        scratch = state_path.with_suffix(".part")
        torch.save({"optimizer": optimizer.state_dict(), "stage": stage, "batches": batch}, scratch)
        scratch.rename(state_path)

    first = rank == 0
    for number, stage in enumerate(stages):
        if number < reached:
            continue
        plan = list(batches(runs / f"{stage.name}.npz", seed, stage.batch_tokens, rank, workers))
        warmup = max(1, int(stage.warmup * len(plan)))
        saved = began = time.monotonic()
        seen, sums = 0, 0.0
        bar = tqdm(total=len(plan), initial=done, desc=stage.name, mininterval=10, disable=not first)
        for index in range(done, len(plan)):
            batch = plan[index]
            part = index / len(plan)
            rate = (stage.start + (stage.end - stage.start) * part) * min(1.0, (index + 1) / warmup)
            loss = _loss(network, batch)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step(rate)
            if not first:
                continue
            seen += batch.tokens.size * workers
            sums += loss.item()
            bar.update()
            if (index + 1) % 25 == 0 or index + 1 == len(plan):
                mean = sums / ((index % 25) + 1)
                sums = 0.0
                speed = round(seen / (time.monotonic() - began))
                bar.set_postfix(loss=f"{mean:.3f}", speed=f"{speed} tok/s")
                record = {"stage": stage.name, "step": index + 1, "loss": round(mean, 4), "tokens_per_s": speed}
                with log_path.open("a") as log:
                    log.write(json.dumps(record) + "\n")
            if time.monotonic() - saved > SAVE_SECONDS:
                saved = time.monotonic()
                save(number, index + 1)
        bar.close()
        done = 0
        if first:
            directory = runs / stage.name
            tokenizer.save(Tokenizer.from_file(str(runs / "tokenizer/tokenizer.json")), directory)
            to_checkpoint(memory.named(memory.master), shape, directory)
            save(number + 1, 0)
    distributed.barrier()
    distributed.destroy_process_group()


def train(runs: Path, stages: list[Stage], shape: Shape, seed: int, rates: Rates, workers: int) -> None:
    """Trains through `stages`, whose rows are `runs`/NAME.npz; writes the checkpoint `runs`/NAME after each.

    State is saved to `runs`/state.pt every two minutes; a later call goes on from there, at the batch it had reached.
    """
    (runs / "workers").unlink(missing_ok=True)
    memory = Memory(Network(shape, seed), workers)
    processes.spawn(_work, (memory, runs, stages, shape, seed, rates), nprocs=workers)  # type: ignore[no-untyped-call]
