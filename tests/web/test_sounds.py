"""Sound as an answer: whole files that come piece by piece."""

from __future__ import annotations

import io
import tracemalloc
from itertools import islice

import numpy as np
import pytest
import soundfile

from pipeline.audio import SoundInformation
from pipeline.web.sounds import SOUND_TYPES, encoded

RATE = 24_000
INFORMATION = SoundInformation("none", "none", "none", title="data \N{SNOWMAN}")


@pytest.mark.parametrize("kind", ["wav", "flac"])
@pytest.mark.parametrize("length", [1, RATE, 70_000])
def test_a_header_tells_the_length_of_a_sound_that_is_still_being_encoded(kind: str, length: int) -> None:
    sound = 0.1 * np.random.default_rng(0).standard_normal(length).astype(np.float32)
    data = b"".join(encoded([sound], RATE, kind, INFORMATION, length=length))
    assert soundfile.info(io.BytesIO(data)).frames == length
    heard, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    assert rate == RATE
    assert heard == pytest.approx(sound, abs=1e-4)
    if kind == "wav":
        assert int.from_bytes(data[4:8], "little") == len(data) - 8


@pytest.mark.parametrize("kind", SOUND_TYPES)
def test_a_day_of_sound_takes_no_more_memory_than_a_minute(kind: str) -> None:
    day = np.broadcast_to(np.float32(0), 86_400 * RATE)
    tracemalloc.start()
    try:
        pieces = encoded([day], RATE, kind, INFORMATION, length=len(day))
        assert sum(map(len, islice(pieces, 3)))
        pieces.close()
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()
