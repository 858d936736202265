"""The prosody of a recording in another voice: F0, loudness and tempo, word by word."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pipeline.audio import loudness
from pipeline.core.emotions import Mood
from pipeline.core.engines import Synthesiser
from pipeline.core.values import Speech, Word
from pipeline.synthesis.prosody_transfer import transfer, word_prosody
from pipeline.synthesis.world.analysis import estimate_f0

TEXT = "Nobody knew that they would come home on Friday."


@pytest.fixture(scope="module")
def source(embedded: Synthesiser) -> Speech:
    return embedded.synthesise(TEXT, Mood("surprised"), "youngwoman", strength=1.5)


@pytest.fixture(scope="module")
def plain(embedded: Synthesiser) -> Speech:
    return embedded.synthesise(TEXT, Mood("neutral"), "youngman")


@pytest.fixture(scope="module")
def copied(source: Speech, plain: Speech) -> Speech:
    return transfer(plain, word_prosody(source.audio, source.words))


def contour(speech: Speech) -> np.ndarray:
    """Semitones of each word over the median."""
    f0 = estimate_f0(speech.audio)
    semitones = np.where(f0 > 0, 12 * np.log2(np.maximum(f0, 1) / np.median(f0[f0 > 0])), np.nan)
    return np.array([np.nanmean(semitones[round(w.start / 0.005) : round(w.end / 0.005)]) for w in speech.words])


def lengths(speech: Speech) -> np.ndarray:
    return np.array([word.end - word.start for word in speech.words])


def alike(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first, second)[0, 1])


def test_f0_is_that_of_the_source(source: Speech, plain: Speech, copied: Speech) -> None:
    assert alike(contour(copied), contour(source)) > 0.9
    assert alike(contour(copied), contour(source)) > alike(contour(plain), contour(source))


def test_the_tempo_is_that_of_the_source_within_limits(source: Speech, plain: Speech, copied: Speech) -> None:
    assert np.abs(lengths(copied) - lengths(source)).mean() < 0.6 * np.abs(lengths(plain) - lengths(source)).mean()
    ratios = lengths(copied) / lengths(plain)
    assert ratios.min() > 0.55
    assert ratios.max() < 1.75


def test_the_voice_and_its_level_stay(plain: Speech, copied: Speech) -> None:
    medians = [np.median(f0[f0 > 0]) for f0 in (estimate_f0(plain.audio), estimate_f0(copied.audio))]
    assert abs(12 * np.log2(medians[1] / medians[0])) < 1.5
    assert loudness(copied.audio) == pytest.approx(loudness(plain.audio), abs=0.5)
    assert np.abs(copied.audio.samples).max() < 1
    assert np.abs(copied.audio.samples[[0, -1]]).max() < 1e-3
    assert [word.text for word in copied.words] == [word.text for word in plain.words]
    assert copied.words[-1].end <= copied.audio.duration


def test_one_loud_word_becomes_loud(plain: Speech) -> None:
    spoken_words = list(word_prosody(plain.audio, plain.words))
    spoken_words[3] = dataclasses.replace(spoken_words[3], decibel=spoken_words[3].decibel + 6)

    def share(speech: Speech) -> float:
        word = speech.words[3]
        part = speech.audio.slice(word.start, word.end).samples
        return float(10 * np.log10(np.mean(part**2) / np.mean(speech.audio.samples**2)))

    louder, same = transfer(plain, spoken_words), transfer(plain, word_prosody(plain.audio, plain.words))
    assert 2.5 < share(louder) - share(same) < 7


@pytest.mark.parametrize("words", [(), (Word("Elsewhere", 0.1, 0.4), Word("unsaid", 0.4, 0.9))])
def test_without_a_pair_of_words_nothing_changes(plain: Speech, words: tuple[Word, ...]) -> None:
    assert transfer(plain, word_prosody(plain.audio, words)) is plain


def test_some_words_may_be_missing(source: Speech, plain: Speech) -> None:
    some = [word for index, word in enumerate(source.words) if index not in (1, 4)]
    result = transfer(plain, word_prosody(source.audio, some))
    assert len(result.words) == len(plain.words)
    assert lengths(result)[1] == pytest.approx(lengths(plain)[1], rel=0.15)
    assert np.isfinite(result.audio.samples).all()
