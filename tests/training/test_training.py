"""Training from a corpus to a checkpoint, on a corpus of hummed vowels; TensorFlow stays in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from pipeline.core.errors import SettingsError, UsageError
from pipeline.core.paths import bundled
from pipeline.recognition.checkpoint import CARD, MODEL, read_card
from pipeline.recognition.speech.recogniser import SpeechRecogniser
from pipeline.training.speech.checkpoints import WEIGHTS
from pipeline.training.speech.training import load_config, train

needs_tensorflow = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is None or importlib.util.find_spec("tf2onnx") is None,
    reason="the extra 'train' is not installed",
)

EQUALITY = """
import sys, json
from pathlib import Path
import numpy as np
import onnxruntime
from pipeline.recognition.checkpoint import MODEL, read_card
from pipeline.training.speech.checkpoints import WEIGHTS
from pipeline.recognition.speech.features import load_features
from pipeline.training.speech.models.cnn1d import Cnn1d, Cnn1dSettings

folder, sounds = Path(sys.argv[1]), np.load(sys.argv[2])
card = read_card(folder)
encoder = load_features(card.features)
model = Cnn1d(Cnn1dSettings.model_validate(card.settings), encoder.size, len(card.labels), 1)
model.load_weights(folder.parent / WEIGHTS)
session = onnxruntime.InferenceSession(str(folder / MODEL))
differences = []
for sound in sounds:
    frames = encoder(sound)[None]
    logits, probabilities = session.run(["logits", "probabilities"], {card.features: frames})
    scaled = np.exp(model.network(frames).numpy() / card.temperature)
    differences.append(float(np.abs(scaled / scaled.sum() - probabilities).max()))
print(json.dumps(max(differences)))
"""

TRAINING = """
import sys, json
from pathlib import Path
from pipeline.training.speech.models.cnn1d import Cnn1dSettings
from pipeline.training.speech.training import train

data, run, cache, reading = map(Path, [*sys.argv[1:4], sys.argv[5]])
settings = Cnn1dSettings(
    epochs=int(sys.argv[4]), copies=1, n_kernels=4, kernel_sizes=(3,), hidden_size=4, layers=(1,), batch_size=8
)
steps = []
also = {"librispeech": reading}
card = train(settings, data, run, also=also, folds=2, cache=cache, progress=lambda *step: steps.append(step[0]))
print(json.dumps({"steps": steps, "accuracy": card.scores["accuracy"]}))
"""


def in_process(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def answer(done: subprocess.CompletedProcess[str]):
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def hummed(tmp_path_factory, make_vowels):
    """Four speakers hum eight emotions, which differ by nothing."""
    import soundfile

    folder = tmp_path_factory.mktemp("hummed")
    for actor in range(1, 5):
        for emotion in range(1, 9):
            sound = make_vowels(1.2, pitch=100 + 20 * actor, seed=10 * actor + emotion)
            soundfile.write(folder / f"03-01-{emotion:02d}-01-01-01-{actor:02d}.wav", sound.samples, sound.sample_rate)
    return folder


@pytest.fixture
def read_aloud(tmp_path, make_vowels):
    """Three sounds under names of LibriSpeech."""
    import soundfile

    folder = tmp_path / "read"
    folder.mkdir()
    for number in range(3):
        sound = make_vowels(1.5, seed=90 + number)
        soundfile.write(folder / f"1688-142285-{number:04d}.flac", sound.samples, sound.sample_rate)
    return folder


@needs_tensorflow
@pytest.mark.slow
def test_training_gives_a_checkpoint_that_equals_its_network(hummed, read_aloud, tmp_path, speech):
    run, cache = tmp_path / "run", tmp_path / "cache"
    first = answer(in_process(TRAINING, hummed, run, cache, 1, read_aloud))
    assert "features" in first["steps"]
    assert any(step.startswith("seed 0 fold 2/2") for step in first["steps"])

    folder = run / "checkpoint"
    card = read_card(folder)
    assert card.data["clips"] == 32
    assert card.data["reading"] == {"corpora": ["librispeech"], "clips": 3, "speakers": 1}
    assert card.licences["recordings (librispeech)"].startswith("CC BY 4.0")
    assert "3 clips of 1 speakers who read aloud (librispeech)" in (folder / "MODEL_CARD.md").read_text("utf-8")
    assert card.scores["speakers"] == 4
    assert card.scores["accuracy"] < 0.5, "nothing can be learned from these"
    assert sum(SpeechRecogniser(folder).recognise(speech).probabilities) == pytest.approx(1)
    for name in ("settings.json", "log.jsonl", "scores.json", WEIGHTS):
        assert (run / name).exists()

    sounds = tmp_path / "sounds.npy"
    np.save(sounds, 0.1 * np.random.default_rng(0).standard_normal((3, 20000)).astype(np.float32))
    assert answer(in_process(EQUALITY, folder, sounds)) < 1e-4

    again = answer(in_process(TRAINING, hummed, run, cache, 1, read_aloud))
    assert not any(step.startswith("seed") for step in again["steps"]), "folds that are done are not trained again"
    assert again["accuracy"] == first["accuracy"]

    other = in_process(TRAINING, hummed, run, cache, 2, read_aloud)
    assert other.returncode
    assert "other settings" in other.stderr


@pytest.mark.parametrize(
    ("config", "corpus", "also", "message"),
    [
        ("cnn1d_ravdess", "librispeech", {}, "Nobody plays an emotion in librispeech"),
        ("cnn1d_ravdess", "ravdess", {"tess": "tess"}, "Emotions are played in tess"),
        ("svm", "ravdess", {"librispeech": "read"}, "svm makes no use of read speech"),
        ("cnn1d_ravdess", "ravdess", {"librispeech": "nowhere"}, "no folder"),
        ("cnn1d_ravdess", "tess", {"librispeech": "read"}, "the corpus has none"),
    ],
)
def test_what_cannot_stand_beside_a_corpus_is_explained(tmp_path, config, corpus, also, message):
    for name in ("ravdess/03-01-01-01-01-01-01.wav", "read/1688-142285-0000.flac", "tess/OAF_back_angry.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    with pytest.raises(UsageError, match=message):
        train(
            bundled("configs", f"{config}.yaml"),
            tmp_path / corpus,
            tmp_path / "run",
            corpus=corpus,
            also={name: tmp_path / folder for name, folder in also.items()},
            cache=tmp_path / "cache",
        )
    assert not (tmp_path / "run").exists()


@needs_tensorflow
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only there are symbols looked up in all libraries")
def test_tensorflow_keeps_its_symbols_to_itself():
    """Otherwise openSMILE, loaded later, calls TensorFlow's `rdft` instead of its own and the process crashes."""
    code = """
import ctypes, json
from pipeline.training.speech.models.keras_backend import load_keras
load_keras()
print(json.dumps([name for name in ("TF_Version", "rdft") if hasattr(ctypes.CDLL(None), name)]))
"""
    assert answer(in_process(code)) == []


