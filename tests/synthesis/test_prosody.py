"""Emotions act on prosody alone: a voice of plain sines acts without WORLD, the embedded voice on the same path."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.loudness import loudness
from pipeline.core.emotions import Mood
from pipeline.core.values import Audio, Speech, Word
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.espeak import Espeak
from pipeline.synthesis.prosody.changes import NEUTRAL, ProsodyChange, TimbreChange, emotion_change
from pipeline.synthesis.prosody.f0 import Register
from pipeline.synthesis.prosody.presets import PRESETS, VoicePreset
from pipeline.synthesis.prosody.prosody import Phone, Prosody
from pipeline.synthesis.sentences import Sentence
from pipeline.synthesis.world.speaker import WorldPlan

ROOT = Path(__file__).resolve().parents[2]
RATE = 16_000
PERIOD = 0.0125
"""Seconds from frame to frame: that of a network, not WORLD's."""


def sentence_of(words: int = 4, register: Register | None = None) -> Prosody:
    """Return a sentence that falls: each word a vowel of 0.3 s and a consonant of 0.1 s, pauses around and within."""
    register = register or Register(200, 480)
    names, seconds, word_of = ["pau"], [0.1], [-1]
    for word in range(words):
        names += ["aa", "s"]
        seconds += [0.3, 0.1]
        word_of += [word, word]
        if word == words // 2 - 1:
            names, seconds, word_of = [*names, "pau"], [*seconds, 0.2], [*word_of, -1]
    names, seconds, word_of = [*names, "pau"], [*seconds, 0.1], [*word_of, -1]
    ends = np.cumsum(seconds)
    times = (np.arange(round(ends[-1] / PERIOD)) + 0.5) * PERIOD
    phone = np.searchsorted(ends, times)
    kind = np.array([{"pau": 0, "s": 1, "aa": 2}[name] for name in names])[phone]
    melody = register.usual * 2 ** ((3 - 2 * times + np.sin(9 * times)) / 12)
    spans = [[place for place, own in enumerate(word_of) if own == word] for word in range(words)]
    return Prosody(
        f0=np.where(kind == 2, melody, 0.0),
        energy=np.array([-90.0, -40.0, -20.0])[kind] - 2 * times,
        register=register,
        period=PERIOD,
        words=tuple(
            Word(f"w{number}", float(ends[own[0]] - seconds[own[0]]), float(ends[own[-1]]))
            for number, own in enumerate(spans)
        ),
        phones=tuple(map(Phone, names, seconds, word_of)),
    )


def height(prosody: Prosody) -> float:
    return float(12 * np.log2(np.median(prosody.f0[prosody.voiced])))


def spread(prosody: Prosody) -> float:
    return float((12 * np.log2(prosody.f0[prosody.voiced])).std())


