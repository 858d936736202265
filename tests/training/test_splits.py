"""Who is held out, and what the scores then are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import UsageError
from pipeline.training.corpora import Recording
from pipeline.training.speech.scores import bootstrapped, scored
from pipeline.training.splits import described, held_speakers, split_recordings


def recordings(speakers: int = 20, each: int = 16) -> list[Recording]:
    return [
        Recording(Path(f"{speaker}-{clip}.wav"), f"speaker-{speaker:02d}", "male" if speaker % 2 else "female",
                  EMOTIONS[clip % 8], "strong" if clip % 3 else "normal", "", "made")
        for speaker in range(speakers) for clip in range(each)
    ]  # fmt: skip


@pytest.mark.parametrize(("protocol", "folds", "expected"), [("folds", 5, 5), ("folds", 4, 4), ("speaker", 5, 20)])
def test_no_speaker_is_on_both_sides(protocol, folds, expected):
    clips = recordings()
    place = split_recordings(clips, protocol, folds, seed=0)
    assert set(place.tolist()) == set(range(expected))
    for fold in range(expected):
        inside = {clip.speaker for clip, part in zip(clips, place, strict=True) if part == fold}
        outside = {clip.speaker for clip, part in zip(clips, place, strict=True) if part != fold}
        assert not inside & outside


def test_fold_i_holds_out_every_fifth_actor():
    clips = recordings()
    place = split_recordings(clips, "folds", 5, seed=3)
    assert {clip.speaker for clip, part in zip(clips, place, strict=True) if part == 1} == {
        "speaker-01", "speaker-06", "speaker-11", "speaker-16"
    }  # fmt: skip


def test_a_random_split_is_even_over_emotions_and_depends_on_its_seed():
    clips = recordings()
    place = split_recordings(clips, "random", 5, seed=0)
    held = [clip.emotion for clip, part in zip(clips, place, strict=True) if part == 0]
    assert {held.count(emotion) for emotion in EMOTIONS} == {8}
    assert set(place.tolist()) == {-1, 0}
    np.testing.assert_array_equal(place, split_recordings(clips, "random", 5, seed=0))
    assert (place != split_recordings(clips, "random", 5, seed=1)).any()
    assert "heard in training" in described("random", 5)


@pytest.mark.parametrize(("protocol", "folds"), [("folds", 1), ("folds", 21), ("random", 1), ("shuffled", 5)])
def test_what_cannot_be_parted_is_refused(protocol, folds):
    with pytest.raises(UsageError):
        split_recordings(recordings(), protocol, folds, seed=0)


def test_whole_speakers_tell_when_to_stop():
    speakers = [clip.speaker for clip in recordings(16)]
    held = held_speakers(speakers, seed=0)
    out = {speaker for speaker, side in zip(speakers, held, strict=True) if side}
    assert len(out) == 2
    assert held.sum() == 32
    assert out != {s for s, side in zip(speakers, held_speakers(speakers, seed=5), strict=True) if side}


def test_scores_of_a_known_answer_sheet():
    clips = recordings(10)
    labels = np.array([EMOTIONS.index(clip.emotion) for clip in clips])
    answers = labels.copy()
    answers[labels == 0] = 1  # Every neutral clip is called calm.
    logits = np.log(0.05 + np.eye(8)[answers])[np.newaxis]
    scores = scored(logits, labels, split_recordings(clips, "folds", 5, 0), clips, (0,))
    assert scores.accuracy == pytest.approx(7 / 8)
    assert scores.unweighted_average_recall == pytest.approx(7 / 8)
    assert scores.recall["neutral"] == 0
    assert scores.recall["calm"] == 1
    assert scores.macro_f1 == pytest.approx((6 * 1 + 2 / 3) / 8)
    assert scores.confusion[0][1] == 20
    assert scores.accuracy_spread == pytest.approx(0)
    assert scores.accuracy_interval == pytest.approx((7 / 8, 7 / 8)), "all speakers are alike"
    assert scores.accuracy_by_sex == pytest.approx({"female": 7 / 8, "male": 7 / 8})


def test_only_clips_that_were_judged_count():
    clips = recordings(10)
    labels = np.array([EMOTIONS.index(clip.emotion) for clip in clips])
    place = split_recordings(clips, "random", 5, seed=0)
    logits = np.full((1, len(clips), 8), np.nan)
    logits[0, place == 0] = np.eye(8)[labels[place == 0]]
    scores = scored(logits, labels, place, clips, (0,))
    assert scores.clips == (place == 0).sum()
    assert scores.accuracy == 1


def test_the_interval_widens_where_speakers_differ():
    speakers = np.repeat([f"s{number}" for number in range(10)], 16)
    labels = np.tile(np.arange(16) % 8, 10)
    judged = np.ones((1, 160), bool)
    alike = np.tile(np.arange(16) < 8, 10)[np.newaxis]
    apart = np.repeat(np.arange(10) < 5, 16)[np.newaxis]
    for right in (alike, apart):
        assert right.mean() == 0.5
    (low, high), _ = bootstrapped(alike, judged, labels, speakers)
    assert low == high == 0.5
    (low, high), _ = bootstrapped(apart, judged, labels, speakers)
    assert low < 0.35
    assert high > 0.65
