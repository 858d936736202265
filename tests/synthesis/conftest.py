"""The engines, each loaded once."""

from __future__ import annotations

import pytest

from pipeline.core.engines import Synthesiser
from pipeline.synthesis import SYNTHESISERS


@pytest.fixture(scope="session", params=["embedded", "festival", "flite", "espeak"])
def engine(request: pytest.FixtureRequest) -> Synthesiser:
    """Give each engine in turn; skip the one that this machine lacks."""
    spec = SYNTHESISERS.find(request.param)
    if reason := spec.missing():
        pytest.skip(reason)
    return SYNTHESISERS.create(spec)


@pytest.fixture(scope="session")
def espeak() -> Synthesiser:
    """Give the engine that every machine has."""
    return SYNTHESISERS.create(SYNTHESISERS.find("espeak"))


@pytest.fixture(scope="session")
def embedded() -> Synthesiser:
    """Give the voice that ships with the project."""
    return SYNTHESISERS.create(SYNTHESISERS.find("embedded"))
