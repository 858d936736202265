"""Moonshine's encoder in PyTorch, with the weights of `checkpoints/encoder`.

Jeffries et al., 2024, arXiv:2410.15608: three strided convolutions, then six Transformer layers with rotary positions
(Su et al., 2021, arXiv:2104.09864) over 32 of the 36 numbers of each head.
The file holds the matrices as 8-bit integers; here they are floats again, so that they can be trained.
Importing this module imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from pipeline.audio.speech_encoder import ENCODER, LAYER_SIZE
from pipeline.core.paths import bundled
from pipeline.training.libraries import load_onnx

__all__ = ["MoonshineEncoder", "pretrained_encoder"]

_DEPTH = 6
"""Transformer layers; these and the sizes below are those of Moonshine tiny, whose weights are read."""
_HEADS = 8
"""Heads of attention."""
_INNER = 1152
"""Width of a layer between its two linear maps."""
_ROTATED = 32
"""Numbers of a head that rotary positions turn; the other four stay as they are."""
_STEM = ((127, 64), (7, 3), (3, 2))
"""Kernel and stride of the three convolutions over the sound, in their samples."""
_EPSILON = 1e-5
"""Added to variances under a root, as in the graph that is read: answers must not differ from its."""


class MoonshineEncoder(nn.Module):
    """The encoder, in two parts: what is always computed clip by clip, and layers that clips of a batch share."""

    frequencies: Tensor

    def __init__(self) -> None:
        super().__init__()
        (first, first_stride), (second, second_stride), (third, third_stride) = _STEM
        self.conv1 = nn.Conv1d(1, LAYER_SIZE, first, first_stride, bias=False)
        self.groupnorm = nn.GroupNorm(1, LAYER_SIZE, _EPSILON)
        self.conv2 = nn.Conv1d(LAYER_SIZE, 2 * LAYER_SIZE, second, second_stride)
        self.conv3 = nn.Conv1d(2 * LAYER_SIZE, LAYER_SIZE, third, third_stride)
        self.layers = nn.ModuleList(_Layer() for _ in range(_DEPTH))
        self.layer_norm = nn.LayerNorm(LAYER_SIZE, _EPSILON, bias=False)
        self.register_buffer("frequencies", torch.zeros(_ROTATED // 2))

    def stem(self, waveform: Tensor) -> Tensor:
        """Return the frames before any Transformer layer, (batch, time, 288), of clips of one length at 16 kHz.

        One of its normalisations is over the whole clip, so that padding would be heard.
        """
        hidden = self.groupnorm(torch.tanh(self.conv1(waveform[:, None])))
        hidden = functional.gelu(self.conv3(functional.gelu(self.conv2(hidden))))
        frames: Tensor = hidden.transpose(1, 2)
        return frames

    def through(self, hidden: Tensor, own: Tensor | None = None, first: int = 0, last: int = _DEPTH) -> list[Tensor]:
        """Return the hidden state after each of the layers from `first` to before `last`, (batch, time, 288) each.

        Args:
            hidden: The frames that the first of these layers gets.
            own: Which frames are no padding, (batch, time); all where it is None.
            first: Number of the first layer, from 0.
            last: Number of the layer before which to stop.
        """
        time = torch.arange(hidden.shape[1], device=hidden.device)
        angles = time[:, None] * self.frequencies.repeat_interleave(2)
        rotation = angles.cos(), angles.sin()
        seen = None if own is None else own[:, None, None]
        states = []
        for layer in list(self.layers)[first:last]:
            hidden = layer(hidden, rotation, seen)
            states.append(hidden)
        return states


class _Attention(nn.Module):
    """Self-attention between the frames of a clip."""

    def __init__(self) -> None:
        super().__init__()
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (
            nn.Linear(LAYER_SIZE, LAYER_SIZE, bias=False) for _ in range(4)
        )

    def forward(self, frames: Tensor, rotation: tuple[Tensor, Tensor], seen: Tensor | None) -> Tensor:
        """Return what each frame (batch, time, 288) gathers from those of its clip that are `seen`."""
        query, key, value = (
            part(frames).unflatten(2, (_HEADS, -1)).transpose(1, 2) for part in (self.q_proj, self.k_proj, self.v_proj)
        )
        found = functional.scaled_dot_product_attention(
            _rotated(query, rotation), _rotated(key, rotation), value, attn_mask=seen
        )
        answer: Tensor = self.o_proj(found.transpose(1, 2).flatten(2))
        return answer


class _Mlp(nn.Module):
    """Two products with a Gaussian error unit between."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(LAYER_SIZE, _INNER)
        self.fc2 = nn.Linear(_INNER, LAYER_SIZE)

    def forward(self, frames: Tensor) -> Tensor:
        """Return (batch, time, 288)."""
        answer: Tensor = self.fc2(functional.gelu(self.fc1(frames)))
        return answer


