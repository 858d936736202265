"""What every transcription engine that is ready here promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import detect_speech, read_audio
from pipeline.audio.speech_segments import SpeechSegment, speech_segments
from pipeline.core.engines import EngineSpec, Registry, capabilities_of
from pipeline.core.errors import EngineMissing
from pipeline.core.values import Audio
from pipeline.transcription import PARTIAL, TRANSCRIBERS, Transcriber

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


@pytest.fixture(scope="module", params=[spec.name for spec in TRANSCRIBERS.specs])
def engine(request) -> Transcriber:
    spec = TRANSCRIBERS.find(request.param)
    if reason := spec.missing():
        pytest.skip(reason)
    created = TRANSCRIBERS.create(spec, threads=1, device="cpu", language="en")
    assert capabilities_of(created) == spec.capabilities
    return created


def test_a_segment_has_words_with_times_in_the_recording(engine: Transcriber) -> None:
    silence = np.zeros(5 * 16_000, np.float32)
    recording = Audio(np.concatenate([silence, read_audio(EXAMPLE).samples]), 16_000)
    (speech,) = speech_segments(recording)
    found = engine.transcribe(speech, hotwords="Resay")
    assert found is not None
    assert found.text
    times = [time for word in found.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert speech.heard_from <= found.start <= times[0] <= times[-1] <= found.end <= speech.heard_to
    assert found.language


def test_nothing_is_heard_in_silence(engine: Transcriber) -> None:
    silence = Audio(np.zeros(16_000, np.float32), 16_000)
    speech = SpeechSegment(silence, 0.0, 1.0, 0.0, detect_speech(silence))
    assert engine.transcribe(speech) is None


def test_what_goes_on_has_a_text_where_the_engine_can_say_it(engine: Transcriber) -> None:
    if PARTIAL not in capabilities_of(engine):
        pytest.skip("the engine reads no segment before it ends")
    (speech,) = speech_segments(read_audio(EXAMPLE))
    assert engine.partial(speech, hotwords="").split()[:2] == engine.transcribe(speech).text.split()[:2]


def test_an_engine_that_takes_other_settings_than_it_names_is_told_of() -> None:
    spec = EngineSpec("odd", "tests.core.engines_for_tests", "", (), "", "", create="demanding")
    with pytest.raises(EngineMissing, match="cannot be created") as raised:
        Registry("transcription", "--asr", [spec]).create(spec, threads=1, device="cpu")
    assert "threads" in raised.value.hint
