"""CNN1D: a 1-D convolution network over the layers of a speech encoder.

Two views of a clip are pooled over time by mean, deviation, maximum and minimum, and read together:
the encoder's layers as they are, and what convolutions along time find in them.
Linear discriminants of the first view, found in closed form, vote beside the trained network:
one tells emotions apart, another emotions of either strength, which sound otherwise.
What makes speech of other places differ from the neutral speech of the corpus, room and microphone and way of speaking,
is taken out of both views, if such speech is there: it would sound like an emotion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import Field

from pipeline.core.emotions import EMOTIONS
from pipeline.training.corpora import Recording
from pipeline.training.speech.models.discriminant import linear_discriminant
from pipeline.training.speech.models.keras_backend import padded
from pipeline.training.speech.models.keras_model import KerasModel
from pipeline.training.speech.models.settings import NetworkSettings

__all__ = ["Cnn1d", "Cnn1dSettings"]


class Cnn1dSettings(NetworkSettings):
    """Settings of the network and of its training, in the words of this field."""

    model: Literal["cnn1d"] = "cnn1d"
    features: Literal["moonshine-x-vector", "moonshine-layers"] = "moonshine-x-vector"
    epochs: int = Field(60, ge=1)
    weight_decay: float = Field(0.05, ge=0)
    layers: tuple[int, ...] = (2, 3, 4)
    """Which of the encoder's hidden states the convolutions see; 0 is its stem. The statistics are of all."""
    n_kernels: int = Field(64, ge=1)
    """Channels of every convolution."""
    kernel_sizes: tuple[int, ...] = (5, 5)
    """Frames that each convolution sees; a frame is 24 ms."""
    dropout: float = Field(0.5, ge=0, lt=1)
    hidden_size: int = Field(128, ge=1)
    discriminant: float = Field(1.6, ge=0)
    """Weight of the discriminants' logits beside the network's; 0 for none."""
    ridge: float = Field(3e-4, gt=0)
    """Shrinkage of the discriminants' covariance, as a share of its trace."""
    centred: float = Field(0.7, ge=0, le=1)
    """How much of a training speaker's mean the discriminants do not see, so that they learn emotions, not speakers."""
    mixup: float = Field(0.4, ge=0)
    """Both parameters of the beta distribution that mixes pairs of clips (Zhang et al., 2018); 0 for none."""
    copies: int = Field(4, ge=0)


_STRONG: Final = ("strong", "high")
"""What corpora call the stronger way to play an emotion."""

_NEUTRAL: Final = EMOTIONS.index("neutral")

_SHARPNESS: Final = 0.2
"""What the logits of a discriminant are multiplied by to be about as sure as they are right."""


@dataclass(frozen=True, eq=False)
class _Example:
    """What is kept of a clip for training."""

    statistics: NDArray[np.float32]
    frames: NDArray[np.floating]


