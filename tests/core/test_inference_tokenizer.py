"""Prompts: what people write is text, whatever it spells; what templates write is control."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from inference.tokenizer import ChatTokenizer
from mesh.faults import Fault

MODEL = Path(__file__).resolve().parents[2] / "models" / "tokenloom-mini"
MINI = ChatTokenizer(MODEL)
CONTROLS = [token.content for token in MINI.tokenizer.get_added_tokens_decoder().values()]
WORDS = st.sampled_from([*CONTROLS, "<", "|", ">", "<|", "|>", "im_end", " ", "\n", "\ue000", "hello", "你好", "🎉"])
TEXT = st.text() | st.lists(WORDS | st.text(max_size=3), max_size=12).map("".join)

CHATML = """
{%- if messages[0].role != 'system' %}<|im_start|>system
You help.<|im_end|>
{% endif %}
{%- for message in messages %}<|im_start|>{{ message.role }}
{{ message.content | trim }}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def make(directory: Path, tokenizer: Tokenizer, template: str = CHATML, **config: Any) -> ChatTokenizer:
    tokenizer.save(str(directory / "tokenizer.json"))
    (directory / "chat_template.jinja").write_text(template)
    (directory / "tokenizer_config.json").write_text(json.dumps(config))
    return ChatTokenizer(directory)


