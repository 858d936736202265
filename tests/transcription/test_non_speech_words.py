"""Words that nobody said: refused where there is no speech, cut where a phrase is repeated once too often."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.audio.activity import SpeechActivity
from pipeline.audio.speech_segments import SpeechSegment, speech_segments
from pipeline.core.values import Audio
from pipeline.transcription.moonshine import MoonshineTranscriber
from pipeline.transcription.plausibility import plausible
from pipeline.transcription.repetition import Loop, find_loop
from tests.non_speech_sounds import non_speech
from tests.transcription.whole_sounds import transcribed

RATE = 16000
SENTENCE = "My brother bought a new car last week."

HEARD_INTO = [
    ("air raid siren", 0),
    ("bark", 0),
    ("band", 1),
    ("bells", 1),
    ("bowed tune", 0),
    ("buzzing syllables", 0),
    ("chords", 0),
    ("dtmf", 0),
    ("engine", 0),
    ("helicopter", 0),
    ("hum", 0),
    ("hummed note", 0),
    ("hummed tune", 0),
    ("motorbike", 0),
    ("plucked tune", 0),
    ("siren, two tones", 2),
    ("snore", 1),
    ("waves", 0),
    ("wind", 0),
]
"""Sounds into which the decoder writes words such as "You" and "Thanks for watching!"."""


@pytest.mark.parametrize(("kind", "variant"), HEARD_INTO)
def test_nothing_is_heard_where_nobody_speaks(kind: str, variant: int, engine: MoonshineTranscriber) -> None:
    assert transcribed(engine, non_speech(kind, variant)) == ()


@pytest.mark.parametrize("kind", ["bells", "helicopter", "plucked tune"])
def test_nothing_is_shown_while_nobody_speaks(kind: str, engine: MoonshineTranscriber) -> None:
    assert {engine.partial(segment) for segment in speech_segments(non_speech(kind))} == {""}


@pytest.mark.parametrize("noise", ["pink noise", "engine", "rain", "wind"])
def test_speech_in_noise_is_still_heard(noise: str, say: Callable, engine: MoonshineTranscriber) -> None:
    audio, _ = say(SENTENCE)
    behind = non_speech(noise, 0, audio.duration).samples[: len(audio.samples)]
    gain = np.float32(audio.samples.std() / behind.std() * 10 ** (-15 / 20))
    (segment,) = transcribed(engine, Audio(audio.samples + gain * behind, RATE))
    said = {word.strip(".,").casefold() for word in segment.text.split()}
    assert len(said & {word.strip(".").casefold() for word in SENTENCE.split()}) >= 6


def segment(strength: float) -> SpeechSegment:
    activity = SpeechActivity(np.full(50, strength, np.float32), 1.6)
    return SpeechSegment(Audio(np.zeros(25600, np.float32), RATE), 0.0, 1.6, 0.0, activity)


@pytest.mark.parametrize(
    ("strength", "score", "words", "counts"),
    [
        (0.99, -0.1, 1, True),
        (0.99, -0.9, 5, True),
        (0.4, -0.9, 2, False),
        (0.2, -0.03, 1, False),
        (0.02, -0.13, 6, True),
        (0.02, -0.5, 6, False),
    ],
)
def test_detector_and_decoder_decide_together(strength: float, score: float, words: int, counts: bool) -> None:
    assert plausible(segment(strength), score, words) is counts


@pytest.mark.parametrize(
    ("text", "loop"),
    [
        ("no no", None),
        ("I know I know", None),
        ("Kids are talking by the door.", None),
        ("No, no, NO.", Loop(0, 1, 3)),
        ("so I said yes yes yes yes", Loop(3, 1, 4)),
        ("come in come in come in please", Loop(0, 2, 3)),
        ("do it now do it now do it now do", Loop(0, 3, 3)),
        ("very very very good very very very good very very very good", Loop(0, 4, 3)),
        ("", None),
    ],
)
def test_a_loop_is_a_phrase_three_times_in_a_row(text: str, loop: Loop | None) -> None:
    assert find_loop(text.split()) == loop


def test_only_whole_copies_are_left_out() -> None:
    words = "well come in come in come in come please".split()
    loop = find_loop(words)
    assert loop == Loop(1, 2, 3)
    assert " ".join(words[number] for number in loop.without(2, words)) == "well come in come please"


@pytest.mark.parametrize("copies", [14, 17])
def test_a_phrase_is_written_as_often_as_it_is_said(copies: int, say: Callable, engine: MoonshineTranscriber) -> None:
    # The decoder writes it 15 and 20 times.
    voice = say("I really like this song.")[0].samples
    loud = np.flatnonzero(np.abs(voice) > 0.01)
    (heard,) = transcribed(engine, Audio(np.tile(voice[loud[0] : loud[-1]], copies), RATE))
    assert heard.text.casefold().count("i really like this song") == copies
    assert len(heard.words) == 5 * copies
    assert all(word.confidence is not None for word in heard.words)