class Cnn1d(KerasModel):
    """The network."""

    settings: Cnn1dSettings

    def built(self) -> tuple[Any, Any]:
        """Return the network, and its head alone: what is trained, on statistics that were taken once."""
        from pipeline.training.speech.models.layers import (
            Columns,
            EitherStrength,
            FrameMask,
            NuisanceProjection,
            Standardise,
            StatisticsPooling,
            keras,
        )

        settings, layers = self.settings, keras.layers
        pooled = keras.Input((4 * self.size,), name="statistics")
        frames = keras.Input((None, len(self.seen_columns)), name="seen")
        mask = FrameMask(name="mask")(frames)
        joined = NuisanceProjection(name="pooled_elsewhere")(Standardise(name="pooled")(pooled))
        hidden = NuisanceProjection(name="frames_elsewhere")(Standardise(name="frames")(frames)) * mask
        if settings.kernel_sizes:
            for number, kernel_size in enumerate(settings.kernel_sizes):
                hidden = layers.SpatialDropout1D(settings.dropout / 2, name=f"conv_{number}_dropout")(hidden)
                hidden = layers.Conv1D(settings.n_kernels, kernel_size, padding="same", name=f"conv_{number}")(hidden)
                hidden = layers.Activation("silu", name=f"conv_{number}_silu")(hidden) * mask
            found = StatisticsPooling(name="convolution_statistics")(hidden, mask)
            joined = layers.Concatenate(name="joined")([joined, found])
        joined = layers.Dropout(settings.dropout, name="joined_dropout")(joined)
        joined = layers.Dense(settings.hidden_size, activation="silu", name="hidden")(joined)
        joined = layers.Dropout(settings.dropout, name="hidden_dropout")(joined)
        head = keras.Model([pooled, frames], layers.Dense(self.labels, name="logits")(joined), name="head")
        whole = keras.Input((None, self.size), name="layers")
        taken = StatisticsPooling(name="layer_statistics")(whole, FrameMask(name="layer_mask")(whole))
        logits = head([taken, Columns(self.seen_columns, name="columns")(whole)])
        if settings.discriminant:
            # Outside the gradient: beside discriminants that know every training clip nothing would be learned.
            seen = head.get_layer("pooled_elsewhere")(head.get_layer("pooled")(taken))
            emotions = layers.Dense(self.labels, trainable=False, name="discriminant")(seen)
            strengths = layers.Dense(2 * self.labels, trainable=False, name="strength_discriminant")(seen)
            votes = 0.5 * (emotions + EitherStrength(_SHARPNESS, name="either_strength")(strengths))
            logits = logits + settings.discriminant * votes
        return keras.Model(whole, logits, name="cnn1d"), head

    def example(self, frames: NDArray[np.floating]) -> _Example:
        """Return the statistics of all layers, and what the convolutions see."""
        return _Example(statistics(frames.astype(np.float32)), frames[:, self.seen_columns])

    def adapt(
        self,
        examples: Sequence[Sequence[_Example]],
        labels: Sequence[int],
        recordings: Sequence[Recording] = (),
        reading: Sequence[_Example] = (),
    ) -> None:
        """Find in closed form the standardisation, what is not to be heard, and the discriminants.

        The standardisation is that of the clean clips, all else is of all versions.
        """
        pooled = self.head.get_layer("pooled")
        pooled.adapt(np.stack([versions[0].statistics for versions in examples]))
        if self.settings.kernel_sizes:
            self.head.get_layer("frames").adapt(np.concatenate([versions[0].frames for versions in examples]))
        if reading:
            neutral = [one for clip, label in zip(examples, labels, strict=True) if label == _NEUTRAL for one in clip]
            parts = (reading, neutral)
            self._leave_out("pooled", *(np.stack([one.statistics for one in part]) for part in parts))
            if self.settings.kernel_sizes:
                self._leave_out("frames", *(np.concatenate([one.frames for one in part]) for part in parts))
        if self.settings.discriminant:
            counts = [len(versions) for versions in examples]
            every = np.stack([one.statistics for versions in examples for one in versions])
            seen = np.asarray(self.head.get_layer("pooled_elsewhere")(pooled(every)))
            if recordings:
                seen = _centred(seen, np.repeat([each.speaker for each in recordings], counts), self.settings.centred)
            emotions = np.repeat(np.asarray(labels), counts)
            strong = np.repeat([each.intensity in _STRONG for each in recordings] or [False] * len(examples), counts)
            for name, classes, number in (
                ("discriminant", emotions, self.labels),
                ("strength_discriminant", 2 * emotions + strong, 2 * self.labels),
            ):
                found = linear_discriminant(seen, classes, number, self.settings.ridge)
                self.network.get_layer(name).set_weights(found)

    def _leave_out(self, view: str, elsewhere: NDArray[np.floating], here: NDArray[np.floating]) -> None:
        """Project a view away from the direction between two means.

        Args:
            view: `pooled` or `frames`.
            elsewhere: Rows of that view from read speech, (rows, numbers), not standardised.
            here: The same from neutral clips of the corpus.
        """
        standardise = self.head.get_layer(view)
        means = [np.asarray(standardise(rows.astype(np.float32))).mean(axis=0) for rows in (elsewhere, here)]
        self.head.get_layer(f"{view}_elsewhere").adapt(means[0] - means[1])

    def batch(
        self, examples: Sequence[_Example], targets: NDArray[np.float32], random: Generator
    ) -> tuple[tuple[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]:
        """Return statistics, (batch, 4 * size), with frames, (batch, time, seen), and targets, pairs of clips mixed."""
        pooled = np.stack([example.statistics for example in examples])
        frames = [example.frames.astype(np.float32) for example in examples]
        if mixup := self.settings.mixup:
            share = random.beta(mixup, mixup, (len(examples), 1)).astype(np.float32)
            partners = random.permutation(len(examples))
            pooled = share * pooled + (1 - share) * pooled[partners]
            targets = share * targets + (1 - share) * targets[partners]
            frames = [  # The partner is repeated or cut to the clip's length.
                own * clip + (1 - own) * np.resize(frames[partner], clip.shape)
                for clip, partner, own in zip(frames, partners, share, strict=True)
            ]
        return (pooled, padded(frames)), targets

    def logits(self, clips: Iterable[NDArray[np.floating]]) -> NDArray[np.float32]:
        """Return float32 (clips, labels), each clip judged alone as it is in serving."""
        return np.concatenate([np.asarray(self.network(clip[np.newaxis].astype(np.float32))) for clip in clips])


def statistics(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return mean, standard deviation, maximum and minimum over time, as `StatisticsPooling` does: (4 * size,)."""
    deviation = np.sqrt(frames.var(axis=0) + 1e-6)
    return np.concatenate([frames.mean(axis=0), deviation, frames.max(axis=0), frames.min(axis=0)])


def _centred(seen: NDArray[np.float32], speakers: NDArray[np.str_], share: float) -> NDArray[np.float32]:
    """Return rows, (versions, numbers), without a share of what their speaker's mean differs from that of all."""
    changed = seen.copy()
    for speaker in np.unique(speakers):
        changed[speakers == speaker] -= share * (seen[speakers == speaker].mean(axis=0) - seen.mean(axis=0))
    return changed
