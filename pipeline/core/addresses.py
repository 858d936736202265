"""Addresses as messages and logs show them: without what only their owner may read."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["without_secrets"]

_ADDRESS: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*://)?(?P<who>.*@)?(?P<where>[^?#]*)(?P<query>.*)", re.S | re.I
)


def without_secrets(address: str) -> str:
    """Return an address without names, passwords and queries, also if it is not written as it should be.

    >>> without_secrets("https://bob:geh@eim@example.org:81/hook?token=1")
    'https://…@example.org:81/hook?…'
    >>> without_secrets("https://example.org/hook")
    'https://example.org/hook'
    """
    parts = _ADDRESS.fullmatch(address)
    assert parts, "every text matches"  # noqa: S101
    who, query = "…@" if parts["who"] else "", "?…" if parts["query"] else ""
    return f"{parts['scheme'] or ''}{who}{parts['where']}{query}"
