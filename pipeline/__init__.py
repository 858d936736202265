"""Resay hears a recording, tells how and what was said, and says it again in another emotion and voice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.core.libraries import keep_to_this_machine

if TYPE_CHECKING:
    from pipeline.batch import VoicePipeline

__all__ = ["VoicePipeline", "__version__"]

__version__ = "0.1.0"

keep_to_this_machine()


def __getattr__(name: str) -> Any:
    # The chain imports every stage; the version and the command's help need none of them.
    if name == "VoicePipeline":
        from pipeline.batch import VoicePipeline

        return VoicePipeline
    raise AttributeError(f"module 'pipeline' has no attribute '{name}'")
