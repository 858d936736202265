"""Corpora that were left out: what is judged, and what follows for speakers and confidence."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.core.emotions import EMOTIONS
from pipeline.training.corpora import Recording
from pipeline.training.speech.known_speakers import drawn
from pipeline.training.speech.left_out import abroad, learned
from pipeline.training.splits import split_recordings

HAS = {"ravdess": EMOTIONS, "nemo": tuple(EMOTIONS[index] for index in (0, 2, 3, 4, 5, 7)), "tess": EMOTIONS[2:]}


def recordings():
    return [
        Recording(Path(f"{number}.wav"), f"{corpus}-{voice}", "", emotion, "", "", corpus)
        for corpus, emotions in HAS.items()
        for voice in "abcd"
        for emotion in emotions
        for number in range(5)
    ] + [Recording(Path("read.wav"), "librispeech-1", "", "neutral", "", "", "librispeech")]


@pytest.fixture(scope="module")
def found():
    """What models find that know the emotions, but not the speakers, who lean; calm is in no other corpus."""
    clips, random = recordings(), np.random.default_rng(0)
    voices = {name: random.standard_normal(8) for name in sorted({clip.speaker for clip in clips})}
    logits = np.stack([voices[clip.speaker] + 1.5 * np.eye(8)[EMOTIONS.index(clip.emotion)] for clip in clips])
    logits += 0.5 * random.standard_normal(logits.shape)
    ravdess = np.array([clip.corpus == "ravdess" for clip in clips])
    logits[ravdess, EMOTIONS.index("calm")] = -30.0
    logits[[clip.corpus == "librispeech" for clip in clips]] = np.nan
    return abroad(3 * logits[np.newaxis], clips)


def test_every_corpus_is_judged_over_what_it_shares(found):
    assert list(found.corpora) == list(HAS)
    assert "calm" not in found.corpora["ravdess"]["emotions"]
    assert found.corpora["ravdess"]["clips"] == 4 * 7 * 5
    assert found.corpora["nemo"]["emotions"] == list(HAS["nemo"])


def test_knowing_the_speakers_helps(found):
    for told in found.corpora.values():
        assert told["accuracy_known"] > told["accuracy"] + 0.1
        assert 0 < told["calibration_error"] < 0.3


def test_known_speakers_are_answered_as_surely_as_they_are_right(found):
    """Models that lean are too doubtful of speakers whose lean was taken away, unless a gain mends it."""
    assert found.known_gain > 0
    for told in found.corpora.values():
        assert told["calibration_error_known"] < 0.2


@pytest.mark.parametrize(
    ("count", "kinds", "clips", "emotions"),
    [(4, 0, 4, None), (0, 0, 80, 8), (12, 1, 10, 1), (12, 2, 12, 2), (12, -1, 12, None), (100, 1, 10, 1)],
)
def test_clips_are_drawn_as_they_may_come(count, kinds, clips, emotions):
    labels = np.repeat(np.arange(8), 10)
    places = drawn(labels, count, kinds, np.random.default_rng(3))
    assert len(set(places.tolist())) == clips
    if emotions:
        assert len(set(labels[places].tolist())) == emotions
    if kinds < 0:
        assert np.bincount(labels[places]).max() == 9


def test_an_emotion_that_nobody_taught_is_not_judged():
    """One that is never answered counts as such; a clip that is only judged wrongly is a mistake."""
    logits = np.full((1, 4, 8), 0.5)
    logits[0, [1, 2, 3], 3] = -30.0
    assert learned(logits, np.array([3, 3, 3, 3]), np.array([0, 0, 1, 1])).tolist() == [[True, True, False, False]]


def test_a_corpus_is_a_fold_and_reading_is_none():
    clips = recordings()
    places = split_recordings(clips, "corpus", 0, 0)
    assert [{int(place) for place, clip in zip(places, clips, strict=True) if clip.corpus == name} for name in HAS] == [
        {0},
        {1},
        {2},
    ]
    assert places[-1] == -1


def test_speakers_of_each_corpus_are_dealt_to_all_folds():
    clips = recordings()
    places = split_recordings(clips, "folds", 4, 0)
    for name in HAS:
        assert {int(place) for place, clip in zip(places, clips, strict=True) if clip.corpus == name} == {0, 1, 2, 3}
    assert places[-1] == -1
