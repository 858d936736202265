"""How the voice is made: script, matching, teacher, features, training."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.resampling import resampled
from pipeline.core.errors import SettingsError, UsageError
from pipeline.frontend.english.reading import read_sentence
from pipeline.synthesis.embedded.features import FRAME, SAMPLE_RATE, decode
from pipeline.synthesis.embedded.script import CONTEXT, written
from pipeline.synthesis.festival import ready
from pipeline.synthesis.sentences import sentences
from pipeline.synthesis.world.rendering import render
from pipeline.training.configuration import load_settings
from pipeline.training.voice.examples import chosen_sentences
from pipeline.training.voice.features import encode
from pipeline.training.voice.settings import VoiceSettings
from pipeline.training.voice.teacher import lessons

TEXTS = [
    f"{subject} {verb} the {thing} in the {place}."
    for subject in ("The doctor", "My sister", "An old man", "Every student")
    for verb in ("found", "left", "cleaned")
    for thing, place in (("table", "kitchen"), ("money", "garden"))
]

needs_festival = pytest.mark.skipif(bool(ready()), reason=ready() or "Festival is there")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.tsv"
    path.write_text("\n".join(f"{text}\t0" for text in TEXTS), encoding="utf-8")
    return path


def test_a_script_begins_and_ends_in_silence_and_pauses_at_breaks() -> None:
    script = written(read_sentence("Well, the cat sat."))
    assert " ".join(script.names) == "pau w eh l pau dh ax k ae t s ae t pau"
    assert script.word.tolist() == [-1, 0, 0, 0, -1, 1, 1, 2, 2, 2, 3, 3, 3, -1]
    assert script.context.shape == (14, len(CONTEXT))
    assert script.context.min() >= 0
    assert script.context.max() <= 1
    starts = script.context[:, CONTEXT.index("word starts")]
    assert np.flatnonzero(starts).tolist() == [1, 5, 7, 10]


@needs_festival
def test_the_teacher_reads_the_script() -> None:
    wanted = [read_sentence(text) for text in ("I read the record they record, and I object.", "Don't!")]
    taught = list(lessons(wanted))
    assert [words for words, _, _ in taught] == wanted
    for words, audio, ends in taught:
        assert len(ends) == len(written(words).phones)
        assert ends[-1] == pytest.approx(audio.duration, abs=0.02)


@needs_festival
def test_features_keep_the_voice() -> None:
    _, audio, _ = next(lessons([read_sentence("The old bridge was built long ago.")]))
    cepstrum, melody, voiced = encode(resampled(audio, SAMPLE_RATE))
    assert len(cepstrum) == pytest.approx(audio.duration / FRAME, abs=2)
    assert 0.4 < voiced.mean() < 0.9
    assert 130 < np.exp(np.median(melody[voiced])) < 220
    # Twice taken apart is once taken apart: the frames have half the rate that `render` expects.
    doubled = decode(np.repeat(cepstrum, 2, axis=0), np.repeat(melody, 2), np.repeat(voiced, 2))
    again, melody_again, voiced_again = encode(render(doubled))
    frames = min(len(cepstrum), len(again))
    both = voiced[:frames] & voiced_again[:frames]
    assert np.abs(melody[:frames] - melody_again[:frames])[both].mean() < 0.02
    assert np.corrcoef(cepstrum[:frames][both, 1], again[:frames][both, 1])[0, 1] > 0.95


def test_sentences_are_chosen_by_the_seed_and_hold_known_words(texts: Path) -> None:
    first, again, other = (chosen_sentences(texts, 8, seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other
    with pytest.raises(UsageError, match="24"):
        chosen_sentences(texts, 25, 0)
    texts.write_text("Zqxv brrk flmpf.\nWOW THAT IS LOUD.\nsee [NAME] there", encoding="utf-8")
    with pytest.raises(UsageError, match="holds 0"):
        chosen_sentences(texts, 1, 0)


@pytest.mark.parametrize("line", ["epoch: 3", "epochs: none", "epochs: 0", "- 1"])
def test_wrong_settings_are_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "voice.yaml"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(SettingsError):
        load_settings(VoiceSettings, path)


@needs_festival
@pytest.mark.slow
def test_a_voice_is_trained_and_speaks(texts: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from pipeline.synthesis.embedded.voice import Embedded
    from pipeline.training.voice.training import train

    settings = VoiceSettings(
        sentences=24, held_out=4, epochs=12, batch_size=4, encoder_channels=32, encoder_layers=2, decoder_channels=32
    )
    steps: list[str] = []
    card = train(
        settings, texts, tmp_path / "run", tmp_path / "voice", progress=lambda step, done, total: steps.append(step)
    )
    assert set(steps) == {"reading", "learning"}
    assert card["scores"]["f0_correlation"] > 0.3
    spoken = Embedded(tmp_path / "voice").frames(next(iter(sentences("My sister found the money."))))
    assert 0.5 < spoken.duration < 5
    assert spoken.voiced.mean() > 0.3
    # The same again comes from what the teacher read before: no Festival is needed any more.
    shutil.rmtree(tmp_path / "voice")
    again = train(settings, texts, tmp_path / "run", tmp_path / "voice", progress=lambda *_: None)
    assert again["sha256"] == card["sha256"]