def test_the_shipped_settings_are_readable():
    assert load_config(bundled("configs", "cnn1d_ravdess.yaml")).model == "cnn1d"
    settings = load_config(bundled("configs", "cnn1d.yaml"))
    assert settings.name == "cnn1d"
    shipped = read_card(bundled("checkpoints", "cnn1d")).settings
    assert settings.model_dump(mode="json") == shipped


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epoch: 3", "Did you mean epochs"),
        ("dropout: 2", "dropout"),
        ("epochs: many", "epochs"),
        ("model: cnn2d", "model"),
        (": : :", "cannot be read"),
    ],
)
def test_wrong_settings_are_explained(tmp_path, text, message):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_config(path)


def test_the_x_vector_stands_beside_the_lower_layers(speech):
    from pipeline.audio.speaker_embeddings import SIZE, x_vector
    from pipeline.recognition.speech.features.moonshine import LAYER_SIZE, MoonshineLayers, MoonshineXVector

    sounds = [speech.samples[start : start + length] for start, length in ((16000, 32000), (24000, 9001), (8000, 2000))]
    features, layers = MoonshineXVector(1), MoonshineLayers(1)
    for sound in sounds:
        found, expected = features(sound), layers(sound)
        assert found.shape == (len(expected), 6 * LAYER_SIZE + SIZE)
        np.testing.assert_array_equal(found[:, : 6 * LAYER_SIZE], expected[:, : 6 * LAYER_SIZE])
        np.testing.assert_array_equal(found[:, 6 * LAYER_SIZE :], np.tile(x_vector(sound), (len(found), 1)))


def test_the_graph_goes_from_shared_features_to_probabilities():
    import onnxruntime

    session = onnxruntime.InferenceSession(str(bundled("checkpoints", "cnn1d") / MODEL))
    assert [entry.name for entry in session.get_inputs()] == ["moonshine-whisper"]
    assert [entry.name for entry in session.get_outputs()][:2] == ["logits", "probabilities"]


def test_a_checkpoint_with_the_encoder_inside_still_serves(tmp_path, speech):
    """As they were written before the encoder had a file of its own."""
    onnx = pytest.importorskip("onnx", reason="the extra 'train' is not installed")
    from onnx import compose, helper

    from pipeline.audio.speech_encoder import ENCODER, LAYERS

    shipped = bundled("checkpoints", "judge")
    encoder, head = onnx.load(bundled(*ENCODER)), onnx.load(shipped / MODEL)
    encoder.graph.node.append(helper.make_node("Concat", LAYERS, ["layers"], axis=2))
    del encoder.graph.output[:]
    encoder.graph.output.append(helper.make_tensor_value_info("layers", onnx.TensorProto.FLOAT, [1, "frames", 2304]))
    head = compose.add_prefix(head, "head/", rename_inputs=False, rename_outputs=False, rename_initializers=False)
    whole = compose.merge_models(encoder, head, io_map=[("layers", "moonshine-layers")])
    onnx.save(whole, tmp_path / MODEL)
    shutil.copy(shipped / CARD, tmp_path)
    before, after = (SpeechRecogniser(folder, threads=1) for folder in (tmp_path, shipped))
    np.testing.assert_allclose(before.recognise(speech).probabilities, after.recognise(speech).probabilities, atol=0.05)
    beside = [each.score_against_neutral(speech, speech).probabilities for each in (before, after)]
    np.testing.assert_allclose(*beside, atol=0.05)
