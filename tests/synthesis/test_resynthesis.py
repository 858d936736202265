"""A recording is moved to another emotion: its words, its voice and its pauses stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import detect_speech, loudness, read_audio, resampled, to_loudness
from pipeline.audio.writing import finished
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.engines import Synthesiser, capabilities_of
from pipeline.core.errors import UnknownName, UsageError
from pipeline.core.values import Audio, EmotionScores, Segment, Word
from pipeline.synthesis import RESYNTHESIS, SYNTHESISERS
from pipeline.synthesis.prosody.changes import emotion_change
from pipeline.synthesis.resynthesis import OWN_VOICE, SAMPLE_RATE, Resynthesis, create, own_preset
from pipeline.synthesis.world.analysis import analyse, estimate_f0
from pipeline.synthesis.world.rendering import render
from pipeline.synthesis.world.speaker import WorldPlan


def scores(emotion: str, probability: float = 1.0) -> EmotionScores:
    rest = (1 - probability) / (len(EMOTIONS) - 1)
    values = tuple(probability if label == emotion else rest for label in EMOTIONS)
    return EmotionScores(EMOTIONS, values, "judge")


@pytest.fixture(scope="module")
def said(embedded: Synthesiser) -> dict[tuple[str, str], Audio]:
    """Sentences of a known voice in known emotions, as recordings with a pause before and after."""

    def with_pauses(audio: Audio) -> Audio:
        hush = np.random.default_rng(0).standard_normal(audio.sample_rate // 2).astype(np.float32) * 1e-4
        return Audio(np.concatenate([hush, audio.samples, hush]), audio.sample_rate)

    text = "I told you that they would come home on Friday."
    return {
        (mood, voice): with_pauses(embedded.synthesise(text, Mood(mood), voice).audio)
        for mood, voice in [
            ("neutral", "youngwoman"),
            ("happy", "youngwoman"),
            ("neutral", "youngman"),
            ("happy", "youngman"),
            ("neutral", "middlemale"),
            ("sad", "middlemale"),
            ("fearful", "youngwoman"),
        ]
    }


def moved(audio: Audio, mood: str, detected: EmotionScores, strength: float = 1.0) -> Audio:
    phrases = [(phrase, Mood(mood)) for phrase in create().phrases(detect_speech(audio))]
    assert phrases
    pieces = [speech for _, _, speech in create().resynthesise(audio, phrases, detected, strength=strength)]
    return Audio(np.concatenate([piece.audio.samples for piece in pieces]), audio.sample_rate)


def median(audio: Audio) -> float:
    f0 = estimate_f0(audio)
    return float(np.median(f0[f0 > 0]))


def semitones(audio: Audio, other: Audio) -> float:
    return 12 * float(np.log2(median(audio) / median(other)))


def test_it_is_an_engine_that_waits_to_be_asked_for() -> None:
    assert SYNTHESISERS.find("resynthesis").missing() == ""
    assert SYNTHESISERS.choose("auto").name != "resynthesis"
    assert SYNTHESISERS.choose("resynthesis", "sw").name == "resynthesis"
    assert capabilities_of(create()) == {RESYNTHESIS}
    assert create().voices() == ()


def test_it_refuses_a_text_and_moods_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match="recording"):
        Resynthesis().synthesise("Hello.", Mood("happy"), "youngwoman")
    Resynthesis().check(Mood("wistful"), "anything")
    with pytest.raises(UnknownName, match="xyzzy"):
        Resynthesis().check(Mood("xyzzy"), "youngwoman")


@pytest.mark.parametrize(("mood", "least", "most"), [("happy", 2.5, 11), ("fearful", 3, 15), ("calm", -4, 0.5)])
def test_a_neutral_recording_moves_as_actors_do(said, mood: str, least: float, most: float) -> None:
    neutral = said["neutral", "youngwoman"]
    result = moved(neutral, mood, scores("neutral"))
    assert least < semitones(result, neutral) < most
    weaker = moved(neutral, mood, scores("neutral"), strength=0.5)
    assert abs(semitones(weaker, neutral)) < abs(semitones(result, neutral)) + 0.3


@pytest.mark.parametrize(("mood", "voice"), [("happy", "youngwoman"), ("happy", "youngman"), ("fearful", "youngwoman")])
def test_the_detected_emotion_is_taken_off(said, mood: str, voice: str) -> None:
    recording, neutral = said[mood, voice], said["neutral", voice]
    undone = moved(recording, "neutral", scores(mood))
    assert abs(semitones(undone, neutral)) < 0.5 * abs(semitones(recording, neutral))
    half = moved(recording, "neutral", scores(mood, 0.5))
    assert median(undone) < median(half) < median(recording) * 1.02


def test_what_is_there_already_stays(said) -> None:
    recording = said["happy", "youngwoman"]
    same = moved(recording, "happy", scores("happy"))
    # Frame by frame: the median of all frames changes with which of them are found to have a voice.
    first, second = analyse(same, trimmed=False), analyse(render(analyse(recording, trimmed=False)), trimmed=False)
    length = min(len(first.f0), len(second.f0))
    both = first.voiced[:length] & second.voiced[:length]
    assert both.mean() > 0.3
    change = 12 * np.log2(first.f0[:length][both] / second.f0[:length][both])
    assert np.median(change) == pytest.approx(0, abs=0.3)
    assert same.duration == pytest.approx(recording.duration, rel=0.02)


@pytest.mark.parametrize("mood", ["happy", "sad"])
def test_a_recording_is_acted_like_any_plan(said, mood: str) -> None:
    audio, detected = said["neutral", "youngwoman"], scores("neutral")
    phrase = (Segment(0.0, audio.duration, ""), Mood(mood))
    ((_, _, speech),) = create().resynthesise(audio, [phrase], detected)
    preset = own_preset(audio, detected)
    plan = WorldPlan(analyse(audio, trimmed=False), preset.register)
    change = emotion_change({mood: 1.0, "neutral": -1.0}, preset.voice.sex)
    expected = finished(plan.render(plan.prosody.apply(change), change))
    np.testing.assert_allclose(speech.audio.samples, expected.samples, atol=1e-6)


@pytest.mark.parametrize("mood", EMOTIONS)
def test_the_sound_is_whole(said, mood: str) -> None:
    result = to_loudness(moved(said["neutral", "youngman"], mood, scores("neutral")))
    assert result.samples.dtype == np.float32
    assert np.isfinite(result.samples).all()
    assert np.abs(result.samples).max() < 1
    assert abs(float(result.samples.mean())) < 1e-3
    assert np.abs(result.samples[[0, -1]]).max() < 1e-3
    assert loudness(result) == pytest.approx(-23, abs=1)


@pytest.mark.parametrize(
    ("mood", "voice", "sex"),
    [
        ("neutral", "youngwoman", "female"),
        ("happy", "youngwoman", "female"),
        ("neutral", "youngman", "male"),
        ("neutral", "middlemale", "male"),
    ],
)
def test_a_raised_voice_is_not_taken_for_another(said, mood: str, voice: str, sex: str) -> None:
    preset = own_preset(said[mood, voice], scores(mood))
    assert preset.voice.name == OWN_VOICE
    assert preset.voice.sex == sex
    assert 12 * abs(np.log2(preset.register.usual / median(said["neutral", voice]))) < 4


@pytest.mark.parametrize(
    ("name", "sex"),
    [
        ("Actor_05/03-01-05-02-01-01-05", "male"),
        ("Actor_05/03-01-03-02-01-01-05", "male"),
        ("Actor_06/03-01-05-02-01-01-06", "female"),
        ("Actor_08/03-01-03-02-01-01-08", "female"),
        ("Actor_10/03-01-06-02-01-01-10", "female"),
        ("Actor_12/03-01-02-02-01-01-12", "female"),
    ],
)
def test_the_sex_of_an_actor_is_heard_in_strong_emotions(
    shared_data: Callable[[str], Path], name: str, sex: str
) -> None:
    found = list(shared_data("ravdess").rglob(Path(name).name + ".*"))
    audio = read_audio(found[0], sample_rate=SAMPLE_RATE)
    assert own_preset(audio, scores("neutral", 0.2)).voice.sex == sex


@pytest.mark.parametrize(("voice", "sex"), [("youngwoman", "female"), ("middlemale", "male")])
def test_a_telephone_leaves_the_pitch_to_tell(said, voice: str, sex: str) -> None:
    audio = said["neutral", voice]
    narrow = resampled(resampled(audio, 8000), SAMPLE_RATE)
    assert own_preset(narrow, scores("neutral")).voice.sex == sex


def test_words_move_with_the_sound_and_phrases_have_their_own_emotions(said) -> None:
    audio = said["neutral", "youngwoman"]
    middle, end = audio.duration / 2, audio.duration - 0.5
    phrases = [
        (Segment(0.5, middle, "First half", (Word("First", 0.5, 0.8), Word("half", 0.9, middle))), Mood("sad")),
        (Segment(middle, end, "second.", (Word("second.", middle, end),), emotion=scores("sad")), Mood("sad")),
    ]
    pieces = list(create().resynthesise(audio, phrases, scores("neutral")))
    assert [(round(start, 3), round(stop, 3)) for start, stop, _ in pieces] == [
        (0.0, round(middle, 3)),
        (round(middle, 3), round(audio.duration, 3)),
    ]
    first, second = (speech for *_, speech in pieces)
    assert [word.text for word in first.words] == ["First", "half"]
    assert first.words[0].start == pytest.approx(0.5, abs=0.03)
    assert all(0 <= word.start < word.end <= first.audio.duration + 0.01 for word in first.words)
    # The first half becomes slower, the second was sad already.
    assert first.audio.duration > middle * 1.05
    assert second.audio.duration == pytest.approx(audio.duration - middle, rel=0.03)


def test_nobody_speaks_in_noise() -> None:
    noise = np.random.default_rng(0).standard_normal(32_000).astype(np.float32) * 0.01
    assert create().phrases(detect_speech(Audio(noise, 16_000))) == ()
    assert own_preset(Audio(np.zeros(24_000, np.float32), 24_000), scores("sad")).register.usual > 0
