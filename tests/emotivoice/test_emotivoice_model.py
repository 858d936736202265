"""The networks: parity with the official ones, batches, checkpoints in every spelling."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from emotivoice import EmotiVoice
from emotivoice.acoustic import AcousticModel, Adjustment
from emotivoice.checkpoints import convert, fold_weight_norm, read_weights
from emotivoice.configuration import Configuration
from emotivoice.folder import WeightsFolder
from emotivoice.parity import main, run_parity
from emotivoice.upsampling import GaussianUpsampling
from emotivoice.vocoder import Vocoder
from emotivoice.wordpieces import WordPieces
from pipeline.core.errors import SettingsError, WeightsMissing


def test_every_case_of_the_fixtures_agrees(fixtures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(fixtures)]) == 0
    printed = capsys.readouterr().out
    for quantity in (
        "item1_wav",
        "official_batch_wav",
        "alpha1.3_wav",
        "loss_forwardsum_loss",
        "wav, streamed",
        "ln_out",
    ):
        assert quantity in printed


def test_parity_fails_where_numbers_differ(fixtures: Path, tmp_path: Path) -> None:
    for name in ("config.yaml", "g_00140000", "checkpoint_163431", "tokenlist"):
        shutil.copy(fixtures / name, tmp_path / name)
    shutil.copytree(fixtures / "simbert-base-chinese", tmp_path / "simbert-base-chinese")
    with np.load(fixtures / "case2.npz") as archive:
        case = dict(archive)
    case["pitch"] = case["pitch"] + 1e-3
    np.savez(tmp_path / "case.npz", **case)
    assert not run_parity(tmp_path)
    assert run_parity(tmp_path, tolerance=1e-2)


def test_both_spellings_of_weight_norm_are_the_same_weights(fixtures: Path) -> None:
    old, new = read_weights(fixtures / "g_00140000"), read_weights(fixtures / "g_00140000.new_weight_norm_names")
    assert set(old) == set(new)
    assert all(torch.equal(old[name], new[name]) for name in old)


@pytest.fixture
def model_copy(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def test_conversion_leaves_the_sound_alone(model_copy: Path) -> None:
    before = EmotiVoice(model_copy).synthesise("Hello world.")
    for name in ("g_00000000", "checkpoint_0"):
        assert convert(model_copy / name).suffix == ".safetensors"
        (model_copy / name).unlink()
    assert np.abs(EmotiVoice(model_copy).synthesise("Hello world.") - before).max() < 1e-5
    assert np.abs(EmotiVoice(model_copy, normalised=True).synthesise("Hello world.") - before).max() < 1e-4


def test_stray_weights_and_prefixes_are_ignored(model_copy: Path) -> None:
    path = model_copy / "checkpoint_0"
    content = torch.load(path, weights_only=True)
    content["model"]["module.bert.embeddings.position_ids"] = torch.arange(64)[None]
    torch.save({**content, "step": 163431}, path)
    assert len(EmotiVoice(model_copy).synthesise("Hello.")) > 0


class Canary:
    """Writes a file when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (open, ("canary-was-here", "w"))


@pytest.mark.parametrize("damage", ["pickle", "cut", "empty", "other"])
def test_a_damaged_or_hostile_checkpoint_is_refused(
    model_copy: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(model_copy)
    path = model_copy / "g_00000000"
    if damage == "pickle":
        path.write_bytes(pickle.dumps(Canary()))
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        torch.save({"generator": {"something": torch.zeros(2)}}, path)
    with pytest.raises(WeightsMissing):
        EmotiVoice(model_copy)
    assert not Path("canary-was-here").exists()


def test_a_checkpoint_of_another_size_is_refused(model_copy: Path) -> None:
    config = model_copy / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("n_hidden: 32", "n_hidden: 64"), encoding="utf-8")
    with pytest.raises(WeightsMissing, match="different models"):
        WeightsFolder(model_copy).load()


@pytest.mark.parametrize(("change", "message"), [("n_mels: 20", "n_mels: 21"), ("sr: 16000", "rate: 16000")])
def test_a_wrong_configuration_is_named(model_copy: Path, change: str, message: str) -> None:
    config = model_copy / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace(change, message), encoding="utf-8")
    with pytest.raises(SettingsError):
        Configuration.read(config)


def test_missing_files_are_named(model_copy: Path) -> None:
    (model_copy / "simbert-base-chinese" / "vocab.txt").unlink()
    with pytest.raises(WeightsMissing, match=r"vocab\.txt"):
        EmotiVoice(model_copy)


