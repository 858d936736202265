"""Judges of acting: models that tell which emotion is heard, the speaker's own neutral voice being known.

    python benchmarks/judges.py --ravdess ../shared/data/ravdess --tess ../shared/data/tess --cache runs/judges

trains them and prints how they judge natural speech of speakers whom they never heard. `acting.py` asks them about
synthetic speech. None of them is shipped, and none serves in `detect.py`.

Training: RAVDESS (20 actors) and one woman of TESS (YAF, 40 clips of each emotion); the other woman (OAF) is kept for
the test. Seven answers: neutral speech is what the others are compared with. The judges hear natural speech alone.
What a judge hears has no level (active speech at -23 dBFS), no silence at the ends, and the same faint noise.
Reference: the mean of the speaker's neutral clips is subtracted from the features, which are then divided by the
deviation over the training clips and clamped at 5.

| judge | hears | kind | role |
|---|---|---|---|
| emobase | openSMILE emobase, 988 functionals | support vectors, radial kernel | final |
| moonshine | mean and deviation of the layers of Moonshine's encoder | logistic regression | final |
| melspectrum | log-mel spectrogram, 64 bands | convolution network, mean of three seeds | final |
| egemaps | openSMILE eGeMAPSv02, 88 functionals | logistic regression | tuning |
| is09 | openSMILE IS09, 384 functionals | discriminant, shrunk covariance | tuning |

The rules of acting may be chosen with the tuning judges. The final ones are for the figures alone.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import read_audio
from pipeline.audio.activity import speech_spans
from pipeline.audio.loudness import normalised
from pipeline.audio.resampling import resampled
from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import Audio
from pipeline.training.corpora.ravdess import read_ravdess
from pipeline.training.corpora.recordings import Recording
from pipeline.training.corpora.tess import read_tess

Features = NDArray[np.floating]

ACTED = tuple(emotion for emotion in EMOTIONS if emotion != "neutral")
FINAL = ("emobase", "moonshine", "melspectrum")
TUNING = ("egemaps", "is09")

RATE = 16_000
NOISE = 5e-4
PADDING = 0.05
CLAMP = 5.0
TESS_CLIPS = 40
HEARD, UNHEARD = "tess-yaf", "tess-oaf"
MEL_BANDS = 64
MEL_HOP = 160
MEL_FRAMES = 400
SEEDS = (0, 1, 2)


def heard(audio: Audio) -> Audio:
    """Return a clip as judges hear it: 16 kHz, its ends cut, at one level, over a faint noise."""
    audio = resampled(audio, RATE)
    spans = speech_spans(audio, padding=PADDING)
    if spans:
        audio = audio.slice(spans[0][0], spans[-1][1])
    samples = normalised(audio).samples
    noise = np.random.default_rng(len(samples)).standard_normal(len(samples)).astype(np.float32)
    return Audio(samples + np.float32(NOISE) * noise, RATE)


@cache
def _smile(name: str) -> Any:
    import opensmile

    return opensmile.Smile(opensmile.FeatureSet[name], opensmile.FeatureLevel.Functionals, num_workers=1)


def _functionals(name: str, audio: Audio) -> Features:
    values = np.asarray(_smile(name)(audio.samples, RATE), np.float32).reshape(-1)
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


@cache
def _moonshine() -> Any:
    from pipeline.recognition.speech.features.moonshine import MoonshineLayers

    return MoonshineLayers()


def _layers(audio: Audio) -> Features:
    layers = _moonshine()(np.ascontiguousarray(audio.samples, np.float32))
    return np.concatenate([layers.mean(axis=0), layers.std(axis=0)]).astype(np.float32)


@cache
def _mel_matrix() -> Features:
    import librosa

    matrix: Features = librosa.filters.mel(sr=RATE, n_fft=512, n_mels=MEL_BANDS, fmin=50, fmax=7600)
    return matrix


def _melspectrum(audio: Audio) -> Features:
    """Return log-mel frames, float16 (400, 64): longer clips are cut in the middle, shorter ones padded with NaN."""
    frames = np.lib.stride_tricks.sliding_window_view(audio.samples, 400)[::MEL_HOP] * np.hanning(400)
    power = np.square(np.abs(np.fft.rfft(frames, 512))) @ _mel_matrix().T
    mel = 10 * np.log10(power + 1e-6)
    first = max(0, (len(mel) - MEL_FRAMES) // 2)
    padded = np.full((MEL_FRAMES, MEL_BANDS), np.nan, np.float16)
    padded[: min(len(mel), MEL_FRAMES)] = mel[first : first + MEL_FRAMES]
    return padded


def features(judge: str, audio: Audio) -> Features:
    """Return what a judge hears of a clip that went through `heard`."""
    match judge:
        case "emobase":
            return _functionals("emobase", audio)
        case "egemaps":
            return _functionals("eGeMAPSv02", audio)
        case "is09":
            return _functionals("IS09", audio)
        case "moonshine":
            return _layers(audio)
        case "melspectrum":
            return _melspectrum(audio)
    raise KeyError(judge)


class Model(Protocol):
    """A classifier of relative features."""

    def fit(self, values: Features, labels: NDArray[np.int64], /) -> Any:
        """Learn."""
        ...

    def predict_proba(self, values: Features, /) -> Features:
        """Return the probability of each of `ACTED`."""
        ...


class Convolutions:
    """A small network over relative log-mel frames, the mean of three seeds."""

    def fit(self, values: Features, labels: NDArray[np.int64]) -> Convolutions:
        """Learn from frames, float32 (clips, 400, 64)."""
        import torch
        from torch import nn

        torch.set_num_threads(1)
        self._networks = []
        inputs, answers = torch.from_numpy(values), torch.from_numpy(labels)
        for seed in SEEDS:
            torch.manual_seed(seed)
            network = _network()
            optimiser = torch.optim.AdamW(network.parameters(), 2e-3, weight_decay=0.02)
            epochs, size = 16, 32
            schedule = torch.optim.lr_scheduler.OneCycleLR(
                optimiser, 4e-3, total_steps=epochs * -(-len(inputs) // size)
            )
            network.train()
            for _ in range(epochs):
                for batch in torch.randperm(len(inputs)).split(size):
                    loss = nn.functional.cross_entropy(
                        network(_masked(inputs[batch])), answers[batch], label_smoothing=0.1
                    )
                    optimiser.zero_grad()
                    loss.backward()
                    optimiser.step()
                    schedule.step()
            self._networks.append(network.eval())
        return self

    def predict_proba(self, values: Features) -> Features:
        """Return the mean probabilities of the networks, (clips, 7)."""
        import torch

        with torch.inference_mode():
            inputs = torch.from_numpy(values)
            parts = [torch.cat([network(part).softmax(-1) for part in inputs.split(64)]) for network in self._networks]
        mean: Features = torch.stack(parts).mean(0).numpy()
        return mean


def _network() -> Any:
    """Return a network from (batch, 400, 64), zero where a clip is over, to seven logits; bands are channels."""
    import torch
    from torch import nn

    def block(wide: int, channels: int) -> nn.Module:
        return nn.Sequential(nn.Conv1d(wide, channels, 5, padding=2), nn.BatchNorm1d(channels), nn.ReLU())

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = nn.ModuleList([block(MEL_BANDS, 96), block(96, 96), block(96, 128)])
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
            return self.answer(torch.cat([mean, (variance + 1e-6).sqrt(), values.amax(-1)], -1))

    return Network()


def _masked(batch: Any) -> Any:
    """Return a batch with a few neighbouring bands of each clip silenced (SpecAugment, Park et al. 2019)."""
    import torch

    batch = batch.clone()
    for clip in batch:
        band, width = int(torch.randint(MEL_BANDS, (1,))), int(torch.randint(10, (1,)))
        clip[:, band : band + width] = 0
    return batch


def _model(judge: str) -> Model:
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    models: dict[str, Any] = {
        "emobase": lambda: SVC(C=3.0, class_weight="balanced", decision_function_shape="ovr"),
        "egemaps": lambda: LogisticRegression(C=0.03, class_weight="balanced", max_iter=2000),
        "is09": lambda: LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3),
        "moonshine": lambda: LogisticRegression(C=0.001, class_weight="balanced", max_iter=2000),
        "melspectrum": Convolutions,
    }
    model: Model = models[judge]()
    return model


class Judge:
    """Tells the emotion of a clip, given the mean of the speaker's neutral clips.

    Args:
        name: One of `FINAL` and `TUNING`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._model = _model(name)

    def reference(self, neutral: Features) -> Features:
        """Return what neutral clips of a speaker, (clips, ...), have in common."""
        return _spectrum(neutral) if self.name == "melspectrum" else neutral.mean(axis=0)

    def fit(self, relative: Features, labels: NDArray[np.int64]) -> Judge:
        """Learn from features minus references."""
        self._scale = np.nanstd(relative, axis=(0, 1) if relative.ndim == 3 else 0) + 1e-6
        self._model.fit(self._scaled(relative), labels)
        return self

    def scores(self, relative: Features) -> Features:
        """Return how much speaks for each of `ACTED`, (clips, 7)."""
        scaled = self._scaled(relative)
        if hasattr(self._model, "predict_proba"):
            return self._model.predict_proba(scaled)
        values: Features = self._model.decision_function(scaled)
        return values

    def _scaled(self, relative: Features) -> Features:
        values = np.clip(relative / self._scale, -CLAMP, CLAMP)
        return np.nan_to_num(values).astype(np.float32)


