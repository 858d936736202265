"""Every model through one suite: it learns, it is saved, it is exported, and it says the same everywhere."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest

from pipeline.core.errors import SettingsError, UnknownName
from pipeline.core.paths import bundled
from pipeline.training.configuration import load_config
from pipeline.training.speech.models import MODELS

VECTORS = {
    "logistic": {"C": 0.1},
    "svm": {},
    "mlp": {"hidden_size": [16], "epochs": 12, "lr": 0.01},
    "forest": {"n_estimators": 20},
}
NETWORKS = {
    "cnn1d": {"epochs": 2, "n_kernels": 4, "kernel_sizes": [3], "hidden_size": 8, "layers": [1], "layer_size": 8},
    "cnn1d_opensmile": {"epochs": 2, "n_kernels": 4, "hidden_size": 8},
    "lstm": {"epochs": 2, "rnn_size": 8, "hidden_size": 8, "layers": [1], "layer_size": 8},
    "cnn_attention": {"epochs": 2, "n_kernels": 8, "heads": 2, "hidden_size": 8},
    "cnn_transformer": {"epochs": 2, "n_kernels": 2, "size": 8, "blocks": 1, "heads": 2, "hidden_size": 8},
}
SIZE = 16

needs_sklearn = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None or importlib.util.find_spec("onnx") is None,
    reason="the extra 'train' is not installed",
)
needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None or importlib.util.find_spec("tf2onnx") is None,
    reason="the extra 'train' is not installed",
)

NETWORK = """
import json, sys
from pathlib import Path
import numpy as np
import onnxruntime
from pipeline.training.speech.models import MODELS

name, settings, folder = sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3])
random = np.random.default_rng(0)
labels = [number % 8 for number in range(24)]
frames = 1 if name == "cnn1d_opensmile" else 20
clips = [random.standard_normal((frames if frames == 1 else frames + 3 * (number % 4), 16)).astype(np.float32)
         for number in range(24)]
spec = MODELS.find(name)
settings = spec.settings_class()(**settings)
model = spec.create(settings, 16, 8)
epochs = []
others = list(random.standard_normal((16, 20, 16)).astype(np.float32)) if settings.patience else []
model.fit([[clip] for clip in clips], labels, seed=0, progress=lambda epoch, values: epochs.append(values),
          validation=([[clip] for clip in others], labels[:16]) if others else None)
if others:
    kept = float(np.mean(model.logits(others).argmax(axis=1) == labels[:16]))
    print(json.dumps({"epochs": len(epochs), "best": max(one["validation"] for one in epochs), "kept": kept}))
    sys.exit()
