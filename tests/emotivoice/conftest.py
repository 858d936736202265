"""What the tests of EmotiVoice share."""

from __future__ import annotations

from pathlib import Path

import pytest

PUBLIC = Path(__file__).resolve().parents[3] / "shared" / "emotivoice"


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Give the folder of the public parity fixtures, or skip."""
    path = PUBLIC / "fixtures"
    if not path.exists():
        pytest.skip("the parity fixtures are not on this machine")
    return path


@pytest.fixture(scope="session")
def frontend_examples() -> Path:
    """Give the file of the official front end's examples, or skip."""
    path = PUBLIC / "frontend_examples.jsonl"
    if not path.exists():
        pytest.skip("the front end's examples are not on this machine")
    return path


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a tiny model with random weights in the official layout."""
    from tiny_emotivoice import write_tiny

    return write_tiny(tmp_path_factory.mktemp("tiny"))
