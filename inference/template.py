"""A model's chat template: Jinja2 in a sandbox, with what Hugging Face's templates may use."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mesh.faults import invalid


class ChatTemplate:
    """Renders messages to the text of a prompt."""

    def __init__(self, source: str, special_tokens: Mapping[str, str]) -> None:
        """`special_tokens` are the template's variables bos_token, eos_token and so on. Raises jinja2.TemplateError."""
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols"],
        )
        environment.filters["tojson"] = _tojson
        environment.globals["raise_exception"] = _raise
        environment.globals["strftime_now"] = lambda form: datetime.now().astimezone().strftime(form)
        self._template = environment.from_string(source)
        self._variables = dict(special_tokens)
        self.knows_developer = "developer" in source

    def render(self, messages: Sequence[Mapping[str, str]], *, reply: bool) -> str:
        """The prompt's text; with `reply`, up to where the model's reply begins.

        Raises the fault of an invalid field when the template refuses the messages.
        """
        try:
            return self._template.render(
                self._variables, messages=messages, add_generation_prompt=reply, tools=None, documents=None
            )
        except jinja2.TemplateError as error:
            raise invalid("messages", f"the model's chat template refuses them: {error}") from error


def _tojson(value: Any, ensure_ascii: bool = False, indent: int | None = None, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, **options)


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)
