"""Knowing the speaker: what a profile takes away, and that it can be kept."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import soundfile

from pipeline.audio import read_audio
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import NoSpeech, UsageError
from pipeline.core.paths import bundled
from pipeline.core.values import Audio
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.recognition.speech.speaker import SpeakerProfile, profile_of
from pipeline.training.corpora import CORPORA, Recording

SIZE = 40
RANDOM = np.random.default_rng(0)
MEANS = 4 * RANDOM.standard_normal((8, SIZE))
VOICE = RANDOM.standard_normal(SIZE)


def spoken(emotions):
    """Return the statistics of clips of one speaker, and what a model that is nearly always right makes of them."""
    statistics = [MEANS[emotion] + VOICE + 0.1 * RANDOM.standard_normal(SIZE) for emotion in emotions]
    probabilities = [np.full(8, 0.001) + 0.992 * np.eye(8)[emotion] for emotion in emotions]
    return statistics, probabilities


@pytest.mark.parametrize(
    "emotions", [list(range(8)) * 4, [4] * 32, [3, 4] * 16, [0] * 32], ids=["all", "one", "two", "neutral"]
)
def test_the_voice_is_found_whatever_the_emotions(emotions):
    profile = profile_of("model", *spoken(emotions), MEANS)
    assert profile.clips == 32
    np.testing.assert_allclose(profile.mean, VOICE, atol=0.4)
    wrong = np.mean(spoken(emotions)[0], axis=0) - MEANS.mean(axis=0)
    if len(set(emotions)) < 3:
        assert np.abs(wrong - VOICE).mean() > 5 * np.abs(profile.mean - VOICE).mean()


@pytest.mark.parametrize(("clips", "share"), [(1, 1 / 6), (5, 1 / 2), (45, 0.9)])
def test_few_clips_move_little(clips, share):
    profile = SpeakerProfile("model", clips, VOICE.astype(np.float32))
    np.testing.assert_allclose(profile.offset, share * VOICE, rtol=1e-5)


def test_no_recordings_make_no_profile():
    with pytest.raises(NoSpeech, match="None of the speaker's"):
        profile_of("model", [], [], MEANS)


def test_a_profile_is_kept_and_grows(tmp_path):
    one = profile_of("model", *spoken([1, 2]), MEANS)
    two = profile_of("model", *spoken([3, 4, 5, 6]), MEANS)
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
def known(tmp_path_factory, make_vowels):
    """The shipped model with means from vowels: enough to see that the offset reaches the network."""
    pytest.importorskip("onnx")
    from pipeline.training.speech.speaker_graph import personalise

    folder = tmp_path_factory.mktemp("personal")
    for file in bundled("checkpoints", "cnn1d").iterdir():
        shutil.copy(file, folder)
    recordings = []
    for number, emotion in enumerate(EMOTIONS):
        path = folder / f"{emotion}.wav"
        soundfile.write(path, make_vowels(1.0, pitch=100 + 15 * number, seed=number).samples, 16000)
        recordings.append(Recording(path, "somebody", "", emotion, "", "", "made"))
    card = personalise(folder, recordings)
    recogniser = SpeechRecogniser(folder, threads=1)
    assert recogniser.card.sha256 == card.sha256
    return recogniser


def test_an_unknown_speaker_is_judged_as_before(known, speech):
    shipped = SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=1)
    np.testing.assert_allclose(
        known.recognise(speech).probabilities, shipped.recognise(speech).probabilities, atol=1e-5
    )


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
        known.recognise(speech, speaker=SpeakerProfile("other", 1, np.zeros(9216, np.float32)))


def test_a_profile_needs_speech(known):
    with pytest.raises(NoSpeech):
        known.profile([Audio(np.zeros(16000, np.float32), 16000)])


def test_networks_over_frames_are_centred_too(make_vowels):
    """A graph without statistics of its own gets its layers shifted, and says what their means are."""
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper
    from onnxruntime import InferenceSession

    from pipeline.recognition.speech.features.moonshine import MoonshineLayers
    from pipeline.training.speech.checkpoints import finished
    from pipeline.training.speech.speaker_graph import with_emotion_means, with_speaker

    width = 8 * 288
    head = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("ReduceMean", ["frames", "axis"], ["mean"], keepdims=0),
                helper.make_node("Slice", ["mean", "first", "last", "axis"], ["answer"]),
            ],
            "head",
            [helper.make_tensor_value_info("frames", TensorProto.FLOAT, [1, "time", width])],
            [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, 8])],
            [
                helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
                helper.make_tensor("first", TensorProto.INT64, [1], [0]),
                helper.make_tensor("last", TensorProto.INT64, [1], [8]),
            ],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
    )
    model = with_emotion_means(with_speaker(finished(head, MoonshineLayers.name, 1.0)), np.ones((8, width)))
    onnx.checker.check_model(model)
    session = InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    inputs = {MoonshineLayers.name: MoonshineLayers()(make_vowels(1.0).samples)[np.newaxis]}
    logits, statistics, means = session.run(["logits", "statistics", "emotion_means"], inputs)
    assert statistics.shape == (1, width)
    assert means.shape == (8, width)
    (moved,) = session.run(["logits"], inputs | {"speaker": statistics})
    np.testing.assert_allclose(logits, statistics[:, :8], atol=1e-3)
    np.testing.assert_allclose(moved, 0, atol=1e-3)


def test_the_file_of_a_profile_is_json(tmp_path):
    profile_of("model", *spoken([1]), MEANS).save(tmp_path / "profile.json")
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


def test_a_voice_unlike_the_training_speakers_is_known_after_all(shared_data):
    """Unknown, it seems to have one emotion; a profile that believed that would take little away."""
    folder = shared_data("tess")
    recordings = [each for each in CORPORA.find("tess").read(folder) if each.speaker.endswith("yaf")][::30]
    audio = [read_audio(each.path) for each in recordings]
    recogniser = SpeechRecogniser(bundled("checkpoints", "cnn1d"), threads=1)
    profile = recogniser.profile(audio)

    def right(speaker):
        answers = [recogniser.recognise(clip, speaker=speaker).top for clip in audio]
        return np.mean([answer == each.emotion for answer, each in zip(answers, recordings, strict=True)])

    assert {each.emotion for each in recordings} == set(EMOTIONS) - {"calm"}
    assert right(None) < 0.45
    assert right(profile) > 0.6
