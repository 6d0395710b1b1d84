"""Messages to token ids, so that what people write can never become a control token.

Control tokens (the tokenizer's added tokens) are what a chat template structures a prompt with; the same characters in
a message are text. So, before rendering, a mark (a private-use character that occurs in none of the messages) goes
behind each character of theirs that a control token can begin with: no control token's text begins in a message any
more, while templates can still trim, compare and join the contents. The rendered prompt is cut at the control tokens
that are left, which are the template's; the marks are removed; and the text in between is tokenised with control tokens
switched off, in one piece, so that ids are those of Hugging Face wherever no message spells a control token.
"""

import functools
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import jinja2
import msgspec
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from mesh.faults import invalid

Chat = Sequence[Mapping[str, str]]
_REMEMBERED, _REMEMBERED_LENGTH = 2048, 2048  # Texts, and the longest in code points: 40 MB at the very most.


class ChatTokenizer:
    """The tokenizer and chat template of one model. Its methods may run in any thread."""

    def __init__(self, directory: Path, template: Path | None = None) -> None:
        """Reads Hugging Face's layout. Raises OSError, ValueError or jinja2.TemplateError for files that are wrong."""
        source = (directory / "tokenizer.json").read_text("utf-8")
        config, generation = (_read_json(directory / f"{name}_config.json") for name in ("tokenizer", "generation"))
        written = template or directory / "chat_template.jinja"
        chat = written.read_text("utf-8") if template or written.exists() else config.get("chat_template")
        if not isinstance(chat, str):
            raise ValueError(f"{directory}: there is no chat template (chat_template.jinja)")
        self.digest = hashlib.sha256(f"{len(source)} {source}{chat}".encode()).hexdigest()[:16]
        tokens = {name: value for name, value in config.items() if name.endswith("_token") and value}
        specials = {name: value["content"] if isinstance(value, dict) else value for name, value in tokens.items()}
        self._template = _environment().from_string(chat, globals={"tools": None, "documents": None, **specials})
        self._template.globals = dict(self._template.globals)  # It is a chain of maps, walked at each rendering.
        self._knows_developer = "developer" in chat

        self.tokenizer = Tokenizer.from_str(source)
        size = _read_json(directory / "config.json").get("vocab_size", 0)
        self.vocabulary_size = max(size, self.tokenizer.get_vocab_size(with_added_tokens=True))
        data = json.loads(source)
        self.token_bytes, self.strips_space = token_bytes(data, self.tokenizer)
        self.longest_token_bytes = max(map(len, self.token_bytes))
        # Every added token but runs of white space is control; `_plain` reads none of them.
        self._controls = {t["content"]: t for t in data["added_tokens"] if t["special"] or not t["content"].isspace()}
        for token in self._controls.values():
            token["special"] = True
        self._plain = Tokenizer.from_str(json.dumps(data | {"truncation": None, "padding": None}))
        self._plain.encode_special_tokens = True
        self._remembered = functools.lru_cache(_REMEMBERED)(self._tokenise)
        self.control_ids = frozenset(token["id"] for token in self._controls.values())
        texts = [re.escape(text) for text in sorted(self._controls, key=len, reverse=True)] or ["(?!)"]
        self._cut = re.compile(f"({'|'.join(texts)})")
        self._firsts = {text[0] for text in self._controls}
        self._first = re.compile("|".join(map(re.escape, self._firsts)) or "(?!)")

        ends = generation.get("eos_token_id")
        if ends is None:
            ends = self.tokenizer.token_to_id(specials.get("eos_token", ""))
        # What ends an answer, the one to tell the engine first.
        self.end_ids: list[int] = ends if isinstance(ends, list) else [] if ends is None else [ends]
        if generation.get("do_sample") is False:
            generation = {"temperature": 0.0}
        names = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")
        self.sampling_defaults = {n: generation[n] for n in names if isinstance(generation.get(n), int | float)}

    def lower_bound(self, text_bytes: int) -> int:
        """Tokens that so many bytes of text make at least."""
        return -(-text_bytes // self.longest_token_bytes)

    def chat_message(self, role: str, content: str, name: str = "", tool_call_id: str = "") -> dict[str, str]:
        """A message as templates read it; developer becomes system where the template doesn't know it."""
        if role == "developer" and not self._knows_developer:
            role = "system"
        message = {"role": role, "content": content}
        if name:
            message["name"] = name
        if tool_call_id:
            message["tool_call_id"] = tool_call_id
        return message

    def encode_chat(self, messages: Chat) -> list[int]:
        """The ids of a prompt, up to where the reply begins. Raises the fault of messages that the template refuses."""
        return self._encode([messages], reply=True)[0]

    def expect(self, answer: str) -> None:
        """Remembers the ids of an answer, as the next turn's prompt has it with most templates; not of a long one."""
        if len(text := self._opening + answer) <= _REMEMBERED_LENGTH:
            self._remembered(text)

    @functools.cached_property
    def _opening(self) -> str:
        """The text between a reply and the control token before it."""
        return self._render([[{"role": "user", "content": "x"}]], reply=True)[0][-1]

    def encode_text(self, text: str) -> list[int]:
        """The ids of bare text, control tokens spelt as text; those of a conversation's messages are remembered."""
        return self._remembered(text) if len(text) <= _REMEMBERED_LENGTH else self._tokenise(text)

    def encode_prompt(self, text: str) -> list[int]:
        """The ids of a bare prompt: text after whatever the tokenizer begins a document with."""
        return [i for i in self._plain.encode("").ids if i not in self.end_ids] + self.encode_text(text)

    def count(self, messages: Chat) -> tuple[list[int], int]:
        """Tokens of each message within a prompt, and of what a prompt holds besides.

        A template renders conversations, not messages, so a message counts as what it adds to the shortest conversation
        that templates let it stand in. The sum is exact, or a little too high where a message replaces what the
        template puts in by itself (a default system prompt). Raises the fault of messages that the template refuses.
        """
        places, overhead = self._places
        placed = [(message, *places.get(message["role"], places["system"])) for message in messages]
        totals = self._encode([[*before, message, *after] for message, before, after, _ in placed])
        return [max(0, len(ids) - base) for ids, (*_, base) in zip(totals, placed, strict=True)], overhead

    @functools.cached_property
    def _places(self) -> tuple[dict[str, tuple[Chat, Chat, int]], int]:
        """By role, what stands before a message, what after it, and the tokens of all that; and a prompt's overhead."""
        user, assistant = {"role": "user", "content": "x"}, {"role": "assistant", "content": "x"}
        one, two, three = map(len, self._encode([[user], [user, assistant], [user, assistant, user]]))
        opening, reply = one - (three - two), len(self.encode_chat([user])) - one
        places: dict[str, tuple[Chat, Chat, int]] = {
            "system": ([], [user], one),
            "user": ([], [], opening),
            "assistant": ([user], [], one),
            "tool": ([user, assistant], [], two),
        }
        return places, opening + reply

    def _encode(self, chats: Sequence[Chat], *, reply: bool = False) -> list[list[int]]:
        """The ids of whole prompts; with `reply`, up to where the reply begins."""
        encoded = []
        for parts in self._render(chats, reply):
            ids: list[int] = []
            for index, part in enumerate(parts):
                if index % 2:
                    ids.append(self._controls[part]["id"])
                    continue
                if index and self._controls[parts[index - 1]]["rstrip"]:  # It swallows white space beside it.
                    part = part.lstrip()
                if index + 1 < len(parts) and self._controls[parts[index + 1]]["lstrip"]:
                    part = part.rstrip()
                if part:
                    ids += self.encode_text(part)
            encoded.append(ids)
        return encoded

    def _render(self, chats: Sequence[Chat], reply: bool) -> list[list[str]]:
        """Prompts cut at the template's control tokens: odd items are control tokens, even ones text."""
        written, mark, cut = "".join([v for chat in chats for message in chat for v in message.values()]), "", []
        if any(first in written for first in self._firsts):
            mark = next(mark for mark in map(chr, range(0xE000, 0x110000)) if mark not in written)
        for chat in chats:
            messages = chat
            if mark:
                messages = [{k: self._first.sub(rf"\g<0>{mark}", value) for k, value in m.items()} for m in chat]
            try:
                prompt = self._template.render(messages=messages, add_generation_prompt=reply)
            except jinja2.TemplateError as error:
                raise invalid("messages", f"the model's chat template refuses them: {error}") from error
            cut.append(self._cut.split(prompt))
            if mark:
                cut[-1] = [part.replace(mark, "") for part in cut[-1]]
        return cut

    def _tokenise(self, text: str) -> list[int]:
        """Ids of a text; one in which the vocabulary itself, not its added tokens, reads control is cut in halves."""
        (encoding,) = self._plain.encode_batch_fast([text], add_special_tokens=False)  # This one releases the GIL.
        if self.control_ids.isdisjoint(ids := encoding.ids):
            return ids
        half = len(text) // 2  # None is left of a control token of one character: people can't write it.
        return self._tokenise(text[:half]) + self._tokenise(text[half:]) if half else []


def _read_json(path: Path) -> dict[str, Any]:
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path.exists() else {}


class _Environment(ImmutableSandboxedEnvironment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        """As Jinja has it; but to find out by an exception that a message has no attribute of that name takes long."""
        if type(obj) is dict and attribute in obj and not hasattr(dict, attribute):
            return obj[attribute]
        return super().getattr(obj, attribute)


def _environment() -> jinja2.Environment:
    """A sandbox with what Hugging Face's templates may use."""
    loops = ["jinja2.ext.loopcontrols"]
    environment = _Environment(trim_blocks=True, lstrip_blocks=True, extensions=loops)
    environment.filters["tojson"] = lambda value, **options: json.dumps(value, **{"ensure_ascii": False, **options})
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = lambda form: datetime.now().astimezone().strftime(form)
    return environment


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)


def token_bytes(data: Any, tokenizer: Tokenizer) -> tuple[list[bytes], bool]:
    """By tokenizer.json, the bytes of each id's text (special tokens have none), and if a space at its start is added.

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
        if "ByteFallback" in steps and (byte := re.fullmatch("<0x([0-9A-F]{2})>", text)):
            table[index] = bytes.fromhex(byte[1])
        else:
            table[index] = b"".join(alphabet.get(character) or character.encode() for character in text)
    for token in data["added_tokens"]:
        table[token["id"]] = b"" if token["special"] else token["content"].encode()
    prepends = steps.get("Metaspace", {"prepend_scheme": "never"}).get("prepend_scheme", "always") != "never"
    return table, prepends or steps.get("Strip", {}).get("start", 0) > 0


def _byte_alphabet() -> dict[str, bytes]:
    """GPT-2's alphabet: which character stands for which byte."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(b): bytes([b]) for b in printable} | {chr(256 + i): bytes([b]) for i, b in enumerate(others)}
