"""The engines, each loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_kokoro import write_tiny_kokoro

from pipeline.core.engines import Synthesiser
from pipeline.synthesis import SYNTHESISERS
from pipeline.synthesis.kokoro.splitting import GRAPH, prepare


@pytest.fixture(scope="session")
def tiny_kokoro(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of Kokoro's weights in the official layout, tiny, cut into their parts."""
    pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("kokoro")
    write_tiny_kokoro(folder / GRAPH, folder / "voices")
    prepare(folder)
    return folder


@pytest.fixture(
    scope="session",
    params=["embedded", "festival", "flite", "espeak", "kokoro, tiny", pytest.param("kokoro", marks=pytest.mark.slow)],
)
def engine(request: pytest.FixtureRequest) -> Synthesiser:
    """Give each engine in turn; skip the one that this machine lacks."""
    name, _, tiny = request.param.partition(",")
    spec = SYNTHESISERS.find(f"{name}:{request.getfixturevalue('tiny_kokoro')}" if tiny else name)
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
