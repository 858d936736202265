"""One process of a training run, among those that `torchrun` started."""

from __future__ import annotations

import os
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

__all__ = ["Process"]


@dataclass(frozen=True)
class Process:
    """Who this process is, and where it computes."""

    rank: int
    world: int
    device: torch.device

    @classmethod
    def join(cls, device: str) -> Process:
        """Join the others, if there are any."""
        world, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
        cuda = torch.cuda.is_available() and device in {"auto", "cuda"}
        name = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if cuda else "cpu" if device == "auto" else device
        if world > 1:
            torch.distributed.init_process_group("nccl" if cuda else "gloo")
        return cls(rank, world, torch.device(name))

    def wrap(self, module: nn.Module) -> nn.Module:
        """Share gradients with the other processes."""
        return DistributedDataParallel(module) if self.world > 1 else module

    @property
    def is_first(self) -> bool:
        """Whether this process writes files and talks."""
        return self.rank == 0
