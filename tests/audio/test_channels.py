"""Channels are mixed, split or heard alone, and what cancels out or is there twice is told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.audio import SoundChoice, read_audio, read_channels
from pipeline.audio.channels import without_copies
from pipeline.core.errors import UnreadableAudio
from pipeline.core.values import Audio
from tests.audio.cases import TOLERANCE, Case
from tests.films import RATE, Sound, film, found, marks, plain

TEN = marks(10, 1)


def stereo(left: np.ndarray, right: np.ndarray, kind: str = "WAV") -> Callable[[], bytes]:
    return lambda: plain(np.stack([left, right], axis=1), kind)


def call(leak: float = 0.03, noise: float = 0.001) -> np.ndarray:
    """Two people who speak in turn, each on a channel, with crosstalk: noise with the rhythm of syllables."""
    random = np.random.default_rng(7)
    time = np.arange(24 * 16_000) / 16_000
    voices = 0.2 * random.standard_normal((len(time), 2)) * np.abs(np.sin(np.pi * 4 * time))[:, None]
    turn = (time // 3).astype(int) % 2
    pauses = time % 3 < 2.6
    spoken = voices * np.stack([pauses & (turn == 0), pauses & (turn == 1)], axis=1)
    heard = spoken + leak * spoken[:, ::-1] + noise * random.standard_normal(spoken.shape)
    return heard.astype(np.float32)


def panned(gains: tuple[float, float]) -> np.ndarray:
    """Two people who speak in turn, each nearer to one side, as in an interview or a film."""
    both = call(leak=0.0, noise=0.0)
    return (both @ np.array([gains, gains[::-1]]) + 0.001).astype(np.float32)


TONE, DEEP = marks(3, 1), marks(3, 1, hertz=500)
ALIKE, INVERTED = np.stack([TONE, TONE], 1), np.stack([TONE, -TONE], 1)
SIDES = np.stack([marks(3, 1), marks(3, 2)], 1)


def following(*parts: np.ndarray) -> Callable[[], bytes]:
    """Parts of one recording, each (time, channels)."""
    return lambda: plain(np.concatenate(parts))


PART = "in part: channel 1 is heard alone there"

CHANNELS = [
    Case("stereo, both alike", stereo(TONE, TONE), [1]),
    Case("stereo, one inverted", stereo(TONE, -TONE), [1], "channel 1 is heard alone"),
    Case("stereo, the weaker one inverted", stereo(0.4 * TONE, -TONE), [1], "channel 2 is heard alone"),
    Case("flac, one inverted", stereo(TONE, -TONE, "FLAC"), [1], "channel 1 is heard alone"),
    Case("mkv, one inverted", lambda: film("matroska", "flac", Sound([(2, np.stack([TONE, -TONE], 1))])), [3], "alone"),
    Case("stereo, one silent", stereo(TONE, 0 * TONE), [1]),
    Case("stereo, different", stereo(TONE, marks(3, 2)), [1, 2]),
    Case("the first channel", stereo(TONE, marks(3, 2)), [1], "", {"channels": "1"}),
    Case("the second channel", stereo(TONE, marks(3, 2)), [2], "", {"channels": "2"}),
    Case("four, two of them inverted", lambda: plain(np.stack([TONE, -TONE, TONE, -TONE], 1)), [1], "heard alone"),
    Case("alike, then inverted", following(ALIKE, INVERTED), [1, 4], PART, seconds=6),
    Case("inverted, then alike", following(INVERTED, ALIKE), [1, 4], PART, seconds=6),
    Case("inverted for a second among others", following(SIDES, INVERTED, SIDES), [1, 2, 4, 7, 8], PART),
    Case("inverted, then each side for itself", following(INVERTED, SIDES), [1, 4, 5], PART),
    Case("inverted in the middle of a second", following(ALIKE[: RATE * 3 // 2], INVERTED), [1, 2.5], PART),
    Case("silent, then inverted", following(0 * ALIKE, INVERTED), [4], "out: channel 1 is heard alone"),
    Case("six, one speaks", lambda: plain(np.stack([0 * TONE] * 2 + [TONE] + [0 * TONE] * 3, 1)), [1]),
]

CALLS = [
    ("a call", lambda: call(), True),
    ("a call with crosstalk at -20 dB", lambda: call(0.1), True),
    ("a noisy call", lambda: call(0.03, 0.01), True),
    ("a call without crosstalk", lambda: call(0.0, 0.0), True),
    ("an interview", lambda: panned((1.0, 0.5)), False),
    ("a wide interview", lambda: panned((1.0, 0.35)), False),
    ("mono in two channels", lambda: panned((1.0, 1.0)), False),
    ("one side speaks", lambda: call() * np.array([1, 0], np.float32), False),
    ("noise", lambda: 0.1 * np.random.default_rng(3).standard_normal((20 * 16_000, 2)).astype(np.float32), False),
]


@pytest.mark.parametrize("case", CHANNELS, ids=lambda case: case.name)
def test_channels_are_heard_as_they_are_asked_for(case: Case) -> None:
    case.check()


@pytest.mark.parametrize(("name", "make", "apart"), CALLS, ids=[name for name, _, _ in CALLS])
def test_a_call_is_told_from_other_stereo(name: str, make: Callable[[], np.ndarray], apart: bool) -> None:
    notes: list[str] = []
    read_audio(plain(make(), rate=16_000), notes=notes)
    assert [("--channels split" in note) for note in notes] == ([True] if apart else [])


def test_the_channels_there_are_told() -> None:
    with pytest.raises(
        UnreadableAudio, match=r"has 2 channels: there is no channel 9\. Give --channels a number from 1"
    ):
        read_audio(plain(SIDES), choice=SoundChoice(channels="9"))


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "mkv"])
def test_split_channels_are_heard_apart(kind: str) -> None:
    left, right = marks(5, 1), marks(5, 2, 3)
    both = np.stack([left, right], axis=1)
    data = film("matroska", "flac", Sound([(2, both)])) if kind == "mkv" else plain(both, kind)
    late_by = 2 if kind == "mkv" else 0
    parts = list(read_channels(data, seconds=1.5))
    assert {len(part) for part in parts} == {2}
    sounds = [np.concatenate([part[channel].samples for part in parts]) for channel in (0, 1)]
    assert found(sounds[0]) == pytest.approx([1 + late_by], abs=TOLERANCE)
    assert found(sounds[1]) == pytest.approx([2 + late_by, 3 + late_by], abs=TOLERANCE)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: plain(TEN), "has one channel: there is nothing to split"),
        (stereo(TEN, TEN), "hold the same sound"),
        (stereo(TEN, -0.5 * TEN), "hold the same sound"),
        (stereo(TEN, marks(10, 3)), ""),
    ],
)
def test_what_cannot_be_split_is_told(make: Callable[[], bytes], said: str) -> None:
    notes: list[str] = []
    list(read_channels(make(), notes=notes))
    assert [said in note for note in notes] == ([True] if said else [])


@pytest.mark.parametrize(
    ("gains", "heard"),
    [((1, 1), [1, 0]), ((1, 0.5), [1, 0]), ((0.5, 1), [0, 1]), ((1, -1), [1, 0]), ((0, 1, 0.2, -1), [0, 1, 0, 0])],
)
def test_the_same_sound_on_several_channels_is_heard_once(gains: tuple[float, ...], heard: list[int]) -> None:
    channels = without_copies([Audio(gain * TEN, RATE) for gain in gains])
    assert [len(found(channel.samples, RATE)) for channel in channels] == heard


@pytest.mark.parametrize("make", [lambda: call(0.1), lambda: SIDES], ids=["a call", "one after the other"])
def test_different_sounds_on_channels_are_all_heard(make: Callable[[], np.ndarray]) -> None:
    channels = [Audio(np.ascontiguousarray(samples), RATE) for samples in make().T]
    assert all(heard is channel for heard, channel in zip(without_copies(channels), channels, strict=True))


def test_a_change_of_channels_within_a_track_is_followed() -> None:
    """Broadcasts change between mono and stereo: what follows is heard too, in time."""
    mono = film("mpegts", "mp2", Sound([(0, marks(3, 1))]))
    wide = film("mpegts", "mp2", Sound([(0, np.stack([marks(3, 1)] * 2, axis=1))]))
    inverted = film("mpegts", "mp2", Sound([(0, INVERTED)]))
    for data in (mono + wide, wide + mono, mono + inverted, mono + inverted[: len(inverted) // 2]):
        assert found(read_audio(data).samples) == pytest.approx([1, 4.03], abs=0.04)
    notes: list[str] = []
    read_audio(mono + inverted, notes=notes)
    assert PART in notes[0]
    ((one,),) = read_channels(mono + inverted)
    assert found(one.samples) == pytest.approx([1, 4.03], abs=0.04)
