import pytest

from pipeline.cli import with_verb
from pipeline.cli.arguments import split_arguments
from pipeline.core.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "recordings", "emotion", "voice"),
    [
        (["a.wav"], ["a.wav"], "", ""),
        (["a.wav", "happy", "youngwoman"], ["a.wav"], "happy", "youngwoman"),
        (["a.wav", "HAPPY"], ["a.wav"], "HAPPY", ""),
        (["a.wav", "Middlemale"], ["a.wav"], "", "Middlemale"),
        (["a.wav", "b.wav", "c.mp3", "sad"], ["a.wav", "b.wav", "c.mp3"], "sad", ""),
        (["a.wav", "missing.wav", "auto", "youngman"], ["a.wav", "missing.wav"], "auto", "youngman"),
        (["clips/*.wav", "angry"], ["clips/*.wav"], "angry", ""),
        (["-", "calm", "smallgirl"], ["-"], "calm", "smallgirl"),
        (["a.wav", "wistful"], ["a.wav"], "wistful", ""),
        (["a.wav", "happy", "8051"], ["a.wav"], "happy", "8051"),
        (["a.wav", "05"], ["a.wav"], "05", ""),
        (["happy", "happy"], ["happy"], "happy", ""),
        (["youngman"], ["youngman"], "", ""),
    ],
)
def test_plain_arguments(arguments, recordings, emotion, voice):
    assert split_arguments(arguments) == (recordings, emotion, voice)


def test_files_without_a_suffix_are_recordings_when_they_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "take two").touch()
    (tmp_path / "happy").touch()
    assert split_arguments(["take two", "take two", "happy"]) == (["take two", "take two"], "happy", "")
    assert split_arguments(["take two", "./happy"]) == (["take two", "./happy"], "", "")


def test_too_many_words():
    with pytest.raises(UsageError, match="very happy today"):
        split_arguments(["a.wav", "very", "happy", "today"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], []),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
        (["a.wav"], ["convert", "a.wav"]),
        (["./recognize"], ["convert", "./recognize"]),
        (["--json", "a.wav"], ["convert", "--json", "a.wav"]),
        (["doctor"], ["doctor"]),
    ],
)
def test_the_default_verb(arguments, expected):
    assert with_verb(arguments) == expected
