"""What the networks share that read nothing but frames."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.training.corpora import Recording
from pipeline.training.speech.models.keras_backend import padded
from pipeline.training.speech.models.keras_model import KerasModel

__all__ = ["FrameModel"]

Frames = NDArray[np.floating]
"""What is seen of a version of a clip, (frames, seen)."""


class FrameModel(KerasModel):
    """A network over standardised frames; what it is made of, `hidden` says."""

    @abstractmethod
    def hidden(self, frames: Any, mask: Any) -> Any:
        """Return what the answer is read from, a Keras tensor (batch, numbers).

        Args:
            frames: Standardised frames, a Keras tensor (batch, time, seen), zero where there is padding.
            mask: 1 for frames and 0 for padding, (batch, time, 1).
        """

    def built(self) -> tuple[Any, Any]:
        """Return the network over whole frames, and its head over the columns that are seen."""
        from pipeline.training.speech.models.layers import Columns, FrameMask, Standardise, keras

        columns = self.seen_columns
        frames = keras.Input((None, len(columns) or self.size), name="frames")
        mask = FrameMask(name="mask")(frames)
        found = self.hidden(Standardise(name="standardise")(frames) * mask, mask)
        head = keras.Model(frames, keras.layers.Dense(self.labels, name="logits")(found), name=self.settings.model)
        if not columns:
            return head, head
        whole = keras.Input((None, self.size), name="layers")
        return keras.Model(whole, head(Columns(columns, name="columns")(whole)), name="whole"), head

    def example(self, frames: Frames) -> Frames:
        """Return the columns that are seen."""
        return frames[:, self.seen_columns] if self.settings.layers else frames

    def adapt(
        self,
        examples: Sequence[Sequence[Frames]],
        labels: Sequence[int],
        recordings: Sequence[Recording] = (),
        reading: Sequence[Frames] = (),
    ) -> None:
        """Take the constants of the standardisation from the clean clips."""
        clean = np.concatenate([versions[0] for versions in examples])
        self.head.get_layer("standardise").adapt(clean.astype(np.float32))

    def batch(
        self, examples: Sequence[Frames], targets: NDArray[np.float32], random: Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the frames, (batch, time, seen), and the targets."""
        return padded([frames.astype(np.float32) for frames in examples]), targets

    def logits(self, clips: Iterable[NDArray[np.floating]]) -> NDArray[np.float32]:
        """Return float32 (clips, labels); clips of like length are judged together, as padding changes nothing."""
        examples = [self.example(clip) for clip in clips]
        logits = np.zeros((len(examples), self.labels), np.float32)
        order = sorted(range(len(examples)), key=lambda index: len(examples[index]))
        for first in range(0, len(order), 64):
            chosen = order[first : first + 64]
            batch = padded([examples[index].astype(np.float32) for index in chosen])
            logits[chosen] = self.head.predict_on_batch(batch)
        return logits