def _batch(model: AcousticModel, lengths: list[int]) -> dict[str, torch.Tensor]:
    torch.manual_seed(5)
    return {
        "tokens": torch.randint(1, 500, (len(lengths), max(lengths))),
        "lengths": torch.tensor(lengths),
        "speakers": torch.arange(len(lengths)) % 3,
        "style": torch.randn(len(lengths), 24),
        "content": torch.randn(len(lengths), 24),
    }


def test_every_item_of_a_batch_equals_itself_alone(tiny_model: Path) -> None:
    model = WeightsFolder(tiny_model).load().acoustic
    batch = _batch(model, [9, 3, 14])
    together = model(**batch)
    for item, length in enumerate([9, 3, 14]):
        single = {name: value[item : item + 1] for name, value in batch.items()}
        single["tokens"] = single["tokens"][:, :length]
        alone = model(**single)
        assert int(alone.mel_lengths) == int(together.mel_lengths[item])
        frames = int(alone.mel_lengths)
        assert float((alone.mel[0] - together.mel[item, :frames]).abs().max()) < 1e-5
        assert torch.equal(alone.durations[0], together.durations[item, :length])


def test_scales_may_differ_from_token_to_token(tiny_model: Path) -> None:
    model = WeightsFolder(tiny_model).load().acoustic
    batch = _batch(model, [6])
    scales = torch.tensor([[1.0, 2.0, 1.0, 1.0, 0.5, 1.0]])
    plain = model(**batch)
    scaled = model(**batch, adjustment=Adjustment(pitch_scale=scales, energy_scale=scales))
    assert torch.allclose(scaled.pitch, plain.pitch * scales)
    assert torch.allclose(scaled.energy, plain.energy * scales)
    fixed = torch.tensor([[-1.0, 30.0, -1.0, -1.0, -1.0, -1.0]])
    longer = model(**batch, adjustment=Adjustment(fixed_durations=fixed))
    assert int(longer.mel_lengths) == int(plain.durations.sum() - plain.durations[0, 1]) + 30


def test_upsampling_of_an_empty_item_gives_every_token_a_frame() -> None:
    tokens = torch.randn(2, 4, 5)
    durations = torch.tensor([[0, 0, 0, 0], [2, 1, 3, 0]])
    assert GaussianUpsampling()(tokens, durations).shape == (2, 6, 5)
    assert GaussianUpsampling()(tokens[:1], durations[:1]).shape == (1, 4, 5)


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_the_vocoder_streams_what_it_makes_at_once(tiny_model: Path, chunk: int) -> None:
    models = WeightsFolder(tiny_model).load()
    mel = torch.randn(1, 90, 20)
    with torch.inference_mode():
        whole = models.vocoder(mel)[0, 0]
        streamed = torch.cat(list(models.vocoder.stream(mel, chunk_frames=chunk, first_frames=3)))
    assert float((whole - streamed).abs().max()) < 1e-5


def test_tiles_change_nothing(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vocoder: Vocoder = WeightsFolder(tiny_model).load().vocoder
    mel = torch.randn(1, 60, 20)
    with torch.inference_mode():
        whole = vocoder(mel)
        monkeypatch.setattr("emotivoice.vocoder.TILE", 1000)
        assert float((vocoder(mel) - whole).abs().max()) < 1e-5


def test_folding_keeps_the_norm_over_the_first_dimension() -> None:
    direction, magnitude = torch.randn(3, 4, 5), torch.rand(3, 1, 1) + 0.5
    (folded,) = fold_weight_norm({"x.weight_v": direction, "x.weight_g": magnitude}).values()
    assert torch.allclose(folded.flatten(1).norm(dim=1), magnitude.flatten())


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello", ["[CLS]", "hell", "##o", "[SEP]"]),
        ("Héllo!", ["[CLS]", "hell", "##o", "!", "[SEP]"]),
        ("你好", ["[CLS]", "你", "[UNK]", "[SEP]"]),
        ("hellx", ["[CLS]", "[UNK]", "[SEP]"]),
        ("hell " * 9, ["[CLS]", *["hell"] * 6, "[SEP]"]),
        ("", ["[CLS]", "[SEP]"]),
    ],
)
def test_texts_become_word_pieces(text: str, pieces: list[str]) -> None:
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "hell", "##o", "!", "你"]
    assert [vocabulary[number] for number in WordPieces(vocabulary)(text, longest=8)] == pieces
