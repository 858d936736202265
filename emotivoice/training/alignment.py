"""Which frames belong to which token, learned without labels (Badlani et al., 2022; JETS, Lim et al., 2022)."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Aligner", "average_over_durations", "best_path", "binarisation_loss", "diagonal_prior", "forward_sum_loss"]

BLANK_LOGIT = -1.0
"""Of the blank symbol in the forward-sum loss."""

LEAST_SQUARE = 1e-12
"""Of a distance, whose gradient would be infinite at zero."""


class Aligner(nn.Module):
    """Scores every pair of frame and token by the distance of their encodings.

    Args:
        width: Channels of the tokens.
        channels: Channels of the frames.
    """

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.t_conv1 = nn.Conv1d(width, width, 3, padding=1)
        self.t_conv2 = nn.Conv1d(width, width, 1)
        self.f_conv1 = nn.Conv1d(channels, width, 3, padding=1)
        self.f_conv2 = nn.Conv1d(width, width, 3, padding=1)
        self.f_conv3 = nn.Conv1d(width, width, 1)

    def forward(self, tokens: Tensor, frames: Tensor, token_lengths: Tensor, frame_lengths: Tensor) -> Tensor:
        """Return log probabilities `(batch, frames, tokens)` of the tokens at each frame, the diagonal prior added.

        Args:
            tokens: `(batch, tokens, width)`.
            frames: `(batch, frames, channels)`.
            token_lengths: `(batch,)`.
            frame_lengths: `(batch,)`.
        """
        text = self.t_conv2(functional.relu(self.t_conv1(tokens.transpose(1, 2)))).transpose(1, 2)
        mel = functional.relu(self.f_conv1(frames.transpose(1, 2)))
        mel = self.f_conv3(functional.relu(self.f_conv2(mel))).transpose(1, 2)
        # One product instead of all differences, which would be the largest tensor of a training step.
        squares = mel.square().sum(2)[:, :, None] + text.square().sum(2)[:, None] - 2 * mel @ text.transpose(1, 2)
        distance = squares.clamp(min=LEAST_SQUARE).sqrt()
        padding = torch.arange(tokens.shape[1], device=tokens.device)[None, :] >= token_lengths[:, None]
        scores = functional.log_softmax((-distance).masked_fill(padding[:, None, :], -torch.inf), dim=2)
        prior = torch.full_like(scores, -torch.inf)
        for item, (count, time) in enumerate(zip(token_lengths.tolist(), frame_lengths.tolist(), strict=True)):
            prior[item, :time, :count] = diagonal_prior(count, time).to(scores)
        return scores + prior


@functools.lru_cache(maxsize=4096)
def diagonal_prior(tokens: int, frames: int) -> Tensor:
    """Return the beta-binomial log prior `(frames, tokens)`, which prefers the diagonal (Shih et al., 2021)."""
    number = torch.arange(tokens, dtype=torch.float64)[None, :]
    alpha = torch.arange(1, frames + 1, dtype=torch.float64)[:, None]
    beta = frames - alpha + 1
    total = torch.tensor(float(tokens), dtype=torch.float64)

    def log_beta(first: Tensor, second: Tensor) -> Tensor:
        return torch.lgamma(first) + torch.lgamma(second) - torch.lgamma(first + second)

    choose = torch.lgamma(total + 1) - torch.lgamma(number + 1) - torch.lgamma(total - number + 1)
    return (choose + log_beta(number + alpha, total - number + beta) - log_beta(alpha, beta)).float()


def best_path(log_probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return the most probable token of every frame, in order and without leaps.

    Args:
        log_probabilities: `(frames, tokens)`.
    """
    frames, tokens = log_probabilities.shape
    best = np.full((frames, tokens), -np.inf)
    best[:, 0] = np.cumsum(log_probabilities[:, 0], dtype=np.float64)
    for frame in range(1, frames):
        reachable = min(frame + 1, tokens)
        before = best[frame - 1]
        best[frame, 1:reachable] = (
            np.maximum(before[: reachable - 1], before[1:reachable]) + log_probabilities[frame, 1:reachable]
        )
    path = np.full(frames, tokens - 1)
    for frame in range(frames - 2, -1, -1):
        token = path[frame + 1]
        path[frame] = token - 1 if token > 0 and best[frame, token - 1] >= best[frame, token] else token
    return path


def binarisation_loss(log_probabilities: Tensor, token_lengths: Tensor, frame_lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Return the durations `(batch, tokens)` of the best path, and the mean surprise along it."""
    durations = log_probabilities.new_zeros(log_probabilities.shape[0], log_probabilities.shape[2])
    loss = log_probabilities.new_zeros(())
    for item, (count, time) in enumerate(zip(token_lengths.tolist(), frame_lengths.tolist(), strict=True)):
        scores = log_probabilities[item, :time, :count]
        path = torch.from_numpy(best_path(scores.detach().float().cpu().numpy())).to(scores.device)
        durations[item, :count] = torch.bincount(path, minlength=count).to(durations)
        loss = loss - scores[torch.arange(time, device=scores.device), path].mean()
    return durations, loss / log_probabilities.shape[0]


def forward_sum_loss(log_probabilities: Tensor, token_lengths: Tensor, frame_lengths: Tensor) -> Tensor:
    """Return the negative log likelihood of all monotonic paths, by CTC over the tokens in order."""
    padded = functional.pad(log_probabilities, (1, 0), value=BLANK_LOGIT)
    loss = log_probabilities.new_zeros(())
    for item, (count, time) in enumerate(zip(token_lengths.tolist(), frame_lengths.tolist(), strict=True)):
        scores = functional.log_softmax(padded[item, :time, : count + 1], dim=1)[:, None]
        targets = torch.arange(1, count + 1, device=scores.device)[None]
        loss = loss + functional.ctc_loss(
            scores, targets, torch.tensor([time]), torch.tensor([count]), zero_infinity=True
        )
    return loss / log_probabilities.shape[0]


def average_over_durations(values: Tensor, durations: Tensor) -> Tensor:
    """Return the mean of values `(batch, frames)` over each token's frames, `(batch, tokens)`; zero without frames."""
    ends = durations.cumsum(dim=1).long()
    sums = functional.pad(values.double().cumsum(dim=1), (1, 0))
    totals = sums.gather(1, ends) - sums.gather(1, ends - durations.long())
    return (totals / durations.clamp(min=1)).to(values)
