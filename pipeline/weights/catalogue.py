"""Everything that `models pull` can get, as `catalogue.toml` lists it.

Everything of one entry lands in one folder: `location(name)`.
An engine calls `require(name)`, which gives that folder or raises `WeightsMissing` with the line to run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Final

from pipeline.core.catalogue import Catalogue
from pipeline.weights.records import Download, Package, Snapshot, Weights

__all__ = ["CATALOGUE", "sizes"]


def _parts(fields: dict[str, Any]) -> Iterator[Download | Snapshot]:
    if "digests" in fields:
        folder = fields.get("folder", "")
        for name, digest in fields["digests"].items():
            yield Download(fields["url"] + name, digest, path=f"{folder}/{name}" if folder else name)
    else:
        yield Download(**fields) if "url" in fields else Snapshot(**fields | {"files": tuple(fields["files"])})


def _weights(fields: dict[str, Any]) -> Weights:
    listed = {name: tuple(fields.get(name, ())) for name in ("holds", "needs")}
    parts = tuple(part for each in fields["parts"] for part in _parts(each))
    packages = tuple(Package(**each) for each in fields.get("packages", ()))
    return Weights(**fields | listed | {"parts": parts, "packages": packages})


_LISTED: Final = tomllib.loads(files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"))
CATALOGUE: Final = Catalogue("There are no weights", *map(_weights, _LISTED["weights"]))
"""All weights, by engine."""


def sizes(engine: str) -> tuple[str, ...]:
    """Return the sizes of an engine that can be pulled, each the rest of a name after `ENGINE-`."""
    names = (weights.name for weights in CATALOGUE)
    return tuple(name.removeprefix(f"{engine}-") for name in names if name.startswith(f"{engine}-"))