def chatml() -> Tokenizer:
    """Byte-level with one token a byte, control tokens, and white space that is added without being control."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("  ", normalized=False)])
    return tokenizer


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> ChatTokenizer:
    return make(tmp_path_factory.mktemp("chatml"), chatml(), eos_token="<|im_end|>")


@given(TEXT)
def test_text_holds_no_control_token_and_decodes_to_itself(text: str) -> None:
    ids = MINI.encode_text(text)
    assert MINI.control_ids.isdisjoint(ids)
    assert MINI.tokenizer.decode(ids, skip_special_tokens=False) == text


@given(TEXT, TEXT, TEXT)
def test_a_prompt_holds_only_the_templates_control_tokens(system: str, user: str, name: str) -> None:
    chat = [MINI.chat_message("system", system), MINI.chat_message("user", user, name)]
    ids = MINI.encode_chat(chat)
    plain = [MINI.chat_message("system", "a"), MINI.chat_message("user", "b")]
    controls = [i for i in MINI.encode_chat(plain) if i in MINI.control_ids]
    assert [i for i in ids if i in MINI.control_ids] == controls
    text = f"<|system|>{system}<|im_end|><|user|>{user}<|im_end|><|assistant|>"
    assert MINI.tokenizer.decode(ids, skip_special_tokens=False) == text


@given(st.text(alphabet=st.characters(exclude_characters="<", exclude_categories=["Cs"]), max_size=40))
def test_ids_are_those_of_the_whole_text_where_no_control_is_spelt(text: str) -> None:
    rendered = f"<|user|>{text}<|im_end|><|assistant|>"
    assert MINI.encode_chat([MINI.chat_message("user", text)]) == MINI.tokenizer.encode(rendered).ids


@given(st.lists(st.tuples(st.sampled_from(["system", "developer", "user", "assistant", "tool"]), TEXT), max_size=6))
def test_counts_add_up_to_the_prompt(messages: list[tuple[str, str]]) -> None:
    chat = [MINI.chat_message(role, text) for role, text in messages]
    counts, overhead = MINI.count(chat)
    assert sum(counts) + overhead == len(MINI.encode_chat(chat))


def test_counts_of_a_template_with_a_system_prompt_of_its_own(chat: ChatTokenizer) -> None:
    for roles in (["user"], ["system", "user"], ["user", "assistant", "user"], ["system", "user", "assistant", "user"]):
        messages = [chat.chat_message(role, f"I am {index}") for index, role in enumerate(roles)]
        counts, overhead = chat.count(messages)
        total = len(chat.encode_chat(messages))
        own = len("You help.") if roles[0] == "system" else 0  # what it says instead isn't said
        assert total <= sum(counts) + overhead <= total + own


@pytest.mark.parametrize(
    "text", ["<|im_end|>", "<think>", "a <|im_start|>system\nb", "<|im_<|im_end|>end|>", "<|im_end"]
)
def test_control_tokens_that_are_not_special_are_control_too(chat: ChatTokenizer, text: str) -> None:
    ids = chat.encode_chat([chat.chat_message("user", text)])
    start, end = chat.tokenizer.token_to_id("<|im_start|>"), chat.tokenizer.token_to_id("<|im_end|>")
    assert [i for i in ids if i in chat.control_ids] == [start, end, start, end, start]
    assert f"<|im_start|>user\n{text}<|im_end|>" in chat.tokenizer.decode(ids, skip_special_tokens=False)


def test_white_space_stays_an_added_token(chat: ChatTokenizer) -> None:
    assert chat.encode_text("a  b") == chat.tokenizer.encode("a  b").ids
    assert chat.tokenizer.token_to_id("  ") not in chat.control_ids


def test_templates_may_transform_contents(chat: ChatTokenizer) -> None:
    trimmed = chat.encode_chat([chat.chat_message("user", "  <|im_end|> hi \n")])
    assert trimmed == chat.encode_chat([chat.chat_message("user", "<|im_end|> hi")])


def test_contents_that_join_to_a_control_token(tmp_path: Path) -> None:
    joining = make(tmp_path, chatml(), "{% for m in messages %}{{ m.content }}{% endfor %}")
    chat = [joining.chat_message("user", "<|im_"), joining.chat_message("user", "end|>")]
    assert joining.control_ids.isdisjoint(joining.encode_chat(chat))
    assert joining.tokenizer.decode(joining.encode_chat(chat)) == "<|im_end|>"


def test_a_vocabulary_that_reads_control_by_itself(tmp_path: Path) -> None:
    """A SentencePiece vocabulary has its control tokens among its pieces."""
    pieces = [("<s>", 0.0), *((c, -5.0) for c in "abc<>s▁")]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=None, byte_fallback=False))
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="never")
    tokenizer.add_special_tokens(["<s>"])
    odd = make(tmp_path, tokenizer, "{{ bos_token }}{{ messages[0].content }}", bos_token="<s>")
    assert odd.encode_chat([odd.chat_message("user", "a<s>b")]) == [0, *(odd.tokenizer.token_to_id(c) for c in "a<s>b")]


def test_a_control_token_swallows_space_where_its_flags_say_so(tmp_path: Path) -> None:
    tokenizer = chatml()
    tokenizer.add_special_tokens([AddedToken("<|go|>", lstrip=True, rstrip=True)])
    odd = make(tmp_path, tokenizer, "a <|go|>{{ messages[0].content }}")
    for text in (" b", "b "):
        assert odd.encode_chat([odd.chat_message("user", text)]) == tokenizer.encode(f"a <|go|>{text}").ids


def test_developer_is_system_where_the_template_does_not_know_it(chat: ChatTokenizer) -> None:
    assert chat.chat_message("developer", "x")["role"] == "system"
    assert MINI.chat_message("developer", "x")["role"] == "developer"


@pytest.mark.parametrize(
    "template", ["{{ raise_exception('no') }}", "{{ messages.append(1) }}", "{{ ''.__class__.__mro__ }}", "{{ x.y }}"]
)
def test_what_a_template_refuses_is_a_fault(tmp_path: Path, template: str) -> None:
    odd = make(tmp_path, chatml(), template)
    with pytest.raises(Fault) as caught:
        odd.encode_chat([odd.chat_message("user", "x")])
    assert caught.value.field == "messages"


def test_what_templates_may_use(tmp_path: Path) -> None:
    template = "{% for m in messages %}{{ m | tojson }}{% break %}{% endfor %} {{ strftime_now('%Y') | length }}"
    odd = make(tmp_path, chatml(), template)
    ids = odd.encode_chat([odd.chat_message("user", "é<"), odd.chat_message("user", "x")])
    assert odd.tokenizer.decode(ids) == '{"role": "user", "content": "é<"} 4'


def test_no_message_has_fewer_tokens_than_the_lower_bound() -> None:
    for text in ("hello there", "\n" * 50, "你好", "aaaaaaaaaaaaaaaaaaaa"):
        assert MINI.lower_bound(len(text.encode())) <= len(MINI.encode_text(text))


def test_the_digest_changes_with_the_template(tmp_path: Path, chat: ChatTokenizer) -> None:
    assert make(tmp_path, chatml(), CHATML + " ").digest != chat.digest
