"""Tables of vectors."""

from __future__ import annotations

from torch import nn

__all__ = ["Embedding"]


class Embedding(nn.Embedding):
    """A table that is not filled with random numbers while it has no memory yet.

    Filling one without memory makes torch import its compiler, which takes a second and 75 MB.
    """

    def reset_parameters(self) -> None:
        """Fill the table if there is one."""
        if not self.weight.is_meta:
            super().reset_parameters()
