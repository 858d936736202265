"""Knowing the speaker: what a profile takes away, and that it can be kept."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline.audio import read_audio
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import NoSpeech, UsageError
from pipeline.core.paths import bundled
from pipeline.core.values import Audio, EmotionScores
from pipeline.recognition.calibration import softmax
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.recognition.speech.speaker import SHRINKAGE, SpeakerProfile, judged_together, profile_of, sharpness
from pipeline.training.corpora import CORPORA

PLAINLY = 3.0 * np.eye(8) - 0.375
LEAN = np.array([1.5, -0.5, -1.0, 2.0, -1.0, -0.5, 0.0, -0.5])


def answers(emotions, lean=LEAN, spread=0.5):
    """Return what a model answers to clips of a speaker who leans one way."""
    odds = PLAINLY[list(emotions)] + lean + spread * np.random.default_rng(1).standard_normal((len(emotions), 8))
    return softmax(odds)


def right(found, emotions):
    return float(np.mean(found.argmax(axis=1) == np.array(emotions)))


def test_a_speaker_who_leans_is_understood_by_the_others():
    emotions = list(range(8)) * 4
    alone = answers(emotions)
    together = judged_together(alone)
    assert right(together, emotions) > right(alone, emotions) + 0.1
    profile = profile_of("model", list(alone))
    assert profile.clips == 32
    assert np.corrcoef(profile.mean, LEAN)[0, 1] > 0.9
    assert right(profile.applied(alone), emotions) > right(alone, emotions) + 0.1


@pytest.mark.parametrize(
    "emotions",
    [[4] * 12, [0] * 12, [3, 4] * 6, [4] * 2, [6] * 5, [2, 2, 2, 5], list(range(8))],
    ids=["angry", "neutral", "two", "a pair", "five", "nearly one", "one of each"],
)
def test_a_speaker_of_few_moods_who_does_not_lean_loses_nothing(emotions):
    alone = answers(emotions, lean=np.zeros(8))
    together = judged_together(alone)
    assert right(together, emotions) >= right(alone, emotions)


@pytest.mark.parametrize("gain", [0.0, 0.7])
def test_one_clip_is_judged_as_it_was(gain):
    alone = answers([3])
    np.testing.assert_allclose(judged_together(alone, gain=gain), alone, atol=1e-9)


@pytest.mark.parametrize("clips", [2, 5, 17, 64])
def test_the_more_is_known_the_surer_and_no_other_emotion_is_answered(clips):
    alone = answers((list(range(8)) * 8)[:clips])
    plain, sure = judged_together(alone), judged_together(alone, gain=0.7)
    assert (plain.argmax(axis=1) == sure.argmax(axis=1)).all()
    assert (sure.max(axis=1) > plain.max(axis=1)).all()
    np.testing.assert_allclose(sure.sum(axis=1), 1)
    assert sharpness(clips, 0.7) > sharpness(clips - 1, 0.7)
    profile = profile_of("model", list(alone))
    assert (profile.applied(alone, 0.7).max(axis=1) > profile.applied(alone).max(axis=1)).all()


def test_the_order_of_clips_does_not_matter():
    alone = answers([0, 3, 4, 4, 5, 7])
    order = [4, 2, 0, 5, 1, 3]
    np.testing.assert_allclose(judged_together(alone[order]), judged_together(alone)[order], atol=1e-9)


@pytest.mark.parametrize(("clips", "share"), [(1, 1), (5, 5), (45, 45)])
def test_few_clips_move_little(clips, share):
    profile = SpeakerProfile("model", clips, LEAN)
    np.testing.assert_allclose(profile.offset, LEAN * share / (share + SHRINKAGE), rtol=1e-6)


def test_no_recordings_make_no_profile():
    with pytest.raises(NoSpeech, match="None of the speaker's"):
        profile_of("model", [])


def test_a_profile_is_kept_and_grows(tmp_path):
    one = profile_of("model", list(answers([1, 2])))
    two = profile_of("model", list(answers([3, 4, 5, 6])))
    one.save(tmp_path / "one.json")
    kept = SpeakerProfile.load(tmp_path / "one.json")
    assert (kept.model, kept.clips) == ("model", 2)
    np.testing.assert_allclose(kept.mean, one.mean, rtol=1e-4)
    both = kept.joined(two)
    assert both.clips == 6
    np.testing.assert_allclose(both.mean, (2 * one.mean + 4 * two.mean) / 6, atol=1e-4)
    with pytest.raises(UsageError, match="another emotion model"):
        kept.joined(SpeakerProfile("other", 1, one.mean))


@pytest.mark.parametrize(
    "content",
    [None, "", "[]", "{}", '{"schema": 9}', '{"schema": 1, "model": "m", "clips": 1, "mean": [[1]]}', b"\xff\xfe"],
)
def test_what_is_no_profile_is_refused(tmp_path, content):
    path = tmp_path / "profile.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match="no speaker's profile"):
        SpeakerProfile.load(path)


@pytest.fixture(scope="module")
def known():
    return SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=1)


def test_a_profile_moves_the_answer_the_more_the_more_clips(known, speech, make_vowels):
    clips = [make_vowels(1.5, pitch=190 + 5 * number, seed=number) for number in range(3)]
    profile = known.profile([*clips, Audio(np.zeros(16000, np.float32), 16000)])
    assert profile.clips == 3
    unknown = np.array(known.recognise(speech).probabilities)
    moved = [
        np.abs(
            np.array(known.recognise(speech, speaker=SpeakerProfile(profile.model, count, profile.mean)).probabilities)
            - unknown
        ).sum()
        for count in (0, 1, 100)
    ]
    assert moved[0] == pytest.approx(0, abs=1e-6)
    assert 0 < moved[1] < moved[2]
    stream = known.stream(speaker=profile, timeline=True)
    stream.add(speech)
    assert stream.timeline().scores == known.recognise(speech, speaker=profile)
    explained = known.explain(speech, speaker=profile)
    assert explained.confidence == pytest.approx(known.recognise(speech, speaker=profile).confidence, abs=1e-6)


def test_a_profile_of_another_model_is_refused(known, speech):
    with pytest.raises(UsageError, match="another emotion model"):
        known.recognise(speech, speaker=SpeakerProfile("other", 1, np.zeros(8)))


def test_a_profile_needs_speech(known):
    with pytest.raises(NoSpeech):
        known.profile([Audio(np.zeros(16000, np.float32), 16000)])


def test_recordings_of_one_speaker_are_judged_together(known, speech, make_vowels):
    alone = [known.recognise(sound) for sound in (speech, make_vowels(1.5, pitch=190), make_vowels(1.5, pitch=120))]
    together = known.judge_together(alone)
    assert [scores.known_from for scores in together] == [2, 2, 2]
    assert all(sum(scores.probabilities) == pytest.approx(1) for scores in together)
    assert together[0].probabilities != alone[0].probabilities
    assert known.judge_together(alone[:1]) == (alone[0],)
    assert EmotionScores.from_dict(together[0].to_dict()).known_from == 2


def test_the_file_of_a_profile_is_json(tmp_path):
    profile_of("model", list(answers([1]))).save(tmp_path / "profile.json")
    values = json.loads((tmp_path / "profile.json").read_text())
    assert set(values) == {"schema", "model", "clips", "mean"}


@pytest.fixture(scope="module")
def said():
    """Return what says a sentence in the embedded voice, which no model was trained on."""
    from pipeline.core.emotions import Mood
    from pipeline.synthesis import SYNTHESISERS

    engine = SYNTHESISERS.create(SYNTHESISERS.choose("embedded", "en"), language="en")
    return lambda emotion: engine.synthesise("They will be here by tomorrow.", Mood(emotion), "youngwoman").audio


def test_beside_its_own_neutral_a_strange_voice_is_heard_to_act(said):
    recogniser = SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=1)
    neutral, heard = said("neutral"), {}
    for emotion in ("calm", "happy", "sad", "surprised"):
        scores = recogniser.score_against_neutral(said(emotion), neutral)
        assert scores.labels == tuple(label for label in EMOTIONS if label != "neutral")
        assert sum(scores.probabilities) == pytest.approx(1)
        heard[emotion] = scores.top
    assert sum(emotion == top for emotion, top in heard.items()) >= 2, heard


def test_the_level_of_the_neutral_speech_does_not_matter(said):
    recogniser = SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=1)
    audio, neutral = said("happy"), said("neutral")
    louder = recogniser.score_against_neutral(audio, Audio(neutral.samples * 3, neutral.sample_rate))
    assert louder.probabilities == pytest.approx(
        recogniser.score_against_neutral(audio, neutral).probabilities, abs=0.02
    )


def test_silence_is_no_neutral_speech(said):
    recogniser = SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=1)
    with pytest.raises(NoSpeech):
        recogniser.score_against_neutral(said("happy"), Audio(np.zeros(16000, np.float32), 16000))


def test_a_speaker_of_one_mood_whom_nobody_heard_is_not_harmed(shared_data):
    """She reads, neutral from beginning to end: knowing her must not make that another emotion."""
    recordings = CORPORA.find("ljspeech").read(shared_data("ljspeech"))[::4]
    recogniser = SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=1)
    alone = [recogniser.recognise(read_audio(each.path)) for each in recordings]
    together = recogniser.judge_together(alone)
    counts = [sum(scores.top == "neutral" for scores in found) for found in (alone, together)]
    assert counts[1] >= counts[0], counts
