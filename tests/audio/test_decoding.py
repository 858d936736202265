"""Any recording becomes mono float32 at one rate, or a typed error; never anything else."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.audio import AudioLimits, read_audio, read_parts, require_sound
from pipeline.core.errors import AudioTooLarge, NoSpeech, UnreadableAudio
from pipeline.core.values import Audio
from tests.audio.tones import TARGET, assert_tone, frequency_and_peak

KINDS = [
    "wav",
    "wav24",
    "wav8",
    "float",
    "double",
    "flac",
    "ogg",
    "opus",
    "aiff",
    "webm",
    "m4a",
    "mp4",
    "mp3",
    "mkv",
    "aac",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_by_content_under_a_wrong_name(kind, tone, encode, tmp_path: Path) -> None:
    path = tmp_path / "recording.txt"
    path.write_bytes(encode(tone(), kind))
    audio = read_audio(path)
    hertz, peak = frequency_and_peak(audio)
    assert hertz == pytest.approx(1000, abs=1)
    # LAME lowers the level by a twentieth on purpose.
    assert peak == pytest.approx(0.475 if kind == "mp3" else 0.5, rel=0.02)
    assert audio.duration == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize(
    "name", ["a.m3u8", "a.raw", "a.mp3", "a b.wav", 'it\'s "it".wav', "录音.wav", "-x.wav", "100%d.wav"]
)
@pytest.mark.parametrize("kind", ["wav", "webm"])
def test_the_name_does_not_matter(name, kind, tone, encode, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(encode(tone(), kind))
    assert_tone(read_audio(str(path)), tolerance=0.02)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 96000, 192000])
def test_every_rate_keeps_pitch_level_and_length(rate, tone, encode) -> None:
    assert_tone(read_audio(encode(tone(rate=rate), "float", rate)))


def test_nothing_above_half_the_rate_folds_back(tone, encode) -> None:
    audio = read_audio(encode(tone(rate=96000, hertz=11_000), "float", 96000))
    assert np.abs(audio.samples[800:-800]).max() < 1e-3


def test_another_rate_on_request(tone, encode) -> None:
    audio = read_audio(encode(tone(), "wav"), sample_rate=22050)
    assert (audio.sample_rate, len(audio.samples)) == (22050, 22050)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_averaged(channels, tone, encode) -> None:
    weights = np.arange(1, channels + 1, dtype=np.float32) / channels
    assert_tone(read_audio(encode(tone()[:, None] * weights, "float")), peak=0.5 * float(weights.mean()))


@pytest.mark.parametrize("kind", ["wav8", "wav", "wav24", "float", "double"])
def test_every_sample_format_has_the_same_scale(kind, tone, encode) -> None:
    reference = tone(rate=TARGET)
    found = read_audio(encode(reference, kind, TARGET)).samples
    assert np.abs(found - reference).max() <= (1 / 127 if kind == "wav8" else 1 / 32767)


def test_sound_beyond_full_scale_is_made_quieter_as_a_whole(tone, encode) -> None:
    loud = tone(rate=TARGET, peak=4.0)
    found = read_audio(encode(loud, "float", TARGET)).samples
    np.testing.assert_allclose(found, loud / np.abs(loud).max(), atol=1e-6)


def test_a_few_samples_that_are_no_sound_are_filled_in(tone, encode) -> None:
    sound = tone(rate=TARGET)
    broken = sound.copy()
    broken[[5, 500, 5000, 7000]] = np.nan, np.inf, -np.inf, 1e5
    notes: list[str] = []
    found = read_audio(encode(broken, "float", TARGET), notes=notes).samples
    np.testing.assert_allclose(found, sound, atol=0.05)
    assert [note for note in notes if "4 samples" in note] == notes != []


def test_a_flac_that_does_not_state_its_length_is_read_to_its_end(tone, encode) -> None:
    data = bytearray(encode(tone(3.0), "flac"))
    # The number of samples: the last 36 bits before the digest of STREAMINFO.
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    assert soundfile.info(io.BytesIO(data)).frames > 1 << 62
    assert read_audio(bytes(data)).duration == pytest.approx(3.0, abs=0.001)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_what_is_mostly_no_sound_is_refused(value, tone, encode) -> None:
    broken = tone(rate=TARGET)
    broken[: len(broken) // 8] = value
    with pytest.raises(UnreadableAudio, match="12% of its samples are no sound"):
        read_audio(encode(broken, "float", TARGET))


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_one_sample(kind, encode) -> None:
    audio = read_audio(encode(np.array([0.25], np.float32), kind, TARGET))
    assert audio.samples.tolist() == [0.25]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"R",
        b"RIFF\0\0\0\0WAVE",
        b"This is a letter, not a recording.\n" * 50,
        b"\0" * 5000,
        b"ID3\4\0\0\0\0\0\0",
        b"\xff\xfb" * 3,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
        b"%PDF-1.7\n" * 50,
    ],
)
def test_what_is_no_recording_is_refused(data, tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    path.write_bytes(data)
    with pytest.raises(UnreadableAudio, match=r"recording\.wav") as caught:
        read_audio(path)
    assert "\n" not in str(caught.value)


def test_a_codec_that_nobody_knows(tone, encode) -> None:
    data = encode(tone(), "mkv").replace(b"A_FLAC", b"A_XXXX")
    with pytest.raises(UnreadableAudio):
        read_audio(data)


def test_no_samples(encode) -> None:
    with pytest.raises(UnreadableAudio):
        read_audio(encode(np.zeros(0, np.float32)))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.wav", "does not exist"),
        ("", "folder"),
        ("n\0ul.wav", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ],
)
def test_paths_that_lead_to_no_file(name, said, tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudio, match=said) as caught:
        read_audio(f"{tmp_path}/{name}")
    assert len(str(caught.value)) < 500


def test_a_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(UnreadableAudio) as caught:
        read_audio(f"{tmp_path}/\x1b[31mred\n\udcff.wav")
    assert str(caught.value).isprintable()
    str(caught.value).encode()


def test_default_limits() -> None:
    assert AudioLimits() == AudioLimits(
        max_bytes=2 * 1024**3, max_seconds=7200, max_channels=32, max_sample_rate=384_000
    )


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "mp3", "webm", "m4a"])
@pytest.mark.parametrize(
    ("limits", "said"), [(AudioLimits(max_seconds=0.5), "longer"), (AudioLimits(max_bytes=1000), "larger")]
)
def test_limits_of_seconds_and_bytes(kind, limits, said, tone, encode, tmp_path: Path) -> None:
    path = tmp_path / "long.bin"
    path.write_bytes(encode(tone(), kind))
    with pytest.raises(AudioTooLarge, match=rf"long\.bin is {said}"):
        read_audio(path, limits=limits)


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_limit_of_channels(kind, tone, encode) -> None:
    data = encode(np.repeat(tone()[:, None], 6, axis=1), kind)
    with pytest.raises(AudioTooLarge, match="6 channels"):
        read_audio(data, limits=AudioLimits(max_channels=2))


def test_limit_of_the_rate(tone, encode) -> None:
    with pytest.raises(AudioTooLarge, match="96000 Hz"):
        read_audio(encode(tone(rate=96000), "wav", 96000), limits=AudioLimits(max_sample_rate=48000))


def test_a_small_file_that_swells_stops_at_the_limit(encode) -> None:
    data = encode(np.zeros(600 * TARGET, np.float32), "flac", TARGET)
    assert len(data) < 100_000
    with pytest.raises(AudioTooLarge):
        read_audio(data, limits=AudioLimits(max_seconds=60))


class Pipe(io.RawIOBase):
    """Bytes that cannot seek, as standard input gives them."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        count = self._data.readinto(memoryview(buffer)[:1000])
        self.given += count
        return count


