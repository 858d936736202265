"""Tables of words that lie beside the code of a language."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["read_table"]


def read_table(package: str, name: str) -> dict[str, str]:
    """Return a table of two columns: what is written, and what is said for it.

    Args:
        package: Where its folder `tables` is.
        name: Of the file, without its ending `.tsv`.
    """
    lines = files(package).joinpath("tables", f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)
