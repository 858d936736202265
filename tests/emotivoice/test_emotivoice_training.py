"""Training: features, alignment, and a run that learns, stops, goes on and speaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from tiny_emotivoice import tiny_configuration, write_recordings, write_tiny

from emotivoice import EmotiVoice
from emotivoice.configuration import AudioSettings
from emotivoice.train import main
from emotivoice.training.alignment import best_path, diagonal_prior
from emotivoice.training.data import read_list
from emotivoice.training.discriminators import Discriminators
from emotivoice.training.features import extract_features, mel_filters
from emotivoice.training.losses import spectral_loss
from emotivoice.training.settings import TrainingSettings
from emotivoice.training.trainer import Trainer
from pipeline.core.errors import SettingsError

AUDIO = AudioSettings(16000, 1024, 256, 1024, 0.0, None, 80, 32)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recordings(tmp_path_factory.mktemp("recordings"))


def write_config(folder: Path, recordings: Path, **training: object) -> Path:
    configuration = tiny_configuration()
    configuration["segment_size"] = 8
    configuration["training"] = {
        "data": str(recordings),
        "output": str(folder / "run"),
        "batch": 2,
        "validation": 1,
        "discriminator_width": 0.125,
        "learning_rate": 2e-3,
        "validate_every": 100000,
        "checkpoint_every": 100000,
        **training,
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(configuration), encoding="utf-8")
    return path


def test_a_run_learns_and_its_checkpoint_speaks(tmp_path: Path, recordings: Path) -> None:
    config = write_config(
        tmp_path,
        recordings,
        steps=40,
        adversarial_from=36,
        train_style=True,
        ignore_content=True,
        frame_weight=1.0,
        spectral_weight=1.0,
        betas=[0.8, 0.99],
    )
    losses = Trainer(config).run()
    assert len(losses) == 40
    assert np.mean(losses[-8:]) < 0.8 * np.mean(losses[:8])
    engine = EmotiVoice(tmp_path / "run")
    samples = engine.synthesise("Hello number 1.", prompt="happy", speaker="me")
    assert np.isfinite(samples).all()
    # The content vector was kept away: its part of the projection is zero in the checkpoint too.
    assert not engine._acoustic.embed_projection1.weight[:, -24:].any()


def test_a_run_goes_on_where_it_stopped(tmp_path: Path, recordings: Path) -> None:
    assert main(["--config", str(write_config(tmp_path, recordings, steps=2))]) == 0
    trainer = Trainer(write_config(tmp_path, recordings, steps=3))
    assert trainer.step == 2
    assert len(trainer.run()) == 1
    assert Trainer(write_config(tmp_path, recordings, steps=3)).run() == []
    assert sorted(path.name for path in (tmp_path / "run").glob("g_*")) == ["g_00000000", "g_00000002", "g_00000003"]


def test_fine_tuning_appends_speakers_and_can_leave_the_rest_alone(tmp_path: Path, recordings: Path) -> None:
    start = write_tiny(tmp_path / "start")
    before = torch.load(start / "g_00000000", weights_only=True)["generator"]
    config = write_config(tmp_path, recordings, steps=2, start=str(start), only_speakers=True)
    Trainer(config).run()
    after = torch.load(tmp_path / "run" / "g_00000002", weights_only=True)["generator"]
    assert after["am.spk_tokenizer.weight"].shape[0] == 4
    assert torch.equal(after["am.to_mel.weight"], before["am.to_mel.weight"])
    assert torch.equal(after["am.spk_tokenizer.weight"][:3], before["am.spk_tokenizer.weight"])
    assert EmotiVoice(tmp_path / "run").voices.resolve("me")[0] == 3


@pytest.mark.slow
def test_two_processes_train_one_model(tmp_path: Path, recordings: Path) -> None:
    config = write_config(tmp_path, recordings, steps=2, adversarial_from=1, train_style=True, validate_every=2)
    command = ["torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m", "emotivoice.train"]
    subprocess.run(
        [sys.executable, "-m", *command, "--config", str(config), "--threads", "1"],
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    rows = (tmp_path / "run" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(row)["step"] for row in rows] == [1, 2]
    assert len(EmotiVoice(tmp_path / "run").synthesise("Hello number 1.", prompt="happy", speaker="me")) > 0


def test_validation_speaks_and_keeps_a_journal(tmp_path: Path, recordings: Path) -> None:
    trainer = Trainer(write_config(tmp_path, recordings, steps=1))
    losses = trainer.validate()
    assert {"mel", "duration", "pitch", "energy"} <= set(losses)
    assert list((tmp_path / "run" / "validation").rglob("*.wav"))
    journal = (tmp_path / "run" / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(journal[-1])["validation"] is True


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"outptu": "x"}, "Did you mean output"),
        ({"batch": 0}, "positive"),
        ({"betas": [0.5, 1.0]}, "betas"),
        ({"betas": [0.5]}, "betas"),
        ({"batch": "many"}, "'many': it must be a whole number"),
        ({"learning_rate": {"a": 1}}, "'names and values': it must be a number"),
        ({"discriminator_width": 2}, "0.125"),
    ],
)
def test_wrong_settings_are_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        TrainingSettings.from_dict({"data": "d", "output": "o", **settings}, Path())


def test_a_wrong_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="There is no"):
        read_list(tmp_path)
    (tmp_path / "train.jsonl").write_text('{"wav": "a.wav"}', encoding="utf-8")
    with pytest.raises(SettingsError, match="Line 1"):
        read_list(tmp_path)


def test_the_official_list_is_understood(tmp_path: Path) -> None:
    row = {
        "key": "1",
        "wav_path": "a.wav",
        "speaker": "x",
        "text": ["<sos/eos>", "[AH0]"],
        "original_text": "a",
        "prompt": "开心",
    }
    (tmp_path / "datalist.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (line,) = read_list(tmp_path)
    assert (line.text, line.prompt, line.tokens) == ("a", "开心", ("<sos/eos>", "[AH0]"))


def test_the_pitch_of_a_tone_is_found() -> None:
    wave = np.zeros(16000, np.float32)
    for harmonic in range(1, 6):
        wave += (0.1 * np.sin(2 * np.pi * 200 * harmonic * np.arange(16000) / 16000)).astype(np.float32)
    features = extract_features(wave, AUDIO)
    assert features.mel.shape == (80, 63)
    assert float(features.pitch.median()) * 53.78 + 225.089 == pytest.approx(200, abs=2)


def test_mel_filters_cover_all_frequencies_once() -> None:
    filters = mel_filters(16000, 1024, 80, 0.0, 8000.0)
    areas = filters.sum(dim=1)
    assert float(areas.max() / areas[5:].min()) < 1.6
    assert bool((filters.argmax(dim=1).diff() >= 0).all())


def test_the_spectral_loss_grows_with_the_error_and_bears_silence() -> None:
    generator = torch.Generator().manual_seed(0)
    real = 0.1 * torch.randn(2, 4096, generator=generator)
    other = 0.1 * torch.randn(2, 4096, generator=generator)
    distances = [float(spectral_loss(real + share * other, real)) for share in (0.0, 0.1, 0.5)]
    assert distances[0] == 0
    assert distances == sorted(set(distances))
    fake = torch.zeros(2, 4096, requires_grad=True)
    spectral_loss(fake, torch.zeros(2, 4096)).backward()
    assert fake.grad is not None
    assert bool(torch.isfinite(fake.grad).all())


def test_the_best_path_follows_the_diagonal_and_visits_every_token() -> None:
    scores = np.full((9, 3), -5.0, np.float32)
    for token in range(3):
        scores[3 * token : 3 * token + 3, token] = 0.0
    assert best_path(scores).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_the_prior_is_a_distribution_along_the_diagonal() -> None:
    prior = diagonal_prior(5, 20).exp()
    assert bool((prior.sum(dim=1) <= 1.0001).all())
    assert bool((prior.argmax(dim=1).diff() >= 0).all())


def test_discriminators_bear_the_official_names() -> None:
    names = set(Discriminators(0.125).state_dict())
    assert {"msd.discriminators.0.convs.0.weight_orig", "mpd.discriminators.4.conv_post.bias"} <= names
    scores, maps = Discriminators(0.125)(torch.randn(2, 1, 2048))
    assert len(scores) == len(maps) == 8
