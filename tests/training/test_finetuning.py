"""Encoders that are fine-tuned: they are what they were rebuilt from, they learn, and they say the same everywhere."""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys

import numpy as np
import pytest

from pipeline.audio.decoding import read_audio
from pipeline.core.errors import SettingsError, UsageError, WeightsMissing
from pipeline.recognition.speech.conditioning import phrases
from pipeline.training.speech.models import MODELS

needs_torch = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("torch", "onnx", "safetensors")),
    reason="the extras 'train' and 'finetune' are not installed",
)
needs_transformers = pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None, reason="the extra 'finetune' is not installed"
)
pytestmark = needs_torch

FAMILIES = ("Wav2Vec2", "Hubert", "WavLM")
QUICK = {"epochs": 1, "batch_size": 4, "hidden_size": 8, "mixup": 0.2, "dropout": 0.1}


@pytest.fixture(scope="module")
def sounds(make_vowels):
    """Eight clips of different lengths and pitches, and what stands for their emotions."""
    made = [make_vowels(0.5 + 0.1 * number, pitch=100 + 40 * number, seed=number) for number in range(8)]
    return [sound.samples[:, np.newaxis].astype(np.float16) for sound in made], list(range(8))


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    """A tiny random encoder of each family, saved as transformers saves the real ones."""
    if importlib.util.find_spec("transformers") is None:
        pytest.skip("the extra 'finetune' is not installed")
    import torch

    from pipeline.training.libraries import load_transformers

    transformers = load_transformers()
    folder = tmp_path_factory.mktemp("encoders")
    torch.manual_seed(0)
    for family in FAMILIES:
        settings = getattr(transformers, f"{family}Config")(
            hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, num_conv_pos_embeddings=8,
            num_conv_pos_embedding_groups=2, conv_dim=(8, 8, 8), conv_kernel=(10, 8, 4), conv_stride=(10, 8, 4),
        )  # fmt: skip
        getattr(transformers, f"{family}Model")(settings).save_pretrained(folder / family)
        transformers.Wav2Vec2FeatureExtractor(do_normalize=family != "WavLM").save_pretrained(folder / family)
    return folder


