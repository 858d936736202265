import json

import numpy as np
import pytest

from pipeline.core.results import Conversion, Transcript
from pipeline.core.values import Audio, EmotionScores, Segment, Word

scores = EmotionScores(("happy", "sad"), (0.75, 0.25), model="m", calibrated=True, unsure_below=0.8, warnings=("w",))
segment = Segment(0.5, 1.25, "Hi there.", (Word("Hi", 0.5, 0.75, 0.9), Word("there.", 0.75, 1.25)), emotion=scores)
conversion = Conversion(
    heard=Transcript("名 字.wav", 2.0, "", "t", (segment,)),
    spoken=Transcript("output/1.wav", 1.5, "", "s", (Segment(0.0, 0.5, "Hi", (Word("Hi", 0.0, 0.5),)),), ("n",)),
    emotion_detected=scores,
    emotion_spoken="sad",
    voice="youngman",
    engines={"recognition": "m", "transcription": "t", "synthesis": "s"},
    timings={"total": 0.25},
    notes=("n",),
    created="2026-01-01T00:00:00+00:00",
    version="0.1.0",
)


def test_a_conversion_survives_json():
    written = json.loads(json.dumps(conversion.to_dict()))
    assert written["schema"] == 1
    assert Conversion.from_dict(written) == conversion


def test_the_keys_of_a_conversion_stay():
    written = conversion.to_dict()
    assert list(written) == [
        "schema", "source", "duration", "text", "segments", "emotion_detected", "emotion_spoken", "voice", "engines",
        "output", "output_duration", "output_words", "output_segments", "output_overflow", "strength", "verification",
        "timings", "notes", "created", "version", "emotion_in_words", "emotion_fused",
    ]  # fmt: skip
    assert (written["source"], written["duration"], written["text"]) == ("名 字.wav", 2.0, "Hi there.")
    assert (written["output"], written["output_duration"]) == ("output/1.wav", 1.5)
    assert [word["text"] for word in written["output_words"]] == ["Hi"]


def test_a_newer_schema_is_refused():
    with pytest.raises(ValueError, match="schema 2"):
        Conversion.from_dict(conversion.to_dict() | {"schema": 2})


def test_scores():
    assert scores.top == "happy"
    assert scores.confidence == 0.75
    assert scores.unsure
    assert scores.ranked() == [("happy", 0.75), ("sad", 0.25)]
    with pytest.raises(ValueError, match="as many"):
        EmotionScores(("happy",), (0.5, 0.5), model="m")


def test_audio_slices_by_seconds_within_its_bounds():
    audio = Audio(np.arange(100, dtype=np.float32), 10)
    assert audio.duration == 10
    assert audio.slice(1, 2).samples.tolist() == list(range(10, 20))
    assert audio.slice(-5, 0.1).samples.tolist() == [0]
    assert len(audio.slice(9.5, 99).samples) == 5
