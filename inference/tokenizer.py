"""Messages to token ids, so that what people write can never become a control token.

Control tokens (the tokenizer's added tokens) are what a chat template structures a prompt with; the same characters in
a message are text. So, before rendering, a mark (a private-use character that occurs in none of the messages) goes
behind each character of theirs that a control token can begin with: no control token's text begins in a message any
more, while templates can still trim, compare and join the contents. The rendered prompt is cut at the control tokens
that are left, which are the template's; the marks are removed; and the text in between is tokenised with control tokens
switched off, in one piece, so that ids are those of Hugging Face wherever no message spells a control token.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from inference.template import ChatTemplate

Chat = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Control:
    """An added token that structures prompts; it swallows white space beside it where its flags say so."""

    id: int
    swallows_before: bool
    swallows_after: bool


class ChatTokenizer:
    """The tokenizer and chat template of one model. Its methods may run in any thread."""

    def __init__(self, directory: Path, template: Path | None = None) -> None:
        """Reads Hugging Face's layout. Raises OSError, ValueError or jinja2.TemplateError for files that are wrong."""
        source = (directory / "tokenizer.json").read_text("utf-8")
        config = _read_json(directory / "tokenizer_config.json")
        generation = _read_json(directory / "generation_config.json")
        written = template or directory / "chat_template.jinja"
        chat = written.read_text("utf-8") if written.exists() else config.get("chat_template")
        if not isinstance(chat, str):
            raise ValueError(f"{directory}: there is no chat template (chat_template.jinja)")
        self.digest = hashlib.sha256(f"{len(source)} {source}{chat}".encode()).hexdigest()[:16]
        self.tokenizer = Tokenizer.from_str(source)
        self._plain, self._controls = _without_controls(source)
        self.control_ids = frozenset(control.id for control in self._controls.values())
        texts = sorted(self._controls, key=len, reverse=True)
        self._cut = re.compile(f"({'|'.join(map(re.escape, texts))})") if texts else re.compile("(?!)")
        self._firsts = sorted({text[0] for text in texts})
        self._template = ChatTemplate(chat, _special_tokens(config))
        size = _read_json(directory / "config.json").get("vocab_size", 0)
        self.vocabulary_size = max(size, self.tokenizer.get_vocab_size(with_added_tokens=True))
        self.end_ids = _end_ids(generation, config, self.tokenizer)
        self.sampling_defaults = _sampling_defaults(generation)
        self.token_bytes, self.strips_space = _token_bytes(json.loads(source), self.tokenizer)
        self.longest_token_bytes = max(map(len, self.token_bytes))
        self._opening: list[int] | None = None  # tokens: what opens a prompt, the reply; one probe, two probes

    def lower_bound(self, text_bytes: int) -> int:
        """Tokens that so many bytes of text make at least."""
        return -(-text_bytes // self.longest_token_bytes)

    def encode_chat(self, messages: Chat) -> list[int]:
        """The ids of a prompt, up to where the reply begins. Raises the fault of messages that the template refuses."""
        return self._encode(self._render([messages], reply=True))[0]

    def encode_text(self, text: str) -> list[int]:
        """The ids of bare text, control tokens spelt as text."""
        return self._encode_pieces([text])[0]

    def encode_prompt(self, text: str) -> list[int]:
        """The ids of a bare prompt: text after whatever the tokenizer begins a document with."""
        return [i for i in self._plain.encode("").ids if i not in self.end_ids] + self.encode_text(text)

    def count(self, messages: Chat) -> tuple[list[int], int]:
        """Tokens of each message within a prompt, and of what a prompt holds besides.

        A template renders conversations, not messages, so a message counts as what it adds to the shortest conversation
        that templates let it stand in. The sum is exact, or a little too high where a message replaces what the
        template puts in by itself (a default system prompt). Raises the fault of messages that the template refuses.
        """
        user, assistant = {"role": "user", "content": "x"}, {"role": "assistant", "content": "x"}
        if self._opening is None:
            probes: list[Chat] = [[user], [user, assistant], [user, assistant, user]]
            one, two, three = map(len, self._encode(self._render(probes, reply=False)))
            reply = len(self._encode(self._render([[user]], reply=True))[0]) - one
            self._opening = [one - (three - two), reply, one, two]
        opening, reply, one, two = self._opening
        chats: list[Chat] = []
        without: list[int] = []
        for message in messages:
            match message["role"]:
                case "user":
                    chats.append([message])
                    without.append(opening)
                case "assistant":
                    chats.append([user, message])
                    without.append(one)
                case "tool":
                    chats.append([user, assistant, message])
                    without.append(two)
                case _:
                    chats.append([message, user])
                    without.append(one)
        counted = map(len, self._encode(self._render(chats, reply=False)))
        return [max(0, total - base) for total, base in zip(counted, without, strict=True)], opening + reply

    def _render(self, chats: Sequence[Chat], *, reply: bool) -> list[list[str]]:
        """Prompts cut at the template's control tokens: odd items are control tokens, even ones text."""
        mark = _unused_character(value for chat in chats for message in chat for value in message.values())
        cut = []
        for chat in chats:
            marked = [{key: self._mark(value, mark) for key, value in message.items()} for message in chat]
            parts = self._cut.split(self._template.render(marked, reply=reply))
            cut.append([part.replace(mark, "") for part in parts])
        return cut

    def _mark(self, text: str, mark: str) -> str:
        for first in self._firsts:
            text = text.replace(first, first + mark)
        return text

    def _encode(self, prompts: Sequence[list[str]]) -> list[list[int]]:
        for parts in prompts:
            for index in range(1, len(parts), 2):
                control = self._controls[parts[index]]
                if control.swallows_before:
                    parts[index - 1] = parts[index - 1].rstrip()
                if control.swallows_after:
                    parts[index + 1] = parts[index + 1].lstrip()
        pieces = iter(self._encode_pieces([piece for parts in prompts for piece in parts[::2]]))
        encoded = []
        for parts in prompts:
            ids = list(next(pieces))
            for index in range(1, len(parts), 2):
                ids.append(self._controls[parts[index]].id)
                ids += next(pieces)
            encoded.append(ids)
        return encoded

    def _encode_pieces(self, texts: list[str]) -> list[list[int]]:
        encoded = self._plain.encode_batch_fast(texts, add_special_tokens=False)  # the one call that releases the GIL
        pieces = [encoding.ids for encoding in encoded]
        for index, ids in enumerate(pieces):
            if not self.control_ids.isdisjoint(ids):
                pieces[index] = self._apart(texts[index])
        return pieces

    def _apart(self, text: str) -> list[int]:
        """Ids of text in which the vocabulary itself, not its added tokens, reads control: cut until it doesn't."""
        encoding = self._plain.encode(text, add_special_tokens=False)
        for token, (start, _) in zip(encoding.ids, encoding.offsets, strict=True):
            if token in self.control_ids:
                if len(text) == 1:
                    return []  # A control token of one character: people can't write it.
                cut = min(start + 1, len(text) - 1)
                return self._apart(text[:cut]) + self._apart(text[cut:])
        return list(encoding.ids)

    def chat_message(self, role: str, content: str, name: str = "", tool_call_id: str = "") -> dict[str, str]:
        """A message as templates read it; developer becomes system where the template doesn't know it."""
        if role == "developer" and not self._template.knows_developer:
            role = "system"
        message = {"role": role, "content": content}
        if name:
            message["name"] = name
        if tool_call_id:
            message["tool_call_id"] = tool_call_id
        return message


def _read_json(path: Path) -> dict[str, Any]:
    data = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if not isinstance(data, dict):
        raise ValueError(f"{path}: a JSON object is needed")
    return data


def _without_controls(source: str) -> tuple[Tokenizer, dict[str, Control]]:
    """A tokenizer that reads no control tokens, and the control tokens: all added ones but runs of white space."""
    data = json.loads(source)
    controls = {}
    for token in data["added_tokens"]:
        if token["special"] or not token["content"].isspace():
            token["special"] = True
            controls[token["content"]] = Control(token["id"], token["lstrip"], token["rstrip"])
    data["truncation"] = data["padding"] = None
    plain = Tokenizer.from_str(json.dumps(data))
    plain.encode_special_tokens = True
    return plain, controls


def _special_tokens(config: Mapping[str, Any]) -> dict[str, str]:
    tokens = {}
    for name, value in config.items():
        text = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(text, str):
            tokens[name] = text
    return tokens


def _end_ids(generation: Mapping[str, Any], config: Mapping[str, Any], tokenizer: Tokenizer) -> list[int]:
    """The ids that end an answer, the one to tell the engine first."""
    given = generation.get("eos_token_id")
    ids = [given] if isinstance(given, int) else list(given or [])
    if not ids and (end := _special_tokens(config).get("eos_token")) is not None:
        ids = [i for i in [tokenizer.token_to_id(end)] if i is not None]
    return ids


def _sampling_defaults(generation: Mapping[str, Any]) -> dict[str, float]:
    """What generation_config.json says of sampling; do_sample: false is greedy."""
    if generation.get("do_sample") is False:
        return {"temperature": 0.0}
    names = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")
    return {name: generation[name] for name in names if isinstance(generation.get(name), int | float)}


def _token_bytes(data: Any, tokenizer: Tokenizer) -> tuple[list[bytes], bool]:
    """The bytes of each id's text (special tokens have none), and whether a space that begins a text is an artefact.

    Raises ValueError for a decoder that does more than join bytes.
    """
    decoder = data["decoder"] or {}
    steps = {step["type"]: step for step in decoder.get("decoders", [decoder] if decoder else [])}
    if unknown := set(steps) - {"ByteLevel", "Metaspace", "Replace", "ByteFallback", "Fuse", "Strip"} or not steps:
        raise ValueError(f"tokenizer.json: its decoder isn't supported: {unknown or 'none'}")
    alphabet = _byte_alphabet() if "ByteLevel" in steps else {"\u2581": b" "}
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    table = [b""] * (max(vocabulary.values()) + 1)
    for text, index in vocabulary.items():
        fallback = re.fullmatch("<0x([0-9A-F]{2})>", text) if "ByteFallback" in steps else None
        table[index] = (
            bytes.fromhex(fallback[1])
            if fallback
            else b"".join(alphabet.get(character) or character.encode() for character in text)
        )
    for token in data["added_tokens"]:
        table[token["id"]] = b"" if token["special"] else token["content"].encode()
    prepends = steps.get("Metaspace", {"prepend_scheme": "never"}).get("prepend_scheme", "always") != "never"
    return table, prepends or steps.get("Strip", {}).get("start", 0) > 0


def _byte_alphabet() -> dict[str, bytes]:
    """GPT-2's alphabet: which character stands for which byte."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    alphabet = {chr(byte): bytes([byte]) for byte in printable}
    return alphabet | {chr(256 + index): bytes([byte]) for index, byte in enumerate(others)}


def _unused_character(texts: Iterable[str]) -> str:
    used: set[str] = set()
    for text in texts:
        if not text.isascii():
            used.update(text)
    return next(mark for mark in map(chr, range(0xE000, 0x110000)) if mark not in used)