@pytest.fixture
def no_network(monkeypatch):
    asked = []

    def refused(*arguments, **settings):
        asked.append(arguments)
        raise OSError("there is no network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    yield
    assert not asked


def model_of(name: str, encoders, **settings):
    if name in FAMILIES:
        name, settings = "wav2vec2", {"encoder": str(encoders / name), **settings}
    spec = MODELS.find(name)
    return spec.create(spec.settings_class()(**QUICK | settings), 1, 8)


def exported(model, clips):
    import onnxruntime

    session = onnxruntime.InferenceSession(model.graph().SerializeToString())
    (source,) = session.get_inputs()
    assert source.name == "waveform"
    return np.concatenate([session.run(None, {"waveform": clip.astype(np.float32).T})[0] for clip in clips])


def similarity(first, second):
    product = (first * second).sum(axis=-1)
    return product / np.linalg.norm(first, axis=-1) / np.linalg.norm(second, axis=-1)


@pytest.mark.parametrize(("source", "least"), [("vowels", 0.998), ("ravdess", 0.999)])
def test_the_rebuilt_encoder_is_the_one_of_the_package(source, least, speech, make_vowels, request):
    """All that remains is the rounding of the package's activations to 8 bits, which made vowels feel more."""
    import torch

    from pipeline.recognition.speech.features.moonshine import LAYER_SIZE, MoonshineLayers
    from pipeline.training.speech.models.moonshine_encoder import pretrained_encoder

    if source == "ravdess":
        paths = sorted((request.getfixturevalue("shared_data")("ravdess")).rglob("03-01-*.flac"))[::400]
        audios = [read_audio(path) for path in paths]
    else:
        audios = [speech, make_vowels(1.5, pitch=210.0)]
    expected, encoder = MoonshineLayers(), pretrained_encoder().eval()
    assert sum(weight.numel() for weight in encoder.parameters()) == 7_681_248
    for audio in audios:
        (phrase, *_) = phrases(audio)
        with torch.no_grad():
            stem = encoder.stem(torch.from_numpy(phrase.samples[np.newaxis]))
            states = [stem, *encoder.through(stem)]
            states.append(encoder.layer_norm(states[-1]))
        for state, layer in zip(states, np.split(expected(phrase.samples), 8, axis=1), strict=True):
            assert state.shape == (1, len(layer), LAYER_SIZE)
            assert similarity(state[0].numpy(), layer).mean() >= least


@pytest.mark.parametrize("name", ["moonshine", *FAMILIES])
def test_clips_do_not_hear_what_they_are_batched_with(name, request, sounds):
    import torch

    from pipeline.training.speech.models.torch_layers import joined

    network = model_of(name, name in FAMILIES and request.getfixturevalue("encoders")).network.eval()
    clips = [torch.from_numpy(clip.astype(np.float32).T) for clip in sounds[0][:3]]
    with torch.no_grad():
        together = network.judged(joined([network.kept(clip) for clip in clips]))
        alone = torch.cat([network(clip) for clip in clips])
    np.testing.assert_allclose(together.numpy(), alone.numpy(), atol=1e-4)


@pytest.mark.parametrize("name", ["moonshine", *FAMILIES])
def test_every_encoder_is_trained_saved_and_exported(name, request, sounds, tmp_path, no_network):
    encoders = name in FAMILIES and request.getfixturevalue("encoders")
    clips, labels = sounds
    # The discriminant of so few clips is huge; a little of it lets the network be seen beside it.
    own = {"frozen_layers": 1} if encoders else {"frozen_layers": 5, "discriminant": 0.001}
    model, told = model_of(name, encoders, averaging=0.5, copies=1, **own), []
    model.fit(
        [[clip, clip[::-1].copy()] for clip in clips],
        labels,
        seed=0,
        progress=lambda epoch, values: told.append((epoch, sorted(values))),
        validation=([[clip] for clip in clips[:2]], labels[:2]),
    )
    assert told == [(1, ["accuracy", "loss", "validation"])]
    logits = model.logits(clips)
    assert logits.shape == (8, 8)
    assert np.ptp(logits, axis=0).max() > 1e-4, "the answer depends on the clip"

    model.save_weights(tmp_path / "weights.safetensors")
    again = model_of(name, encoders, **own)
    again.load_weights(tmp_path / "weights.safetensors")
    np.testing.assert_array_equal(again.logits(clips), logits)
    with pytest.raises(SettingsError, match="another network"):
        model_of(name, encoders, hidden_size=9).load_weights(tmp_path / "weights.safetensors")

    odd = [clip[: len(clip) - 37] for clip in clips[:3]]
    np.testing.assert_allclose(exported(model, odd), model.logits(odd), atol=1e-4)


def weights_of(model):
    return {name: value.clone() for name, value in model.network.state_dict().items()}


def test_only_what_is_not_frozen_changes(sounds):
    import torch

    model = model_of("moonshine", None, frozen_layers=5, discriminant=0.0)
    before = weights_of(model)
    model.fit([[clip] for clip in sounds[0]], sounds[1], seed=0)
    after = weights_of(model)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert any(name.startswith("encoder.layers.5.") for name in changed)
    assert not any(name.startswith("encoder.") and "layers.5." not in name and "layer_norm" not in name
                   for name in changed)  # fmt: skip
    assert not any(name.startswith(f"encoder.layers.{layer}.") for layer in range(5) for name in changed)


def test_a_seed_is_kept_and_new_augmentation_is_heard(sounds):
    def trained(seed: int, augmentation: float = 0.0):
        model = model_of("moonshine", None, frozen_layers=5, augmentation=augmentation)
        model.fit([[clip, clip[::-1].copy()] for clip in sounds[0][:4]], sounds[1][:4], seed=seed)
        return model.logits(sounds[0][:2])

    first = trained(0)
    np.testing.assert_array_equal(trained(0), first)
    assert not np.allclose(trained(1), first, atol=1e-4)
    assert not np.allclose(trained(0, augmentation=1.0), first, atol=1e-4)


def test_it_learns_and_stops_where_others_gain_nothing(make_vowels):
    """Two kinds of clips, low and high: a few epochs tell them apart."""
    pitches = [110 if number % 2 else 240 for number in range(16)]
    clips = [make_vowels(0.6, pitch=pitch + number, seed=number).samples[:, np.newaxis].astype(np.float16)
             for number, pitch in enumerate(pitches)]  # fmt: skip
    labels = [number % 2 for number in range(16)]
    training = {"epochs": 60, "lr": 3e-4, "batch_size": 12, "hidden_size": 32, "mixup": 0.0, "patience": 8}
    model, epochs = model_of("moonshine", None, **training, frozen_layers=6, discriminant=0.0), []
    model.fit(
        [[clip] for clip in clips[:12]],
        labels[:12],
        seed=0,
        progress=lambda epoch, values: epochs.append(epoch),
        validation=([[clip] for clip in clips[12:]], labels[12:]),
    )
    assert len(epochs) < 60
    assert np.mean(model.logits(clips).argmax(axis=1) == labels) > 0.8


def test_an_emotion_that_no_clip_shows_gets_no_vote(sounds):
    model = model_of("moonshine", None, frozen_layers=6)
    model.fit([[clip, clip[::-1].copy()] for clip in sounds[0]], [2, 5, 7, 2, 5, 7, 2, 5], seed=0)
    assert set(model.logits(sounds[0]).argmax(axis=1).tolist()) <= {2, 5, 7}


@pytest.mark.parametrize("name", ["moonshine", "wav2vec2"])
def test_an_impossible_device_is_refused(name):
    with pytest.raises(UsageError, match="tpu"):
        MODELS.find(name).use_device("tpu")


@needs_transformers
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"encoder": "nobody/nothing"}, WeightsMissing, "hf download nobody/nothing"),
        ({"frozen_layers": 3}, SettingsError, "2 layers"),
    ],
)
def test_an_encoder_that_does_not_do_says_why(change, error, message, encoders, no_network):
    with pytest.raises(error, match=message):
        model_of("Hubert", encoders, **change)


