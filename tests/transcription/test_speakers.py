"""Who speaks when, from vectors to the speakers of phrases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import detect_speech, read_audio
from pipeline.audio.speaker_embeddings import SIZE, embedding
from pipeline.core.values import Audio, Segment, Turn, Word
from pipeline.transcription import Transcriber
from pipeline.transcription.speakers import DIARISERS, Diariser
from pipeline.transcription.speakers.attribution import attributed
from pipeline.transcription.speakers.clustering import voices
from tests.transcription.whole_sounds import transcribed

RATE = 16000
ROOT = Path(__file__).resolve().parents[2]
SENTENCES = (
    "Kids are talking by the door, and the dogs are sitting in the garden.",
    "My brother bought a new car last week, and he has not paid for it.",
    "The weather was very bad, so that nobody came to the market.",
)


@pytest.fixture(scope="session")
def diariser() -> Diariser:
    """The embedded diariser."""
    return DIARISERS.create(DIARISERS.choose())


@pytest.fixture(scope="session")
def other() -> Callable[[Audio], Audio]:
    """Make another voice of a voice: a larger speaker, who speaks lower and more slowly."""

    def stretched(audio: Audio) -> Audio:
        times = np.arange(0, len(audio.samples) - 1, 0.72)
        samples = np.interp(times, np.arange(len(audio.samples)), audio.samples)
        return Audio(samples.astype(np.float32), RATE)

    return stretched


@pytest.fixture(scope="session")
def dialogue(say: Callable, other: Callable, joined: Callable) -> tuple[Audio, list[tuple[float, float]]]:
    """Two voices in turn, three turns each, and when each turn is."""
    turns = [voice(say(sentence)[0]) for sentence in SENTENCES for voice in (lambda audio: audio, other)]
    ends = np.cumsum([turn.duration for turn in turns]).tolist()
    return joined(*turns), list(zip([0.0, *ends[:-1]], ends, strict=True))


def turns_in(diariser: Diariser, *parts: Audio, speakers: int = 0) -> tuple[Turn, ...]:
    """Return the turns of a recording that is heard part by part."""
    heard = diariser.stream()
    for part in parts:
        heard.add(part, detect_speech(part))
    return heard.turns(speakers)


def vectors(*, count: int, each: int, noise: float, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    means = random.normal(size=(count, 64))
    made = np.repeat(means, each, axis=0) + noise * random.normal(size=(count * each, 64))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("asked", [False, True])
def test_as_many_voices_are_found_as_there_are(count: int, asked: bool) -> None:
    made = vectors(count=count, each=20, noise=0.7)
    found = voices(made, np.full(len(made), 0.5), count=count if asked else 0)
    assert found.shape == (count, 64)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)
    nearest = (made @ found.T).argmax(axis=1).reshape(count, 20)
    assert all(len(set(voice)) == 1 for voice in nearest.tolist())
    assert len(set(nearest[:, 0].tolist())) == count


@pytest.mark.parametrize("asked", [0, 2])
def test_a_short_sound_that_is_like_nobody_is_no_voice(asked: int) -> None:
    made = np.concatenate([vectors(count=2, each=20, noise=0.7), vectors(count=1, each=2, noise=0.0, seed=9)])
    found = voices(made, np.full(42, 0.5), count=asked)
    assert len(found) == 2
    assert (made[:40] @ found.T).max(axis=1).min() > (made[40:] @ found.T).max()


@pytest.mark.parametrize(("stretches", "count", "expected"), [(1, 0, 1), (1, 3, 1), (2, 1, 1), (3, 3, 3)])
def test_few_stretches_are_enough(stretches: int, count: int, expected: int) -> None:
    made = vectors(count=stretches, each=1, noise=0.0)
    assert len(voices(made, np.ones(stretches), count=count)) == expected


def test_a_voice_is_known_by_its_direction(say: Callable, other: Callable) -> None:
    first, second = (say(sentence)[0] for sentence in SENTENCES[:2])
    one, same, different = (embedding(audio.samples) for audio in (first, second, other(first)))
    assert one.shape == (SIZE,)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one @ same > one @ different + 0.2
    assert embedding(first.samples * np.float32(0.01)) @ one == pytest.approx(1, abs=0.02)
    assert np.isfinite(embedding(np.zeros(RATE, np.float32))).all()


@pytest.mark.parametrize("speakers", [0, 2])
def test_two_voices_take_turns(speakers: int, dialogue: tuple, diariser: Diariser) -> None:
    audio, times = dialogue
    turns = turns_in(diariser, audio, speakers=speakers)
    assert [turn.speaker for turn in turns] == ["speaker 1", "speaker 2"] * 3
    assert all(before.end <= after.start for before, after in pairwise(turns))
    for turn, (start, end) in zip(turns, times, strict=True):
        assert start - 0.3 < turn.start < turn.end < end + 0.3
        assert turn.end - turn.start > 0.7 * (end - start) - 0.5


def test_one_voice_is_one_speaker(say: Callable, joined: Callable, diariser: Diariser) -> None:
    audio = joined(*[say(sentence)[0] for sentence in SENTENCES], pause=0.5)
    assert {turn.speaker for turn in turns_in(diariser, audio)} == {"speaker 1"}
    assert {turn.speaker for turn in turns_in(diariser, say(SENTENCES[0])[0].slice(0, 1.2))} == {"speaker 1"}


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(3 * RATE, np.float32)])
def test_where_nobody_speaks_nobody_has_a_turn(samples: np.ndarray, diariser: Diariser) -> None:
    assert turns_in(diariser, Audio(samples, RATE)) == ()
    assert turns_in(diariser) == ()


def test_parts_are_heard_as_one_recording(dialogue: tuple, diariser: Diariser) -> None:
    audio, times = dialogue
    middle = times[2][0]
    parts = turns_in(diariser, audio.slice(0, middle), audio.slice(middle, audio.duration))
    whole = turns_in(diariser, audio)
    assert [turn.speaker for turn in parts] == [turn.speaker for turn in whole]
    assert [turn.start for turn in parts] == pytest.approx([turn.start for turn in whole], abs=0.2)


def words(text: str, start: float, step: float = 1.0) -> tuple[Word, ...]:
    return tuple(
        Word(word, start + index * step, start + (index + 1) * step) for index, word in enumerate(text.split())
    )


TURNS = (Turn(0.0, 2.0, "speaker 1"), Turn(2.5, 5.0, "speaker 2"), Turn(5.0, 6.0, "speaker 1"))


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        (Segment(0, 2, "Good morning.", words("Good morning.", 0)), [("speaker 1", "Good morning.", 0, 2)]),
        (
            Segment(0, 5, "Good morning. How are you?", words("Good morning. How are you?", 0)),
            [("speaker 1", "Good morning.", 0, 2), ("speaker 2", "How are you?", 2, 5)],
        ),
        (
            Segment(4, 6, "Well. Well.", words("Well. Well.", 4)),
            [("speaker 2", "Well.", 4, 5), ("speaker 1", "Well.", 5, 6)],
        ),
        (Segment(1.5, 4, "No words."), [("speaker 2", "No words.", 1.5, 4)]),
        (Segment(7, 8, "Late.", words("Late.", 7)), [("speaker 1", "Late.", 7, 8)]),
        (
            Segment(4, 6, "你好", (Word("你", 4, 5), Word("好", 5, 6))),
            [("speaker 2", "你", 4, 5), ("speaker 1", "好", 5, 6)],
        ),
    ],
    ids=["one speaker", "two", "the same word twice", "no words", "after the last turn", "no spaces"],
)
def test_phrases_get_their_speakers(segment: Segment, expected: list) -> None:
    found = attributed([segment], TURNS)
    assert [(part.speaker, part.text, part.start, part.end) for part in found] == expected
    assert tuple(word for part in found for word in part.words) == segment.words


def test_without_turns_phrases_stay_as_they_are() -> None:
    segments = (Segment(0, 1, "Yes."),)
    assert attributed(segments, ()) == segments


def test_neither_the_library_nor_other_frameworks_are_loaded() -> None:
    program = f"""
