"""Where weights lie, and whether they are there.

    HOME/weights/NAME/             what was pulled, complete, with `weights.json`: where from, when, digests
    HOME/weights/.partial/NAME/    what a broken pull left, to go on from

HOME is `pipeline.core.paths.home()`.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from pipeline.core.errors import WeightsMissing
from pipeline.core.paths import home
from pipeline.weights.catalogue import CATALOGUE

__all__ = ["MANIFEST", "installed", "location", "partial", "partial_bytes", "remove", "require"]

MANIFEST: Final = "weights.json"
"""File in a folder of weights that says where they come from; it is written last."""


def location(name: str) -> Path:
    """Return the folder of the weights of a name, whether they are there or not."""
    return home() / "weights" / name


def partial(name: str) -> Path:
    """Return the folder of what a pull that has not ended has got so far."""
    return home() / "weights" / ".partial" / name


def installed(name: str) -> bool:
    """Return whether the weights of a name are there."""
    return (location(name) / MANIFEST).is_file()


def partial_bytes(name: str) -> int:
    """Return how much a pull that has not ended has got so far, in bytes."""
    return sum(file.stat().st_size for file in partial(name).rglob("*") if file.is_file())


def require(name: str) -> Path:
    """Return the folder of the weights of a name.

    Raises:
        WeightsMissing: They are not there; the hint is the line to run.
    """
    if not installed(name):
        raise WeightsMissing(
            f"The weights {name} ({CATALOGUE.find(name).description}) are not there.",
            hint=f"Run detect.py models pull {name}.",
        )
    return location(name)


def remove(name: str) -> int:
    """Remove the weights of a name and what a broken pull left of them.

    Returns:
        Bytes that are free again.

    Raises:
        WeightsMissing: There is nothing to remove.
    """
    folders = [folder for folder in (location(name), partial(name)) if folder.is_dir()]
    if not folders:
        raise WeightsMissing(f"The weights {name} are not there.", hint="detect.py models lists what is.")
    freed = sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())
    # Without the manifest the weights count as gone, even if removing the rest is interrupted.
    (location(name) / MANIFEST).unlink(missing_ok=True)
    for folder in folders:
        shutil.rmtree(folder)
    return freed
