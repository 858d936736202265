"""Ears for acting: models that tell which emotion is heard, the speaker's own neutral voice being known.

They learn from natural speech alone. What they hear has no level, no silence at the ends, and the same faint noise;
the mean of the speaker's neutral clips is subtracted from the features, which are then divided by the deviation over
the training clips and clamped. Seven answers: neutral speech is what the others are compared with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import SAMPLE_RATE, read_audio, resampled
from pipeline.audio.activity import detect_speech
from pipeline.audio.loudness import normalised
from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import Audio
from pipeline.recognition.speech.features.functionals import Functionals
from pipeline.training.corpora import Recording
from pipeline.training.libraries import load_sklearn, load_torch

__all__ = [
    "ACTED",
    "EARS",
    "Clips",
    "Ear",
    "Features",
    "Judge",
    "compared",
    "described",
    "functionals",
    "heard",
    "layers",
    "logistic",
]

Features = NDArray[np.floating]
"""What an ear hears: a vector, or frames."""

ACTED: Final = tuple(emotion for emotion in EMOTIONS if emotion != "neutral")
"""The seven answers."""
_NOISE: Final = 5e-4
"""Deviation of the noise that all clips have in common; full scale is 1."""
_PADDING: Final = 0.05
"""Seconds that are kept before and after speech."""
_CLAMP: Final = 5.0
"""Deviations beyond which a number counts no more: what is unlike the training clips draws no answer anywhere."""
_MEL_BANDS: Final = 64
"""Bands of the log-mel spectrogram."""
_MEL_WINDOW: Final = 400
"""Samples of a frame: 25 ms."""
_MEL_HOP: Final = 160
"""Samples between frames: 10 ms."""
_MEL_FRAMES: Final = 400
"""Frames of a clip, 4 s: RAVDESS's clips are shorter."""
_SEEDS: Final = (0, 1, 2)
"""Networks whose mean answers for one."""


class Ear(NamedTuple):
    """What a judge hears, and how it learns."""

    name: str
    """Its name."""
    features: Callable[[Audio], Features]
    """From a clip that went through `heard` to a vector, or to frames padded with NaN."""
    model: Callable[[], Any]
    """Makes a classifier as scikit-learn has it."""


def heard(audio: Audio) -> Audio:
    """Return a clip as judges hear it: 16 kHz, its ends cut, at one level, over a faint noise."""
    audio = resampled(audio, SAMPLE_RATE)
    spans = detect_speech(audio).spans(padding=_PADDING)
    if spans:
        audio = audio.slice(spans[0][0], spans[-1][1])
    samples = normalised(audio).samples
    noise = np.random.default_rng(len(samples)).standard_normal(len(samples)).astype(np.float32)
    return Audio(samples + np.float32(_NOISE) * noise, SAMPLE_RATE)


@cache
def _extractor(feature_set: str) -> Functionals:
    return Functionals(feature_set)


def functionals(feature_set: str) -> Callable[[Audio], Features]:
    """Return what computes a set of openSMILE's functionals of a clip."""

    def described(audio: Audio) -> Features:
        found: Features = _extractor(feature_set)(np.ascontiguousarray(audio.samples, np.float32))[0]
        return found

    return described


def layers(frames: Features) -> Features:
    """Return the mean and the deviation over the frames, (2 x size,)."""
    return np.concatenate([frames.mean(axis=0), frames.std(axis=0)])


def _whisper(audio: Audio) -> Features:
    from pipeline.audio.speech_encoder import WHISPER_LAYERS, whisper_encoder

    states = whisper_encoder(1)(np.ascontiguousarray(audio.samples, np.float32), WHISPER_LAYERS)
    return layers(np.concatenate(list(states), axis=1))


@cache
def _mel_weights() -> Features:
    from librosa import filters  # type: ignore[attr-defined]

    weights: Features = filters.mel(sr=SAMPLE_RATE, n_fft=512, n_mels=_MEL_BANDS, fmin=50, fmax=7600)
    return weights


