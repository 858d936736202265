"""The student: from phones to durations, spectral envelope, F0 and voicing.

Convolutions over phones, a duration for each, the phones repeated for as long as they last, convolutions over frames:
the plan of FastSpeech (Ren et al. 2019, "FastSpeech: fast, robust and controllable text to speech") without attention,
small enough for one thread of any processor.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from pipeline.synthesis.embedded.features import COEFFICIENTS, FRAME
from pipeline.synthesis.embedded.script import CONTEXT, PHONES

if TYPE_CHECKING:
    from pipeline.training.voice.settings import VoiceSettings

__all__ = ["OUTPUTS", "Speaker", "Student", "places_in"]

OUTPUTS: Final = COEFFICIENTS + 2
"""Numbers of a frame: mel-cepstrum, logarithm of F0, and the logit of voicing."""

_PLACES: Final = 5
"""Numbers that tell where in its phone a frame lies."""
_WIDE: Final = 20.0
"""Frames (0.2 s) that a phone hardly exceeds."""
_DILATIONS: Final = (1, 2, 4, 8)
"""Frames between the taps of the layers: six of them see 0.37 s, about two phones to each side."""


class Student(nn.Module):
    """Predicts standardised targets; `Speaker` undoes that.

    Args:
        settings: Sizes and dropout.
    """

    def __init__(self, settings: VoiceSettings) -> None:
        super().__init__()
        narrow, wide = settings.encoder_channels, settings.decoder_channels
        self.phone = nn.Embedding(len(PHONES), narrow)
        self.context = nn.Linear(len(CONTEXT), narrow)
        self.encoder = _Convolutions(narrow, 5, (1,) * settings.encoder_layers, settings.dropout)
        self.duration = nn.Sequential(nn.Linear(narrow, narrow), nn.ReLU(), nn.Linear(narrow, 1))
        self.widen = nn.Linear(narrow + _PLACES, wide)
        dilations = [_DILATIONS[layer % len(_DILATIONS)] for layer in range(settings.decoder_layers)]
        self.decoder = _Convolutions(wide, 3, dilations, settings.dropout)
        self.frame = nn.Linear(wide, OUTPUTS)

    def encode(self, phones: Tensor, context: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return what is known of each phone, (batch, phones, channels), and the logarithm of its seconds.

        Args:
            phones: int64 (batch, phones).
            context: float32 (batch, phones, 14).
            mask: 1 where there is a phone, 0 where the batch is padded, float32 (batch, phones).
        """
        hidden = self.encoder(self.phone(phones) + self.context(context), mask)
        return hidden, self.duration(hidden).squeeze(-1)

    def decode(self, hidden: Tensor, index: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """Return the frames, (batch, frames, 52).

        Args:
            hidden: From `encode`.
            index: Which phone each frame belongs to, int64 (batch, frames).
            places: Where in its phone each frame lies, (batch, frames, 5): see `places_in`.
            mask: 1 where there is a frame, float32 (batch, frames).
        """
        repeated = hidden.gather(1, index.unsqueeze(-1).expand(-1, -1, hidden.shape[-1]))
        frames: Tensor = self.frame(self.decoder(self.widen(torch.cat([repeated, places], dim=-1)), mask))
        return frames


def places_in(since: Tensor, length: Tensor) -> Tensor:
    """Return where in its phone a frame lies, five numbers in a last dimension.

    Args:
        since: Frames from the phone's start to the middle of this frame.
        length: Frames of the phone.
    """
    until = length - since
    return torch.stack(
        [
            since / length,
            until / length,
            (since / _WIDE).clamp(max=1.0),
            (until / _WIDE).clamp(max=1.0),
            (length / _WIDE).clamp(max=2.0),
        ],
        dim=-1,
    )


class Speaker(nn.Module):
    """The trained student as it is shipped: one sentence, from phones to what WORLD needs.

    Args:
        student: After training.
        mean: Of the targets, (51,): mel-cepstrum and logarithm of F0.
        deviation: By which the standardised targets are multiplied, (51,).
    """

    def __init__(self, student: Student, mean: Tensor, deviation: Tensor) -> None:
        super().__init__()
        self.student = student
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)

    def forward(self, phones: Tensor, context: Tensor) -> tuple[Tensor, ...]:
        """Return durations, mel-cepstrum, logarithm of F0 and the logit of voicing.

        Args:
            phones: int64 (phones,).
            context: float32 (phones, 14).

        Returns:
            Seconds of each phone (phones,); float32 (frames, 50), (frames,), (frames,).
        """
        hidden, seconds = self.student.encode(phones[None], context[None], torch.ones_like(context[None, :, 0]))
        length = (seconds[0].exp() / FRAME).clamp(min=1.0)
        ends = length.cumsum(0)
        # A number of Python's would be a constant in the exported graph.
        count: int = ends[-1].ceil().long()  # type: ignore[assignment]
        times = torch.arange(count, device=phones.device) + 0.5
        index = (times[:, None] >= ends[None]).long().sum(1).clamp(max=phones.shape[0] - 1)
        here = length[index]
        since = (times - (ends - length)[index]).clamp(min=0.0)
        frames = self.student.decode(hidden, index[None], places_in(since, here)[None], torch.ones_like(since)[None])[0]
        spoken = frames[:, :-1] * self.deviation + self.mean
        return length * FRAME, spoken[:, :-1], spoken[:, -1], frames[:, -1]


class _Convolutions(nn.Module):
    """Layers of normalisation, convolution and rectifier, each beside a straight line."""

    def __init__(self, channels: int, width: int, dilations: Sequence[int], dropout: float) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in dilations)
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(channels, channels, width, padding=dilation * (width // 2), dilation=dilation),
                nn.ReLU(),
                nn.Conv1d(channels, channels, 1),
                nn.Dropout(dropout),
            )
            for dilation in dilations
        )

    def forward(self, values: Tensor, mask: Tensor) -> Tensor:
        """Return values of the same shape, (batch, time, channels); what is masked, (batch, time), is not heard."""
        for norm, layer in zip(self.norms, self.layers, strict=True):
            heard = norm(values) * mask.unsqueeze(-1)
            values = values + layer(heard.transpose(1, 2)).transpose(1, 2)
        return values
