"""How the weights of a network over tokens are learned: AdamW, a rate that rises and falls, a running mean."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.training.batches import batches_of_like_length
from pipeline.training.libraries import load_torch
from pipeline.training.text.models.settings import TextNetworkSettings

__all__ = ["losses"]

_BUCKET = 50
"""Batches' worth of texts that are sorted by length together, so that little is padding and order stays random."""

_AVERAGE_EVERY = 20
"""Steps from one entry of the running mean to the next."""


def losses(
    network: Any,
    groups: Iterable[dict[str, Any]],
    lengths: Sequence[int],
    loss_of: Callable[[NDArray[np.int64]], Any],
    random: np.random.Generator,
    settings: TextNetworkSettings,
    *,
    epochs: int,
    averaged: bool = False,
) -> Iterator[float]:
    """Train from the weights that a network has, and yield the mean loss of each epoch.

    Args:
        network: The network, a torch module.
        groups: Its parameters with the learning rate of each, `params` and `lr`.
        lengths: Tokens of each text.
        loss_of: Returns the mean loss of some texts by their numbers, (batch,).
        random: Source of all chance.
        settings: Sizes of batches, decay and schedule.
        epochs: Number of passes over the texts.
        averaged: Whether the weights are in the end a running mean over the training.
    """
    torch = load_torch()
    optimizer = torch.optim.AdamW(_decayed(groups, settings.weight_decay), betas=(0.9, 0.98), eps=1e-6, fused=True)
    steps = epochs * math.ceil(len(lengths) / settings.batch_size)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: _shape((step + 1) / (steps + 1), settings.warm_up)
    )
    average, step = copy.deepcopy(network.state_dict()) if averaged else {}, 0
    for _ in range(epochs):
        network.train()
        total = 0.0
        for batch in batches_of_like_length(lengths, settings.batch_size, _BUCKET, random):
            loss = loss_of(batch)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            total += loss.item() * len(batch)
            if step % _AVERAGE_EVERY == 0 or step == steps:
                _average(average, network.state_dict(), min(0.98, step / (step + 100)))
        yield total / len(lengths)
    if averaged:
        network.load_state_dict(average)


def _decayed(groups: Iterable[dict[str, Any]], weight_decay: float) -> list[dict[str, Any]]:
    """Return groups of parameters for AdamW: matrices decay, biases and the scales of normalisation do not."""
    split = []
    for group in groups:
        trained = [value for value in group["params"] if value.requires_grad]
        split += [
            {"params": [value for value in trained if value.ndim > 1], "lr": group["lr"], "weight_decay": weight_decay},
            {"params": [value for value in trained if value.ndim <= 1], "lr": group["lr"], "weight_decay": 0.0},
        ]
    return [group for group in split if group["params"]]


def _shape(done: float, warm_up: float) -> float:
    """Return the share of the highest learning rate after a share of the training."""
    return done / warm_up if done < warm_up else (1 - done) / (1 - warm_up)


def _average(average: dict[str, Any], current: dict[str, Any], kept: float) -> None:
    """Move a running mean of weights towards the current ones."""
    for name, value in average.items():
        if value.is_floating_point():
            value.lerp_(current[name], 1 - kept)
        else:
            value.copy_(current[name])
