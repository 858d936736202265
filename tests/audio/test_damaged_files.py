"""Of damaged files, what can be decoded is heard, and what is missing is told; no header breaks anything."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.audio import AudioLimits, is_result, read_audio, stated_seconds
from pipeline.core.errors import ResayError, UnreadableAudio
from pipeline.core.values import Audio
from tests.audio.cases import Case
from tests.audio.tones import TARGET, assert_tone, frequency_and_peak
from tests.films import Sound, faststart, film, marks, plain, tagged


@pytest.mark.parametrize("name", ["cut", "junk within", "junk before", "a hole", "a false table", "a false tag"])
def test_no_library_writes_to_standard_error(name, tmp_path, capfd) -> None:
    whole = film("mp3", "libmp3lame", Sound([(0, TEN)]))
    junk = np.random.default_rng(0).integers(0, 256, 3000, np.uint8).tobytes()
    path = tmp_path / "talk.mp3"
    path.write_bytes(
        {
            "cut": cut(whole),
            "junk within": whole[:5000] + junk + whole[5000:],
            "junk before": junk + cut(whole),
            "a hole": whole[:5000] + whole[5700:],
            "a false table": whole.replace(b"Xing", b"Info").replace(b"Info", b"Xing"),
            "a false tag": b"ID3\x04\x00\x00\x00\x00\x7f\x7f" + whole,
        }[name]
    )
    is_result(path)
    stated_seconds(path)
    with contextlib.suppress(UnreadableAudio):
        # Without a list for the notes they would go to the log.
        read_audio(path, notes=[])
    assert capfd.readouterr().err == ""


def cut(data: bytes, share: float = 0.5) -> bytes:
    return data[: round(len(data) * share)]


TEN = marks(10, 1)
CUT = "states 10 seconds, of which 5"
UNENDED = "lacks the mark with which its format ends: it may be cut short"

DAMAGED = [
    *(
        Case(f"cut {kind}", lambda kind=kind, subtype=subtype: cut(plain(TEN, kind, subtype)), [1], CUT)
        for kind, subtype in (
            ("WAV", "PCM_16"),
            ("WAV", "FLOAT"),
            ("WAV", "PCM_24"),
            ("WAVEX", "PCM_16"),
            ("RF64", "PCM_16"),
            ("W64", "PCM_16"),
            ("AIFF", "PCM_16"),
            ("CAF", "PCM_16"),
            ("AU", "PCM_16"),
        )
    ),
    Case("a short cut wav", lambda: cut(plain(marks(2, 0.5)), 0.6), [0.5], "states 2.0 seconds, of which 1.2"),
    Case("a short whole mp3", lambda: film("mp3", "libmp3lame", Sound([(0, marks(0.8, 0.2))])), [0.2]),
    Case("a short whole m4a", lambda: film("mp4", "aac", Sound([(0, marks(0.4, 0.1))])), [0.1]),
    Case("cut flac", lambda: cut(plain(noisy(TEN), "FLAC")), [1], "states 10"),
    Case("cut caf with packets", lambda: cut(plain(noisy(TEN), "CAF", "ALAC_16")), [1], CUT),
    Case("cut mp3", lambda: cut(film("mp3", "libmp3lame", Sound([(0, TEN)]))), [1], "states 10"),
    Case("cut mp4", lambda: cut(faststart(film("mp4", "alac", Sound([(0, noisy(TEN))])))), [1], CUT),
    Case("cut mkv", lambda: cut(film("matroska", "flac", Sound([(0, noisy(TEN))]))), [1], CUT),
    Case(
        "cut mkv video",
        lambda: cut(film("matroska", "flac", Sound([(0, noisy(TEN))]), picture=(0, 10)), 0.4),
        [1],
        "st",
    ),
    Case("cut avi", lambda: cut(film("avi", "pcm_s16le", Sound([(0, TEN)]))), [1], CUT),
    Case("cut avi video", lambda: cut(film("avi", "pcm_s16le", Sound([(0, TEN)]), picture=(0, 10))), [1], "states 10"),
    Case("whole avi", lambda: film("avi", "pcm_s16le", Sound([(0, TEN)])), [1], seconds=10),
    Case("cut flv", lambda: cut(film("flv", "aac", Sound([(0, marks(3, 1))])), 0.97), [1.02]),
    *(
        Case(
            f"{name} ogg {codec}",
            lambda codec=codec, change=change: change(film("ogg", codec, Sound([(0, noisy(marks(10, 1, 9)))]))),
            times,
            note,
        )
        for codec in ("libopus", "flac")
        for name, change, times, note in (
            ("cut", cut, [1], UNENDED),
            ("hardly cut", lambda data: data[:-1], [1, 9], UNENDED),
            ("whole", lambda data: data, [1, 9], ""),
            ("two in one", lambda data: 2 * data, [1, 9, 11, 19], ""),
        )
    ),
    Case("whole wav", lambda: plain(TEN), [1], seconds=10),
    Case("whole caf", lambda: plain(TEN, "CAF"), [1], seconds=10),
    Case("whole aiff", lambda: plain(TEN, "AIFF"), [1], seconds=10),
    Case("whole wav64", lambda: plain(TEN, "W64"), [1], seconds=10),
    Case("a wav from a pipe", lambda: plain(TEN).replace(length_of(TEN), b"\xff\xff\xff\xff"), [1], seconds=10),
    Case("ID3 before RIFF", lambda: tagged(plain(TEN)), [1], seconds=10),
    Case("two ID3 before RIFF", lambda: tagged(tagged(plain(TEN)), size=5000), [1], seconds=10),
    Case("ID3 before a cut wav", lambda: tagged(cut(plain(TEN))), [1], CUT),
    Case("ID3 before FLAC", lambda: tagged(plain(TEN, "FLAC")), [1], seconds=10),
    Case("ID3 before AIFF", lambda: tagged(plain(TEN, "AIFF")), [1], seconds=10),
    Case("ID3 before mp4", lambda: tagged(film("mp4", "aac", Sound([(2, marks(3, 1))]), picture=(0, 6))), [3]),
]


def noisy(samples: np.ndarray) -> np.ndarray:
    """Return sound that codecs cannot make small, so that half of the file is half of the time."""
    return (samples + 0.01 * np.random.default_rng(5).standard_normal(len(samples))).astype(np.float32)


def length_of(samples: np.ndarray) -> bytes:
    return (2 * len(samples)).to_bytes(4, "little")


@pytest.mark.parametrize("case", DAMAGED, ids=lambda case: case.name)
def test_what_is_left_is_heard_and_the_rest_is_told(case: Case) -> None:
    case.check()


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "opus", "mp3", "webm", "aac"])
def test_a_truncated_file_gives_what_is_left(kind, encode) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 10 * 48_000).astype(np.float32)
    data = encode(noise, kind)
    whole = read_audio(data)
    part = read_audio(data[: len(data) // 2])
    assert 3.5 < part.duration < 6.5
    np.testing.assert_allclose(part.samples[:30_000], whole.samples[:30_000], atol=2e-3)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "AIFF", "CAF", "AU", "W64", "RF64", "OGG", "mp4", "webm"])
@pytest.mark.parametrize("before", [b"\r\n", b"\xef\xbb\xbf", b"HTTP/1.1 200 OK\r\n\r\n", bytes(4096)])
def test_what_stands_before_a_header_is_told(kind: str, before: bytes) -> None:
    films = {"mp4": "aac", "webm": "libopus"}
    one = marks(1, 0.5)
    data = film(kind, films[kind], Sound([(0, one)])) if kind in films else plain(one, kind)
    with pytest.raises(UnreadableAudio, match=rf": {len(before):,} bytes stand in front of it"):
        read_audio(before + data)


@pytest.mark.parametrize("kind", ["m4a", "mp4"])
def test_a_truncated_file_whose_index_is_lost_is_refused(kind, tone, encode) -> None:
    data = encode(tone(), kind)
    with pytest.raises(UnreadableAudio, match="is cut short: the index at its end is missing"):
        read_audio(data[: len(data) // 2])


@pytest.mark.parametrize("kind", ["mp4", "matroska", "avi", "mpegts"])
def test_a_film_without_sound_is_told_that_it_has_none(kind) -> None:
    with pytest.raises(UnreadableAudio, match="has a picture, but no sound track"):
        read_audio(film(kind, "", picture=(0, 1)))


@pytest.mark.parametrize("kind", ["flac", "mp3", "ogg", "webm", "aac"])
def test_damage_in_the_middle_does_not_lose_what_came_before(kind, tone, encode) -> None:
    data = bytearray(encode(np.tile(tone(), 20), kind))
    middle = len(data) // 2
    data[middle : middle + 200] = np.random.default_rng(2).bytes(200)
    audio = read_audio(bytes(data))
    assert 8 < audio.duration < 20.5
    # The level is free: what mp3 makes of the damage goes beyond full scale, and all is made quieter.
    assert frequency_and_peak(Audio(audio.samples[:TARGET], TARGET))[0] == pytest.approx(1000, abs=1)


@pytest.mark.parametrize("size", [0, 0x7FFFFFF0, 0xFFFFFFFF])
def test_a_wav_header_that_lies_about_its_length(size, tone, encode) -> None:
    data = bytearray(encode(tone()))
    place = data.index(b"data") + 4
    data[place : place + 4] = struct.pack("<I", size)
    assert_tone(read_audio(bytes(data)))


def test_a_flac_header_that_lies_about_its_length(tone, encode) -> None:
    data = bytearray(encode(tone(), "flac"))
    # The last 36 bits of bytes 10 to 17 of STREAMINFO: the number of samples.
    data[8 + 13] |= 0x0F
    data[8 + 14 : 8 + 18] = b"\xff" * 4
    assert_tone(read_audio(bytes(data)))


@pytest.mark.parametrize("rate", [0, 1, 999])
def test_a_rate_that_no_recording_has(rate, tone, encode) -> None:
    data = bytearray(encode(tone()))
    data[24:28] = struct.pack("<I", rate)
    with pytest.raises(UnreadableAudio):
        read_audio(bytes(data))


FIELDS = {
    "CAF": {"rate": (20, 8), "channels": (44, 4), "length": (4084, 8), "bits": (48, 4)},
    "WAV": {"rate": (24, 4), "channels": (22, 2), "length": (40, 4), "riff": (4, 4), "block": (32, 2), "bits": (34, 2)},
    "AIFF": {"rate": (28, 10), "channels": (20, 2), "frames": (22, 4), "form": (4, 4), "bits": (26, 2)},
    "AU": {"rate": (16, 4), "channels": (20, 4), "length": (8, 4), "offset": (4, 4), "format": (12, 4)},
    "W64": {"rate": (68, 4), "channels": (66, 2), "length": (96, 8), "riff": (16, 8)},
    "FLAC": {"block": (8, 4), "rate, channels, length": (18, 8)},
}
"""Kind of file to the places and sizes of what its header states."""


def outcome(path: Path) -> str:
    """Return `read`, or the message of an error of ours with the exit code for what cannot be read."""
    try:
        audio = read_audio(path, limits=AudioLimits(max_seconds=60))
    except ResayError as error:
        return f"{error.exit_code} {error.message}"
    return "read" if np.isfinite(audio.samples).all() else "no numbers"


def mutants(whole: bytes, place: int, size: int) -> Iterator[bytes]:
    """Yield a file with a field of its header all zeros, all ones, or with a one in each of its bytes."""
    ones = [bytes(1 if position == at else 0 for position in range(size)) for at in range(size)]
    for value in (bytes(size), b"\xff" * size, *ones):
        yield whole[:place] + value + whole[place + size :]


@pytest.mark.parametrize("kind", FIELDS)
def test_whatever_a_header_states_there_is_sound_or_an_error_with_the_name(kind: str, tmp_path) -> None:
    path = tmp_path / "mutant.bin"
    whole = plain(marks(0.5, 0.1), kind)
    outcomes = set()
    for field_of_header in FIELDS[kind].values():
        for data in mutants(whole, *field_of_header):
            path.write_bytes(data)
            outcomes.add(outcome(path))
    assert "read" in outcomes
    errors = outcomes - {"read"}
    assert errors
    assert all(error.startswith("4 ") and "mutant.bin" in error for error in errors), errors


def test_a_decoder_that_breaks_is_an_error_with_the_name(monkeypatch, tmp_path) -> None:
    import soundfile

    path = tmp_path / "sound.wav"
    path.write_bytes(plain(TEN))

    def broken(*arguments, **named) -> None:
        raise RuntimeError("an internal error")

    monkeypatch.setattr(soundfile.SoundFile, "read", broken)
    with pytest.raises(
        UnreadableAudio, match=r"sound\.wav is damaged: it cannot be decoded \(RuntimeError\)"
    ) as refused:
        read_audio(path)
    assert refused.value.exit_code == 4


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    head=st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"ID3", b"\xff\xfb", b"\x1aE\xdf\xa3", b"\0\0\0 ftypM4A "]),
    data=st.binary(max_size=2000),
)
def test_random_bytes_give_sound_or_a_typed_error(head, data) -> None:
    check(head + data)


@settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["wav", "float", "flac", "ogg", "mp3", "m4a", "webm", "mkv"]),
    changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), min_size=1, max_size=8),
    length=st.integers(1, 6000),
)
def test_damaged_headers_give_sound_or_a_typed_error(kind, changes, length, seeds) -> None:
    data = bytearray(seeds[kind])
    for place, value in changes:
        data[place % len(data)] = value
    check(bytes(data[:length]))


@pytest.fixture(scope="module")
def seeds(tone, encode) -> dict[str, bytes]:
    return {kind: encode(tone(0.1), kind) for kind in ("wav", "float", "flac", "ogg", "mp3", "m4a", "webm", "mkv")}


def check(data: bytes) -> None:
    try:
        audio = read_audio(data, limits=AudioLimits(max_seconds=60))
    except ResayError:
        return
    assert len(audio.samples)
    assert np.isfinite(audio.samples).all()
    assert np.abs(audio.samples).max() <= 1
