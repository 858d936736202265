"""Sentences for clients: they name the fields of a request where those of the command name its options."""

from __future__ import annotations

import re
from typing import Any, Final

from pipeline.core.options import EngineSettings, Limits, ServerOptions
from pipeline.web.forms import ANALYSIS, RENDERING

__all__ = ["for_clients", "sentence_for_clients"]

_SENTENCES: Final = frozenset(("message", "notes", "warnings", "problems"))
"""Keys of answers under which sentences for people stand; everything else may be somebody's own words."""

_FIELDS: Final = frozenset((*ANALYSIS, *RENDERING))
_OF_THE_SERVER: Final = frozenset((*EngineSettings.model_fields, *Limits.model_fields, *ServerOptions.model_fields))

_OPTION: Final = re.compile(
    r"detect\.py [\w: -]+"
    r"|(?<![\w'\"“-])--(?P<name>[a-z]+(?:-[a-z]+)*)"
    r"(?: (?P<value>[0-9]+|[A-Z]+|split|mix|(?!out\b)[a-z]{2,3}(?:-[a-z]{2})?(?=[,.])))?\b"
)
"""A whole command, or an option with its value where one follows; in quotation marks it is what somebody wrote."""


def for_clients(values: Any) -> Any:
    """Return what becomes JSON, with its sentences as `sentence_for_clients` has them."""
    if isinstance(values, dict):
        return {name: _sentences(value) if name in _SENTENCES else for_clients(value) for name, value in values.items()}
    return [for_clients(value) for value in values] if isinstance(values, list | tuple) else values


def sentence_for_clients(text: str) -> str:
    """Return a sentence that names fields instead of options, and says which options are the server's.

    >>> sentence_for_clients("Take one with --channels 1, or leave --keep-timing out.")
    "Take one with channels=1, or leave 'keep_timing' out."
    >>> sentence_for_clients("Leave --tts out.")
    'Leave --tts out. (Given where the server is started: --tts.)'
    """
    servers: list[str] = []

    def named(match: re.Match[str]) -> str:
        name = (match["name"] or "").replace("-", "_")
        if name in _FIELDS:
            return f"{name}={match['value']}" if match["value"] else f"'{name}'"
        if name in _OF_THE_SERVER:
            servers.append(f"--{match['name']}")
        return match[0]

    told = _OPTION.sub(named, text)
    if not servers:
        return told
    return f"{told} (Given where the server is started: {', '.join(dict.fromkeys(servers))}.)"


def _sentences(value: Any) -> Any:
    if isinstance(value, str):
        return sentence_for_clients(value)
    return [_sentences(each) for each in value] if isinstance(value, list | tuple) else for_clients(value)