def tilt(values: np.ndarray) -> float:
    return float(values[len(values) // 2 :].mean() - values[: len(values) // 2].mean())


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("shift", [-3.0, 4.0])
def test_f0_moves_by_as_many_semitones_as_are_asked(shift: float, strength: float) -> None:
    neutral = sentence_of()
    acted = neutral.apply(ProsodyChange(shift=shift), strength)
    assert height(acted) - height(neutral) == pytest.approx(shift * strength, abs=0.1 if strength < 2 else 1.5)
    np.testing.assert_array_equal(acted.voiced, neutral.voiced)
    np.testing.assert_array_equal(acted.energy, neutral.energy)
    assert acted.phones == neutral.phones


def test_a_preset_follows_its_share_and_never_squeaks() -> None:
    neutral = sentence_of(register=Register(270, 540, rise=0.7))
    assert height(neutral.apply(ProsodyChange(shift=5.0))) - height(neutral) == pytest.approx(3.5, abs=0.1)
    assert neutral.apply(ProsodyChange(shift=20.0)).f0.max() < 540


@pytest.mark.parametrize("change", [ProsodyChange(range=1.5), ProsodyChange(final=-9.0), ProsodyChange(shift=-12.0)])
def test_a_melody_has_a_floor(change: ProsodyChange) -> None:
    neutral = sentence_of()
    lowest = neutral.f0[neutral.voiced].min()
    assert lowest * 2 ** (-4 / 12) < neutral.apply(change).f0[neutral.voiced].min() < lowest


@pytest.mark.parametrize("ratio", [0.7, 1.4])
def test_the_range_widens_about_the_line(ratio: float) -> None:
    neutral = sentence_of()
    flat = spread(neutral.apply(ProsodyChange(range=-9.0)))
    residual = np.sqrt(spread(neutral) ** 2 - flat**2)
    acted = neutral.apply(ProsodyChange(range=float(np.log(ratio))))
    assert np.sqrt(spread(acted) ** 2 - flat**2) == pytest.approx(ratio * residual, rel=0.05)


@pytest.mark.parametrize(("field", "value"), [("slope", 2.0), ("slope", -2.0), ("final", 4.0), ("final", -3.0)])
def test_the_contour_turns_where_it_is_asked(field: str, value: float) -> None:
    neutral = sentence_of()
    moved = np.log2(neutral.apply(ProsodyChange(**{field: value})).f0[neutral.voiced] / neutral.f0[neutral.voiced])
    assert np.sign(tilt(moved)) == np.sign(value)
    assert np.sign(moved[-1]) == np.sign(value)
    assert field == "slope" or np.abs(moved[: len(moved) // 2]).max() < 1e-9


@pytest.mark.parametrize("field", ["jitter", "tremor"])
def test_a_voice_trembles_about_its_own_f0(field: str) -> None:
    neutral = sentence_of()
    moved = 12 * np.log2(neutral.apply(ProsodyChange(**{field: 0.5})).f0[neutral.voiced] / neutral.f0[neutral.voiced])
    assert moved.std() == pytest.approx(0.5, rel=0.25)
    assert abs(moved.mean()) < 0.15


@pytest.mark.parametrize("tempo", [-0.2, 0.3])
def test_phones_words_and_frames_keep_together_at_another_tempo(tempo: float) -> None:
    neutral = sentence_of()
    acted = neutral.apply(ProsodyChange(tempo=tempo))
    assert len(acted) / len(neutral) == pytest.approx(np.exp(tempo), rel=0.02)
    assert sum(phone.seconds for phone in acted.phones) == pytest.approx(len(acted) * PERIOD, abs=PERIOD)
    assert [(phone.name, phone.word) for phone in acted.phones] == [(one.name, one.word) for one in neutral.phones]
    ends = np.cumsum([phone.seconds for phone in acted.phones])
    for number, word in enumerate(acted.words):
        assert word.end == pytest.approx(
            max(end for end, one in zip(ends, acted.phones, strict=True) if one.word == number)
        )
    # Vowels give way twice as much as consonants.
    vowel, consonant = (
        np.mean(
            [
                now.seconds / then.seconds
                for now, then in zip(acted.phones, neutral.phones, strict=True)
                if now.name == name
            ]
        )
        for name in ("aa", "s")
    )
    assert vowel - 1 == pytest.approx(2 * (consonant - 1), rel=0.25)
    # Each frame says where it comes from: the voice is where it was.
    np.testing.assert_array_equal(neutral.voiced[np.floor(acted.source + 0.5).astype(int)], acted.voiced)


def test_pauses_grow_and_speech_does_not() -> None:
    neutral = sentence_of()
    acted = neutral.apply(ProsodyChange(pauses=0.1))
    longer = [now.seconds - then.seconds for now, then in zip(acted.phones, neutral.phones, strict=True)]
    inner = [place for place, phone in enumerate(neutral.phones) if phone.name == "pau"][1]
    assert longer[inner] == pytest.approx(0.1 * len(neutral) * PERIOD, rel=0.1)
    assert max(abs(seconds) for place, seconds in enumerate(longer) if place != inner) < PERIOD


@pytest.mark.parametrize(("field", "value"), [("dynamics", 0.4), ("dynamics", -0.4), ("swell", 3.0), ("swell", -3.0)])
def test_loudness_moves_within_the_sentence(field: str, value: float) -> None:
    neutral = sentence_of()
    acted = neutral.apply(ProsodyChange(**{field: value}))
    if field == "swell":
        assert np.sign(tilt(acted.energy - neutral.energy)) == np.sign(value)
    else:
        assert np.sign(acted.energy[acted.voiced].std() - neutral.energy[neutral.voiced].std()) == np.sign(value)
    np.testing.assert_array_equal(acted.f0, neutral.apply(ProsodyChange()).f0)


def test_without_a_voice_only_time_passes() -> None:
    silent = dataclasses.replace(sentence_of(), f0=np.zeros(len(sentence_of())))
    acted = silent.apply(dataclasses.replace(NEUTRAL, shift=4.0, dynamics=0.3, tempo=0.2))
    assert not acted.voiced.any()
    assert len(acted) > 1.15 * len(silent)


@dataclass(frozen=True, eq=False)
class SinePlan:
    """A sentence of `Sines`."""

    prosody: Prosody

    def render(self, prosody: Prosody, timbre: TimbreChange) -> Audio:
        """Return one sine at F0, as loud as the energy says; it has no timbre to change."""
        times = np.arange(round(len(prosody) * PERIOD * RATE)) / RATE
        frames = np.arange(len(prosody)) * PERIOD
        phase = 2 * np.pi * np.cumsum(np.interp(times, frames, prosody.f0)) / RATE
        gain = np.where(prosody.voiced, 10 ** (prosody.energy / 20), 0.0)
        return Audio((np.interp(times, frames, gain) * np.sin(phase)).astype(np.float32), RATE)


class Sines:
    """A voice that knows no vocoder."""

    name = "sines"
    han = False

    def plan(self, sentence: Sentence, preset: VoicePreset) -> SinePlan:
        planned = sentence_of(len(sentence.tokens), preset.register)
        words = tuple(
            dataclasses.replace(word, text=token.written)
            for word, token in zip(planned.words, sentence.tokens, strict=True)
        )
        return SinePlan(dataclasses.replace(planned, words=words))


TEXT = "They came home late."


def said(mood: str, voice: str = "youngwoman", strength: float = 1.0) -> Speech:
    return Actor(Sines()).synthesise(TEXT, Mood(mood), voice, strength=strength)


def hertz(audio: Audio) -> float:
    """Return the median frequency between the zeros of a sine."""
    rising = np.flatnonzero((audio.samples[:-1] < 0) & (audio.samples[1:] >= 0))
    return float(np.median(RATE / np.diff(rising)))


@pytest.mark.parametrize("voice", ["youngwoman", "youngman"])
@pytest.mark.parametrize("mood", ["calm", "happy", "sad", "angry", "surprised"])
def test_a_voice_of_sines_acts(mood: str, voice: str) -> None:
    change = emotion_change({mood: 1.0}, PRESETS[voice].voice.sex)
    neutral, acted = said("neutral", voice), said(mood, voice)
    # A register holds back what would leave it.
    highest = 12 * np.log2(PRESETS[voice].register.highest / PRESETS[voice].register.usual) - 1
    assert 12 * np.log2(hertz(acted.audio) / hertz(neutral.audio)) == pytest.approx(min(change.shift, highest), abs=2)
    assert acted.audio.duration / neutral.audio.duration == pytest.approx(
        np.exp(change.tempo) + change.pauses, abs=0.05
    )
    assert np.sign(loudness(acted.audio) - loudness(neutral.audio)) == np.sign(change.level)
    assert [word.text for word in acted.words] == TEXT.split()
    assert acted.words[-1].end <= acted.audio.duration


def test_strength_is_how_far_sines_act() -> None:
    heights = [hertz(said("happy", strength=strength).audio) for strength in (0.0, 0.5, 1.0, 1.5)]
    assert all(more > 1.05 * less for less, more in itertools.pairwise(heights))
    np.testing.assert_array_equal(said("happy", strength=0.0).audio.samples, said("neutral").audio.samples)


@pytest.mark.parametrize(("strength", "times"), [(0.5, 0.5), (1.5, 1.25), (2.0, 1.5)])
def test_beyond_1_half_of_a_strength_is_spoken(strength: float, times: float) -> None:
    def slower(strength: float) -> float:
        return float(np.log(said("disgusted", strength=strength).audio.duration / said("neutral").audio.duration))

    assert slower(strength) / slower(1.0) == pytest.approx(times, abs=0.05)


def test_acting_needs_no_vocoder() -> None:
    """Neither WORLD nor a network is imported where a voice of another kind acts."""
    program = (
        "import sys\n"
        "import numpy as np\n"
        "import pipeline.synthesis.acting\n"
        "from pipeline.synthesis.prosody.changes import emotion_change\n"
        "from pipeline.synthesis.prosody.f0 import Register\n"
        "from pipeline.synthesis.prosody.prosody import Prosody\n"
        "planned = Prosody(np.full(200, 200.0), np.zeros(200), Register(200, 480), 0.005)\n"
        "assert len(planned.apply(emotion_change({'sad': 1.0}, 'female'), 1.0)) > 200\n"
        "found = [name for name in sys.modules if 'world' in name or name in ('onnxruntime', 'torch')]\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)


def test_the_embedded_voice_acts_on_this_very_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the embedded voice says is what its plan, changed by `Prosody.apply`, is rendered as."""
    applied, rendered = [], []
    apply, render = Prosody.apply, WorldPlan.render

    def noted_apply(self: Prosody, change: ProsodyChange, strength: float = 1.0) -> Prosody:
        applied.append(apply(self, change, strength))
        return applied[-1]

    def noted_render(self: WorldPlan, prosody: Prosody, timbre: TimbreChange) -> Audio:
        rendered.append(prosody)
        return render(self, prosody, timbre)

    monkeypatch.setattr(Prosody, "apply", noted_apply)
    monkeypatch.setattr(WorldPlan, "render", noted_render)
    Actor(Espeak()).synthesise("It rained. We left.", Mood("happy"), "smallgirl")
    assert len(applied) == 2
    assert [id(prosody) for prosody in applied] == [id(prosody) for prosody in rendered]
