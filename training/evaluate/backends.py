"""The three ways to ask the model: the int8 IR in the engine, the mesh's HTTP API, and the float checkpoint."""

from __future__ import annotations

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

from training.data import render
from training.tokenizer import ASSISTANT, END

Messages = list[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    """An answer: its text, how many tokens it took, and whether the model ended it by itself."""

    text: str
    tokens: int
    ended: bool


class Backend(Protocol):
    """Greedy answers to a list of conversations, each as (role, text) pairs that end with the user's."""

    def answer(self, conversations: list[Messages], limit: int) -> list[Reply]:
        """Replies of at most `limit` tokens, in order."""


def prompt(tokenizer: Tokenizer, messages: Messages) -> list[int]:
    """The ids of a conversation, ready for the assistant's words."""
    return [*tokenizer.encode(render(messages), add_special_tokens=False).ids, ASSISTANT]


class EngineBackend:
    """OpenVINO GenAI's continuous batching on the exported IR, as the mesh's engine uses it."""

    def __init__(self, directory: Path, batch: int = 64) -> None:
        import openvino_genai

        self.genai = openvino_genai
        self.tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.cache_size = 1
        scheduler.max_num_seqs = batch
        scheduler.max_num_batched_tokens = 256
        scheduler.enable_prefix_caching = True
        # As the mesh's engine sets them: without quantised activations an answer doesn't depend on its batch.
        properties = {
            "INFERENCE_PRECISION_HINT": "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0,
            "KV_CACHE_PRECISION": "f16",
        }
        self.pipeline = openvino_genai.ContinuousBatchingPipeline(str(directory), scheduler, "CPU", properties, {})
        self.batch = batch
        self.requests = 0

    def answer(self, conversations: list[Messages], limit: int) -> list[Reply]:
        """See Backend."""
        import numpy as np
        import openvino

        config = self.genai.GenerationConfig()
        config.max_new_tokens = limit
        config.eos_token_id = END
        replies = []
        for start in range(0, len(conversations), self.batch):
            handles = []
            for messages in conversations[start : start + self.batch]:
                ids = np.array([prompt(self.tokenizer, messages)], dtype=np.int64)
                self.requests += 1
                handles.append(self.pipeline.add_request(self.requests, openvino.Tensor(ids), config))
            while self.pipeline.has_non_finished_requests():
                self.pipeline.step()
            for handle in handles:
                ids = [token for part in handle.read_all() for token in part.generated_ids]
                ended = bool(ids) and ids[-1] == END
                replies.append(Reply(self.tokenizer.decode(ids), len(ids) - ended, ended))
        return replies


class ApiBackend:
    """The mesh's OpenAI-compatible API at `base_url` (such as http://127.0.0.1:8080/v1)."""

    def __init__(self, base_url: str, model: str, key: str, streams: int = 16) -> None:
        self.url, self.model, self.key = base_url.rstrip("/") + "/chat/completions", model, key
        self.pool = ThreadPoolExecutor(streams)

    def _one(self, messages: Messages, limit: int) -> Reply:
        body = {
            "model": self.model,
            "messages": [{"role": role, "content": text} for role, text in messages],
            "temperature": 0,
            "max_tokens": limit,
        }
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(self.url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=120) as response:
            answer = json.load(response)
        choice = answer["choices"][0]
        text = choice["message"]["content"] or choice["message"].get("refusal") or ""
        return Reply(text, answer["usage"]["completion_tokens"], choice["finish_reason"] != "length")

    def answer(self, conversations: list[Messages], limit: int) -> list[Reply]:
        """See Backend. Raises urllib.error.HTTPError when the mesh refuses a request."""
        return list(self.pool.map(lambda messages: self._one(messages, limit), conversations))


class FloatBackend:
    """The float checkpoint in transformers."""

    def __init__(self, directory: Path, batch: int = 64) -> None:
        import torch
        from transformers import Qwen3ForCausalLM

        self.torch = torch
        self.tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
        self.model = Qwen3ForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
        self.batch = batch

    def answer(self, conversations: list[Messages], limit: int) -> list[Reply]:
        """See Backend."""
        torch = self.torch
        prompts = [prompt(self.tokenizer, messages) for messages in conversations]
        replies: dict[int, Reply] = {}
        order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
        for start in range(0, len(order), self.batch):
            group = order[start : start + self.batch]
            width = max(len(prompts[i]) for i in group)
            ids = torch.tensor([[0] * (width - len(prompts[i])) + prompts[i] for i in group])
            with torch.no_grad():
                out = self.model.generate(
                    ids,
                    attention_mask=(ids != 0).long(),
                    max_new_tokens=limit,
                    do_sample=False,
                    pad_token_id=0,
                    eos_token_id=END,
                )
            for i, row in zip(group, out[:, width:].tolist(), strict=True):
                ended = END in row
                answer = row[: row.index(END)] if ended else row
                replies[i] = Reply(self.tokenizer.decode(answer), len(answer), ended)
        return [replies[i] for i in range(len(prompts))]