def _spectrum(frames: Features) -> Features:
    """Return the mean spectrum of the louder half of log-mel frames, (bands,)."""
    flat = frames.reshape(-1, MEL_BANDS).astype(np.float32)
    flat = flat[~np.isnan(flat[:, 0])]
    loud = flat.mean(axis=1)
    mean: Features = flat[loud >= np.median(loud)].mean(axis=0)
    return mean


@dataclass(frozen=True, eq=False)
class Clips:
    """The clips of a corpus, as one judge hears them."""

    features: Features
    """(clips, ...)."""
    speakers: NDArray[np.str_]
    """(clips,)."""
    emotions: NDArray[np.str_]
    """(clips,)."""

    def relative(self, judge: Judge) -> tuple[Features, NDArray[np.int64], NDArray[np.str_]]:
        """Return what differs from the speaker's own neutral, the numbers of the emotions and the speakers."""
        parts = []
        for speaker in np.unique(self.speakers):
            own = np.flatnonzero(self.speakers == speaker)
            neutral = own[self.emotions[own] == "neutral"]
            acted = own[self.emotions[own] != "neutral"]
            values = self.features[acted].astype(np.float32) - judge.reference(self.features[neutral])
            parts.append((values, [ACTED.index(emotion) for emotion in self.emotions[acted]], self.speakers[acted]))
        values, labels, speakers = (np.concatenate(column) for column in zip(*parts, strict=True))
        return values, labels.astype(np.int64), speakers


