"""Values as cells of a table that somebody opens in a spreadsheet."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["cell"]

_FORMULA: Final = re.compile(r"""(?:^|[;\t\r\n])(?=[\s"]*[=+\-@＝＋－＠])|^(?=[\t\r\n])""")
"""Where a spreadsheet would find a text that it computes: at the beginning of a cell, or after what it takes for the
end of one, as many of them take a semicolon."""


def cell(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula: a text that would be one gets a quote before it.

    >>> cell("=1+1"), cell("- no"), cell("a=b"), cell("Ann; =1"), cell(-1.5)
    ("'=1+1", "'- no", 'a=b', "Ann;' =1", -1.5)
    """
    return _FORMULA.sub(r"\g<0>'", value) if isinstance(value, str) else value
