"""What the context service needs of a store. tests/contract/test_store.py holds for every implementation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tokenloom.chat.v1.chat_pb2 import ROLE_DEVELOPER, ROLE_SYSTEM, ROLE_USER, Message, Scope
from tokenloom.context.v1.context_pb2 import TURN_STATUS_CANCELLED, TURN_STATUS_COMPLETED, Conversation, Turn

INSTRUCTIONS = (ROLE_SYSTEM, ROLE_DEVELOPER)
_TITLE_CHARACTERS = 80


Use = tuple[int, str]
"""A place in the list of conversations: when one was last used, in microseconds since 1970, and its id."""
LATEST: Use = (2**63 - 1, "")
NEWEST = "~"  # Above every id.


@dataclass(frozen=True, slots=True)
class Past:
    """A turn as prompts see it. `position`: the bytes of all usable turns before it."""

    turn: Turn
    position: int


@dataclass(frozen=True, slots=True)
class History:
    """What prompts may use of a conversation."""

    past: Sequence[Past]
    """A page of its usable turns, newest first."""
    usable_turns: int
    """All of them."""
    instructions: Sequence[Message]
    """Its system and developer messages, each once, oldest first: the latest 256."""


class Store(Protocol):
    """Conversations and turns, each under its scope. Writes are durable when they return, and seen by every later read.

    Times are microseconds since 1970. Raises Fault (OVERLOADED) when more writes wait than may.
    """

    async def create(self, scope: Scope, conversation_id: str, title: str, now: int) -> Conversation:
        """Makes an empty conversation, or gives the one that has the id."""

    async def record(self, scope: Scope, conversation_id: str, turn: Turn, now: int) -> bool:
        """Puts a turn, in place of one with its id; the conversation is used `now`. False: there is no conversation."""

    async def delete(self, scope: Scope, conversation_id: str) -> bool:
        """Removes a conversation and its turns. False: there is none."""

    async def conversations(self, scope: Scope, limit: int, before: Use = LATEST) -> Sequence[Conversation]:
        """Last used first, those that come after the place `before`."""

    async def turns(
        self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST
    ) -> tuple[Conversation, Sequence[Turn]] | None:
        """The conversation and its latest turns with ids below `before`, newest first. None: there is none."""

    async def history(self, scope: Scope, conversation_id: str, limit: int, before: str = NEWEST) -> History | None:
        """Its instructions, and the latest turns that are `usable` and have ids below `before`. None: there is none."""


def heard(turn: Turn) -> bool:
    """Whether the turn counts for later ones: a rail or a failure didn't end it."""
    return turn.status in (TURN_STATUS_COMPLETED, TURN_STATUS_CANCELLED)


def usable(turn: Turn) -> bool:
    """Whether the turn's exchange can be part of a prompt: without an answer, roles wouldn't alternate."""
    return heard(turn) and turn.HasField("answer")


def instructions(turn: Turn) -> list[Message]:
    """What the turn tells the model for all later ones."""
    return [message for message in turn.messages if message.role in INSTRUCTIONS] if heard(turn) else []


def title_of(turn: Turn) -> str:
    """The beginning of its first user message, on one line."""
    text = next((message for message in turn.messages if message.role == ROLE_USER), None)
    if text is None:
        return ""
    start = "".join(part.text for part in text.parts)[: 4 * _TITLE_CHARACTERS]
    return " ".join(start.split())[:_TITLE_CHARACTERS].rstrip()