def recordings(ravdess: Path, tess: Path) -> list[Recording]:
    """Return the clips that the judges are trained and tested on."""
    chosen = list(read_ravdess(ravdess))
    women = read_tess(tess)
    for speaker in (HEARD, UNHEARD):
        for emotion in EMOTIONS:
            own = [clip for clip in women if (clip.speaker, clip.emotion) == (speaker, emotion)]
            order = np.random.default_rng(0).permutation(len(own))[:TESS_CLIPS]
            chosen += [own[place] for place in sorted(order)]
    return chosen


def corpus(judge: str, clips: Sequence[Recording], folder: Path) -> Clips:
    """Return the clips as a judge hears them; computed once for all judges and kept in a folder."""
    names = (*FINAL, *TUNING)
    paths = {name: folder / f"{name}.npy" for name in names}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        rows: dict[str, list[Features]] = {name: [] for name in names}
        for clip in clips:
            audio = heard(read_audio(clip.path))
            for name in names:
                rows[name].append(features(name, audio))
        for name, path in paths.items():
            np.save(path, np.stack(rows[name]))
    return Clips(
        np.load(paths[judge]),
        np.array([clip.speaker for clip in clips]),
        np.array([clip.emotion for clip in clips]),
    )


def trained(name: str, clips: Sequence[Recording], folder: Path) -> Judge:
    """Return a judge that has heard all of RAVDESS and one woman of TESS."""
    judge = Judge(name)
    values, labels, speakers = corpus(name, clips, folder).relative(judge)
    keep = speakers != UNHEARD
    return judge.fit(values[keep], labels[keep])


def natural_scores(name: str, clips: Sequence[Recording], folder: Path) -> tuple[float, float]:
    """Return the share of right answers on unheard speakers: RAVDESS in five folds, and the other woman of TESS."""
    values, labels, speakers = corpus(name, clips, folder).relative(Judge(name))
    actors = sorted({speaker for speaker in speakers if speaker.startswith("ravdess")})
    right: list[bool] = []
    for fold in range(5):
        test = np.isin(speakers, actors[fold::5])
        train = ~test & (speakers != UNHEARD)
        judge = Judge(name).fit(values[train], labels[train])
        right += list(judge.scores(values[test]).argmax(axis=1) == labels[test])
    test = speakers == UNHEARD
    judge = Judge(name).fit(values[~test], labels[~test])
    return float(np.mean(right)), float(np.mean(judge.scores(values[test]).argmax(axis=1) == labels[test]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ravdess", type=Path, default=Path("../shared/data/ravdess"))
    parser.add_argument("--tess", type=Path, default=Path("../shared/data/tess"))
    parser.add_argument("--cache", type=Path, default=Path("runs/judges"), help="where features are kept")
    parser.add_argument("--judges", nargs="+", default=[*FINAL, *TUNING], choices=[*FINAL, *TUNING], metavar="JUDGE")
    arguments = parser.parse_args()
    clips = recordings(arguments.ravdess, arguments.tess)
    print("Right answers on speakers never heard, seven emotions (TESS: six), chance 0.14\n")
    print("| judge | RAVDESS, five folds | TESS OAF |\n|---|---|---|")
    for name in arguments.judges:
        ravdess, tess = natural_scores(name, clips, arguments.cache)
        print(f"| {name} | {ravdess:.3f} | {tess:.3f} |", flush=True)


if __name__ == "__main__":
    main()
