"""The acoustic model: tokens, speaker, style and content to frames for the vocoder."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn

from emotivoice.configuration import Configuration, PredictorSizes
from emotivoice.embedding import Embedding
from emotivoice.transformer import EPSILON, Transformer
from emotivoice.upsampling import GaussianUpsampling, fill_empty, frame_lengths

__all__ = [
    "AcousticModel",
    "AcousticOutput",
    "Adjustment",
    "ChannelNorm",
    "Predictions",
    "VariancePredictor",
    "padding_mask",
]


@dataclass(frozen=True)
class Adjustment:
    """How predictions are changed before they act; every number may also be a tensor `(batch, tokens)`."""

    duration_scale: float | Tensor = 1.0
    """Factor on durations: 2 is twice as slow."""
    pitch_scale: float | Tensor = 1.0
    """Factor on normalised pitch."""
    pitch_shift: float | Tensor = 0.0
    """Added to normalised pitch, after the factor."""
    energy_scale: float | Tensor = 1.0
    """Factor on normalised energy."""
    energy_shift: float | Tensor = 0.0
    """Added to normalised energy, after the factor."""
    fixed_durations: Tensor | None = None
    """`(batch, tokens)` in frames; a token whose number is negative keeps its predicted duration."""


NO_ADJUSTMENT = Adjustment()


@dataclass(frozen=True)
class Predictions:
    """What the acoustic model is about to say, before there are frames."""

    joint: Tensor
    """`(batch, tokens, width)`: the encoded tokens joined with speaker, style and content."""
    padding: Tensor
    """`(batch, tokens)`, True beyond the end of an item."""
    log_durations: Tensor
    """`(batch, tokens)`, the logarithm of one more than the durations."""
    durations: Tensor
    """Frames `(batch, tokens)`, integers."""
    pitch: Tensor
    """Normalised pitch `(batch, tokens)`."""
    energy: Tensor
    """Normalised energy `(batch, tokens)`."""

    def item(self, index: int, tokens: int) -> Predictions:
        """Return one item alone, without its padding.

        Args:
            index: Which.
            tokens: How many tokens it has.
        """
        return Predictions(*(getattr(self, field.name)[index : index + 1, :tokens] for field in fields(self)))

    def adjusted(self, adjustment: Adjustment = NO_ADJUSTMENT) -> tuple[Tensor, Tensor, Tensor]:
        """Return the spans in frames, which may be fractions, the pitch and the energy, each `(batch, tokens)`."""
        pitch = (self.pitch * adjustment.pitch_scale + adjustment.pitch_shift).masked_fill(self.padding, 0.0)
        energy = (self.energy * adjustment.energy_scale + adjustment.energy_shift).masked_fill(self.padding, 0.0)
        spans = fill_empty(self.durations, self.padding) * adjustment.duration_scale
        if adjustment.fixed_durations is not None:
            spans = torch.where(adjustment.fixed_durations >= 0, adjustment.fixed_durations.to(spans), spans)
        return spans, pitch, energy


@dataclass(frozen=True)
class AcousticOutput:
    """What the acoustic model says about a batch."""

    mel: Tensor
    """`(batch, frames, channels)` for the vocoder: a learned interface, no spectrogram.

    It is zero beyond the end of an item.
    """
    mel_lengths: Tensor
    """Frames `(batch,)`."""
    durations: Tensor
    """Predicted frames `(batch, tokens)`, integers, before adjustment."""
    spans: Tensor
    """Frames `(batch, tokens)` that the tokens take, fractions, after adjustment."""
    log_durations: Tensor
    """`(batch, tokens)`, the logarithm of one more than the durations."""
    pitch: Tensor
    """Normalised pitch `(batch, tokens)` as it acted."""
    energy: Tensor
    """Normalised energy `(batch, tokens)` as it acted."""
    joint: Tensor
    """`(batch, tokens, width)`: the encoded tokens joined with speaker, style and content."""
    upsampled: Tensor
    """`(batch, frames, width)`: what the decoder reads."""


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of `(batch, channels, time)`."""

    def forward(self, x: Tensor) -> Tensor:
        """Take and return `(batch, channels, time)`."""
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class VariancePredictor(nn.Module):
    """Predicts one number for every token (FastSpeech 2, Ren et al., 2021).

    Args:
        width: Channels of the input.
        sizes: Layers, channels, kernel.
    """

    def __init__(self, width: int, sizes: PredictorSizes) -> None:
        super().__init__()
        self.conv = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(width if layer == 0 else sizes.width, sizes.width, sizes.kernel, padding=sizes.kernel // 2),
                nn.ReLU(),
                ChannelNorm(sizes.width, eps=EPSILON),
                nn.Dropout(sizes.dropout),
            )
            for layer in range(sizes.layers)
        )
        self.linear = nn.Linear(sizes.width, 1)

    def forward(self, x: Tensor, padding: Tensor, leaky: bool = False) -> Tensor:
        """Predict `(batch, tokens)` from `(batch, tokens, width)`, zero on padding."""
        outside = padding[:, None, :]
        x = x.transpose(1, 2).masked_fill(outside, 0.0)
        for layer in self.conv:
            x = layer(x)
            if not leaky:
                x = x.masked_fill(outside, 0.0)
        return self.linear(x.transpose(1, 2)).squeeze(2).masked_fill(padding, 0.0)