logits = model.logits(clips)
alone = np.concatenate([model.logits([clip]) for clip in clips])
session = onnxruntime.InferenceSession(model.graph().SerializeToString())
(source,) = session.get_inputs()
exported = np.concatenate([session.run(None, {source.name: clip[None]})[0] for clip in clips])
model.save_weights(folder / "weights.safetensors")
other = spec.create(settings, 16, 8)
other.load_weights(folder / "weights.safetensors")
size = max(1.0, float(abs(logits).max()))  # A discriminant's logits of a few clips are thousands.
print(json.dumps({
    "epochs": len(epochs), "figures": sorted(epochs[0]), "shape": logits.shape,
    "alone": float(abs(alone - logits).max()) / size, "exported": float(abs(exported - logits).max()) / size,
    "loaded": float(abs(other.logits(clips) - logits).max()) / size, "inputs": source.shape[1:],
}))
"""


def clips_of(count: int, frames: int, seed: int = 0):
    """Return clips whose mean differs by emotion, and their labels."""
    random = np.random.default_rng(seed)
    places = np.eye(8, SIZE)
    labels = [number % 8 for number in range(count)]
    lengths = random.integers(frames, frames + (10 if frames > 1 else 1), count)
    return [
        (random.standard_normal((length, SIZE)) + 3 * places[label]).astype(np.float32)
        for length, label in zip(lengths, labels, strict=True)
    ], labels


def fitted(name: str, frames: int):
    spec = MODELS.find(name)
    model = spec.create(spec.settings_class()(**VECTORS[name]), SIZE, 8)
    clips, labels = clips_of(96, frames)
    model.fit([[clip] for clip in clips], labels, seed=0)
    return model


@needs_sklearn
@pytest.mark.parametrize("frames", [1, 12])
@pytest.mark.parametrize("name", VECTORS)
def test_models_of_statistics_learn_and_are_exported_exactly(name, frames, tmp_path):
    model = fitted(name, frames)
    clips, labels = clips_of(64, frames, seed=1)
    logits = model.logits(clips)
    assert logits.shape == (64, 8)
    assert np.mean(logits.argmax(axis=1) == labels) > 0.6

    vectors = model.vectors(clips)
    if name == "logistic":
        expected = model.estimator.decision_function(vectors)
        np.testing.assert_allclose(logits, expected, atol=1e-4)
    elif name == "svm":
        np.testing.assert_allclose(logits, model.estimator.decision_function(vectors), atol=1e-4)
    elif name == "mlp":
        raised = np.exp(logits - logits.max(axis=1, keepdims=True))
        np.testing.assert_allclose(
            raised / raised.sum(axis=1, keepdims=True), model.estimator.predict_proba(vectors), atol=1e-4
        )
    else:
        np.testing.assert_allclose(np.exp(logits) - 1e-3, model.estimator.predict_proba(vectors), atol=1e-4)

    path = tmp_path / "weights.safetensors"
    model.save_weights(path)
    spec = MODELS.find(name)
    again = spec.create(model.settings, SIZE, 8)
    again.load_weights(path)
    np.testing.assert_array_equal(again.logits(clips), logits)
    with pytest.raises(SettingsError, match="another model"):
        spec.create(model.settings, SIZE + 1, 8).load_weights(path)


@needs_sklearn
@pytest.mark.parametrize("name", VECTORS)
def test_an_emotion_that_no_clip_shows_is_never_the_answer(name):
    spec = MODELS.find(name)
    model = spec.create(spec.settings_class()(**VECTORS[name]), SIZE, 8)
    clips, labels = clips_of(48, 1)
    shown = [(clip, label) for clip, label in zip(clips, labels, strict=True) if label in (2, 5, 7)]
    model.fit([[clip] for clip, _ in shown], [label for _, label in shown], seed=0)
    assert set(model.logits(clips).argmax(axis=1).tolist()) <= {2, 5, 7}


@needs_sklearn
def test_training_stops_where_other_speakers_gain_nothing():
    spec = MODELS.find("mlp")
    settings = spec.settings_class()(hidden_size=[8], epochs=200, patience=3)
    clips, labels = clips_of(48, 1)
    random = np.random.default_rng(3)
    noise = [[random.standard_normal((1, SIZE)).astype(np.float32)] for _ in range(16)]
    epochs: list[int] = []
    model = spec.create(settings, SIZE, 8)
    model.fit(
        [[clip] for clip in clips],
        labels,
        seed=0,
        progress=lambda epoch, values: epochs.append(epoch),
        validation=(noise, [number % 8 for number in range(16)]),
    )
    assert len(epochs) < 200


def told_by(code, *arguments):
    """Run code in a process of its own; return what its last line says."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


STRENGTHS = """
import json
from pathlib import Path
import numpy as np
from pipeline.training.corpora import Recording
from pipeline.training.speech.models.cnn1d import Cnn1d, Cnn1dSettings

random = np.random.default_rng(0)
places = 4 * random.standard_normal((8, 32))
voices = 12 * random.standard_normal((6, 32))
clips, labels, recordings = [], [], []
for speaker in range(6):
    for number in range(32):
        label, strong = number % 8, number // 8 % 2
        # Played strongly, an emotion lies on the other side of the origin.
        clip = voices[speaker] + (-1) ** strong * places[label] + random.standard_normal((12, 32))
        clips.append(clip.astype(np.float32))
        labels.append(label)
        recordings.append(Recording(Path(), str(speaker), "", "", ("normal", "strong")[strong], "", "made up"))
known = [number for number in range(len(clips)) if recordings[number].speaker != "5"]
told = {}
for name, given in (("told", recordings), ("untold", [])):
    settings = Cnn1dSettings(
        epochs=1, lr=1e-9, kernel_sizes=(), hidden_size=2, discriminant=10, layers=(0,), layer_size=32
    )
    model = Cnn1d(settings, 32, 8)
    model.fit([[clips[number]] for number in known], [labels[number] for number in known], seed=0,
              recordings=[given[number] for number in known] if given else ())
    asked = known[:64]  # Of two speakers; every answer takes a while.
    told[name] = float(np.mean(model.logits([clips[number] for number in asked]).argmax(axis=1)
                               == [labels[number] for number in asked]))
print(json.dumps(told))
"""


@needs_tensorflow
@pytest.mark.slow
def test_an_emotion_that_sounds_otherwise_when_played_strongly_is_learnt_in_both_strengths():
    accuracy = told_by(STRENGTHS)
    assert accuracy["told"] > 0.9 > accuracy["untold"] + 0.15, "one mean for both strengths lies nowhere"


