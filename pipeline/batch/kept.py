"""Results that no file holds, as the journal keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.core.results import Recognition

__all__ = ["kept", "read_kept"]


def kept(result: Recognition) -> dict[str, Any]:
    """Return a recognition, ready for JSON, with what `recognize --json` leaves out."""
    names = ("calibrated", "unsure_below")
    values = result.to_dict()
    values |= {name: getattr(result.scores, name) for name in names}
    if result.speaker_embedding:
        values["speaker_embedding"] = result.speaker_embedding
    if result.fused and result.fused.text:
        values["words"] |= {name: getattr(result.fused.text, name) for name in names}
    return values


def read_kept(values: Mapping[str, Any], name: str) -> Recognition:
    """Return what `kept` wrote, of a recording that may have another name since."""
    return Recognition.from_dict(dict(values) | {"file": name})
