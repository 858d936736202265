"""The generator in training: acoustic model, aligner and vocoder, taught with targets."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from emotivoice.acoustic import AcousticModel, padding_mask
from emotivoice.configuration import Configuration
from emotivoice.training.alignment import Aligner, average_over_durations, binarisation_loss, forward_sum_loss
from emotivoice.training.losses import duration_loss, token_loss
from emotivoice.vocoder import Vocoder

__all__ = ["Batch", "Generator", "Taught", "cut_segments"]


@dataclass(frozen=True)
class Batch:
    """Recordings and their texts, padded to one length."""

    tokens: Tensor
    """`(batch, tokens)`."""
    lengths: Tensor
    """`(batch,)`."""
    speakers: Tensor
    """`(batch,)`."""
    style: Tensor
    """`(batch, style_width)`."""
    content: Tensor
    """`(batch, style_width)`."""
    mel: Tensor
    """`(batch, channels, frames)`."""
    mel_lengths: Tensor
    """`(batch,)`."""
    pitch: Tensor
    """`(batch, frames)`."""
    energy: Tensor
    """`(batch, frames)`."""
    waves: Tensor
    """`(batch, samples)`."""

    def to(self, device: torch.device | str) -> Batch:
        """Return the batch on a device."""
        return Batch(**{name: value.to(device) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Taught:
    """What the acoustic model makes of targets."""

    frames: Tensor
    """`(batch, frames, channels)` for the vocoder."""
    log_probabilities: Tensor
    """`(batch, frames, tokens)` of the alignment."""
    durations: Tensor
    """Targets `(batch, tokens)` by the best path."""
    pitch_targets: Tensor
    """`(batch, tokens)`."""
    energy_targets: Tensor
    """`(batch, tokens)`."""
    log_durations: Tensor
    """Predictions `(batch, tokens)`."""
    pitch: Tensor
    """Predictions `(batch, tokens)`."""
    energy: Tensor
    """Predictions `(batch, tokens)`."""
    losses: dict[str, Tensor]
    """Scalars by name."""


def cut_segments(sequences: Tensor, starts: Tensor, length: int) -> Tensor:
    """Cut `(batch, length, ...)` out of `(batch, time, ...)`, zeros beyond the end."""
    missing = int(starts.max()) + length - sequences.shape[1]
    if missing > 0:
        sequences = torch.cat(
            [sequences, sequences.new_zeros(sequences.shape[0], missing, *sequences.shape[2:])], dim=1
        )
    return torch.stack([row[start : start + length] for row, start in zip(sequences, starts.tolist(), strict=True)])


class Generator(nn.Module):
    """Everything that is in a `g_…` checkpoint.

    Args:
        configuration: Sizes.
        tokens: Size of the vocabulary.
        speakers: How many speakers there are.
    """

    def __init__(self, configuration: Configuration, tokens: int, speakers: int) -> None:
        super().__init__()
        self.am = AcousticModel(configuration, tokens, speakers)
        # The official checkpoint keeps it inside the acoustic model.
        self.am.alignment_module = Aligner(configuration.encoder.width, configuration.audio.channels)
        self.generator = Vocoder(configuration.vocoder, normalised=True)

    def forward(self, batch: Batch, starts: Tensor, segment: int) -> tuple[Taught, Tensor]:
        """Teach the acoustic model, and let the vocoder speak a segment of every item.

        Args:
            batch: Recordings and texts.
            starts: First frame of each segment `(batch,)`.
            segment: Frames of a segment.

        Returns:
            What was taught, and the waveforms `(batch, 1, samples)`.
        """
        taught = self.teach(batch)
        frames = cut_segments(taught.frames, starts, segment)
        return taught, self.generator(frames)

    def teach(self, batch: Batch, leaky: bool = False) -> Taught:
        """Run the acoustic model with the durations, pitch and energy of recordings.

        Args:
            batch: Recordings and texts.
            leaky: Let convolutions see the padding, as the official code does.
        """
        model = self.am
        padding = padding_mask(batch.lengths, batch.tokens.shape[1])
        beyond = padding_mask(batch.mel_lengths, batch.mel.shape[2])
        joint = model.encode(batch.tokens, batch.speakers, batch.style, batch.content, padding, leaky)
        log_durations = model.duration_predictor(joint, padding, leaky)
        pitch = model.pitch_predictor(joint, padding, leaky)
        energy = model.energy_predictor(joint, padding, leaky)
        # In float32 throughout: a path sums hundreds of log probabilities.
        with torch.autocast(joint.device.type, enabled=False):
            aligner: nn.Module = model.get_submodule("alignment_module")
            scores = aligner(joint.float(), batch.mel.transpose(1, 2), batch.lengths, batch.mel_lengths)
            durations, bin_loss = binarisation_loss(scores, batch.lengths, batch.mel_lengths)
            forward_sum = forward_sum_loss(scores, batch.lengths, batch.mel_lengths)
        pitch_targets = average_over_durations(batch.pitch, durations)
        energy_targets = average_over_durations(batch.energy, durations)
        upsampled = model.upsampling(
            model.add_variance(joint, pitch_targets.to(joint), energy_targets.to(joint)), durations, padding
        )
        if leaky:  # The official code lets the frames beyond the end stand at time zero.
            upsampled = torch.where(beyond[:, :, None], upsampled[:, :1], upsampled)
        frames = model.to_mel(model.decoder(upsampled, beyond, leaky))
        losses = {
            "duration": duration_loss(log_durations.float(), durations, padding),
            "pitch": token_loss(pitch.float(), pitch_targets, padding),
            "energy": token_loss(energy.float(), energy_targets, padding),
            "forward_sum": forward_sum,
            "binarisation": bin_loss,
        }
        return Taught(frames, scores, durations, pitch_targets, energy_targets, log_durations, pitch, energy, losses)
