"""Which verb runs, and that a slip starts nothing."""

from __future__ import annotations

import pytest

from pipeline.cli import with_verb
from pipeline.cli.arguments import split_arguments
from pipeline.core.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "understood"),
    [
        (["talk.wav"], ["convert", "talk.wav"]),
        (["-", "happy"], ["convert", "-", "happy"]),
        (["calls/*.mp3", "calm"], ["convert", "calls/*.mp3", "calm"]),
        (["recognise", "talk.wav"], ["recognize", "talk.wav"]),
        (["train-judge", "--data", "x"], ["train", "--kind", "judge", "--data", "x"]),
        (["unheard-of"], ["convert", "unheard-of"]),
        (["--help"], ["--help"]),
        ([], []),
    ],
)
def test_verbs_are_understood(arguments, understood):
    assert with_verb(arguments) == understood


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("transcibe", "Did you mean transcribe?"),
        ("recogniz", "Did you mean recognize?"),
        ("Convert", "Did you mean convert?"),
        ("doktor", "Did you mean doctor?"),
        ("happy", "is no recording"),
        ("youngwoman", "is no recording"),
    ],
)
def test_a_slip_starts_nothing(first, said):
    with pytest.raises(UsageError) as raised:
        with_verb([first, "talk.wav"])
    assert said in raised.value.message + raised.value.hint


def test_a_folder_that_is_named_like_a_slip_is_converted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "transcibe").mkdir()
    assert with_verb(["transcibe"]) == ["convert", "transcibe"]


@pytest.mark.parametrize(
    ("words", "emotion", "voice"),
    [
        (["happy", "youngman"], "happy", "youngman"),
        (["youngman", "happy"], "happy", "youngman"),
        (["YoungMan", "AUTO"], "AUTO", "YoungMan"),
        (["wistful", "smallgirl"], "wistful", "smallgirl"),
    ],
)
def test_the_order_of_emotion_and_voice_does_not_matter(words, emotion, voice):
    assert split_arguments(["talk.wav", *words]) == (["talk.wav"], emotion, voice)
