"""EmotiVoice, written anew: many English and Chinese voices, and emotion by prompt.

The official weights of EmotiVoice (NetEase Youdao, Apache 2.0) are loaded as they were published;
`python -m emotivoice.train` makes models of one's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emotivoice.control import Control
    from emotivoice.engine import EmotiVoice
    from emotivoice.voices import Voices

__all__ = ["Control", "EmotiVoice", "Voices"]

_HOMES = {"Control": "control", "EmotiVoice": "engine", "Voices": "voices"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the text front end needs no torch."""
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
