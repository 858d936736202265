"""Where the project keeps what it reads: weights and settings."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.errors import WeightsMissing

__all__ = ["bundled"]


def bundled(*parts: str) -> Path:
    """Return the path of a file that ships with the project.

    In a checkout `checkpoints/` and `configs/` lie beside `pipeline/`; in an installed wheel they lie in it.

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
