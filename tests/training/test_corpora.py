"""Corpora are read from their own file naming."""

from __future__ import annotations

import pytest

from pipeline.core.errors import UnknownName, UsageError
from pipeline.training.corpora import CORPORA
from pipeline.training.splits import speaker_folds


@pytest.mark.parametrize(
    ("name", "speaker", "sex", "emotion", "intensity", "sentence"),
    [
        ("03-01-05-01-01-01-05.flac", "ravdess-05", "male", "angry", "normal", "Kids are talking by the door."),
        ("03-01-01-01-02-02-24.wav", "ravdess-24", "female", "neutral", "normal", "Dogs are sitting by the door."),
        ("03-01-08-02-02-01-02.wav", "ravdess-02", "female", "surprised", "strong", "Dogs are sitting by the door."),
    ],
)
def test_a_ravdess_name_tells_all(tmp_path, name, speaker, sex, emotion, intensity, sentence):
    folder = tmp_path / "Actor"
    folder.mkdir()
    (folder / name).touch()
    (recording,) = CORPORA.find("ravdess").read(tmp_path)
    assert (recording.speaker, recording.sex, recording.emotion) == (speaker, sex, emotion)
    assert (recording.intensity, recording.sentence, recording.corpus) == (intensity, sentence, "ravdess")


@pytest.mark.parametrize("name", ["03-02-05-01-01-01-05.wav", "03-01-09-01-01-01-05.wav", "speech.wav", "03-01-05.wav"])
def test_what_is_no_spoken_ravdess_is_left_out(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(UsageError, match="no spoken recording"):
        CORPORA.find("ravdess").read(tmp_path)


def test_the_corpus_is_complete(shared_data):
    recordings = CORPORA.find("ravdess").read(shared_data("ravdess"))
    assert len(recordings) == 1200
    assert len({recording.speaker for recording in recordings}) == 20
    assert sum(recording.emotion == "neutral" for recording in recordings) == 80
    folds = speaker_folds([recording.speaker for recording in recordings])
    held = {recording.speaker for recording, fold in zip(recordings, folds, strict=True) if fold == 1}
    assert held == {"ravdess-02", "ravdess-07", "ravdess-12", "ravdess-17"}


def test_no_speaker_is_in_two_folds():
    speakers = [f"s{number % 7}" for number in range(70)]
    folds = speaker_folds(speakers, 3)
    assert len(set(zip(speakers, folds.tolist(), strict=True))) == 7
    assert set(folds) == {0, 1, 2}


@pytest.mark.parametrize("folds", [1, 8])
def test_impossible_numbers_of_folds_are_refused(folds):
    with pytest.raises(UsageError):
        speaker_folds([f"s{number}" for number in range(7)], folds)


def test_an_unknown_corpus_lists_the_choices():
    with pytest.raises(UnknownName, match="ravdess"):
        CORPORA.find("radvess")
