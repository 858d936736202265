"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Give the folder of a corpus, or skip the test where the corpus is not on this machine."""

    def folder(name: str) -> Path:
        path = CORPORA / name
        if not path.exists():
            pytest.skip(f"the corpus '{name}' is not on this machine")
        return path

    return folder
