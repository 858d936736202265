"""`docs/api.md` lists every option with the words of its field."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.options import AlertOptions, BatchOptions, CallOptions, EngineSettings, ServerOptions

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
PARTS = (EngineSettings, CallOptions, BatchOptions, ServerOptions, AlertOptions)
FIELDS = {name: field for part in PARTS for name, field in part.model_fields.items()}


@pytest.mark.parametrize("name", FIELDS)
def test_page_has_option(name):
    field = FIELDS[name]
    default = "" if field.default in ("", None) else str(field.default)
    rows = [line for line in PAGE.splitlines() if line.startswith("|") and f"| `{name}` |" in line]
    assert len(rows) == 1, f"docs/api.md needs one row | … | `{name}` | {default} | … | {field.description} |"
    cells = [cell.strip() for cell in rows[0].strip("|").split("|")]
    assert (cells[2], cells[4]) == (default, field.description)
