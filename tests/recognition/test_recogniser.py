"""The shipped recogniser, on sound that the tests make and, where they are, on real clips."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from pipeline.audio import detect_speech
from pipeline.core.emotions import EMOTIONS
from pipeline.core.engines import capabilities_of
from pipeline.core.errors import NoSpeech, WeightsMissing
from pipeline.core.paths import bundled
from pipeline.core.timeline import Timeline
from pipeline.core.values import Audio
from pipeline.recognition import COMPARISON, EXPLANATION, RECOGNISERS, SPEAKER, TIMELINE, TOGETHER
from pipeline.recognition.checkpoint import CARD, MODEL, read_card
from pipeline.recognition.speech.conditioning import phrases
from pipeline.recognition.speech.pooling import Pool
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.training.checkpoints import MODEL_CARD


def timeline_of(recogniser, *parts: Audio) -> Timeline:
    """Return the timeline of a recording that is heard part by part."""
    stream = recogniser.stream(timeline=True)
    for part in parts:
        stream.add(part)
    return stream.timeline()


@pytest.fixture(scope="module")
def recogniser():
    return RECOGNISERS.create(RECOGNISERS.choose(), threads=1)


def test_all_emotions_get_a_probability(recogniser, speech):
    scores = recogniser.recognise(speech)
    assert scores.labels == EMOTIONS
    assert sum(scores.probabilities) == pytest.approx(1)
    assert all(0 <= probability <= 1 for probability in scores.probabilities)
    assert scores.model == "cnn1d"
    assert scores.calibrated
    assert 0 < scores.unsure_below < 1


@pytest.mark.parametrize("decibels", [-20, 20])
def test_gain_does_not_move_the_answer(recogniser, speech, decibels):
    louder = Audio(speech.samples * np.float32(10 ** (decibels / 20)), speech.sample_rate)
    before, after = recogniser.recognise(speech), recogniser.recognise(louder)
    np.testing.assert_allclose(after.probabilities, before.probabilities, atol=0.01)


def test_silence_around_does_not_move_the_answer(recogniser, speech):
    quiet = Audio(np.concatenate([np.zeros(32000, np.float32), speech.samples]), speech.sample_rate)
    before, after = recogniser.recognise(speech), recogniser.recognise(quiet)
    assert before.top == after.top
    np.testing.assert_allclose(after.probabilities, before.probabilities, atol=0.25)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0),
        np.zeros(1),
        np.zeros(48000),
        np.full(48000, 0.5),
        0.001 * np.random.default_rng(0).standard_normal(48000),
    ],
    ids=["nothing", "one sample", "silence", "offset", "noise"],
)
def test_what_holds_no_speech_is_refused(recogniser, samples):
    with pytest.raises(NoSpeech, match="No speech"):
        recogniser.recognise(Audio(samples.astype(np.float32), 16000))


def test_long_recordings_are_averaged_over_their_phrases(recogniser, long_speech):
    some = long_speech.slice(0, 30)
    whole = recogniser.recognise(some)
    assert sum(whole.probabilities) == pytest.approx(1)
    heard = list(phrases(some))
    assert len(heard) >= 7
    answers = np.array([recogniser.probabilities(phrase.samples) for phrase in heard])
    pool = Pool()
    for phrase, answer in zip(heard, answers, strict=True):
        pool.add(phrase, answer)
    np.testing.assert_allclose(whole.probabilities, pool.answer, atol=1e-6)
    mean = np.average(answers, axis=0, weights=[phrase.speech for phrase in heard])
    np.testing.assert_allclose(whole.probabilities, mean, atol=0.05)


def test_length_costs_no_memory(recogniser, long_speech):
    def peak(audio: Audio) -> int:
        tracemalloc.start()
        recogniser.recognise(audio)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    assert peak(long_speech) < peak(long_speech.slice(0, 40)) + 4 * len(long_speech.samples)


def test_other_rates_are_resampled(recogniser, speech):
    import soxr

    high = Audio(soxr.resample(speech.samples, 16000, 48000).astype(np.float32), 48000)
    np.testing.assert_allclose(
        recogniser.recognise(high).probabilities, recogniser.recognise(speech).probabilities, atol=0.1
    )


def test_warnings_say_what_is_wrong_with_a_recording(recogniser, speech):
    clipped = Audio(np.clip(20 * speech.samples, -1, 1), 16000)
    assert any("clipped" in warning for warning in recogniser.recognise(clipped).warnings)
    lonely = Audio(np.concatenate([speech.samples, np.zeros(16000 * 60, np.float32)]), 16000)
    assert any("of the recording is speech" in warning for warning in recogniser.recognise(lonely).warnings)


def test_a_timeline_tells_when_somebody_speaks(recogniser, say):
    words, _ = say("Nobody knew who had left the door open that night.")
    speech = Audio(np.pad(words.samples, (16000, 80000))[:80000], 16000)
    timeline = timeline_of(recogniser, with_gap(speech))
    assert timeline.scores == recogniser.recognise(with_gap(speech))
    assert all(sum(window.probabilities.values()) == pytest.approx(1) for window in timeline.windows)
    spoken = [window.start for window in timeline.windows]
    assert spoken
    assert not any(6 <= start <= 10 for start in spoken), "nobody speaks from second 4 to 14"
    assert max(spoken) >= 13
    assert next(phrases(with_gap(speech))).start == pytest.approx(1, abs=0.3)


def test_a_timeline_takes_a_recording_in_parts(recogniser, long_speech):
    some = long_speech.slice(0, 16)
    activity = detect_speech(some)
    stream = recogniser.stream(timeline=True)
    for start, end in ((0, 8), (8, 16)):
        stream.add(some.slice(start, end), activity.slice(start, end))
    whole, split = timeline_of(recogniser, some), stream.timeline()
    for part, together in zip(split.windows, whole.windows, strict=True):
        assert (part.start, part.end, part.emotion) == (together.start, together.end, together.emotion)
        assert part.probabilities == pytest.approx(together.probabilities, abs=1e-5)
    np.testing.assert_allclose(split.scores.probabilities, whole.scores.probabilities, atol=0.05)


def test_speech_that_was_found_before_is_not_looked_for_again(recogniser, speech, monkeypatch):
    expected, activity = recogniser.recognise(speech), detect_speech(speech)
    timeline = timeline_of(recogniser, speech)

    def refuse(*_, **__):
        raise AssertionError("speech is looked for again")

    monkeypatch.setattr("pipeline.audio.activity.SpeechDetector", refuse)
    assert recogniser.recognise(speech, activity=activity) == expected
    stream = recogniser.stream(timeline=True)
    stream.add(speech, activity)
    assert stream.timeline() == timeline


def test_it_can_do_what_its_description_says(recogniser):
    assert capabilities_of(recogniser) == RECOGNISERS.choose().capabilities
    assert capabilities_of(recogniser) == {COMPARISON, EXPLANATION, SPEAKER, TIMELINE, TOGETHER}


def test_a_timeline_of_parts_costs_no_memory(recogniser, long_speech):
    def peak(count: int) -> int:
        tracemalloc.start()
        stream = recogniser.stream(timeline=True)
        for start in range(count):
            stream.add(long_speech.slice(8 * start, 8 * start + 8))
        assert stream.timeline().windows
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    assert peak(3) < peak(1) + 200_000, "16 s of sound are 1 MB"


def test_a_timeline_without_speech_is_refused(recogniser):
    with pytest.raises(NoSpeech):
        timeline_of(recogniser, Audio(np.zeros(48000, np.float32), 16000))


def test_an_explanation_covers_the_speech_and_is_repeatable(recogniser, speech):
    found = recogniser.explain(speech)
    scores = recogniser.recognise(speech)
    assert (found.emotion, found.confidence) == (scores.top, pytest.approx(scores.confidence))
    (phrase,) = phrases(speech)
    assert (found.seconds[0].start, found.seconds[-1].end) == pytest.approx((phrase.start, phrase.end))
    assert max(abs(part.influence) for part in (*found.seconds, *found.frequencies)) > 0.01
    assert found == recogniser.explain(speech, activity=detect_speech(speech))
    with pytest.raises(NoSpeech):
        recogniser.explain(Audio(np.zeros(48000, np.float32), 16000))


def with_gap(speech: Audio) -> Audio:
    return Audio(np.concatenate([speech.samples, np.zeros(16000 * 8, np.float32), speech.samples]), 16000)


def test_prediction_imports_no_framework():
    code = """