class _Layer(nn.Module):
    """A Transformer layer that normalises before each of its two parts."""

    def __init__(self) -> None:
        super().__init__()
        self.input_layernorm = nn.LayerNorm(LAYER_SIZE, _EPSILON, bias=False)
        self.self_attn = _Attention()
        self.post_attention_layernorm = nn.LayerNorm(LAYER_SIZE, _EPSILON, bias=False)
        self.mlp = _Mlp()

    def forward(self, frames: Tensor, rotation: tuple[Tensor, Tensor], seen: Tensor | None) -> Tensor:
        """Return the frames after this layer."""
        frames = frames + self.self_attn(self.input_layernorm(frames), rotation, seen)
        changed: Tensor = frames + self.mlp(self.post_attention_layernorm(frames))
        return changed


def _rotated(heads: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Turn neighbouring pairs of the first 32 numbers of each head by angles that grow with time."""
    turned, rest = heads[..., :_ROTATED], heads[..., _ROTATED:]
    cosine, sine = (part.to(heads.dtype) for part in rotation)
    across = torch.stack([-turned[..., 1::2], turned[..., 0::2]], dim=-1).flatten(-2)
    return torch.cat([turned * cosine + across * sine, rest], dim=-1)


def pretrained_encoder() -> MoonshineEncoder:
    """Return the encoder with the weights of `checkpoints/encoder`.

    Raises:
        EngineMissing: The package `onnx`, which reads them, is not installed.
        WeightsMissing: This installation lacks the encoder.
    """
    encoder = MoonshineEncoder()
    encoder.load_state_dict({name: torch.from_numpy(value) for name, value in _weights().items()})
    return encoder


def _weights() -> Mapping[str, NDArray[np.float32]]:
    """Return every weight by its name in `MoonshineEncoder`."""
    onnx = load_onnx()
    graph = onnx.load(bundled(*ENCODER)).graph
    stored: dict[str, NDArray[Any]] = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            integers, scale, *zero = (stored[name] for name in node.input)
            stored[node.output[0]] = (integers.astype(np.float32) - sum(zero)) * scale
        elif node.op_type == "Sub" and stored.keys() >= set(node.input):
            stored[node.output[0]] = stored[node.input[0]] - stored[node.input[1]]
    inputs = {node.name: list(node.input) for node in graph.node if node.name}
    weights: dict[str, NDArray[Any]] = {
        "groupnorm.weight": stored[inputs["/groupnorm/Mul"][1]].ravel(),
        "groupnorm.bias": stored[inputs["/groupnorm/Add"][1]].ravel(),
        "frequencies": stored[inputs["/rotary_emb/Expand"][0]].ravel(),
    }
    for conv in ("conv1", "conv2", "conv3"):
        for name in inputs[f"/{conv}/Conv"][1:]:
            weights[name.replace("weight_add_tensor", "weight")] = stored[name]
    for name, value in stored.items():
        if "layer" in name and name.endswith((".weight", ".bias")):
            # The encoder multiplies by matrices from the right.
            weights[name] = value.T
    return {name: np.array(value, np.float32, order="C") for name, value in weights.items()}
