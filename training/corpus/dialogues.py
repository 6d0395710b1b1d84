"""Dialogues: a loop that picks what the user does next (tell, ask, chat, sum, ...) and what the model answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from training.corpus.facts import Fact
from training.corpus.grammar import capitalise, expand
from training.corpus.language import CHINESE, ENGLISH, Language
from training.corpus.long_answers import explanation, story, topic
from training.corpus.sums import chain, held_out
from training.corpus.values import Values

Turn = tuple[str, str]

# Weights of the user's next act, by the kind of dialogue.
PROFILES: dict[str, dict[str, float]] = {
    "recall": {
        "tell": 3,
        "ask": 3.6,
        "ask_two": 0.5,
        "missing": 1.9,
        "correct": 0.35,
        "claim": 0.35,
        "summary": 0.3,
        "small_talk": 1.4,
        "small_fact": 0.6,
        "sum": 0.8,
        "repeat": 0.2,
        "list_tell": 0.1,
        "list_ask": 0.2,
        "statement": 0.3,
        "unknown": 0.15,
        "refuse": 0.1,
        "story": 0.08,
        "short_story": 0.1,
        "explain": 0.1,
        "count": 0.08,
    },
    "sums": {"sum": 6, "big_sum": 0.2, "small_talk": 0.3, "count": 0.6, "tell": 0.3, "ask": 0.3, "missing": 0.5},
    "long": {"story": 2.2, "explain": 1.6, "count": 1.2, "short_story": 0.5, "small_talk": 0.4, "cant_explain": 0.4},
    "chat": {
        "small_talk": 4,
        "small_fact": 3,
        "unknown": 1.2,
        "refuse": 1.2,
        "care": 0.1,
        "statement": 0.6,
        "explain": 0.25,
        "cant_explain": 0.3,
        "missing": 0.4,
        "repeat": 0.4,
        "big_sum": 0.2,
        "tool": 0.1,
        "sum": 0.3,
        "short_story": 0.1,
        "times": 0.3,
    },
    "repeat": {"repeat": 4, "times": 0.6},
    "list": {"list_tell": 1, "list_ask": 4, "small_talk": 0.2, "tell": 0.3, "ask": 0.5, "missing": 0.4},
    "copy": {"tell": 2, "ask": 3, "repeat": 1.5, "list_tell": 0.5, "list_ask": 1},
    # What stands between a fact and the question about it, far apart.
    "far": {
        "paste": 3,
        "small_talk": 0.6,
        "small_fact": 0.5,
        "sum": 0.5,
        "statement": 0.3,
        "story": 0.2,
        "explain": 0.1,
        "other": 0.5,
    },
}
# Facts that can be told in one language and asked in the other.
_SHARED = ("name", "home", "origin", "age", "trip")


def _fill(pattern: str, key: str, value: str) -> str:
    if value[:1] in "aeiou":
        pattern = pattern.replace(" a {v}", " an {v}")
    return pattern.replace("{k}", key).replace("{v}", value)


@dataclass
class Dialogue:
    """One dialogue being written. `turns` holds (role, text); `known` what was told, by kind and key, in order."""

    random: Random
    values: Values
    language: Language
    mixed: bool = False
    loose: float = 0.12
    turns: list[Turn] = field(default_factory=list)
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    list_: dict[str, str] = field(default_factory=dict)

    # --- small pieces -------------------------------------------------------------------------------------------

    def _clean(self, text: str) -> str:
        """A user's text as typed: mostly tidy, at times without capitals, final stop or some word."""
        random = self.random
        if self.language is ENGLISH:
            return capitalise(text) if random.random() < 0.9 else text
        return text

    def _noisy(self, text: str, keep: tuple[str, ...]) -> str:
        """`text` with one or two words (characters) dropped, doubled or swapped, never one of `keep`."""
        if self.language is ENGLISH:
            words = text.split(" ")
            held = {word for text_ in keep for word in text_.split(" ")}
            free = [i for i, word in enumerate(words) if not any(part and part in word for part in held)]
            if len(words) < 4 or not free:
                return text
            for _ in range(self.random.choice((1, 1, 2))):
                i = self.random.choice(free)
                act = self.random.random()
                if act < 0.4:
                    words[i] = ""
                elif act < 0.7:
                    words[i] += " " + self.random.choice(
                        [
                            "really",
                            "just",
                            "now",
                            "um",
                            "well",
                            "always",
                            "still",
                            "then",
                            "there",
                            "truly",
                            "simply",
                            "quite",
                            "the",
                            "a",
                            "so",
                            "that",
                            "also",
                        ]
                    )
                else:
                    words[i] = self.values.word_en() if self.random.random() < 0.5 else words[i].lower()
            return " ".join(word for word in words if word)
        spans = [value for value in keep if value]
        where = [i for i, c in enumerate(text) if not any(c in value for value in spans)]
        if len(text) < 6 or not where:
            return text
        i = self.random.choice(where)
        return (
            text[:i]
            + self.random.choice(("", "", "就", "的", "呢", "嗯", "真"))
            + text[i + (self.random.random() < 0.6) :]
        )

    def _value(self, fact: Fact) -> str:
        random, values = self.random, self.values
        if fact.value in self.language.pools:
            if fact.value != "month" and random.random() < (0.3 if fact.value == "favourite" else 0.15):
                return self.language.word(values)
            return random.choice(self.language.pools[fact.value])
        name = fact.value
        other = {"name_zh": "name_en", "city_zh": "city_en", "name_en": "name_zh", "city_en": "city_zh"}.get(name)
        if other and random.random() < (0.12 if self.language is CHINESE else 0.02):
            name = other
        return str(getattr(values, name)())

    def _key(self, fact: Fact) -> str:
        if not fact.keys:
            return ""
        if fact.keys in self.language.pools:
            if self.random.random() < 0.12:
                return self.language.word(self.values)
            return self.random.choice(self.language.pools[fact.keys])
        return str(getattr(self.values, fact.keys)())

    def _fact(self) -> Fact:
        facts = [self.language.facts[kind] for kind in _SHARED] if self.mixed else list(self.language.facts.values())
        return self.random.choices(facts, [fact.weight for fact in facts])[0]

    def _answer(self, kind: str, key: str, value: str) -> str:
        return _fill(self.language.facts[kind].answer, key, value)

    def _say(self, user: str, model: str) -> None:
        self.turns.append(("user", user))
        self.turns.append(("assistant", model))

    def _sentence(self, clause: str) -> str:
        return capitalise(clause) + self.language.stop

    def _joined(self, clauses: list[str]) -> str:
        if len(clauses) == 1:
            return clauses[0]
        return self.language.comma.join(clauses[:-1]) + self.language.last + clauses[-1]

    # --- what the user does ----------------------------------------------------------------------------------------

    def _among(self, parts: list[str]) -> str:
        """The parts, in order, with up to four small words before, between and after them."""
        out: list[str] = []
        for part in [*parts, ""]:
            out += self.random.choices(self.language.small_words, k=self.random.choice((0, 1, 2, 2, 3, 4)))
            if part:
                out.append(part)
        return (" " if self.language is ENGLISH else "").join(out)

    def _pattern(self, patterns: tuple[str, ...], common: float = 0.2) -> str:
        # The first of each list are what people say most.
        return self.random.choice(patterns[:3] if self.random.random() < common else patterns)

    def _clause(self, fact: Fact, key: str, value: str) -> str:
        if fact.tell_words and self.random.random() < self.loose:
            words = self.random.choice(fact.tell_words)
            parts = [words, "{v}"] if self.random.random() < 0.7 else ["{v}", words]
            return _fill(self._among(parts), key, value)
        clause = expand(self.random, self._pattern(fact.tell))
        clause = _fill(clause, key, value)
        return self._noisy(clause, (value, key)) if self.random.random() < 0.1 else clause

    def _told(self, clauses: list[str]) -> str:
        random, language = self.random, self.language
        text = clauses[0]
        for clause in clauses[1:]:
            join = expand(random, self._pattern(language.joins, 0.6))
            text = join.replace("{a}", text).replace("{b}", clause).replace("{B}", capitalise(clause))
        text = expand(random, random.choice(language.wraps)).replace("{c}", text)
        return self._ended(self._clean(text))

    def _ended(self, text: str) -> str:
        """`text` with its final stop, which is left out at times."""
        stop = self.language.stop
        if self.random.random() < 0.8 and text[-1] not in ".!?。！？":
            text += self.random.choice((stop, stop, stop, "!" if self.language is ENGLISH else "！"))
        return text

    def tell(self) -> None:
        """One to three facts in a message."""
        random, language = self.random, self.language
        count = random.choices((1, 2, 3), (0.4, 0.46, 0.14))[0]
        clauses: list[str] = []
        answers: list[str] = []
        name = alone = ""
        for _ in range(count):
            fact = self._fact()
            key = self._key(fact)
            place = (fact.kind, key)
            if place in self.known:
                continue
            value = self._value(fact)
            if value in self.known.values() or value == key:
                continue
            self.known[place] = value
            if count == 1 and fact.told_alone and random.random() < 0.2:
                alone = _fill(expand(random, random.choice(fact.told_alone)), key, value)
            else:
                clauses.append(self._clause(fact, key, value))
            if fact.kind == "name":
                name = value
            else:
                answers.append(self._answer(fact.kind, key, value))
        if not clauses and not alone:
            self.small_talk()
            return
        reply = []
        bare = random.random() < 0.06
        if name:
            reply.append(random.choice(language.ack_name).replace("{v}", name))
        if answers:
            reply.append(
                random.choice(language.ack_bare if bare else language.ack).replace("{a}", self._joined(answers))
            )
        user = self._ended(self._clean(alone)) if alone else self._told(clauses)
        if random.random() < 0.04:
            asked, answer = self._sum()
            user += (" " if language is ENGLISH else "") + asked
            reply.append(answer)
        self._say(user, (" " if language is ENGLISH else "").join(reply))

    def other(self) -> None:
        """A fact about someone else, which resembles those about the user."""
        fact = self.language.facts[self.random.choice(("relation", "lives", "likes"))]
        key, value = self._key(fact), self._value(fact)
        if (fact.kind, key) in self.known or value in self.known.values() or value == key:
            return
        answer = self._answer(fact.kind, key, value)
        ack = self.random.choice(self.language.ack).replace("{a}", answer)
        self._say(self._told([self._clause(fact, key, value)]), ack)

    def _known(self) -> tuple[str, str] | None:
        if not self.known:
            return None
        fresh = [place for place in self.known if place not in self.asked]
        place = self.random.choice(fresh if fresh and self.random.random() < 0.75 else list(self.known))
        self.asked.add(place)
        return place

    def _question(self, kind: str, key: str) -> str:
        fact = self.language.facts[kind]
        if fact.ask_words and self.random.random() < self.loose:
            return self._among([self.random.choice(fact.ask_words)]).replace("{k}", key)
        text = expand(self.random, self._pattern(fact.ask)).replace("{k}", key)
        return self._noisy(text, (key,)) if self.random.random() < 0.1 else text

    def _asking(self, question: str) -> str:
        text = expand(self.random, self.random.choice(self.language.ask_wraps)).replace("{q}", question)
        return self._clean(text)

    def ask(self) -> None:
        """A question about something told before."""
        place = self._known()
        if place is None:
            self.missing()
            return
        self._ask(place)

    def _ask(self, place: tuple[str, str]) -> None:
        answer = self._answer(*place, self.known[place])
        self._say(self._asking(self._question(*place)), self._sentence(answer))

    def ask_two(self) -> None:
        """Two questions in one message; what wasn't told is said so."""
        first = self._known()
        if first is None:
            self.missing()
            return
        others = [place for place in self.known if place != first]
        link = " and " if self.language is ENGLISH else "，"
        answer = self._answer(*first, self.known[first])
        if others and self.random.random() < 0.85:
            second = self.random.choice(others)
            answer = self._joined([answer, self._answer(*second, self.known[second])])
            question = self._question(*first) + link + self._question(*second)
            self._say(self._asking(question), self._sentence(answer))
            return
        unknown = self._unknown_fact()
        if unknown is None:
            self.ask()
            return
        question = self._question(*first) + link + self._question(*unknown)
        lack = self._lack(*unknown)
        self._say(self._asking(question), self._sentence(answer) + (" " if self.language is ENGLISH else "") + lack)

    def _unknown_fact(self) -> tuple[str, str] | None:
        """A fact that wasn't told; often one that resembles what was, or a number: sums and lists have those too."""
        for _ in range(8):
            chance = self.random.random()
            if chance < 0.08:
                fact = self.language.facts["number"]
            elif self.known and chance < 0.54:
                kind = self.random.choice(list(self.known))[0]
                fact = self.language.facts[kind]
                if not fact.keys:
                    fact = self._fact()
            else:
                fact = self._fact()
            place = (fact.kind, self._key(fact))
            if place not in self.known:
                return place
        return None

    def _lack(self, kind: str, key: str) -> str:
        return self.language.missing.replace("{m}", self.language.facts[kind].missing.replace("{k}", key))

    def missing(self) -> None:
        """A question about something the user never said."""
        place = self._unknown_fact()
        if place is None:
            self.small_talk()
            return
        self._say(self._asking(self._question(*place)), self._lack(*place))

    def correct(self) -> None:
        """The user changes a fact."""
        if not self.known:
            self.tell()
            return
        place = self.random.choice(list(self.known))
        fact = self.language.facts[place[0]]
        value = self._value(fact)
        if value in self.known.values():
            return
        self.known[place] = value
        self.asked.discard(place)
        clause = expand(self.random, self.random.choice(self.language.corrections)).replace(
            "{c}", self._clause(fact, place[1], value)
        )
        text = self._clean(clause) + self.random.choice((self.language.stop, ""))
        self._say(text, self.language.changed.replace("{a}", self._answer(*place, value)))

    def claim(self) -> None:
        """The user asks whether something is so."""
        if not self.known:
            self.small_talk()
            return
        place = self.random.choice(list(self.known))
        fact = self.language.facts[place[0]]
        true = self.random.random() < 0.5
        value = self.known[place] if true else self._value(fact)
        if not true and value == self.known[place]:
            return
        text = expand(self.random, self.random.choice(self.language.claim)).replace(
            "{a}", self._clause(fact, place[1], value)
        )
        reply = self.language.yes if true else self.language.no
        self._say(self._clean(text), reply.replace("{a}", self._answer(*place, self.known[place])))

    def summary(self) -> None:
        """The user asks for everything told."""
        text = self._clean(expand(self.random, self.random.choice(self.language.summary_ask)))
        if not self.known:
            self._say(text, self.language.summary_empty)
        elif len(self.known) <= 5:
            answers = [self._answer(*place, value) for place, value in self.known.items()]
            self._say(text, self.language.summary.replace("{a}", self._joined(answers)))

    def small_talk(self) -> None:
        """A greeting, thanks, a feeling, a question about the model."""
        asked, answer = self.random.choice(self.language.chat.SMALL_TALK)
        self._say(self._clean(expand(self.random, asked)), answer)

    def small_fact(self) -> None:
        """A question of general knowledge, from a closed set."""
        asked, answer = self.random.choice(self.language.chat.SMALL_FACTS)
        self._say(self._asking(expand(self.random, asked)), answer)

    def _sum(self) -> tuple[str, str]:
        random, chat = self.random, self.language.chat
        while True:
            top = random.choice((9, 20, 99, 99, 99))
            a, b, sign = random.randint(0, 99), random.randint(0, top), random.choice("+-")
            if random.random() < 0.5:
                a, b = b, a
            if sign == "-" and a < b and random.random() < 0.85:
                a, b = b, a
            if not held_out(a, sign, b):
                break
        if a > 1 and b > 0 and (sign == "+" or a >= b) and random.random() < 0.12:
            pattern = expand(random, random.choice(chat.PLUS_STORY if sign == "+" else chat.MINUS_STORY))
            names = random.sample(chat.STORY_NAMES, 2)
            asked = pattern.replace("{t}", random.choice(chat.THINGS)).replace("{n}", names[0]).replace("{m}", names[1])
        else:
            pattern = random.choice(chat.PLUS if sign == "+" else chat.MINUS)
            asked = expand(random, random.choice(chat.SUM_ASK)).replace("{s}", pattern)
            if random.random() < self.loose:
                asked = self._among([pattern])
        asked = asked.replace("{a}", str(a)).replace("{b}", str(b))
        return self._clean(asked), chain(a, sign, b) + self.language.stop

    def sum(self) -> None:
        """An addition or subtraction."""
        self._say(*self._sum())

    def big_sum(self) -> None:
        """A calculation that is beyond the model."""
        random = self.random
        a, b = random.randint(100, 9999), random.randint(2, 9999)
        sign = random.choice(
            ("+", "-", "*", "x", "/", "times", "divided by")
            if self.language is ENGLISH
            else ("+", "-", "*", "乘", "除以", "乘以", "/")
        )
        if sign not in "+-" and random.random() < 0.6:
            a, b = random.randint(2, 99), random.randint(2, 99)
        text = f"{a} {sign} {b}" if sign.isascii() else f"{a}{sign}{b}"
        asked = expand(random, random.choice(self.language.chat.SUM_ASK)).replace("{s}", text)
        self._say(self._clean(asked), self.language.chat.BIG_SUM)

    def _text(self) -> str:
        random, values, language = self.random, self.values, self.language
        kind = random.random()
        if kind < 0.4:
            return language.name(values)
        if kind < 0.6:
            return values.number()
        if kind < 0.7:
            return values.city_en() if language is ENGLISH else values.city_zh()
        words = [language.word(values) for _ in range(random.randint(1, 5))]
        return (" " if language is ENGLISH else "").join(words)

    def repeat(self) -> None:
        """Something to say after the user."""
        text = self._text()
        asked = expand(self.random, self.random.choice(self.language.chat.REPEAT_ASK)).replace("{x}", text)
        self._say(self._clean(asked), text)

    def times(self) -> None:
        """Something to say two to six times."""
        text, times = self._text(), self.random.randint(2, 6)
        asked = expand(self.random, self.random.choice(self.language.chat.TIMES_ASK))
        asked = asked.replace("{x}", text).replace("{n}", str(times))
        self._say(self._clean(asked), self.language.counted.join([text] * times))

    def list_tell(self) -> None:
        """A list of things with numbers."""
        random, language = self.random, self.language
        self.list_ = {}
        for _ in range(random.randint(2, 7)):
            key = random.choice(language.chat.TOPICS) if random.random() < 0.3 else language.word(self.values)
            self.list_[key] = self.values.number() if random.random() < 0.7 else language.word(self.values)
        colon, comma = (": ", "; ") if language is ENGLISH else ("：", "；")
        lines = comma.join(f"{key}{colon}{value}" for key, value in self.list_.items())
        asked = expand(random, random.choice(language.list_tell)).replace("{l}", lines)
        self._say(self._clean(asked), language.list_ack)

    def list_ask(self) -> None:
        """A question about the last list."""
        if not self.list_:
            self.list_tell()
            return
        key = self.random.choice(list(self.list_))
        asked = expand(self.random, self.random.choice(self.language.list_ask)).replace("{k}", key)
        answer = self.language.list_answer.replace("{k}", key).replace("{v}", self.list_[key])
        self._say(self._clean(asked), answer)

    def statement(self) -> None:
        """A remark that isn't a fact to keep."""
        self._say(self._clean(self._filled(self.language.statement)), self.language.statement_reply)

    def _filled(self, patterns: tuple[str, ...]) -> str:
        text = expand(self.random, self.random.choice(patterns))
        while "{w}" in text:
            noun = (
                self.random.choice(self.language.chat.TOPICS)
                if self.random.random() < 0.5
                else self.language.word(self.values)
            )
            text = text.replace("{w}", noun, 1)
        return text.replace("{n}", self.language.name(self.values)).replace("{d}", str(self.random.randint(900, 2030)))

    def unknown(self) -> None:
        """A question that is beyond the model, or words that make no sense."""
        if self.random.random() < 0.2:
            words = self.random.choices(self.language.small_words, k=self.random.randint(3, 8))
            words.insert(self.random.randrange(len(words)), self.language.word(self.values))
            self._say(self._asking((" " if self.language is ENGLISH else "").join(words)), self.language.chat.UNKNOWN)
            return
        self._say(self._asking(self._filled(self.language.chat.UNKNOWN_ASK)), self.language.chat.UNKNOWN)

    def refuse(self) -> None:
        """A request for harm."""
        chat = self.language.chat
        asked = expand(self.random, chat.HARM_ASK) + expand(self.random, self.random.choice(chat.HARM_DO))
        self._say(self._asking(asked), chat.REFUSE)

    def care(self) -> None:
        """Someone in distress."""
        self._say(
            self._clean(expand(self.random, self.random.choice(self.language.chat.SELF_HARM))), self.language.chat.CARE
        )

    def _story(self, length: str) -> None:
        random, language = self.random, self.language
        about = topic(random, self.values, language) if random.random() < 0.75 else ""
        patterns = [pattern for pattern in language.chat.STORY_ASK if ("{t}" in pattern) or not about]
        for _ in range(20):
            asked = expand(random, random.choice(patterns))
            if ("{t}" in asked) == bool(about):
                break
        else:
            about, asked = "", expand(random, language.chat.STORY_ASK[0]).replace("{t}", "")
        how = language.short if length == "short" else random.choice(language.long)
        if length != "short":
            length = "long" if how.strip() not in ("", "nice", "new", "good", "好听的", "新的") else "normal"
        asked = asked.replace("{l}", how).replace("{t}", about)
        self._say(self._clean(asked), story(random, self.values, language, about, length))

    def story(self) -> None:
        """A story of 100 tokens or more."""
        self._story("normal")

    def short_story(self) -> None:
        """A story of a few sentences."""
        self._story("short")

    def explain(self) -> None:
        """An explanation of a known topic."""
        asked, answer = explanation(self.random, self.language)
        if self.random.random() < self.loose:
            key = self.random.choice(list(self.language.chat.EXPLAIN))
            asked = self._among(
                [
                    expand(
                        self.random,
                        "(explain|tell me about|talk about)" if self.language is ENGLISH else "(解释|介绍|讲讲|说说)",
                    ),
                    key,
                ]
            )
            answer = (" " if self.language is ENGLISH else "").join(self.language.chat.EXPLAIN[key])
        self._say(self._clean(asked), answer)

    def cant_explain(self) -> None:
        """An explanation of a topic the model doesn't know."""
        word = self.language.word(self.values)
        if self.random.random() < 0.4:
            word += (" " if self.language is ENGLISH else "") + self.language.word(self.values)
        asked = expand(self.random, self.random.choice(self.language.chat.EXPLAIN_ASK)).replace("{t}", word)
        self._say(self._clean(asked), self.language.chat.CANT_EXPLAIN.replace("{t}", word))

    def count(self) -> None:
        """Counting up or down."""
        random, chat = self.random, self.language.chat
        low = 1 if random.random() < 0.75 else random.randint(2, 60)
        high = low + random.randint(2, random.choice((12, 20, 20, 40, 40, 99)))
        down = random.random() < 0.15
        if down:
            low, high = 1, random.randint(3, 30)
        asked = expand(random, random.choice(chat.DOWN_ASK if down else chat.COUNT_ASK))
        if "{a}" not in asked and not down:
            high -= low - 1
            low = 1
        numbers = range(high, low - 1, -1) if down else range(low, high + 1)
        asked = asked.replace("{a}", str(low)).replace("{b}", str(high))
        self._say(self._clean(asked), self.language.counted.join(map(str, numbers)) + self.language.stop)

    def paste(self) -> None:
        """A long text that the user shows."""
        random, language = self.random, self.language
        text = story(
            random, self.values, language, topic(random, self.values, language), random.choice(("long", "normal"))
        )
        if random.random() < 0.3:
            text = explanation(random, language)[1]
        asked = expand(random, random.choice(language.paste)).replace("{t}", text)
        self._say(self._clean(asked), language.paste_reply)

    def tool(self) -> None:
        """The result of a tool, which the model passes on."""
        result = self._text()
        asked = "(look it up|use the tool|search for it)" if self.language is ENGLISH else "(查一下|用工具|搜索一下)"
        self.turns.append(("user", self._clean(expand(self.random, asked))))
        self.turns.append(("tool", result))
        self.turns.append(("assistant", result))

    def system(self) -> None:
        """A system prompt at the start."""
        random, language = self.random, self.language
        text = expand(random, random.choice(language.chat.SYSTEM))
        text = text.replace("{n}", language.name(self.values)).replace("{m}", language.name(self.values))
        self.turns.append(("system", text))

    def far(self, limit: int) -> None:
        """Facts, other talk up to `limit` tokens, then every question: nothing in between says a fact again."""
        random = self.random
        if random.random() < 0.3:
            self.small_talk()
        for _ in range(random.randint(1, 6)):
            self.tell()
        acts = list(PROFILES["far"])
        chances = [PROFILES["far"][act] for act in acts]
        while self.tokens < limit:
            getattr(self, random.choices(acts, chances)[0])()
        places = list(self.known)
        random.shuffle(places)
        for place in places[:10]:
            self._ask(place)
            if random.random() < 0.35:
                self.missing()

    @property
    def tokens(self) -> float:
        """A rough count of the tokens so far."""
        per = self.language.characters_per_token
        return sum(len(text) / per + 2 for _, text in self.turns)


