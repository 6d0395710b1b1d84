"""Stories and explanations: the answers of 100 to 300 tokens."""

from __future__ import annotations

from random import Random

from training.corpus.grammar import capitalise, expand
from training.corpus.language import ENGLISH, Language
from training.corpus.values import Values

# Which beats of a story a normal telling leaves out, so that lengths differ while the order stays.
_OPTIONAL = (3, 5, 6, 11, 12)
_SHORT = (0, 1, 4, 7, 10, 13)


def article(noun: str) -> str:
    """The noun with "a" or "an" before it."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def topic(random: Random, values: Values, language: Language) -> str:
    """What a story can be about: mostly a noun of the list, sometimes a made-up one."""
    noun = random.choice(language.chat.TOPICS) if random.random() < 0.6 else language.word(values)
    if language is ENGLISH:
        return article(noun) if random.random() < 0.85 else f"the {noun}"
    return str(noun)


def story(random: Random, values: Values, language: Language, about: str, length: str) -> str:
    """A story about `about` (a topic as the user said it, or empty); `length` is "short", "normal" or "long"."""
    chat = language.chat
    hero, friend = random.choice(chat.HEROES), random.choice(chat.FRIENDS)
    subject = about
    if not subject:
        subject = random.choice(chat.TOPICS)
    if language is ENGLISH:
        noun = subject.removeprefix("the ").removeprefix("a ").removeprefix("an ")
        subject = article(noun)
    else:
        subject = "一个" + subject
    slots = {
        "{x}": subject,
        "{y}": random.choice(chat.HELPERS),
        "{h}": hero,
        "{f}": friend,
        "{p}": random.choice(chat.PLACES),
        "{g}": random.choice(chat.GOALS),
        "{o}": random.choice(chat.TROUBLES),
        "{m}": random.choice(chat.MEANS),
        "{e}": random.choice(chat.LESSONS),
    }
    if length == "short":
        beats: tuple[int, ...] = _SHORT
    else:
        left_out = set(random.sample(_OPTIONAL, 2)) if length == "normal" else set()
        beats = tuple(index for index in range(len(chat.BEATS)) if index not in left_out)
    sentences = []
    for index in beats:
        sentence = random.choice(chat.BEATS[index])
        for slot, text in slots.items():
            sentence = sentence.replace(slot, text)
        sentences.append(capitalise(sentence))
    return (" " if language is ENGLISH else "").join(sentences)


def explanation(random: Random, language: Language) -> tuple[str, str]:
    """A question about one of the known topics, and its explanation."""
    chat = language.chat
    key = random.choice(list(chat.EXPLAIN))
    asked = expand(random, random.choice(chat.EXPLAIN_ASK)).replace("{t}", expand(random, chat.EXPLAIN_NAMES[key]))
    return asked, (" " if language is ENGLISH else "").join(chat.EXPLAIN[key])