def _mel_spectrum(audio: Audio) -> Features:
    """Return log-mel frames, float16 (400, 64): longer clips are cut in the middle, shorter ones padded with NaN."""
    windows = np.lib.stride_tricks.sliding_window_view(audio.samples, _MEL_WINDOW)[::_MEL_HOP]
    power = np.square(np.abs(np.fft.rfft(windows * np.hanning(_MEL_WINDOW), 512)))
    mel = 10 * np.log10(power @ _mel_weights().T + 1e-6)
    first = max(0, (len(mel) - _MEL_FRAMES) // 2)
    padded = np.full((_MEL_FRAMES, _MEL_BANDS), np.nan, np.float16)
    padded[: min(len(mel), _MEL_FRAMES)] = mel[first : first + _MEL_FRAMES]
    return padded


def logistic(strength: float) -> Any:
    """Return logistic regression; its strength is small for many numbers, most of which say the same."""
    model = load_sklearn("linear_model").LogisticRegression
    return model(C=strength, max_iter=2000, class_weight="balanced")


def _discriminant() -> Any:
    return load_sklearn("discriminant_analysis").LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3)


class Convolutions:
    """A small network over relative log-mel frames, the mean of three seeds, as scikit-learn's classifiers have it."""

    def fit(self, values: Features, labels: NDArray[np.int64]) -> Convolutions:
        """Learn from frames, float32 (clips, 400, 64)."""
        torch = load_torch(1)
        inputs, answers = torch.from_numpy(values), torch.from_numpy(labels)
        self._networks = []
        epochs, size = 16, 32
        for seed in _SEEDS:
            torch.manual_seed(seed)
            network = _network()
            optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.02)
            steps = epochs * -(-len(inputs) // size)
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
            network.train()
            for _ in range(epochs):
                for batch in torch.randperm(len(inputs)).split(size):
                    found = network(_masked(inputs[batch]))
                    optimiser.zero_grad()
                    torch.nn.functional.cross_entropy(found, answers[batch], label_smoothing=0.1).backward()
                    optimiser.step()
                    schedule.step()
            self._networks.append(network.eval())
        return self

    def predict_proba(self, values: Features) -> Features:
        """Return the mean probabilities of the networks, (clips, 7)."""
        torch = load_torch(1)
        with torch.inference_mode():
            parts = torch.from_numpy(values).split(64)
            each = [torch.cat([network(part).softmax(-1) for part in parts]) for network in self._networks]
        found: Features = torch.stack(each).mean(0).numpy()
        return found


def _network() -> Any:
    """Return a network from (batch, 400, 64), zero where a clip is over, to seven logits; bands are channels."""
    import torch
    from torch import nn

    def block(wide: int, channels: int) -> nn.Module:
        return nn.Sequential(nn.Conv1d(wide, channels, 5, padding=2), nn.BatchNorm1d(channels), nn.ReLU())

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([block(_MEL_BANDS, 96), block(96, 96), block(96, 128)])
            self.answer = nn.Sequential(nn.Dropout(0.5), nn.Linear(3 * 128, len(ACTED)))

        def forward(self, frames: torch.Tensor) -> torch.Tensor:
            inside = (frames != 0).any(-1, keepdim=True).transpose(1, 2).float()
            values = frames.transpose(1, 2)
            for place, layer in enumerate(self.blocks):
                values = nn.functional.dropout(layer(values), 0.2, self.training)
                if place < 2:
                    values, inside = nn.functional.max_pool1d(values, 2), nn.functional.max_pool1d(inside, 2)
            values, count = values * inside, inside.sum(-1).clamp(min=1)
            mean = values.sum(-1) / count
            variance = ((values - mean[..., None]).square() * inside).sum(-1) / count
            answer: torch.Tensor = self.answer(torch.cat([mean, (variance + 1e-6).sqrt(), values.amax(-1)], -1))
            return answer

    return Network()


def _masked(batch: Any) -> Any:
    """Return a batch with a few neighbouring bands of each clip silenced (SpecAugment, Park et al. 2019)."""
    import torch

    batch = batch.clone()
    for clip in batch:
        band, width = int(torch.randint(_MEL_BANDS, (1,))), int(torch.randint(10, (1,)))
        clip[:, band : band + width] = 0
    return batch


EARS: Final = {
    ear.name: ear
    for ear in (
        Ear("egemaps", functionals("eGeMAPSv02"), partial(logistic, 0.03)),
        Ear("is09", functionals("IS09"), _discriminant),
        Ear("melspectrum", _mel_spectrum, Convolutions),
        Ear("whisper", _whisper, partial(logistic, 0.001)),
    )
}
"""The ears by which acting may be chosen."""


class Judge:
    """Tells the emotion of a clip, given what the speaker's neutral clips have in common.

    Args:
        ear: What it hears and how it learns.
    """

    def __init__(self, ear: Ear) -> None:
        self.name = ear.name
        self.features = ear.features
        self._model = ear.model()

    def reference(self, neutral: Features) -> Features:
        """Return what neutral clips of a speaker, (clips, ...), have in common; of frames, in their louder half."""
        if neutral.ndim < 3:
            mean: Features = neutral.mean(axis=0)
            return mean
        flat = neutral.reshape(-1, neutral.shape[-1]).astype(np.float32)
        flat = flat[~np.isnan(flat[:, 0])]
        loud = flat.mean(axis=1)
        middle: Features = flat[loud >= np.median(loud)].mean(axis=0)
        return middle

    def fit(self, relative: Features, labels: NDArray[np.int64]) -> Judge:
        """Learn from features minus references."""
        self._scale = np.nanstd(relative, axis=(0, 1) if relative.ndim == 3 else 0) + 1e-6
        self._model.fit(self._scaled(relative), labels)
        return self

    def scores(self, relative: Features) -> Features:
        """Return how much speaks for each of `ACTED`, (clips, 7): probabilities where the model has them."""
        model = self._model
        answer = model.predict_proba if hasattr(model, "predict_proba") else model.decision_function
        found: Features = answer(self._scaled(relative))
        return found

    def accuracy(self, relative: Features, labels: NDArray[np.int64]) -> float:
        """Return the share of clips that are told rightly."""
        return float((self.scores(relative).argmax(axis=1) == labels).mean())

    def _scaled(self, relative: Features) -> Features:
        scaled: Features = np.nan_to_num(np.clip(relative / self._scale, -_CLAMP, _CLAMP)).astype(np.float32)
        return scaled


@dataclass(frozen=True, eq=False)
class Clips:
    """Acted clips as one judge hears them, beside the neutral of their speakers."""

    relative: Features
    """(clips, ...)."""
    labels: NDArray[np.int64]
    """(clips,), places in `ACTED`."""
    speakers: NDArray[np.str_]
    """(clips,)."""

    def judged(self, ear: Ear, rows: NDArray[np.bool_] | slice = slice(None)) -> Judge:
        """Return a judge that learned from some of the clips."""
        return Judge(ear).fit(self.relative[rows], self.labels[rows])


def described(clips: Iterable[Recording], ears: Sequence[Ear]) -> list[Features]:
    """Return what each ear hears of recordings, each (clips, ...)."""
    rows: list[list[Features]] = [[] for _ in ears]
    for clip in clips:
        audio = heard(read_audio(clip.path))
        for row, ear in zip(rows, ears, strict=True):
            row.append(ear.features(audio))
    return [np.stack(row) for row in rows]


def compared(ear: Ear, clips: Sequence[Recording], values: Features) -> Clips:
    """Return the acted clips beside the neutral of their speakers.

    Args:
        ear: Whose features they are.
        clips: Recordings of speakers who each have neutral ones.
        values: What the ear hears of them, (clips, ...).
    """
    judge = Judge(ear)
    speakers, emotions = (np.array([getattr(clip, what) for clip in clips]) for what in ("speaker", "emotion"))
    parts = []
    for speaker in np.unique(speakers):
        own, neutral = speakers == speaker, emotions == "neutral"
        acted = own & ~neutral
        labels = [ACTED.index(emotion) for emotion in emotions[acted]]
        reference = judge.reference(values[own & neutral])
        parts.append((values[acted].astype(np.float32) - reference, labels, speakers[acted]))
    relative, numbers, names = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Clips(relative, numbers.astype(np.int64), names)