@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a"])
def test_pipes(kind, tone, encode) -> None:
    data = encode(tone(), kind)
    np.testing.assert_array_equal(read_audio(Pipe(data)).samples, read_audio(data).samples)


def test_a_pipe_is_not_read_beyond_the_limit() -> None:
    pipe = Pipe(bytes(5_000_000))
    with pytest.raises(AudioTooLarge):
        read_audio(pipe, limits=AudioLimits(max_bytes=10_000))
    assert pipe.given < 2_000_000


def test_an_open_file_is_read_from_its_start_and_stays_open(tone, encode) -> None:
    file = io.BytesIO(encode(tone()))
    file.seek(100)
    assert_tone(read_audio(file))
    assert not file.closed


@pytest.mark.parametrize("peak", [0.0, 1e-5])
def test_silence_is_read_and_then_refused(peak, tone, encode) -> None:
    audio = read_audio(encode(tone(peak=peak), "float"))
    assert audio.duration == pytest.approx(1.0)
    with pytest.raises(NoSpeech, match=r"quiet\.wav holds only silence"):
        require_sound(audio, "quiet.wav")


def test_dither_counts_as_silence(encode) -> None:
    random = np.random.default_rng(3)
    dither = (random.random(48_000) - random.random(48_000)).astype(np.float32) / 32768
    with pytest.raises(NoSpeech):
        require_sound(read_audio(encode(dither)))


