"""The embedded engine, from sound to words."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import read_audio
from pipeline.audio.speech_segments import speech_segments
from pipeline.core.values import Audio
from pipeline.transcription import TRANSCRIBERS, Transcriber
from pipeline.transcription.moonshine import MoonshineTranscriber
from pipeline.transcription.scoring import word_error_rate
from tests.transcription.whole_sounds import transcribed

RATE = 16000
FIRST = "Kids are talking by the door."
SECOND = "My brother bought a new car last week."


@pytest.mark.parametrize(
    "audio",
    [
        Audio(np.zeros(0, np.float32), RATE),
        Audio(np.ones(1, np.float32), RATE),
        Audio(np.zeros(2 * RATE, np.float32), RATE),
        Audio(np.random.default_rng(0).normal(scale=0.1, size=3 * RATE).astype(np.float32), RATE),
    ],
    ids=["nothing", "one sample", "silence", "noise"],
)
def test_where_nobody_speaks_nothing_is_heard(audio: Audio, engine: Transcriber) -> None:
    assert transcribed(engine, audio) == ()


def test_a_sentence_has_text_and_timed_words(say: Callable, engine: Transcriber) -> None:
    audio, starts = say(FIRST)
    (segment,) = transcribed(engine, audio)
    assert segment.text == FIRST
    assert [word.text for word in segment.words] == FIRST.split()
    assert np.allclose([word.start for word in segment.words], starts, atol=0.2)
    assert all(word.confidence is not None and 0 < word.confidence <= 1 for word in segment.words)


@pytest.mark.parametrize("gain", [0.01, 5.0])
def test_the_level_does_not_matter(gain: float, say: Callable, engine: Transcriber) -> None:
    audio, _ = say(FIRST)
    (segment,) = transcribed(engine, Audio(audio.samples * np.float32(gain), RATE))
    assert segment.text == FIRST


def test_phrases_parted_by_a_pause_have_their_own_times(say: Callable, joined: Callable, engine: Transcriber) -> None:
    first, second = say(FIRST)[0], say(SECOND)[0]
    segments = transcribed(engine, joined(first, second, pause=2.0))
    assert [segment.text for segment in segments] == [FIRST, SECOND]
    offset = first.duration + 2.0
    assert segments[1].words[0].start == pytest.approx(offset + say(SECOND)[1][0], abs=0.2)
    words = [word for segment in segments for word in segment.words]
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(words))
    for segment in segments:
        assert all(segment.start <= word.start < word.end <= segment.end for word in segment.words)


def test_a_phrase_says_the_same_alone_as_inside(say: Callable, joined: Callable, engine: Transcriber) -> None:
    audio = joined(say(SECOND)[0], say(FIRST)[0], say(SECOND)[0], pause=1.5)
    segments = transcribed(engine, audio)
    assert [segment.text for segment in segments] == [SECOND, FIRST, SECOND]
    for speech, inside in zip(speech_segments(audio), segments, strict=True):
        (alone,) = transcribed(engine, audio.slice(speech.heard_from, speech.heard_to))
        assert alone.text == inside.text
        assert alone.start + speech.heard_from == pytest.approx(inside.start, abs=0.05)


def test_threads_do_not_disturb_each_other(say: Callable, engine: Transcriber) -> None:
    sounds = [say(FIRST)[0], say(SECOND)[0]] * 4
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda sound: transcribed(engine, sound), sounds))
    assert [segments[0].text for segments in heard] == [FIRST, SECOND] * 4
    assert heard[0] == heard[2]


def test_memory_does_not_grow_with_the_recording(say: Callable, joined: Callable, engine: MoonshineTranscriber) -> None:
    speech = speech_segments(joined(*[say(FIRST)[0]] * 7, pause=1.0))
    tracemalloc.start()
    peaks = []
    for segment in speech:
        engine.transcribe(segment)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()
    tracemalloc.stop()
    assert len(peaks) == 7
    assert peaks[-1] < peaks[2] + 500_000


def test_neither_the_output_nor_the_big_libraries_are_touched(tmp_path: Path) -> None:
    program = f"""
import sys
import numpy as np
from pipeline.audio.activity import SpeechActivity
from pipeline.audio.speech_segments import SpeechSegment
from pipeline.core.values import Audio
from pipeline.transcription import TRANSCRIBERS
from pipeline.transcription.moonshine import MoonshineTranscriber
assert not {{"onnxruntime", "pocketsphinx", "moonshine_voice"}} & set(sys.modules)
engine = TRANSCRIBERS.create(TRANSCRIBERS.choose("moonshine-tiny"))
silence = Audio(np.zeros({RATE}, np.float32), {RATE})
activity = SpeechActivity(np.zeros(32, np.float32), 1.0)
engine.transcribe(SpeechSegment(silence, 0.0, 1.0, 0.0, activity))
assert not {{"tensorflow", "torch", "scipy", "requests", "moonshine_voice"}} & set(sys.modules)
"""
    root = Path(__file__).resolve().parents[2]
    ran = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_the_registry_offers_the_engine() -> None:
    spec = TRANSCRIBERS.choose("auto", language="en")
    assert spec is TRANSCRIBERS.find("moonshine-tiny")
    assert spec.name == "moonshine"


def test_an_acted_clip(shared_data: Callable, engine: Transcriber) -> None:
    audio = read_audio(shared_data("ravdess") / "Actor_05" / "03-01-05-01-01-01-05.flac")
    (segment,) = transcribed(engine, audio)
    assert segment.text == "Kids are talking by the door."
    assert len(segment.words) == 6
    assert all(word.end > word.start and word.confidence is not None for word in segment.words)
    assert segment.words[0].start == pytest.approx(1.0, abs=0.15)
    assert segment.words[-1].end == pytest.approx(3.1, abs=0.25)


@pytest.mark.parametrize(
    ("clip", "text"),
    [
        ("Actor_13/03-01-02-02-01-02-13.flac", "Kids are talking by the door."),
        ("Actor_12/03-01-03-02-02-01-12.flac", "Dogs are sitting by the door."),
    ],
    ids=["calm", "happy"],
)
def test_a_doubtful_phrase_is_heard_twice(clip: str, text: str, shared_data: Callable, engine: Transcriber) -> None:
    # Heard once they are "Kinder talking by the door." and "Dons are sitting by the door."
    (segment,) = transcribed(engine, read_audio(shared_data("ravdess") / clip))
    assert segment.text == text


@pytest.mark.parametrize(
    ("clip", "text"),
    [
        ("LJ001-0002.flac", "in being comparatively modern."),
        (
            "LJ001-0001.flac",
            "Printing, in the only sense with which we are at present concerned, differs from most if not from all "
            "the arts and crafts represented in the Exhibition",
        ),
    ],
)
def test_read_clips(clip: str, text: str, shared_data: Callable, engine: Transcriber) -> None:
    segments = transcribed(engine, read_audio(shared_data("ljspeech") / clip))
    assert word_error_rate(text, " ".join(segment.text for segment in segments)) == 0
