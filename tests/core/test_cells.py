"""Cells of tables: no spreadsheet computes what somebody said or was called."""

from __future__ import annotations

import pytest

from pipeline.core.cells import cell


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        (" =1", "' =1"),
        ("\n=1", "'\n'=1"),
        ("\tx", "'\tx"),
        ("＝1", "'＝1"),
        ('"=1', "'\"=1"),
        ('x;=HYPERLINK("http://evil","a")', 'x;\'=HYPERLINK("http://evil","a")'),
        ("x; @a", "x;' @a"),
        ("x\n-1", "x\n'-1"),
        ("a=b, -1 and a;b", "a=b, -1 and a;b"),
        ("", ""),
        (-1.5, -1.5),
        (None, None),
    ],
)
def test_cells(text: object, kept: object) -> None:
    assert cell(text) == kept
