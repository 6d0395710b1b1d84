"""The tokenizer: byte-level BPE over pre-split text, a special token for each role and one for a turn's end.

Three choices matter to a small model that has to copy what it was told:

- a digit and a Chinese character are always a word of their own, so a number or a Chinese name has one spelling;
  those that names are mostly made of have a token each, rarer ones two or three;
- a capitalised word never takes the space before it, so a name has the same pieces wherever it stands;
- specials mark roles (`<|user|>`), so that a turn costs two tokens beyond its text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from training.corpus.values import NAMING

LEARNT = 2048  # Entries that come of the texts; those of names' Chinese characters are added to them.
PAD, END, SYSTEM, USER, ASSISTANT, TOOL = range(6)
SPECIALS = ["<|pad|>", "<|im_end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"]
CONTEXT = 4096

WORDS = (
    r"\p{N}|\p{Han}"  # one digit, one Chinese character
    r"|['’](?:s|t|re|ve|m|ll|d)(?![a-z])"  # English clitics
    r"|\p{Lu}[\p{Ll}\p{M}]*"  # a capitalised word, without the space before it
    r"| ?[\p{Ll}\p{M}]+"
    r"|[^\s\p{L}\p{N}]|\s|\p{L}"
)

CHAT_TEMPLATE = """\
{%- for message in messages -%}
{%- if message.role in ('system', 'developer') -%}<|system|>
{%- elif message.role == 'user' -%}<|user|>
{%- elif message.role == 'assistant' -%}<|assistant|>
{%- elif message.role == 'tool' -%}<|tool|>
{%- else -%}{{ raise_exception('unknown role: ' ~ message.role) }}
{%- endif -%}
{{- message.content -}}<|im_end|>
{%- endfor -%}
{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}
"""


def train(texts: Iterator[str]) -> Tokenizer:
    """Learns LEARNT entries from `texts` (plain text without specials), and adds one for every character of names."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # type: ignore[assignment]
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    specials = [AddedToken(text, special=True, normalized=False) for text in SPECIALS]
    trainer = trainers.BpeTrainer(
        vocab_size=LEARNT,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    if tokenizer.get_vocab_size() != LEARNT:
        raise ValueError(f"the corpus is too small: {tokenizer.get_vocab_size()} of {LEARNT} entries learnt")
    return _with_characters(tokenizer)


def _with_characters(tokenizer: Tokenizer) -> Tokenizer:
    """Adds the merges by which every character of names becomes one token; what was learnt before goes first."""
    for _ in range(2):  # Three bytes need two merges at most.
        written = json.loads(tokenizer.to_str())
        vocabulary, merges = written["model"]["vocab"], written["model"]["merges"]
        for character in NAMING:
            pieces = tokenizer.encode(character).tokens
            merged = "".join(pieces[:2])
            if len(pieces) > 1 and merged not in vocabulary:
                vocabulary[merged] = len(vocabulary)
                merges.append(pieces[:2])
        tokenizer = Tokenizer.from_str(json.dumps(written))
    return tokenizer


def save(tokenizer: Tokenizer, directory: Path) -> None:
    """Writes tokenizer.json, tokenizer_config.json and chat_template.jinja as Hugging Face's loaders expect them."""
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(directory / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": CONTEXT,
        "pad_token": SPECIALS[PAD],
        "eos_token": SPECIALS[END],
        "additional_special_tokens": SPECIALS[SYSTEM:],
        "clean_up_tokenization_spaces": False,
    }
    (directory / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    (directory / "chat_template.jinja").write_text(CHAT_TEMPLATE)