def dialogue(random: Random, values: Values, profile: str, limit: int) -> list[Turn]:
    """One dialogue of the given profile, of about `limit` tokens at most (turns are never cut)."""
    mixed = profile == "recall" and random.random() < 0.06
    # A fact far back is harder to keep in English, where a value has more pieces.
    language = ENGLISH if random.random() < (0.6 if profile == "far" else 0.5) else CHINESE
    writer = Dialogue(random, values, language, mixed)
    if profile == "far":
        writer.far(limit)
        return writer.turns
    weights = PROFILES[profile]
    acts = list(weights)
    chances = [weights[act] for act in acts]
    if profile != "copy" and random.random() < 0.12:
        writer.system()
    if profile in ("recall", "chat") and random.random() < 0.25:
        writer.small_talk()
    turns = {"copy": random.randint(1, 4), "recall": random.randint(2, 14)}.get(profile, random.randint(1, 6))
    if profile == "copy":
        writer.random.choice((writer.tell, writer.repeat, writer.list_tell))()
    elif profile == "recall" and random.random() < 0.7:
        writer.tell()
    while len(writer.turns) < 2 * turns and writer.tokens < limit:
        if mixed and random.random() < 0.3:
            writer.language = ENGLISH if writer.language is CHINESE else CHINESE
        act = random.choices(acts, chances)[0]
        if act == "tell" and len(writer.known) >= 5:
            act = "ask"
        getattr(writer, act)()
    return writer.turns
