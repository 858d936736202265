"""One option for sound and text; speech that is listened to again; subtitles that are said: real engines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from typer.testing import CliRunner

from pipeline.audio import loudness, read_audio, read_information
from pipeline.cli import app, main
from pipeline.cli.formats import split_formats
from pipeline.core.errors import UnknownName
from pipeline.core.results import Conversion

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def detect(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def leave(*arguments: object) -> int:
    """Return the exit code of a command that fails."""
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return int(left.value.code or 0)


@pytest.mark.parametrize(
    ("text", "sounds", "texts"),
    [
        ("wav,srt", ("wav",), ("srt",)),
        ("SRT, Opus,opus,vtt,mp3", ("opus", "mp3"), ("srt", "vtt")),
        ("json", (), ("json",)),
        ("", (), ()),
    ],
)
def test_one_list_names_both_kinds(text, sounds, texts) -> None:
    assert split_formats(text) == (sounds, texts)


def test_a_format_that_nobody_knows_names_the_choices(capsys, here) -> None:
    with pytest.raises(UnknownName, match=r"flac.*srt"):
        split_formats("wav,aac")
    assert leave("speak", "Hello.", "-f", "aac") == 2
    assert leave("speak", "Hello.", "-o", "hello.aac") == 2
    assert leave(EXAMPLE, "-f", "wave") == 2
    assert list(here.iterdir()) == []


def test_a_recording_is_said_again_as_opus_and_flac_with_subtitles(here) -> None:
    result = detect("convert", EXAMPLE, "happy", "youngman", "-f", "opus,flac,srt,vtt")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (here / "output").iterdir()) == [
        "1.flac", "1.json", "1.opus", "1.srt", "1.vtt",
    ]  # fmt: skip
    assert "output/1.opus" in result.output
    for name in ("opus", "flac"):
        sound = read_audio(here / "output" / f"1.{name}", sample_rate=None)
        assert sound.sample_rate >= 22_050
        assert loudness(sound) == pytest.approx(-23, abs=1)
        assert read_information(here / "output" / f"1.{name}").emotion == "happy"
    assert "[youngman, happy]" in (here / "output" / "1.srt").read_text()


def test_speech_is_verified_by_what_lies_beside_it(here) -> None:
    said = detect("speak", "The train to the city leaves at seven.", "calm", "--json", "-f", "wav")
    assert said.exit_code == 0
    assert (here / "output" / "1.json").is_file()
    result = detect("verify", "output/1.wav", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["file"] == "output/1.wav"
    assert (found["text"], found["emotion"]) == ("The train to the city leaves at seven.", "calm")
    assert found["word_error_rate"] <= 0.3
    assert found["loudness_lufs"] == pytest.approx(-23, abs=1)
    assert found["clipping"] == 0
    assert 0 <= found["probability_of_asked"] <= 1
    assert found["passed"]
    wrong = detect("verify", "output/1.wav", "--text", "Something else altogether was said.")
    assert wrong.exit_code == 1
    assert "of the words" in wrong.output


def test_a_sound_without_json_says_itself_what_is_in_it(here) -> None:
    assert detect("speak", "Good evening, my friends.", "sad", "-o", "here.mp3").exit_code == 0
    result = detect("verify", "here.mp3", "--json")
    found = json.loads(result.stdout.splitlines()[-1])
    assert (found["text"], found["emotion"]) == ("Good evening, my friends.", "sad")
    assert result.exit_code == (0 if found["passed"] else 1)


def test_verification_of_what_cannot_be_read(here) -> None:
    (here / "1.wav").write_bytes(b"no sound")
    (here / "1.json").write_text("{}")
    assert leave("verify", "none.wav") == 4
    assert leave("verify", "1.wav") == 2
    (here / "1.json").unlink()
    assert leave("verify", "1.wav") == 4


def test_a_result_that_is_not_as_asked_for_ends_in_exit_code_one(here) -> None:
    strict = here / "strict.yaml"
    strict.write_text("least_probability: 1\n")
    result = detect("convert", EXAMPLE, "angry", "--verify", "--json", "--config", strict)
    assert result.exit_code == 1
    conversion = Conversion.from_dict(json.loads(result.stdout.splitlines()[-1]))
    assert conversion.verification.problems
    assert Path(conversion.output).exists()


def test_the_recording_itself_is_moved(here) -> None:
    result = detect("convert", EXAMPLE, "happy", "smallgirl", "--tts", "resynthesis", "--json")
    assert result.exit_code == 0, result.output
    conversion = Conversion.from_dict(json.loads(result.stdout.splitlines()[-1]))
    assert conversion.engines["synthesis"] == "resynthesis"
    assert conversion.voice == "own"
    assert any("smallgirl is not used" in note for note in conversion.notes)
    assert [word.text for word in conversion.spoken.words] == conversion.text.split()
    assert soundfile.info(conversion.output).samplerate == 24_000
    assert leave("speak", "Hello.", "--tts", "resynthesis") == 2


def test_the_recording_is_moved_in_a_language_that_nothing_transcribes(here) -> None:
    result = detect("convert", EXAMPLE, "sad", "--tts", "resynthesis", "--language", "sw", "--json")
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout.splitlines()[-1])
    assert values["output_duration"] > 0.9 * values["duration"]


def test_delivery_and_timing_of_the_recording(here) -> None:
    result = detect("convert", EXAMPLE, "neutral", "youngman", "--copy-prosody", "--keep-timing", "--json")
    assert result.exit_code == 0, result.output
    conversion = Conversion.from_dict(json.loads(result.stdout.splitlines()[-1]))
    assert conversion.spoken.duration == pytest.approx(conversion.heard.duration, abs=0.3)


def test_emotion_from_another_recording(here) -> None:
    result = detect("convert", EXAMPLE, "--emotion-from", EXAMPLE, "--json")
    assert result.exit_code == 0, result.output
    conversion = Conversion.from_dict(json.loads(result.stdout.splitlines()[-1]))
    assert conversion.emotion_spoken == conversion.emotion_detected.top
    assert conversion.strength == pytest.approx(conversion.emotion_detected.confidence, abs=0.01)
    assert leave(EXAMPLE, "happy", "--emotion-from", EXAMPLE) == 2
    assert leave(EXAMPLE, "--emotion-from", "none.wav") == 4
    assert leave(EXAMPLE, "--emotion-from", "nonsense") == 2


def test_subtitles_are_said(here) -> None:
    talk = here / "talk.srt"
    talk.write_text(
        "1\n00:00:00,500 --> 00:00:02,000\n[Anna, happy] You are here!\n\n"
        "2\n00:00:03,000 --> 00:00:04,500\n[middlemale, sad] Not for long.\n"
    )
    result = detect("speak", "--srt", talk, "--keep-timing", "-o", "talk.wav", "-f", "vtt", "--json")
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout.splitlines()[-1])
    assert [segment["speaker"] for segment in values["output_segments"]] == ["youngwoman", "middlemale"]
    assert [segment["emotion"]["emotion"] for segment in values["output_segments"]] == ["happy", "sad"]
    assert values["output_segments"][1]["start"] == pytest.approx(3.0, abs=0.1)
    assert "<v.sad middlemale>Not for long." in (here / "talk.vtt").read_text()
    assert leave("speak") == 2
    assert leave("speak", "--srt", "none.srt") == 2
    assert leave("speak", "a text", "happy", "youngman", "--srt", talk) == 2


@pytest.mark.parametrize(
    ("line", "files"),
    [
        (("convert", EXAMPLE, "happy", "-o", "new.mp3", "-f", "srt"), ["new.json", "new.mp3", "new.srt"]),
        (("speak", "Good evening.", "happy", "-o", "new.wav", "-f", "opus"), ["new.json", "new.opus", "new.wav"]),
        (("speak", "Good evening.", "-o", "folder"), ["folder/1.json", "folder/1.wav"]),
    ],
)
def test_an_output_is_a_file_or_a_folder_for_every_verb_and_never_replaced_unasked(line, files, here, capsys) -> None:
    def written() -> dict[str, int]:
        return {str(path.relative_to(here)): path.stat().st_mtime_ns for path in here.rglob("*") if path.is_file()}

    assert leave(*line) == 0
    before = written()
    assert sorted(before) == files
    capsys.readouterr()
    if "folder" in line:
        assert leave(*line) == 0
        assert len(written()) == 4
        return
    assert leave(*line) == 2
    assert "exists already" in capsys.readouterr().err
    assert written() == before
    assert leave(*line, "--overwrite") == 0
    assert all(time > before[name] for name, time in written().items())
    described = json.loads((here / "new.json").read_text())
    assert described.get("output", "") or described.get("file", "") == str(Path(files[1 if "new.mp3" in files else 2]))
