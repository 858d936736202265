"""The discriminant of several corpora: what it learns from copies of clips in noise."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.core.emotions import EMOTIONS
from pipeline.core.paths import bundled
from pipeline.recognition.speech.features.whisper import MoonshineWhisper
from pipeline.training.corpora import Recording
from pipeline.training.speech.models.cnn1d_experts import Cnn1dExperts, Cnn1dExpertsSettings

SIZE = MoonshineWhisper.size
PLAIN, FAINT = slice(0, 400), slice(400, 800)
"""Numbers of a frame that tell the emotion plainly, but only where it is quiet, and that always tell it faintly."""
SIGNS = np.random.default_rng(5).standard_normal((8, 800)).astype(np.float32)
"""How each emotion moves them."""


def heard(emotion, voice, random, noisy=False):
    """Return a clip of twelve frames; in noise the plain numbers are those of another emotion."""
    frames = 0.3 * random.standard_normal((12, SIZE)).astype(np.float32)
    frames[:, : len(voice)] += voice
    frames[:, PLAIN] += SIGNS[random.integers(8) if noisy else emotion, PLAIN]
    frames[:, FAINT] += 0.4 * SIGNS[emotion, FAINT]
    return frames


def taught(copies):
    """Return a discriminant of a small corpus, each clip with as many copies in noise."""
    random, clips, labels, recordings = np.random.default_rng(0), [], [], []
    for speaker in range(4):
        voice = 0.5 * random.standard_normal(800).astype(np.float32)
        for emotion, name in enumerate(EMOTIONS):
            for number in range(3):
                clips.append([heard(emotion, voice, random, noisy) for noisy in [False, *([True] * copies)]])
                labels.append(emotion)
                recordings.append(Recording(Path(f"{number}"), f"tess-{speaker}", "", name, "", "", "tess"))
    # The clips that the shipped model was trained on are not among these: the discriminant answers alone.
    model = Cnn1dExperts(Cnn1dExpertsSettings(expert=bundled("checkpoints", "cnn1d")), SIZE, len(EMOTIONS))
    model.fit(clips, labels, seed=0, recordings=recordings)
    return model


def right(model, noisy):
    """Return which share of clips of an unheard voice is answered right."""
    random = np.random.default_rng(9)
    labels = np.tile(np.arange(8), 6)
    voice = 0.5 * random.standard_normal(800).astype(np.float32)
    answers = model.logits([heard(label, voice, random, noisy) for label in labels]).argmax(axis=1)
    return float(np.mean(answers == labels))


@pytest.mark.parametrize(("copies", "holds"), [(0, False), (2, True)], ids=["clean alone", "with copies"])
def test_copies_in_noise_keep_answers_in_noise(copies, holds):
    model = taught(copies)
    assert right(model, noisy=False) > 0.9
    assert (right(model, noisy=True) > 0.8) is holds


def test_what_is_read_again_answers_the_same(tmp_path):
    model = taught(1)
    clip = heard(3, np.zeros(800, np.float32), np.random.default_rng(1))
    before = model.logits([clip])
    model.save_weights(tmp_path / "weights")
    other = Cnn1dExperts(model.settings, SIZE, len(EMOTIONS))
    other.load_weights(tmp_path / "weights")
    np.testing.assert_allclose(other.logits([clip, clip]), np.repeat(before, 2, axis=0), atol=1e-4)