import sys
import numpy as np
from pipeline.core.values import Audio
from pipeline.recognition import RECOGNISERS
assert "onnxruntime" not in sys.modules, "listing engines loads nothing"
recogniser = RECOGNISERS.create(RECOGNISERS.choose())
try:
    recogniser.recognise(Audio(np.zeros(32000, np.float32), 16000))
except Exception as error:
    assert type(error).__name__ == "NoSpeech", error
recogniser.probabilities(np.random.default_rng(0).standard_normal(32000).astype(np.float32) * 0.1)
heavy = {"tensorflow", "keras", "torch", "sklearn", "scipy", "librosa", "onnx", "moonshine_voice", "pandas"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_card_tells_what_must_be_known():
    folder = bundled("checkpoints", "cnn1d")
    card = read_card(folder)
    assert card.labels == EMOTIONS
    assert card.calibrated
    assert card.data["corpora"] == ["ravdess", "nemo", "tess"]
    assert "corpus" in card.scores["protocol"]
    for corpus, told in card.scores["corpora"].items():
        assert 0.25 < told["accuracy"] < told["accuracy_known"] < 1, corpus
        assert told["calibration_error_all"] < 0.13, corpus
        assert told["calibration_error_known"] < 0.12, corpus
        assert "NC" in card.licences[f"recordings ({corpus})"]
    assert card.data["expert"]["accuracy"] > 0.79
    assert card.scores["seeds"]
    assert "non-commercial" in card.licences["weights of the network"]
    assert hashlib.sha256((folder / MODEL).read_bytes()).hexdigest() == card.sha256
    assert (folder / MODEL).stat().st_size < 7e6
    text = (folder / MODEL_CARD).read_text(encoding="utf-8")
    assert f"{card.scores['accuracy']:.1%}" in text
    assert "CC BY-NC-SA 4.0" in text


@pytest.mark.parametrize("content", [None, "{", "{}", '{"schema": 99}', '{"schema": 1, "surprise": 1}'])
def test_a_folder_without_a_checkpoint_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / CARD).write_text(content)
    with pytest.raises(WeightsMissing, match="no checkpoint"):
        SpeechRecogniser(tmp_path)


def test_a_checkpoint_without_its_model_is_refused(tmp_path):
    card = json.loads((bundled("checkpoints", "cnn1d") / CARD).read_text())
    (tmp_path / CARD).write_text(json.dumps(card))
    with pytest.raises(WeightsMissing, match="missing"):
        SpeechRecogniser(tmp_path)


def test_clips_of_the_training_corpus_are_recognised(recogniser, shared_data):
    """The shipped model was trained on these very clips: this shows that serving hears what training heard, no more."""
    from pipeline.audio import read_audio
    from pipeline.training.corpora import CORPORA

    recordings = CORPORA.find("ravdess").read(shared_data("ravdess"))[::40]
    right = [recogniser.recognise(read_audio(clip.path)).top == clip.emotion for clip in recordings]
    assert np.mean(right) > 0.8