import sys
import numpy as np
from pipeline.audio.activity import detect_speech
from pipeline.core.values import Audio
from pipeline.transcription.speakers import DIARISERS
assert "onnxruntime" not in sys.modules
noise = Audio(np.random.default_rng(0).normal(size={RATE}).astype(np.float32), {RATE})
heard = DIARISERS.create(DIARISERS.choose()).stream()
heard.add(noise, detect_speech(noise))
heard.turns()
assert not {{"tensorflow", "torch", "scipy", "sklearn", "moonshine_voice"}} & set(sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_readers_of_books_are_told_apart(
    shared_data: Callable, joined: Callable, diariser: Diariser, engine: Transcriber
) -> None:
    folder = shared_data("librispeech_test_other")
    clips = ["1688-142285-0003", "367-130732-0001", "1688-142285-0004", "367-130732-0004"]
    sounds = [read_audio(folder / f"{clip}.flac") for clip in clips]
    changes = np.cumsum([sound.duration for sound in sounds])[:-1]
    audio = joined(*sounds)
    segments = attributed(transcribed(engine, audio), turns_in(diariser, audio))
    assert {segment.speaker for segment in segments} == {"speaker 1", "speaker 2"}
    right = [
        segment.speaker == f"speaker {np.searchsorted(changes, (word.start + word.end) / 2) % 2 + 1}"
        for segment in segments
        for word in segment.words
    ]
    assert len(right) > 30
    assert np.mean(right) > 0.9
