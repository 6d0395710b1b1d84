"""Runs the held-out suite: `python -m training.evaluate --model DIR`, `--checkpoint DIR` or `--base-url URL`."""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

from tokenizers import Tokenizer
from tqdm import tqdm

from training.evaluate.backends import ApiBackend, Backend, EngineBackend, FloatBackend, Messages, Reply
from training.evaluate.scores import bleu, rouge_l
from training.evaluate.suites import Script, Writer

SUITES = ("recall", "two_facts", "not_told", "sums", "long_answers", "counting", "refusals", "facts", "far", "demo")


class Tally:
    """Right and wrong answers by cell, with some of the wrong ones kept to read."""

    def __init__(self) -> None:
        self.right: dict[str, int] = defaultdict(int)
        self.total: dict[str, int] = defaultdict(int)
        self.wrong: dict[str, list[str]] = defaultdict(list)

    def add(self, cell: str, right: bool, transcript: str) -> None:
        """Counts one judgement."""
        self.total[cell] += 1
        self.right[cell] += right
        if not right and len(self.wrong[cell]) < 12:
            self.wrong[cell].append(transcript)

    def table(self) -> dict[str, dict[str, float]]:
        """Share of right answers and number of dialogues for each cell."""
        return {
            cell: {"score": round(self.right[cell] / total, 4), "n": total}
            for cell, total in sorted(self.total.items())
        }


def hold(backend: Backend, scripts: list[Script]) -> list[list[Reply]]:
    """Holds all dialogues side by side, turn by turn; the history is what the model itself answered."""
    replies: list[list[Reply]] = [[] for _ in scripts]
    for turn in tqdm(range(max(len(script.users) for script in scripts)), desc="turns", leave=False, mininterval=5):
        by_limit: dict[int, list[int]] = defaultdict(list)
        for index, script in enumerate(scripts):
            if turn < len(script.users):
                by_limit[script.limit].append(index)
        for limit, active in by_limit.items():
            conversations: list[Messages] = []
            for index in active:
                messages: Messages = [("system", scripts[index].system)] if scripts[index].system else []
                for user, reply in zip(scripts[index].users, replies[index], strict=False):
                    messages += [("user", user), ("assistant", reply.text)]
                conversations.append([*messages, ("user", scripts[index].users[turn])])
            for index, reply in zip(active, backend.answer(conversations, limit), strict=True):
                replies[index].append(reply)
    return replies


def transcript(script: Script, replies: list[Reply]) -> str:
    """A dialogue to read."""
    lines = [f"system: {script.system}"] if script.system else []
    for user, reply in zip(script.users, replies, strict=True):
        lines += [f"user: {user}", f"model: {reply.text}{'' if reply.ended else ' [cut]'}"]
    return "\n".join(lines)


def run(backend: Backend, writer: Writer, suites: list[str], tokenizer: Tokenizer) -> tuple[Tally, dict[str, float]]:
    """The scores of the suites, and BLEU and ROUGE-L of the small facts by language."""
    tally = Tally()
    similar: dict[str, list[tuple[str, str]]] = defaultdict(list)

    def tokens(text: str) -> int:
        return len(tokenizer.encode(text).ids)

    for suite in suites:
        scripts = list(writer.far(tokens) if suite == "far" else getattr(writer, suite)())
        for script, replies in zip(scripts, hold(backend, scripts), strict=True):
            text = transcript(script, replies)
            verdicts: dict[str, bool] = {}
            for check in script.checks:
                right = check.right(replies[check.turn])
                verdicts[check.cell] = verdicts.get(check.cell, True) and right
                if check.detail:
                    tally.add(f"- {check.detail}", right, text)
                if check.reference:
                    similar[check.cell].append((replies[check.turn].text, check.reference))
            for cell, right in verdicts.items():
                tally.add(cell, right, text)
            for reply in replies:
                tally.add("ended by itself", reply.ended, text)
    extra = {}
    for cell, pairs in similar.items():
        extra[f"BLEU {cell}"] = round(bleu(pairs), 4)
        extra[f"ROUGE-L {cell}"] = round(sum(rouge_l(*pair) for pair in pairs) / len(pairs), 4)
    return tally, extra


def same_in_batch(model: Path, writer: Writer, prompts: int = 200) -> float:
    """Share of prompts whose greedy answer alone equals the one in a batch of 64."""
    scripts = [*writer.long_answers(), *writer.refusals(), *writer.facts(), *writer.sums()]
    conversations: list[Messages] = [[("user", script.users[0])] for script in writer.random.sample(scripts, prompts)]
    together = EngineBackend(model, batch=64).answer(conversations, 300)
    alone = EngineBackend(model, batch=1).answer(conversations, 300)
    return sum(a == b for a, b in zip(together, alone, strict=True)) / prompts


def main() -> None:
    """Prints the scores; `--report` also writes them, with wrong answers to read, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--model", type=Path, help="exported IR directory, run in the engine directly")
    where.add_argument("--checkpoint", type=Path, help="float checkpoint directory")
    where.add_argument("--base-url", help="the mesh's API, such as http://127.0.0.1:8080/v1")
    parser.add_argument("--api-model", default="tokenloom-mini")
    parser.add_argument("--api-key", default="none")
    parser.add_argument("--tokenizer", type=Path, default=Path("models/tokenloom-mini/tokenizer.json"))
    parser.add_argument("--count", type=int, default=204, help="dialogues a cell")
    parser.add_argument("--seed", type=int, default=20_000)
    parser.add_argument("--suites", nargs="+", choices=SUITES, default=list(SUITES))
    parser.add_argument("--batch-equality", action="store_true", help="only compare answers alone and in a batch of 64")
    parser.add_argument("--transcripts", action="store_true", help="only print the twenty dialogues of the model card")
    parser.add_argument("--report", type=Path)
    arguments = parser.parse_args()
    writer = Writer(arguments.seed, arguments.count)
    began = time.monotonic()
    if arguments.batch_equality:
        if arguments.model is None:
            parser.error("--batch-equality needs --model")
        print(f"same answer alone and in a batch of 64: {same_in_batch(arguments.model, writer):.3f}")
        return
    backend: Backend
    if arguments.model is not None:
        backend = EngineBackend(arguments.model)
    elif arguments.checkpoint is not None:
        backend = FloatBackend(arguments.checkpoint)
    else:
        backend = ApiBackend(arguments.base_url, arguments.api_model, arguments.api_key)
    if arguments.transcripts:
        scripts = writer.transcripts()
        for script, replies in zip(scripts, hold(backend, scripts), strict=True):
            print(transcript(script, replies), end="\n\n")
        return
    tally, extra = run(backend, writer, arguments.suites, Tokenizer.from_file(str(arguments.tokenizer)))
    table = tally.table()
    for cell, row in table.items():
        print(f"{row['score']:7.3f}  n={row['n']:<6.0f} {cell}")
    for name, value in extra.items():
        print(f"{value:7.3f}  {name}")
    print(f"{(time.monotonic() - began) / 60:.1f} minutes")
    if arguments.report:
        report = {"scores": table, "similarity": extra, "wrong": tally.wrong}
        arguments.report.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
