"""From any text to the tokens that the model speaks; imports neither torch nor a model.

>>> from emotivoice.frontend import Frontend
>>> Frontend()("Hello, world!").tokens[:5]
('<sos/eos>', '[HH]', '[AH0]', '[L]', '[OW1]')
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emotivoice.frontend.english import EnglishPronouncer
    from emotivoice.frontend.mixed import Frontend, SpokenWord, Utterance, read_dictionary
    from emotivoice.frontend.sentences import split_sentences

__all__ = ["EnglishPronouncer", "Frontend", "SpokenWord", "Utterance", "read_dictionary", "split_sentences"]

_HOMES = {
    "EnglishPronouncer": "english",
    "Frontend": "mixed",
    "SpokenWord": "mixed",
    "Utterance": "mixed",
    "read_dictionary": "mixed",
    "split_sentences": "sentences",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that a part such as the numerals costs nothing but itself."""
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
