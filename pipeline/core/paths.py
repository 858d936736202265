"""Paths of the weights and settings that the project reads."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from pipeline.core.errors import WeightsMissing

__all__ = ["HOME_VARIABLE", "bundled", "cache", "expanded", "home"]

HOME_VARIABLE: Final = "RESAY_HOME"
"""Environment variable that names the folder for downloads."""


def home() -> Path:
    """Return the folder for downloads: that of `HOME_VARIABLE`, or the system's folder for user data."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return expanded(chosen).absolute()
    from platformdirs import user_data_path

    return _rooted(user_data_path("resay", appauthor=False))


def cache(*parts: str) -> Path:
    """Return the path of something in the system's folder for what can be computed again, whether it is there or not.

    Args:
        parts: The path below our own folder there.
    """
    from platformdirs import user_cache_path

    return _rooted(user_cache_path("resay", appauthor=False)).joinpath(*parts)


def expanded(path: str | Path) -> Path:
    """Return a path with `~` replaced by the person's folder, or as it is if there is none."""
    return Path(os.path.expanduser(path))


def _rooted(folder: Path) -> Path:
    """Return a folder of the person's, or one for temporary files where the person has none."""
    return folder if folder.is_absolute() else Path(tempfile.gettempdir(), "resay", folder.name)


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
