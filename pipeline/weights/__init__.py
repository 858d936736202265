"""Weights that do not come with a package: what there is, where it lies, and how to get it."""

from __future__ import annotations

from pipeline.weights.catalogue import CATALOGUE
from pipeline.weights.records import Download, Snapshot, Weights
from pipeline.weights.store import installed, location, remove, require

__all__ = [
    "CATALOGUE",
    "Download",
    "Snapshot",
    "Weights",
    "installed",
    "location",
    "remove",
    "require",
]
