import pytest

from pipeline.cli import with_verb
from pipeline.cli.arguments import manner, split_arguments
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
        (["a.wav", "8051", "happy"], ["a.wav"], "happy", "8051"),
        (["a.wav", "8051", "wistful"], ["a.wav"], "wistful", "8051"),
        (["a.wav", "Maria", "wistful"], ["a.wav"], "wistful", "Maria"),
        (["a.wav", "Maria"], ["a.wav"], "", "Maria"),
        (["a.wav", "05"], ["a.wav"], "05", ""),
        (["a.wav", "very", "happy"], ["a.wav"], "very happy", ""),
        (["a.wav", "a", "little", "bit", "sad", "youngman"], ["a.wav"], "a little bit sad", "youngman"),
        (["a.wav", "youngman", "extremely", "angry"], ["a.wav"], "extremely angry", "youngman"),
        (["a.wav", "非常开心", "youngman"], ["a.wav"], "非常开心", "youngman"),
        (["happy", "happy"], ["happy"], "happy", ""),
        (["youngman"], ["youngman"], "", ""),
    ],
)
def test_plain_arguments(arguments, recordings, emotion, voice):
    found, words = split_arguments(arguments)
    assert (found, *manner(words, {}, lambda: ["Maria"])) == (recordings, emotion, voice)


def test_files_without_a_suffix_are_recordings_when_they_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "take two").touch()
    (tmp_path / "happy").touch()
    assert split_arguments(["take two", "take two", "happy"]) == (["take two", "take two"], ["happy"])
    assert split_arguments(["take two", "./happy"]) == (["take two", "./happy"], [])


def test_too_many_words_are_not_proposed_as_a_mood():
    with pytest.raises(UsageError, match="happy youngman today") as refused:
        manner(["happy", "youngman", "today"], {})
    assert "quotation" not in refused.value.hint


@pytest.mark.parametrize(
    ("words", "asked", "found"),
    [
        (["happy"], {"voice": "youngman"}, ("happy", "youngman")),
        (["youngman"], {"emotion": "happy", "strength": 2}, ("happy", "youngman")),
        (["happy", "youngman"], {"emotion": "Joyful", "voice": "Young Man"}, ("happy", "youngman")),
        ([], {"emotion": "very sad"}, ("very sad", "")),
    ],
)
def test_options_may_name_them_as_well(words, asked, found):
    assert manner(words, asked) == found
    assert not {"emotion", "voice"} & set(asked)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], []),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
        (["a.wav"], ["convert", "a.wav"]),
        (["-", "happy"], ["convert", "-", "happy"]),
        (["calls/*.mp3", "calm"], ["convert", "calls/*.mp3", "calm"]),
        (["./recognize"], ["convert", "./recognize"]),
        (["--json", "a.wav"], ["convert", "--json", "a.wav"]),
        (["doctor"], ["doctor"]),
        (["recognise", "a.wav"], ["recognize", "a.wav"]),
        (["train-judge", "--data", "x"], ["train", "--kind", "judge", "--data", "x"]),
    ],
)
def test_the_default_verb(arguments, expected):
    assert with_verb(arguments) == expected


def test_a_folder_that_is_named_like_a_slip_is_converted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "transcibe").mkdir()
    assert with_verb(["transcibe"]) == ["convert", "transcibe"]
