"""The prosody of a recording in another voice: F0, loudness and tempo, word by word.

A voice that plans takes it before there is sound; the finished speech of any voice is changed by WORLD.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from pipeline.audio import loudness
from pipeline.core.emotions import Mood
from pipeline.core.engines import Synthesiser
from pipeline.core.values import Speech, Word
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.prosody.copying import WordProsody, copied, shared_out, touching
from pipeline.synthesis.prosody.f0 import Register
from pipeline.synthesis.prosody.prosody import Prosody
from pipeline.synthesis.prosody_transfer import transfer, word_prosody
from pipeline.synthesis.world.analysis import estimate_f0

TEXT = "Nobody knew that they would come home on Friday."

Way = Callable[[Sequence[WordProsody]], Speech]
"""Says the text neutrally as a man, in the prosody of words."""


@pytest.fixture(scope="module")
def source(embedded: Synthesiser) -> Speech:
    return embedded.synthesise(TEXT, Mood("surprised"), "youngwoman")


@pytest.fixture(scope="module", params=["on the plan", "on the plan of espeak", "on the sound"])
def way(request: pytest.FixtureRequest, embedded: Actor, espeak: Actor) -> Way:
    """Give each way to copy."""
    plain = embedded.synthesise(TEXT, Mood("neutral"), "youngman")
    if request.param == "on the sound":
        return lambda words: transfer(plain, words)
    engine = espeak if "espeak" in request.param else embedded
    return lambda words: engine.synthesise(TEXT, Mood("neutral"), "youngman", copied=words)


@pytest.fixture(scope="module")
def plain(way: Way) -> Speech:
    return way(())


@pytest.fixture(scope="module")
def result(way: Way, source: Speech) -> Speech:
    return way(word_prosody(source.audio, source.words))


def contour(speech: Speech) -> np.ndarray:
    """Semitones of each word over the median."""
    f0 = estimate_f0(speech.audio)
    semitones = np.where(f0 > 0, 12 * np.log2(np.maximum(f0, 1) / np.median(f0[f0 > 0])), np.nan)
    return np.array([np.nanmean(semitones[round(w.start / 0.005) : round(w.end / 0.005)]) for w in speech.words])


def lengths(speech: Speech) -> np.ndarray:
    return np.array([word.end - word.start for word in speech.words])


def median(speech: Speech) -> float:
    f0 = estimate_f0(speech.audio)
    return float(np.median(f0[f0 > 0]))


def alike(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def test_f0_is_that_of_the_source(source: Speech, plain: Speech, result: Speech) -> None:
    assert alike(contour(result), contour(source)) > 0.85
    assert alike(contour(result), contour(source)) > alike(contour(plain), contour(source))


def test_the_tempo_is_that_of_the_source_within_limits(source: Speech, plain: Speech, result: Speech) -> None:
    assert np.abs(lengths(result) - lengths(source)).mean() < 0.6 * np.abs(lengths(plain) - lengths(source)).mean()
    ratios = lengths(result) / lengths(plain)
    assert ratios.min() > 0.5
    assert ratios.max() < 1.75


def test_the_voice_and_its_level_stay(plain: Speech, result: Speech) -> None:
    assert abs(12 * np.log2(median(result) / median(plain))) < 3
    assert loudness(result.audio) == pytest.approx(loudness(plain.audio), abs=0.5)
    assert np.abs(result.audio.samples).max() < 1
    assert np.abs(result.audio.samples[[0, -1]]).max() < 1e-3
    assert [word.text for word in result.words] == [word.text for word in plain.words]
    assert result.words[-1].end <= result.audio.duration


def test_one_loud_word_becomes_loud(way: Way, plain: Speech) -> None:
    words = list(word_prosody(plain.audio, plain.words))
    same = way(words)
    words[3] = dataclasses.replace(words[3], decibel=words[3].decibel + 6)

    def share(speech: Speech) -> float:
        word = speech.words[3]
        part = speech.audio.slice(word.start, word.end).samples
        return float(10 * np.log10(np.mean(part**2) / np.mean(speech.audio.samples**2)))

    assert 2 < share(way(words)) - share(same) < 7


@pytest.mark.parametrize("words", [(), (Word("Elsewhere", 0.1, 0.4), Word("unsaid", 0.4, 0.9))])
def test_without_a_pair_of_words_nothing_changes(way: Way, plain: Speech, words: tuple[Word, ...]) -> None:
    np.testing.assert_array_equal(way(word_prosody(plain.audio, words)).audio.samples, plain.audio.samples)


def test_some_words_may_be_missing(way: Way, source: Speech, plain: Speech) -> None:
    some = [word for index, word in enumerate(source.words) if index not in (1, 4)]
    result = way(word_prosody(source.audio, some))
    assert len(result.words) == len(plain.words)
    assert lengths(result)[1] == pytest.approx(lengths(plain)[1], rel=0.2)
    assert np.isfinite(result.audio.samples).all()


@pytest.mark.parametrize(("mood", "strength", "semitones"), [("happy", 1.0, 3.0), ("happy", 0.0, 0.0)])
def test_an_emotion_acts_beside_the_recording(
    embedded: Actor, source: Speech, mood: str, strength: float, semitones: float
) -> None:
    words = word_prosody(source.audio, source.words)
    neutral = embedded.synthesise(TEXT, Mood("neutral"), "youngman", copied=words)
    acted = embedded.synthesise(TEXT, Mood(mood), "youngman", strength=strength, copied=words)
    assert 12 * np.log2(median(acted) / median(neutral)) >= semitones
    assert alike(contour(acted), contour(source)) > 0.8
    assert acted.audio.duration == pytest.approx(neutral.audio.duration, rel=0.1)
    assert bool(strength) != np.array_equal(acted.audio.samples, neutral.audio.samples)


def test_each_sentence_takes_its_own_words(embedded: Actor) -> None:
    text = "We are going home. They are going home."
    plain = embedded.synthesise(text, Mood("neutral"), "youngwoman")
    words = [
        dataclasses.replace(one, contour=np.full(5, -4.0 if index < 4 else 4.0), decibel=0.0)
        for index, one in enumerate(word_prosody(plain.audio, plain.words))
    ]
    result = embedded.synthesise(text, Mood("neutral"), "youngwoman", copied=words)
    assert contour(result)[4:].mean() - contour(result)[:4].mean() == pytest.approx(8, abs=1)
    assert contour(result)[:4].std() < contour(plain)[:4].std()


@pytest.mark.parametrize(
    ("sentences", "source", "shares"),
    [
        ([["Come", "in."], ["Come", "out."]], "come in come out", ["come in", "come out"]),
        ([["Come", "in."], ["Come", "out."]], "come out", ["", "come out"]),
        ([["Yes."], ["No,", "no."]], "yes no", ["yes", "no"]),
        ([["Yes."]], "", [""]),
        ([["Yes."], ["Well."]], "no", ["", ""]),
        ([["It's", "5."]], "its 5 then", ["its 5"]),
    ],
)
def test_words_are_shared_out_among_sentences(sentences: list[list[str]], source: str, shares: list[str]) -> None:
    words = [WordProsody(text, 0.3, None, 0.0) for text in source.split()]
    assert [" ".join(one.text for one in share) for share in shared_out(words, sentences)] == shares


def planned(period: float, *, rises: bool = False) -> Prosody:
    """Two words of half a second with a pause of a fifth between them."""
    half, pause = round(0.5 / period), round(0.2 / period)
    f0 = np.concatenate([np.full(half, 100.0), np.zeros(pause), np.full(half, 100.0)])
    words = (Word("Are", 0.0, 0.5), Word("you?", 0.7, 1.2))
    return Prosody(f0, np.where(f0 > 0, -20.0, -80.0), Register(100, 250), period, words, rises=rises)


@pytest.mark.parametrize("period", [0.004, 0.005, 0.0125])
@pytest.mark.parametrize(
    ("semitones", "decibel", "seconds", "expected"),
    [
        (4.0, 3.0, 0.6, (4.0, 3.0, 0.6)),
        (-4.0, -3.0, 0.4, (-4.0, -3.0, 0.4)),
        (30.0, 30.0, 3.0, (9.0, 8.0, 0.85)),
        (-30.0, -30.0, 0.01, (-6.0, -8.0, 0.3)),
    ],
)
def test_what_a_word_takes_has_limits(
    period: float, semitones: float, decibel: float, seconds: float, expected: tuple[float, float, float]
) -> None:
    words = [WordProsody("are", 0.5, np.zeros(5), 0.0), WordProsody("you", seconds, np.full(5, semitones), decibel)]
    result = copied(planned(period), words)
    first, word = result.words
    middle = round((word.start + word.end) / 2 / period)
    assert 12 * np.log2(result.f0[middle] / 100) == pytest.approx(expected[0], abs=0.01)
    assert result.energy[middle] == pytest.approx(-20 + expected[1], abs=0.01)
    assert word.end - word.start == pytest.approx(expected[2], abs=0.05)
    assert first.end - first.start == pytest.approx(0.5, abs=0.02)
    assert word.start - first.end == pytest.approx(0.2, abs=0.05)
    assert result.f0[round((first.start + first.end) / 2 / period)] == pytest.approx(100, rel=0.01)


def test_words_meet_where_nobody_pauses() -> None:
    words = (Word("one", 0.0, 0.3), Word("two", 0.36, 0.5), Word("three", 0.7, 0.9), Word("four", 0.9, 1.0))
    times = [(word.start, word.end) for word in touching(words)]
    assert times == [(0.0, pytest.approx(0.33)), (pytest.approx(0.33), 0.5), (0.7, 0.9), (0.9, 1.0)]
    assert touching(()) == ()


@pytest.mark.parametrize(("heard", "rises"), [("are you", False), ("are", True), ("we", True), ("", True)])
def test_a_question_rises_by_itself_where_its_end_is_not_copied(heard: str, *, rises: bool) -> None:
    words = [WordProsody(text, 0.5, np.zeros(5), 0.0) for text in heard.split()]
    assert copied(planned(0.005, rises=True), words).rises == rises
