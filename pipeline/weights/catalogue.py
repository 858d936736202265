"""Everything that `models pull` can get, as `catalogue.toml` lists it.

Everything of one entry lands in one folder: `location(name)`.
An engine calls `require(name)`, which gives that folder or raises `WeightsMissing` with the line to run.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any, Final

from pipeline.core.catalogue import Catalogue
from pipeline.weights.records import Download, Snapshot, Weights

__all__ = ["CATALOGUE", "sizes"]


def _part(fields: dict[str, Any]) -> Download | Snapshot:
    return Download(**fields) if "url" in fields else Snapshot(**fields | {"files": tuple(fields["files"])})


def _weights(fields: dict[str, Any]) -> Weights:
    return Weights(**fields | {"parts": tuple(map(_part, fields["parts"])), "holds": tuple(fields.get("holds", ()))})


_LISTED: Final = tomllib.loads(files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"))
CATALOGUE: Final = Catalogue("There are no weights", *map(_weights, _LISTED["weights"]))
"""All weights, by engine."""


def sizes(engine: str) -> tuple[str, ...]:
    """Return the sizes of an engine that can be pulled, each the rest of a name after `ENGINE-`."""
    names = (weights.name for weights in CATALOGUE)
    return tuple(name.removeprefix(f"{engine}-") for name in names if name.startswith(f"{engine}-"))