@needs_transformers
def test_pickled_weights_are_not_read(encoders, tmp_path, no_network):
    import shutil

    import torch
    from safetensors.torch import load_file

    folder = shutil.copytree(encoders / "Hubert", tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    torch.save(load_file(encoders / "Hubert" / "model.safetensors"), folder / "pytorch_model.bin")
    with pytest.raises(WeightsMissing, match="safetensors"):
        model_of("wav2vec2", None, encoder=str(folder))


@needs_transformers
def test_an_encoder_of_another_kind_is_refused(tmp_path, no_network):
    from pipeline.training.libraries import load_transformers

    transformers = load_transformers()
    transformers.BertModel(
        transformers.BertConfig(
            hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, vocab_size=8
        )
    ).save_pretrained(tmp_path / "bert")
    with pytest.raises(SettingsError, match="bert"):
        model_of("wav2vec2", None, encoder=str(tmp_path / "bert"))


@needs_transformers
def test_transformers_brings_no_tensorflow():
    """It would crash openSMILE in the same process."""
    code = """
import sys
from pipeline.training.libraries import load_transformers
print(load_transformers().HubertModel.__name__, "tensorflow" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["HubertModel", "False"]


PREDICTION = """
import json, sys
from pathlib import Path
from pipeline.audio.decoding import read_audio
from pipeline.recognition.speech.recogniser import SpeechRecogniser

found = SpeechRecogniser(Path(sys.argv[1])).recognise(read_audio(Path(sys.argv[2])))
heavy = {"torch", "transformers", "onnx", "tensorflow", "sklearn"} & set(sys.modules)
print(json.dumps({"probabilities": found.probabilities, "model": found.model, "heavy": sorted(heavy)}))
"""


@needs_transformers
def test_from_a_corpus_to_an_answer_without_torch(encoders, make_vowels, tmp_path, no_network):
    import soundfile
    import torch

    from pipeline.recognition.speech.features.waveform import Waveform
    from pipeline.training.speech.models.wav2vec2 import Wav2vec2Settings
    from pipeline.training.speech.training import train

    data = tmp_path / "data"
    data.mkdir()
    for actor in range(1, 4):
        for emotion in range(1, 9):
            sound = make_vowels(1.2, pitch=100 + 20 * actor, seed=10 * actor + emotion)
            soundfile.write(data / f"03-01-{emotion:02d}-01-01-01-{actor:02d}.wav", sound.samples, sound.sample_rate)
    settings = Wav2vec2Settings(encoder=str(encoders / "WavLM"), epochs=1, hidden_size=8, patience=1)
    run, steps = tmp_path / "run", []
    card = train(settings, data, run, folds=3, cache=tmp_path / "cache", progress=lambda *step: steps.append(step[0]))
    assert (card.name, card.features, card.scores["clips"]) == ("wav2vec2", "waveform", 24)
    assert (run / "folds" / "seed-0-fold-2.safetensors").exists()
    steps.clear()
    train(settings, data, run, folds=3, cache=tmp_path / "cache", progress=lambda *step: steps.append(step[0]))
    assert not any(step.startswith("seed") for step in steps), "folds that are done are not trained again"

    clip = data / "03-01-05-01-01-01-02.wav"
    done = subprocess.run(
        [sys.executable, "-c", PREDICTION, run / "checkpoint", clip], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert (told["model"], told["heavy"]) == ("wav2vec2", [])
    model = MODELS.find("wav2vec2").create(settings, 1, 8)
    model.load_weights(run / "head.safetensors")
    (phrase,) = phrases(read_audio(clip))
    heard = Waveform()(phrase.samples)
    expected = torch.from_numpy(model.logits([heard])[0] / card.temperature).softmax(0)
    np.testing.assert_allclose(told["probabilities"], expected.numpy(), atol=1e-3)