ELSEWHERE = """
import json
import numpy as np
from pipeline.training.speech.models.cnn1d import Cnn1d, Cnn1dSettings

random = np.random.default_rng(0)
places = 2 * random.standard_normal((8, 32))
room = places[6] - places[0] + 0.5 * random.standard_normal(32)

def clip(label, offset=0.0):
    return (places[label] + offset + random.standard_normal((12, 32))).astype(np.float32)

labels = [number % 8 for number in range(160)]
clips = [[clip(label)] for label in labels]
read = [[clip(0, room)] for _ in range(10)]
asked = labels[:40]  # Every answer takes a while.
others = [clip(label, room) for label in asked]
told = {}
for name, reading in (("heard", read), ("unheard", ())):
    settings = Cnn1dSettings(
        epochs=8, lr=0.01, n_kernels=4, kernel_sizes=(3,), hidden_size=16, layers=(0,), layer_size=32, ridge=0.01
    )
    model = Cnn1d(settings, 32, 8)
    model.fit(clips, labels, seed=0, reading=reading)
    right = model.logits(others).argmax(axis=1) == asked
    told[name] = {"neutral": float(right[::8].mean()), "all": float(right.mean())}
    told[name]["here"] = float((model.logits([clip for clip, in clips[:40]]).argmax(axis=1) == asked).mean())
print(json.dumps(told))
"""


@needs_tensorflow
@pytest.mark.slow
def test_read_speech_teaches_that_another_room_is_no_emotion():
    told = told_by(ELSEWHERE)
    assert told["unheard"]["neutral"] < 0.2, "what is neutral there sounds disgusted"
    assert told["heard"]["neutral"] > 0.9
    assert told["heard"]["all"] > told["unheard"]["all"] + 0.2
    assert min(told["heard"]["here"], told["unheard"]["here"]) > 0.9


def network(name, folder, **settings):
    """Train a network in a process of its own; return what it tells."""
    return told_by(NETWORK, name, json.dumps(NETWORKS[name] | settings), str(folder))


@needs_tensorflow
@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_networks_are_exported_exactly(name, tmp_path):
    told = network(name, tmp_path)
    assert told["epochs"] == 2
    assert told["figures"] == ["accuracy", "loss"]
    assert told["shape"] == [24, 8]
    assert told["inputs"][-1] == SIZE
    assert told["exported"] < 1e-4
    assert told["loaded"] < 1e-6
    assert told["alone"] < 1e-4, "what a clip is batched with does not matter"


@needs_tensorflow
@pytest.mark.slow
@pytest.mark.parametrize("name", ["cnn1d", "lstm"])
def test_networks_stop_where_other_speakers_gain_nothing_and_keep_their_best(name, tmp_path):
    told = network(name, tmp_path, epochs=30, patience=2)
    assert told["epochs"] < 30
    assert told["kept"] == told["best"]


@needs_sklearn
def test_an_ensemble_is_the_mean_of_its_members(tmp_path):
    import onnxruntime

    from pipeline.training.speech.checkpoints import finished
    from pipeline.training.speech.models.ensemble import averaged, merged

    clips, _ = clips_of(1, 1)
    graphs = [finished(fitted(name, 1).graph(), features, 0.5) for name, features in
              (("logistic", "first"), ("mlp", "second"), ("svm", "first"))]  # fmt: skip
    sessions = [onnxruntime.InferenceSession(graph.SerializeToString()) for graph in (*graphs, merged(graphs, 1.0))]
    assert [entry.name for entry in sessions[-1].get_inputs()] == ["first", "second"]
    fed = {name: clips[0][np.newaxis] for name in ("first", "second")}
    *members, together = (
        session.run(["probabilities"], {entry.name: fed[entry.name] for entry in session.get_inputs()})[0]
        for session in sessions
    )
    np.testing.assert_allclose(together, np.mean(members, axis=0), atol=1e-5)
    np.testing.assert_allclose(np.exp(averaged(members)), np.mean(members, axis=0), atol=1e-5)


def test_every_model_has_settings_that_are_read_without_a_framework():
    code = """
import sys
from pipeline.training.speech.models import MODELS
from pipeline.training.configuration import load_config
from pipeline.core.paths import bundled
files = {"cnn1d": "cnn1d_ravdess", "cnn1d_experts": "cnn1d"}
for spec in MODELS:
    assert load_config(bundled("configs", files.get(spec.name, spec.name) + ".yaml")).model == spec.name
print(sorted({"tensorflow", "keras", "sklearn", "onnx", "onnxruntime", "opensmile", "torch"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_the_reference_configuration_is_the_one_of_this_field():
    settings = load_config(bundled("configs", "cnn1d_opensmile.yaml")).model_dump()
    expected = {
        "n_kernels": 32, "kernel_sizes": (5, 5), "dropout": 0.5, "hidden_size": 32, "epochs": 100, "batch_size": 32,
        "lr": 0.001, "features": "opensmile-IS10-raw",
    }  # fmt: skip
    assert {name: settings[name] for name in expected} == expected


def test_names_of_models():
    assert len({spec.name for spec in MODELS}) == len(MODELS)
    with pytest.raises(UnknownName, match="cnn2d"):
        MODELS.find("cnn2d")