class AcousticModel(nn.Module):
    """PromptTTS: a FastSpeech-like model that a style vector and a content vector steer.

    Args:
        configuration: Sizes.
        tokens: Size of the vocabulary.
        speakers: How many speakers there are.
    """

    def __init__(self, configuration: Configuration, tokens: int, speakers: int) -> None:
        super().__init__()
        width = configuration.encoder.width
        kernel = configuration.embedding_kernel
        self.src_word_emb = Embedding(tokens, width)
        self.spk_tokenizer = Embedding(speakers, width)
        self.encoder = Transformer(configuration.encoder)
        self.embed_projection1 = nn.Linear(2 * width + 2 * configuration.style_width, width)
        self.duration_predictor = VariancePredictor(width, configuration.duration)
        self.pitch_predictor = VariancePredictor(width, configuration.pitch)
        self.energy_predictor = VariancePredictor(width, configuration.energy)
        self.pitch_embed = nn.Sequential(nn.Conv1d(1, width, kernel, padding=kernel // 2))
        self.energy_embed = nn.Sequential(nn.Conv1d(1, width, kernel, padding=kernel // 2))
        self.upsampling = GaussianUpsampling()
        self.decoder = Transformer(configuration.decoder)
        self.to_mel = nn.Linear(width, configuration.audio.channels)

    def encode(
        self, tokens: Tensor, speakers: Tensor, style: Tensor, content: Tensor, padding: Tensor, leaky: bool = False
    ) -> Tensor:
        """Return the encoded tokens joined with speaker, style and content, `(batch, tokens, width)`."""
        encoded = self.encoder(self.src_word_emb(tokens), padding, leaky)
        whole = torch.cat([self.spk_tokenizer(speakers), style, content], dim=1)
        whole = whole[:, None, :].expand(-1, tokens.shape[1], -1)
        return self.embed_projection1(torch.cat([encoded, whole], dim=2))

    def add_variance(self, joint: Tensor, pitch: Tensor, energy: Tensor) -> Tensor:
        """Add pitch and energy `(batch, tokens)` to the joined tokens."""
        added = self.pitch_embed(pitch[:, None, :]) + self.energy_embed(energy[:, None, :])
        return joint + added.transpose(1, 2)

    def decode(self, upsampled: Tensor, padding: Tensor | None) -> Tensor:
        """Return the frames `(batch, frames, channels)`."""
        return self.to_mel(self.decoder(upsampled, padding))

    @torch.inference_mode()
    def forward(
        self,
        tokens: Tensor,
        lengths: Tensor,
        speakers: Tensor,
        style: Tensor,
        content: Tensor,
        adjustment: Adjustment = NO_ADJUSTMENT,
        official_batching: bool = False,
    ) -> AcousticOutput:
        """Predict frames.

        Args:
            tokens: Numbers `(batch, tokens)`, anything beyond the end of an item.
            lengths: Tokens of each item `(batch,)`.
            speakers: Indices `(batch,)`.
            style: Style vectors `(batch, style_width)`.
            content: Content vectors `(batch, style_width)`.
            adjustment: Changes to durations, pitch and energy.
            official_batching: Let padding leak into shorter items, exactly as the official code does.
                By default every item equals itself run alone.
        """
        predictions = self.predict(tokens, lengths, speakers, style, content, official_batching)
        return self.render(predictions, adjustment, official_batching)

    @torch.inference_mode()
    def predict(
        self,
        tokens: Tensor,
        lengths: Tensor,
        speakers: Tensor,
        style: Tensor,
        content: Tensor,
        official_batching: bool = False,
    ) -> Predictions:
        """Predict durations, pitch and energy; arguments as `forward`."""
        padding = padding_mask(lengths, tokens.shape[1])
        joint = self.encode(tokens, speakers, style, content, padding, official_batching)
        log_durations = self.duration_predictor(joint, padding, official_batching)
        return Predictions(
            joint=joint,
            padding=padding,
            log_durations=log_durations,
            durations=torch.clamp(torch.round(torch.exp(log_durations.float()) - 1), min=0)
            .long()
            .masked_fill(padding, 0),
            pitch=self.pitch_predictor(joint, padding, official_batching),
            energy=self.energy_predictor(joint, padding, official_batching),
        )

    @torch.inference_mode()
    def render(
        self, predictions: Predictions, adjustment: Adjustment = NO_ADJUSTMENT, official_batching: bool = False
    ) -> AcousticOutput:
        """Make the frames of what was predicted; arguments as `forward`."""
        joint, padding = predictions.joint, predictions.padding
        spans, pitch, energy = predictions.adjusted(adjustment)
        upsampled = self.upsampling(self.add_variance(joint, pitch.to(joint), energy.to(joint)), spans, padding)
        mel_lengths = torch.clamp(frame_lengths(spans), min=1)
        beyond = padding_mask(mel_lengths, upsampled.shape[1])
        if official_batching:
            mel = self.decode(upsampled, None)
        else:
            mel = self.decode(upsampled, beyond if bool(beyond.any()) else None).masked_fill(beyond[:, :, None], 0.0)
        return AcousticOutput(
            mel,
            mel_lengths,
            predictions.durations,
            spans,
            predictions.log_durations,
            pitch,
            energy,
            joint,
            upsampled,
        )


def padding_mask(lengths: Tensor, longest: int) -> Tensor:
    """Return `(batch, longest)`, True beyond the end of each item."""
    return torch.arange(longest, device=lengths.device)[None, :] >= lengths[:, None]
