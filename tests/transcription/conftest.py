"""The engines of transcription, each loaded once."""

from __future__ import annotations

import pytest

from pipeline.transcription import TRANSCRIBERS
from pipeline.transcription.alignment import Aligner
from pipeline.transcription.moonshine import MoonshineTranscriber


@pytest.fixture(scope="session")
def engine() -> MoonshineTranscriber:
    """The embedded engine, loaded once."""
    loaded = TRANSCRIBERS.create(TRANSCRIBERS.find("moonshine-tiny"), threads=1)
    assert isinstance(loaded, MoonshineTranscriber)
    return loaded


@pytest.fixture(scope="session")
def aligner() -> Aligner:
    """The aligner, loaded once."""
    return Aligner()
