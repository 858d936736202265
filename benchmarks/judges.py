"""Judges of acting: models that tell which emotion is heard, the speaker's own neutral voice being known.

    python benchmarks/judges.py --cache runs/judges

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

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import common
import numpy as np
from numpy.typing import NDArray

from pipeline.audio import read_audio
from pipeline.audio.activity import detect_speech
from pipeline.audio.loudness import normalised
from pipeline.audio.resampling import resampled
from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import Audio
from pipeline.recognition.speech.features.functionals import Functionals
from pipeline.recognition.speech.features.moonshine import MoonshineLayers
from pipeline.training.corpora import Recording
from pipeline.training.libraries import load_sklearn, load_torch
from pipeline.training.splits import speaker_folds

Features = NDArray[np.floating]

ACTED = tuple(emotion for emotion in EMOTIONS if emotion != "neutral")
FINAL = ("emobase", "moonshine", "melspectrum")
TUNING = ("egemaps", "is09")
FUNCTIONALS = {"emobase": "emobase", "egemaps": "eGeMAPSv02", "is09": "IS09"}

NOISE = 5e-4
"""Deviation of the noise that all clips have in common; full scale is 1."""
PADDING = 0.05
"""Seconds that are kept before and after speech."""
CLAMP = 5.0
"""Deviations beyond which a number counts no more: what is unlike the training clips draws no answer anywhere."""
TESS_CLIPS = 40
"""Of each woman and emotion: as many as RAVDESS has of two actors and more."""
HEARD, UNHEARD = "tess-yaf", "tess-oaf"
MEL_BANDS = 64
MEL_HOP = 160
"""Samples between frames: 10 ms."""
MEL_FRAMES = 400
"""Frames of a clip, 4 s: RAVDESS's clips are shorter."""
SEEDS = (0, 1, 2)


def heard(audio: Audio) -> Audio:
    """Return a clip as judges hear it: 16 kHz, its ends cut, at one level, over a faint noise."""
    audio = resampled(audio, common.RATE)
    spans = detect_speech(audio).spans(padding=PADDING)
    if spans:
        audio = audio.slice(spans[0][0], spans[-1][1])
    samples = normalised(audio).samples
    noise = np.random.default_rng(len(samples)).standard_normal(len(samples)).astype(np.float32)
    return Audio(samples + np.float32(NOISE) * noise, common.RATE)


@cache
def _ear(judge: str) -> Any:
    """Return what computes the features of a judge, loaded once."""
    if judge in FUNCTIONALS:
        return Functionals(FUNCTIONALS[judge])
    if judge == "moonshine":
        return MoonshineLayers()
    import librosa

    return librosa.filters.mel(sr=common.RATE, n_fft=512, n_mels=MEL_BANDS, fmin=50, fmax=7600)


def features(judge: str, audio: Audio) -> Features:
    """Return what a judge hears of a clip that went through `heard`.

    That is a vector, or for `melspectrum` log-mel frames, float16 (400, 64): longer clips are cut in the middle,
    shorter ones padded with NaN.
    """
    samples = np.ascontiguousarray(audio.samples, np.float32)
    if judge != "melspectrum":
        frames = _ear(judge)(samples)
        return frames[0] if judge in FUNCTIONALS else np.concatenate([frames.mean(axis=0), frames.std(axis=0)])
    frames = np.lib.stride_tricks.sliding_window_view(audio.samples, 400)[::MEL_HOP] * np.hanning(400)
    mel = 10 * np.log10(np.square(np.abs(np.fft.rfft(frames, 512))) @ _ear(judge).T + 1e-6)
    first = max(0, (len(mel) - MEL_FRAMES) // 2)
    padded = np.full((MEL_FRAMES, MEL_BANDS), np.nan, np.float16)
    padded[: min(len(mel), MEL_FRAMES)] = mel[first : first + MEL_FRAMES]
    return padded


class Convolutions:
    """A small network over relative log-mel frames, the mean of three seeds, as scikit-learn's classifiers have it."""

    def fit(self, values: Features, labels: NDArray[np.int64]) -> Convolutions:
        """Learn from frames, float32 (clips, 400, 64)."""
        torch = load_torch(1)
        inputs, answers = torch.from_numpy(values), torch.from_numpy(labels)
        self._networks = []
        epochs, size = 16, 32
        for seed in SEEDS:
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
        return torch.stack(each).mean(0).numpy()


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


def _model(judge: str) -> Any:
    balanced = {"class_weight": "balanced"}
    match judge:
        case "emobase":
            return load_sklearn("svm").SVC(C=3.0, decision_function_shape="ovr", **balanced)
        case "is09":
            return load_sklearn("discriminant_analysis").LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.3)
        case "melspectrum":
            return Convolutions()
    # Small, for many numbers, most of which say the same.
    strength = {"egemaps": 0.03, "moonshine": 0.001}[judge]
    return load_sklearn("linear_model").LogisticRegression(C=strength, max_iter=2000, **balanced)


