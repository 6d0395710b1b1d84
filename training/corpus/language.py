"""What differs between English and Chinese dialogues, gathered in one value each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from training.corpus import chinese_chat, chinese_facts, english_chat, english_facts
from training.corpus.facts import Fact
from training.corpus.values import Values


@dataclass(frozen=True)
class Language:
    """Patterns and fixed phrases of one language; `chat` is its module of small talk, stories and explanations."""

    code: str
    chat: ModuleType
    facts: dict[str, Fact]
    pools: dict[str, list[str]]
    wraps: tuple[str, ...]
    joins: tuple[str, ...]
    ask_wraps: tuple[str, ...]
    corrections: tuple[str, ...]
    small_words: list[str]
    stop: str
    last: str
    comma: str
    ack: tuple[str, ...]
    ack_name: tuple[str, ...]
    ack_bare: tuple[str, ...]
    changed: str
    missing: str
    claim: tuple[str, ...]
    yes: str
    no: str
    summary_ask: tuple[str, ...]
    summary: str
    summary_empty: str
    list_tell: tuple[str, ...]
    list_ack: str
    list_ask: tuple[str, ...]
    list_answer: str
    statement: tuple[str, ...]
    statement_reply: str
    paste: tuple[str, ...]
    paste_reply: str
    long: tuple[str, ...]
    short: str
    because: str
    counted: str
    name: Callable[[Values], str]
    word: Callable[[Values], str]
    characters_per_token: float


ENGLISH = Language(
    code="en",
    chat=english_chat,
    facts={fact.kind: fact for fact in english_facts.FACTS},
    pools=english_facts.POOLS,
    wraps=english_facts.WRAPS,
    joins=english_facts.JOINS,
    ask_wraps=english_facts.ASK_WRAPS,
    corrections=english_facts.CORRECTIONS,
    small_words=english_facts.SMALL_WORDS,
    stop=".",
    last=" and ",
    comma=", ",
    ack=("Got it, {a}.", "I will remember that {a}."),
    ack_name=("Nice to meet you, {v}!", "Hello {v}, nice to meet you!"),
    ack_bare=("Thank you for telling me.", "I will remember that."),
    changed="Thank you, I have changed that: {a}.",
    missing="You haven't told me {m} yet.",
    claim=(
        "{a}, (right|correct|is that right|isn't it|don't you think)?",
        "(is it true that|am I right that|do you think that|did I say that) {a}?",
    ),
    yes="Yes, {a}.",
    no="No, {a}.",
    summary_ask=(
        "what do you know about me?",
        "what have I told you(| so far| about me)?",
        "(tell me|say|list) (everything|all|what) you know about me(|.)",
        "what do you remember(| about me| of me)?",
        "(summarize|sum up) what I (told you|said)(|.)",
        "who am I and what do you know about me?",
    ),
    summary="Here is what you told me: {a}.",
    summary_empty="You haven't told me anything yet.",
    list_tell=(
        "(here is|this is|remember|note|I have) (a|the|my|this) list: {l}(|.)",
        "(the prices are|my numbers are|the values are|remember): {l}(|.)",
        "{l}",
    ),
    list_ack="I have noted the list.",
    list_ask=(
        "what is the (number|value|price|entry) (for|of) {k}?",
        "what is {k}?",
        "(tell me|give me) the (number|value|price) of {k}(|.)",
        "(and |what about ){k}?",
        "which number (has|belongs to) {k}?",
    ),
    list_answer="{k}: {v}.",
    statement=(
        "I (saw|bought|found|made|lost|read about|sold) (a|the|some) {w}(| {w})(| yesterday| today| last week)(|.)",
        "(my|the|our) {w} (is|was) (very |so |)(big|old|nice|broken|late|new|noisy|green)(|.)",
        "(yesterday|today|last week) (I|we) (went to the|visited the|looked for the) {w}(|.)",
        "(I think|I hope|I believe) (that |)(the |){w} is (good|bad|important|funny)(|.)",
        "(this|my|the) (morning|evening|week|month|summer|trip|lesson|meeting|{w}) (was|is|has been) "
        "(long|short|great|hard|quiet|fun|strange)(|.|!)",
        "(my|the|a) {w} (makes noise|fell down|smells nice|stopped working|came back|is getting old|needs water)"
        "(| again| today)(|.)",
        "(I|we) (just|finally|nearly|never) (washed|painted|repaired|forgot|cooked|opened) (the|my|our|a) {w}(|.)",
        "(look|listen|oh), (a|the|there is a) {w}(|!)",
    ),
    statement_reply="I see. Tell me more about it.",
    paste=("(here is|read|please read|listen to|this is) (a|my|this) (story|text|page|note)(:|.) {t}", "{t}"),
    paste_reply="Thank you for sharing this text with me.",
    long=("", "", "long ", "long ", "very long ", "nice ", "nice long ", "new ", "good "),
    short="short ",
    because="{x}, so {y}.",
    counted=", ",
    name=Values.name_en,
    word=Values.word_en,
    characters_per_token=2.6,
)

CHINESE = Language(
    code="zh",
    chat=chinese_chat,
    facts={fact.kind: fact for fact in chinese_facts.FACTS},
    pools=chinese_facts.POOLS,
    wraps=chinese_facts.WRAPS,
    joins=chinese_facts.JOINS,
    ask_wraps=chinese_facts.ASK_WRAPS,
    corrections=chinese_facts.CORRECTIONS,
    small_words=chinese_facts.SMALL_WORDS,
    stop="。",
    last="，",
    comma="，",
    ack=("好的，{a}。", "我记住了，{a}。"),
    ack_name=("很高兴认识你，{v}！", "你好，{v}，很高兴认识你！"),
    ack_bare=("谢谢你告诉我。", "我记住了。"),
    changed="谢谢，我改过来了：{a}。",
    missing="你还没有告诉我{m}。",
    claim=("{a}，(对吗|对吧|是吗|是不是|没错吧)？", "(我说过|你觉得|是不是){a}(，对吗|)？"),
    yes="对，{a}。",
    no="不对，{a}。",
    summary_ask=(
        "你(知道|记得)(我的什么|关于我的什么|我的哪些事)？",
        "我(告诉|跟)(过|)你(说|)(过|)(什么|哪些事)？",
        "(说说|告诉我|列出)你(知道|记得)的关于我的(一切|事|事情)(|。)",
        "(总结一下|概括一下)我(说过的话|告诉你的事)(|。)",
        "你(对我|)(了解|记住了)(什么|多少|哪些)？",
    ),
    summary="你告诉过我：{a}。",
    summary_empty="你还没有告诉我任何事。",
    list_tell=(
        "(这是|记住|请记住|我有)(一个|这个|我的|)(清单|列表|名单)：{l}(|。)",
        "(价格是|数字是|请记住)：{l}(|。)",
        "{l}",
    ),
    list_ack="我记下了这个清单。",
    list_ask=(
        "{k}的(数字|数值|价格|号码)(是多少|是几|)？",
        "{k}(是多少|是几|呢|对应什么)？",
        "(告诉我|说说){k}的(数字|价格)(|。)",
        "(那|){k}呢？",
    ),
    list_answer="{k}：{v}。",
    statement=(
        "我(昨天|今天|上周|)(看见|买|找到|做|丢|卖)了(一个|一些|){w}(|。)",
        "(我的|这个|我们的){w}(很|非常|有点)(大|旧|好看|新|吵|好)(|。)",
        "(昨天|今天|上周)(我|我们)(去了|参观了){w}(|。)",
        "我(觉得|希望|认为){w}(很好|不好|很重要|很有趣)(|。)",
        "(今天早上|今晚|这周|这个月|这次旅行|这节课|会议)(很长|很短|很棒|很累|很安静|很有趣|过得真快)(|。|！)",
        "(我的|这个|){w}(坏了|掉了|很香|又响了|回来了|变旧了|要浇水了)(|。)",
        "(我|我们)(刚刚|终于|差点|从来没)(洗了|刷了|修好|忘了|做了|打开){w}(|。)",
    ),
    statement_reply="我明白了，再跟我多说一点吧。",
    paste=("(这是|请读|读一下|听听)(一个|我的|这个|一段)(故事|文章|笔记|文字)：{t}", "{t}"),
    paste_reply="谢谢你和我分享这段文字。",
    long=("", "", "长", "很长的", "长长的", "好听的", "新的", "好长的"),
    short="短",
    because="{x}，所以{y}。",
    counted="、",
    name=Values.name_zh,
    word=Values.word_zh,
    characters_per_token=1.0,
)