def test_a_whisper_far_away_is_sound(tone) -> None:
    audio = Audio(tone(peak=10 ** (-70 / 20)), 48_000)
    assert require_sound(audio) is audio


def test_nothing_is_written_to_the_terminal(tone, encode, capfd) -> None:
    for kind in ("mp3", "webm", "m4a", "ogg"):
        data = encode(tone(), kind)
        for part in (data, data[: len(data) // 2], data[: len(data) // 2] + bytes(500)):
            try:
                read_audio(part, notes=[])  # Not to the log.
            except UnreadableAudio:
                continue
    assert capfd.readouterr() == ("", "")


LONG = """
import resource, sys
import numpy as np
from pipeline.audio import read_audio
read_audio(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
audio = read_audio(sys.argv[1])
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(audio.duration, float(np.abs(audio.samples[-16000:]).max()), (after - before) / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="sparse files, and the unit of ru_maxrss")
@pytest.mark.parametrize("seconds", [1200, pytest.param(3600, marks=pytest.mark.slow)])
def test_a_long_recording_holds_little_more_than_its_result(tone, encode, tmp_path: Path, seconds: int) -> None:
    rate = 44_100
    last = (tone(1, rate)[:, None] * np.ones(2) * 32767).astype("<i2").tobytes()
    size = rate * seconds * 4
    long, short = tmp_path / "long.wav", tmp_path / "short.wav"
    with long.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt ")
        file.write(struct.pack("<IHHIIHH", 16, 1, 2, rate, rate * 4, 4, 16) + b"data" + struct.pack("<I", size))
        # A hole in the file stands for all but the last second, which are silent.
        file.seek(size - len(last), os.SEEK_CUR)
        file.write(last)
    short.write_bytes(encode(tone(rate=rate), "wav", rate))
    result = subprocess.run(
        [sys.executable, "-c", LONG, long, short],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    duration, peak, megabytes = map(float, result.stdout.split())
    assert duration == pytest.approx(seconds, abs=1 / TARGET)
    assert peak == pytest.approx(0.5, rel=0.01)
    # The result alone is 220 MiB an hour; the file at its own rate as float32 would be 1211.
    assert megabytes < 330 * seconds / 3600


@pytest.mark.parametrize("rate", [16000, 44100])
def test_parts_are_the_whole_recording(tmp_path, rate):
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.4 * np.sin(np.arange(round(5.3 * rate)) / 7), rate)
    whole = read_audio(path)
    parts = list(read_parts(path, seconds=2))
    assert [round(part.duration, 2) for part in parts] == [2, 2, 1.3]
    np.testing.assert_array_equal(np.concatenate([part.samples for part in parts]), whole.samples)


def test_parts_of_nothing_are_refused(tmp_path):
    path = tmp_path / "nothing.wav"
    soundfile.write(path, np.zeros(0), 16000)
    with pytest.raises(UnreadableAudio, match="no sound"):
        list(read_parts(path))


def test_parts_beyond_a_limit_are_refused(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(200_000), 16000)
    parts = read_parts(path, seconds=1, limits=AudioLimits(max_seconds=10))
    assert next(parts).duration == 1
    with pytest.raises(AudioTooLarge):
        list(parts)
