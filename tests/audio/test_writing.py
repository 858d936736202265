"""Results say that they are synthetic in every format, and begin and end without a click."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audio import (
    SOUND_FORMATS,
    SoundInformation,
    finished,
    loudness,
    parse_sounds,
    read_audio,
    read_information,
    write_sound,
)
from pipeline.core.errors import OutputError, UnknownName, UnreadableAudio
from pipeline.core.values import Audio

INFORMATION = SoundInformation(
    engine="embedded",
    voice="youngwoman",
    emotion="happy",
    title="Kids are talking by the door.",
    software="Resay 0.1.0",
    date="2026-11-21T05:00:00+00:00",
)


def test_what_is_written_is_read(tone, tmp_path: Path) -> None:
    path = tmp_path / "new" / "声音 1.wav"
    sound = tone(rate=22_050)
    write_sound(path, Audio(sound, 22_050), information=INFORMATION)
    assert read_information(path) == INFORMATION
    found = read_audio(path, sample_rate=22_050)
    assert np.abs(found.samples - sound).max() <= 0.5 / 32768 + 1e-7
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_any_program_can_see_that_the_speech_is_synthetic(tone, tmp_path: Path) -> None:
    path = tmp_path / "1.wav"
    write_sound(path, Audio(tone(), 48_000), information=INFORMATION)
    data = path.read_bytes()
    assert data[:4] + data[8:16] == b"RIFFWAVEfmt "
    chunk = data[data.index(b"LIST") : data.index(b"data")]
    for word in (b"INFO", b"ICMT", b"Synthetic speech", b"embedded", b"youngwoman", b"happy", b"Resay 0.1.0", b"Kids"):
        assert word in chunk


def test_the_same_sound_gives_the_same_bytes(tone, tmp_path: Path) -> None:
    for name in ("1.wav", "2.wav"):
        write_sound(tmp_path / name, Audio(tone(), 48_000), information=INFORMATION)
    assert (tmp_path / "1.wav").read_bytes() == (tmp_path / "2.wav").read_bytes()


@settings(max_examples=30, deadline=None, derandomize=True)
@given(mood=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_any_mood_survives(mood, tmp_path_factory) -> None:
    path = tmp_path_factory.mktemp("moods") / "1.wav"
    information = SoundInformation(engine='an "engine", voice x', voice=mood, emotion=mood)
    write_sound(path, Audio(np.zeros(10, np.float32), 16_000), information=information)
    assert read_information(path) == information


@pytest.mark.parametrize("text", ["half a letter \udcff", "a zero \0 inside", "long " * 1000])
def test_texts_that_no_chunk_can_hold_are_changed_and_written(text, tmp_path: Path) -> None:
    path = tmp_path / "1.wav"
    write_sound(path, Audio(np.zeros(10, np.float32), 16_000), information=SoundInformation("e", "v", text, title=text))
    found = read_information(path)
    assert found is not None
    assert found.title[:4] == text[:4]


def test_beyond_full_scale_is_clipped_not_wrapped(tmp_path: Path) -> None:
    write_sound(tmp_path / "1.wav", Audio(np.array([2.0, -2.0, 1.0], np.float32), 16_000), information=INFORMATION)
    np.testing.assert_allclose(read_audio(tmp_path / "1.wav").samples, [1, -1, 1], atol=1e-4)


def test_no_numbers_are_refused_and_leave_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no numbers"):
        write_sound(tmp_path / "1.wav", Audio(np.array([np.nan], np.float32), 16_000), information=INFORMATION)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError):
        write_sound(tmp_path / "file" / "1.wav", Audio(np.zeros(10, np.float32), 16_000), information=INFORMATION)


def test_other_wavs_say_nothing(tone, encode, tmp_path: Path) -> None:
    (tmp_path / "1.wav").write_bytes(encode(tone()))
    (tmp_path / "2.wav").write_bytes(b"text")
    assert read_information(tmp_path / "1.wav") is None
    for name in ("2.wav", "missing.wav"):
        with pytest.raises(UnreadableAudio, match=name):
            read_information(tmp_path / name)


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_finished_sound_begins_and_ends_at_rest(rate, tone) -> None:
    sound = Audio(tone(1, rate, 300.0) + np.float32(0.2), rate)
    result = finished(sound).samples
    fade = rate // 100
    assert abs(float(result.mean())) < 1e-3
    assert abs(float(result[0])) < 1e-6
    assert abs(float(result[-1])) < 1e-6
    np.testing.assert_allclose(result[fade:-fade], sound.samples[fade:-fade] - sound.samples.mean(), atol=1e-6)
    assert sound.samples[0] == pytest.approx(0.2)


@pytest.mark.parametrize("length", [0, 1, 2, 7])
def test_finishing_the_shortest_sounds(length) -> None:
    result = finished(Audio(np.ones(length, np.float32), 16_000)).samples
    assert result.shape == (length,)
    assert np.isfinite(result).all()


@pytest.mark.parametrize("ending", SOUND_FORMATS)
@pytest.mark.parametrize("rate", [22_050, 24_000, 32_000])
def test_every_format_holds_the_sound_and_says_what_it_is(ending, rate, tone, tmp_path: Path) -> None:
    path = tmp_path / f"1.{ending.upper()}"
    sound = Audio(tone(2, rate, 300.0), rate)
    write_sound(path, sound, information=INFORMATION)
    found = read_information(path)
    assert found is not None
    assert (found.engine, found.voice, found.emotion) == ("embedded", "youngwoman", "happy")
    assert found.title == INFORMATION.title
    heard = read_audio(path, sample_rate=rate)
    assert heard.duration == pytest.approx(sound.duration, abs=0.1)
    assert loudness(heard) == pytest.approx(loudness(sound), abs=0.5)
    written = soundfile.info(path)
    assert written.samplerate >= 22_050
    assert written.channels == 1


@pytest.mark.parametrize(("ending", "share"), [("flac", 1.0), ("mp3", 0.35), ("opus", 0.25)])
def test_compressed_files_are_smaller_than_a_wav(ending, share, tone, tmp_path: Path) -> None:
    for name in ("wav", ending):
        write_sound(tmp_path / f"1.{name}", Audio(tone(5, 24_000), 24_000), information=INFORMATION)
    assert (tmp_path / f"1.{ending}").stat().st_size < share * (tmp_path / "1.wav").stat().st_size


@pytest.mark.parametrize("ending", SOUND_FORMATS)
def test_a_mood_in_any_script_survives_in_every_format(ending, tmp_path: Path) -> None:
    information = SoundInformation("embedded", "youngwoman", "开心 ü", title="你好")
    write_sound(tmp_path / f"1.{ending}", Audio(np.zeros(2400, np.float32), 24_000), information=information)
    found = read_information(tmp_path / f"1.{ending}")
    assert found is not None
    assert found.emotion == "开心 ü"


@pytest.mark.parametrize(
    ("text", "names"), [("", ("wav",)), ("MP3", ("mp3",)), ("opus, wav,opus", ("opus", "wav")), (",", ("wav",))]
)
def test_lists_of_formats(text, names) -> None:
    assert parse_sounds(text) == names


@pytest.mark.parametrize("name", ["1.aac", "1", "1.wav.txt", "wav"])
def test_other_endings_are_refused_with_the_choices(name, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="opus"):
        write_sound(tmp_path / name, Audio(np.zeros(10, np.float32), 16_000), information=INFORMATION)
    assert not list(tmp_path.iterdir())
    with pytest.raises(UnknownName, match="mp3"):
        parse_sounds("wav,aac")
