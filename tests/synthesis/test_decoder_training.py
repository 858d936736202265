"""How the small decoder is made: sentences, what the teacher says of them, source, learning, what is written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.core.errors import SettingsError, UsageError
from pipeline.synthesis.kokoro.source import phase, pulses
from pipeline.training.configuration import load_settings
from pipeline.training.decoder.settings import DecoderSettings
from pipeline.training.read_sentences import chosen_sentences

TEXTS = [
    f"{subject} {verb} the {thing} in the {place}."
    for subject in ("The doctor", "My sister", "An old man", "Every student")
    for verb in ("found", "left", "cleaned")
    for thing, place in (("table", "kitchen"), ("money", "garden"))
]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.tsv"
    path.write_text("\n".join(f"{text}\t0" for text in TEXTS), encoding="utf-8")
    return path


def test_sentences_are_chosen_by_the_seed_and_hold_known_words(texts: Path) -> None:
    first, again, other = (chosen_sentences(texts, 8, seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other
    with pytest.raises(UsageError, match="24"):
        chosen_sentences(texts, 25, 0)
    texts.write_text("Zqxv brrk flmpf.\nWOW THAT IS LOUD.\nsee [NAME] there", encoding="utf-8")
    with pytest.raises(UsageError, match="holds 0"):
        chosen_sentences(texts, 1, 0)


@pytest.mark.parametrize("line", ["step: 3", "steps: none", "steps: 0", "- 1", "voices: {}"])
def test_wrong_settings_are_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "decoder.yaml"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(SettingsError):
        load_settings(DecoderSettings, path)


@pytest.mark.parametrize("hertz", [80.0, 220.0, 410.0])
def test_the_source_has_every_harmonic_alike(hertz: float) -> None:
    sound = pulses(np.full(160, hertz, np.float32))
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    harmonics = [spectrum[round(k * hertz * len(sound) / 24_000)] for k in range(1, int(11_000 / hertz))]
    assert np.std(harmonics) < 0.25 * np.mean(harmonics)
    assert np.sqrt(np.mean(sound[300:-300] ** 2)) == pytest.approx(1, abs=0.05)


def test_the_source_is_silent_without_a_voice_and_its_phase_is_continuous() -> None:
    f0 = np.array([0, 5, 120, 140, 160, 8, 0], np.float32)
    assert not pulses(f0)[:600].any()
    assert not pulses(f0)[-600:].any()
    assert np.abs(np.diff(phase(f0))).max() < 2 * np.pi * 170 / 24_000


def test_a_decoder_is_trained_and_speaks(
    texts: Path, tmp_path: Path, tiny_kokoro: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    from pipeline.synthesis.kokoro.source_filter import SourceFilter
    from pipeline.synthesis.kokoro.voice import embedded_ready
    from pipeline.synthesis.prosody.changes import TimbreChange
    from pipeline.training.decoder.lessons import read_lesson

    monkeypatch.setenv("RESAY_HOME", str(tmp_path / "home"))
    pulled = tmp_path / "home" / "weights" / "kokoro"
    shutil.copytree(tiny_kokoro, pulled)
    (pulled / "weights.json").write_text("{}", encoding="utf-8")
    config = tmp_path / "decoder.yaml"
    config.write_text(
        "kind: decoder\nsentences: 6\ngirls: 1\nheld_out: 2\nsteps: 60\nstretch: 32\nbatch_size: 2\n"
        "channels: 16\nhidden: 32\nlayers: 2\n",
        encoding="utf-8",
    )
    command = [
        "train", "--config", str(config), "--texts", str(texts), "--run", str(tmp_path / "run"),
        "--output", str(tmp_path / "voice"), "--json",
    ]  # fmt: skip
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    card = json.loads(first.stdout)
    assert card["sentences"] == 5
    assert {path.name for path in (tmp_path / "voice").iterdir()} == {
        "encoder.onnx", "predictor.onnx", "decoder.onnx", "decoder.json", "MODEL_CARD.md", "voices",
    }  # fmt: skip
    lesson = read_lesson(tmp_path / "run" / "lesson-00000.npz")
    sound = SourceFilter(tmp_path / "voice" / "decoder.onnx").sound(lesson.intended, TimbreChange())
    assert sound.shape == lesson.sound.shape
    assert np.isfinite(sound).all()
    assert embedded_ready() == ""
    # The run goes on from what is there: nothing is said or learned again.
    shutil.rmtree(pulled)
    shutil.copytree(tiny_kokoro, pulled)
    (pulled / "weights.json").write_text("{}", encoding="utf-8")
    again = CliRunner().invoke(app, command)
    assert json.loads(again.stdout)["sha256"] == card["sha256"]
    other = config.read_text(encoding="utf-8").replace("steps: 60", "steps: 90")
    config.write_text(other, encoding="utf-8")
    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, SettingsError)
    assert "steps 60, not 90" in str(refused.exception)