class Judge:
    """Tells the emotion of a clip, given the mean of the speaker's neutral clips.

    Args:
        name: One of `FINAL` and `TUNING`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._model = _model(name)

    def reference(self, neutral: Features) -> Features:
        """Return what neutral clips of a speaker, (clips, ...), have in common; of frames, in their louder half."""
        if self.name != "melspectrum":
            return neutral.mean(axis=0)
        flat = neutral.reshape(-1, MEL_BANDS).astype(np.float32)
        flat = flat[~np.isnan(flat[:, 0])]
        loud = flat.mean(axis=1)
        return flat[loud >= np.median(loud)].mean(axis=0)

    def fit(self, relative: Features, labels: NDArray[np.int64]) -> Judge:
        """Learn from features minus references."""
        self._scale = np.nanstd(relative, axis=(0, 1) if relative.ndim == 3 else 0) + 1e-6
        self._model.fit(self._scaled(relative), labels)
        return self

    def scores(self, relative: Features) -> Features:
        """Return how much speaks for each of `ACTED`, (clips, 7)."""
        model = self._model
        answer = model.predict_proba if hasattr(model, "predict_proba") else model.decision_function
        return answer(self._scaled(relative))

    def accuracy(self, relative: Features, labels: NDArray[np.int64]) -> float:
        """Return the share of clips that are told rightly."""
        return float((self.scores(relative).argmax(axis=1) == labels).mean())

    def _scaled(self, relative: Features) -> Features:
        return np.nan_to_num(np.clip(relative / self._scale, -CLAMP, CLAMP)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Clips:
    """Acted clips as one judge hears them, beside the neutral of their speakers."""

    relative: Features
    """(clips, ...)."""
    labels: NDArray[np.int64]
    """(clips,), places in `ACTED`."""
    speakers: NDArray[np.str_]
    """(clips,)."""

    def judged(self, judge: str, rows: NDArray[np.bool_]) -> Judge:
        """Return a judge that learned from some of the clips."""
        return Judge(judge).fit(self.relative[rows], self.labels[rows])


def recordings(ravdess: Path, tess: Path) -> list[Recording]:
    """Return the clips that the judges are trained and tested on."""
    chosen = list(common.recordings("ravdess", ravdess))
    women = common.recordings("tess", tess)
    for speaker in (HEARD, UNHEARD):
        for emotion in EMOTIONS:
            own = [clip for clip in women if (clip.speaker, clip.emotion) == (speaker, emotion)]
            order = np.random.default_rng(0).permutation(len(own))[:TESS_CLIPS]
            chosen += [own[place] for place in sorted(order)]
    return chosen


def corpus(name: str, clips: Sequence[Recording], folder: Path) -> Clips:
    """Return the acted clips as a judge hears them; features are computed once for all judges and kept in a folder."""
    paths = {judge: folder / f"{judge}.npy" for judge in (*FINAL, *TUNING)}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        sounds = [heard(read_audio(clip.path)) for clip in clips]
        for judge, path in paths.items():
            np.save(path, np.stack([features(judge, audio) for audio in sounds]))
    values, judge = np.load(paths[name]), Judge(name)
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


def trained(name: str, clips: Sequence[Recording], folder: Path) -> Judge:
    """Return a judge that has heard all of RAVDESS and one woman of TESS."""
    everything = corpus(name, clips, folder)
    return everything.judged(name, everything.speakers != UNHEARD)


def natural_scores(name: str, clips: Sequence[Recording], folder: Path) -> tuple[float, float]:
    """Return the share of right answers on unheard speakers: RAVDESS in five folds, and the other woman of TESS."""
    everything = corpus(name, clips, folder)
    speakers, unheard = everything.speakers, everything.speakers == UNHEARD
    acted = np.char.startswith(speakers, "ravdess")
    folds = np.full(len(speakers), -1)
    folds[acted] = speaker_folds(speakers[acted].tolist(), 5)
    right = 0.0
    for fold in range(5):
        test = folds == fold
        judge = everything.judged(name, ~test & ~unheard)
        right += judge.accuracy(everything.relative[test], everything.labels[test]) * test.sum()
    judge = everything.judged(name, ~unheard)
    return right / acted.sum(), judge.accuracy(everything.relative[unheard], everything.labels[unheard])


def main() -> None:
    parser = common.parser(__doc__)
    common.add_data(parser, "ravdess", "tess")
    parser.add_argument("--cache", type=Path, default=Path("runs/judges"), help="where features are kept")
    parser.add_argument("--judges", nargs="+", default=[*FINAL, *TUNING], choices=[*FINAL, *TUNING], metavar="JUDGE")
    arguments = parser.parse_args()
    clips = recordings(arguments.ravdess, arguments.tess)
    print("Right answers on speakers never heard, seven emotions (TESS: six), chance 0.14\n")

    def row(name: str) -> tuple[str, ...]:
        return name, *(f"{share:.3f}" for share in natural_scores(name, clips, arguments.cache))

    common.table(("judge", "RAVDESS, five folds", "TESS OAF"), map(row, arguments.judges))


if __name__ == "__main__":
    main()
