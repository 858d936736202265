"""Paths of the weights and settings that the project reads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pipeline.core.errors import WeightsMissing

__all__ = ["HOME_VARIABLE", "bundled", "home"]

HOME_VARIABLE: Final = "RESAY_HOME"
"""Environment variable that names the folder for downloads."""


def home() -> Path:
    """Return the folder for downloads: that of `HOME_VARIABLE`, or the system's folder for user data."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("resay", appauthor=False)


def bundled(*parts: str) -> Path:
    """Return the path of a file that ships with the project.

    In a checkout `checkpoints/` and `configs/` are next to `pipeline/`; in an installed wheel they are inside it.

    Args:
        parts: The path below the project's root, such as `"configs", "default.yaml"`.

    Raises:
        WeightsMissing: The file is in neither place.
    """
    package = Path(__file__).resolve().parent.parent
    for root in (package.parent, package):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise WeightsMissing(f"{'/'.join(parts)} is missing from this installation.", hint="Install Resay again.")
