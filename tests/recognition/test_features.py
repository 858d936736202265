"""Features: their shapes, their indifference to level, and their cache."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from pipeline.core.errors import EngineMissing, UnknownName
from pipeline.core.values import Audio
from pipeline.recognition.speech.conditioning import phrases, whole
from pipeline.recognition.speech.features import FEATURES, load_features
from pipeline.recognition.speech.features.log_mel import BANDS, FLOOR, HOP, LogMel
from pipeline.training.corpora import Recording
from pipeline.training.speech.feature_store import FeatureStore
from pipeline.training.speech.preprocessing import preprocess

SIZES = {
    "moonshine-layers": 2304,
    "moonshine-x-vector": 2240,
    "moonshine-whisper": 3392,
    "waveform": 1,
    "log-mel": 64,
    "opensmile-IS09": 384,
    "opensmile-IS10": 1582,
    "opensmile-ComParE_2016": 6373,
    "opensmile-eGeMAPSv02": 88,
    "opensmile-IS10-raw": 1582,
    "librosa-statistics": 444,
}


@pytest.fixture(params=FEATURES, ids=lambda spec: spec.name)
def features(request):
    try:
        return request.param.load()
    except EngineMissing as missing:
        pytest.skip(str(missing))


def louder(audio: Audio, decibels: float) -> Audio:
    return Audio(audio.samples * np.float32(10 ** (decibels / 20)), audio.sample_rate)


def heard(audio: Audio, conditioned: bool = True):
    (phrase,) = phrases(audio) if conditioned else (whole(audio, levelled=False),)
    return phrase.samples


def recorded(path, audio: Audio, emotion: str = "happy") -> Recording:
    soundfile.write(path, audio.samples, audio.sample_rate, subtype="FLOAT")
    return Recording(path, "somebody", "", emotion, "", "", "folders")


def test_the_table_is_complete():
    assert {spec.name for spec in FEATURES} == set(SIZES)


def test_names_and_shapes(features, speech):
    spec = FEATURES.find(features.name)
    values = features(heard(speech))
    assert (features.size, values.shape[1]) == (SIZES[spec.name],) * 2
    assert (len(values) > 1) == spec.sequence
    assert values.dtype == np.float32
    kept = values.astype(features.precision)
    assert np.isfinite(kept).all()
    np.testing.assert_allclose(kept, values, rtol=1e-3, atol=1e-2)


def test_the_same_sound_gives_the_same_numbers(features, speech):
    samples = heard(speech)
    before = samples.copy()
    first = features(samples)
    features(samples[:20000])
    np.testing.assert_array_equal(features(samples), first)
    np.testing.assert_array_equal(samples, before)


def test_the_shortest_and_the_emptiest_clips_have_features(features):
    for samples in (np.zeros(1), np.zeros(100), np.zeros(16000)):
        values = features(whole(Audio(samples.astype(np.float32), 16000)).samples)
        assert values.shape[1] == features.size
        assert len(values)
        assert np.isfinite(values).all()


@pytest.mark.parametrize("decibels", [-20, 20])
def test_gain_changes_features_of_the_reference_recipe_alone(features, speech, decibels):
    before = features(heard(speech, features.conditioned))
    after = features(heard(louder(speech, decibels), features.conditioned))
    change = np.abs(after - before) / (np.abs(before) + 1e-3)
    if features.conditioned:
        assert np.quantile(change, 0.99) < 0.02
    else:
        assert np.mean(change > 0.05) > 0.25


def test_opensmile_takes_no_set_that_is_not_offered():
    pytest.importorskip("opensmile", reason="the extra 'train' is not installed")
    from pipeline.recognition.speech.features.functionals import Functionals

    with pytest.raises(UnknownName, match="IS10"):
        Functionals("IS13")


def test_unknown_features_list_the_choices():
    with pytest.raises(UnknownName, match="log-mel"):
        load_features("log-mell")


def test_a_missing_package_says_what_to_run(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineMissing, match=r"opensmile.*pip install '\.\[train\]'"):
        load_features("opensmile-IS10")


def test_the_table_imports_nothing_heavy():
    code = "import sys, pipeline.recognition.speech.features; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "pipeline" in loaded
    assert not loaded & {"opensmile", "librosa", "soundfile", "onnxruntime", "tensorflow", "torch", "sklearn"}


@pytest.mark.parametrize(("frequency", "decibels"), [(440, 0), (1000, -20), (3000, -40)])
def test_a_sine_stands_in_its_band(frequency, decibels):
    time = np.arange(16000) / 16000
    sine = (10 ** (decibels / 20) * np.sin(2 * np.pi * frequency * time)).astype(np.float32)
    spectrum = LogMel()(sine)
    assert spectrum.shape == (1 + (16000 - 400) // HOP, BANDS)
    middle = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), BANDS + 2)[1:-1] / 2595) - 1)
    assert np.abs(spectrum.mean(axis=0).argmax() - np.abs(middle - frequency).argmin()) <= 1
    assert spectrum.max() == pytest.approx(decibels, abs=6)
    assert spectrum[:, -1].max() < decibels - 30


def test_silence_lies_at_the_floor():
    assert np.all(LogMel()(np.zeros(16000, np.float32)) == FLOOR)


def test_the_mel_filters_are_those_of_librosa():
    librosa = pytest.importorskip("librosa", reason="the extra 'train' is not installed")
    from pipeline.recognition.speech.features.log_mel import filters

    expected = librosa.filters.mel(sr=16000, n_fft=1024, n_mels=BANDS, htk=True, norm=None)
    np.testing.assert_allclose(filters(), expected, atol=1e-5)


class Counting:
    """Features that count how often they are asked, and say what they heard."""

    name = "counting"
    size = 1
    precision = np.float32

    def __init__(self, conditioned=True):
        self.conditioned = conditioned
        self.asked = 0

    def __call__(self, samples):
        self.asked += 1
        return np.array([[np.abs(samples).max() * 1e6]], np.float32)


def test_features_are_computed_once(tmp_path, speech):
    recording = recorded(tmp_path / "a.wav", speech)
    features = Counting()
    first = FeatureStore(features, tmp_path / "cache").versions(recording, 2)
    assert (len(first), features.asked) == (3, 3)
    assert first[0].shape == (1, 1)
    assert first[0].dtype == np.float32
    assert first[0][0, 0] > 65504, "what is kept as float32 may be beyond the reach of float16"

    store = FeatureStore(features, tmp_path / "cache")
    again = store.versions(recording, 2)
    assert (features.asked, store.computed) == (3, 0)
    np.testing.assert_array_equal(np.stack(again), np.stack(first))


def test_a_clip_is_heard_at_other_speeds_too(tmp_path, speech):
    class Length(Counting):
        def __call__(self, samples):
            return np.array([[len(samples)]], np.float32)

    store = FeatureStore(Length(), tmp_path / "cache")
    recording = recorded(tmp_path / "a.wav", speech)
    own, slower, faster, copy = (version[0, 0] for version in store.versions(recording, 1, (1.0, 0.8, 1.25)))
    assert (own / slower, own / faster) == (pytest.approx(0.8, rel=1e-3), pytest.approx(1.25, rel=1e-3))
    assert [version[0, 0] for version in store.versions(recording, 1)] == [own, copy], "speeds change no copy"
    assert [version[0, 0] for version in store.versions(recording, speeds=(1.25,))] == [faster]


def test_the_cache_knows_content_and_not_names(tmp_path, speech, make_vowels):
    features = Counting()
    store = FeatureStore(features, tmp_path / "cache")
    recording = recorded(tmp_path / "a.wav", speech)
    store.versions(recording, 0)
    copy = replace(recording, path=shutil.copy(recording.path, tmp_path / "b.wav"))
    store.versions(copy, 0)
    assert features.asked == 1
    store.versions(recorded(tmp_path / "a.wav", make_vowels(2.0, seed=5)), 0)
    assert features.asked == 2


def test_only_features_that_ask_for_it_hear_level_and_silence(tmp_path, speech):
    def peak(conditioned: bool, decibels: float) -> float:
        recording = recorded(tmp_path / "a.wav", louder(speech, decibels))
        folder = tmp_path / f"cache {conditioned}"
        return float(FeatureStore(Counting(conditioned), folder).versions(recording, 0)[0][0, 0])

    assert peak(True, -20) == pytest.approx(peak(True, 0), rel=1e-3)
    assert peak(False, -20) == pytest.approx(peak(False, 0) / 10, rel=1e-3)


def test_a_clip_without_speech_is_levelled_too(tmp_path):
    random = np.random.default_rng(0)
    noise = Audio((0.01 * random.standard_normal(800)).astype(np.float32), 16000)
    assert not list(phrases(noise))
    store = FeatureStore(Counting(), tmp_path / "cache")
    first, second = (store.versions(recorded(tmp_path / f"{gain}.wav", louder(noise, gain)), 2) for gain in (0, 20))
    assert first[0][0, 0] == pytest.approx(second[0][0, 0], rel=1e-3)


def test_preprocessing_reports_what_it_did(tmp_path, speech, make_vowels):
    recordings = [recorded(tmp_path / "a.wav", speech), recorded(tmp_path / "b.wav", make_vowels(1.5))]
    told = []
    done = preprocess(
        recordings, "log-mel", 1, cache=tmp_path / "cache", progress=lambda done, total: told.append((done, total))
    )
    assert (done.features, done.recordings, done.versions, done.computed) == ("log-mel", 2, 4, 4)
    assert done.bytes > 4 * 100 * BANDS * 2
    assert told == [(1, 2), (2, 2)]
    again = preprocess(recordings, "log-mel", 1, cache=tmp_path / "cache")
    assert (again.versions, again.computed, again.bytes) == (4, 0, done.bytes)


def test_read_speech_beside_them_has_no_copies(tmp_path, speech, make_vowels):
    recordings = [recorded(tmp_path / "a.wav", speech)]
    reading = [recorded(tmp_path / "b.wav", make_vowels(1.5))]
    told = []
    done = preprocess(
        recordings,
        "log-mel",
        1,
        reading=reading,
        cache=tmp_path / "cache",
        progress=lambda done, total: told.append((done, total)),
    )
    assert (done.recordings, done.versions) == (2, 3)
    assert told == [(1, 2), (2, 2)]


def test_the_verb_reports_what_it_did(tmp_path, make_vowels):
    pytest.importorskip("onnx", reason="the extra 'train' is not installed")
    import typer
    from typer.testing import CliRunner

    from pipeline.cli.preprocess import preprocess as verb
    from pipeline.core.paths import bundled

    (tmp_path / "data" / "happy").mkdir(parents=True)
    recorded(tmp_path / "data" / "happy" / "1.wav", make_vowels(1.5))
    app = typer.Typer()
    app.command()(verb)
    arguments = [
        "--config",
        bundled("configs", "cnn1d_ravdess.yaml"),
        "--data",
        tmp_path / "data",
        "--corpus",
        "folders",
    ]
    arguments += ["--copies", 1, "--cache", tmp_path / "cache", "--json"]
    first, second = (json.loads(CliRunner().invoke(app, [*map(str, arguments)]).stdout) for _ in range(2))
    assert (first["features"], first["recordings"], first["computed"]) == ("moonshine-x-vector", 1, 4)
    assert (second["versions"], second["computed"]) == (4, 0), "the clip, two speeds and a copy"
    (tmp_path / "data" / "happy").rename(tmp_path / "data" / "neutral")
    (tmp_path / "read").mkdir()
    recorded(tmp_path / "read" / "1688-142285-0000.wav", make_vowels(2))
    arguments += ["--also", f"librispeech={tmp_path / 'read'}"]
    third = json.loads(CliRunner().invoke(app, [*map(str, arguments)]).stdout)
    assert (third["recordings"], third["versions"], third["computed"]) == (2, 7, 3)


TENSORFLOW = """
from pipeline.training.speech.models.keras_backend import load_keras
keras = load_keras(1)
import tensorflow
print(float(tensorflow.reduce_sum(tensorflow.signal.rfft(tensorflow.ones(512))).numpy().real))
"""
OPENSMILE = """
import numpy as np
from pipeline.recognition.speech.features import load_features
samples = (0.1 * np.random.default_rng(0).standard_normal(32000)).astype(np.float32)
print(float(load_features("opensmile-IS10")(samples).sum()))
"""


@pytest.mark.slow
@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("tensorflow", "opensmile")),
    reason="the extra 'train' is not installed",
)
@pytest.mark.parametrize("order", ["tensorflow first", "opensmile first"])
def test_opensmile_and_tensorflow_share_a_process(order):
    code = TENSORFLOW + OPENSMILE if order == "tensorflow first" else OPENSMILE + TENSORFLOW + OPENSMILE
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    alone = subprocess.run([sys.executable, "-c", OPENSMILE], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == alone.stdout.strip()
