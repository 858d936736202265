"""Single operations beside the official ones, for `emotivoice.parity`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from emotivoice.acoustic import ChannelNorm
from emotivoice.transformer import EPSILON, ConvolutionalFeedForward, PositionalEncoding, SelfAttention
from emotivoice.upsampling import GaussianUpsampling

__all__ = ["compare_operations"]

HEADS = 4
"""Heads of the attention in fixtures that do not tell."""


def compare_operations(case: Mapping[str, Any]) -> Iterator[tuple[str, Tensor, np.ndarray]]:
    """Yield quantity, computed and expected for every operation that a file of fixtures holds."""
    arrays = {name: torch.from_numpy(np.asarray(value)) for name, value in case.items()}
    yield from _upsampling(case, arrays)
    x = arrays["mha_x"]
    width = x.shape[2]
    attention = _loaded(SelfAttention(width, int(case.get("mha_heads", HEADS))), arrays, "mha_p_")
    yield "mha_out", attention(x, ~arrays["mha_mask"][:, 0]), case["mha_out"]
    yield "mha_out_nomask", attention(x), case["mha_out_nomask"]
    positions = PositionalEncoding(arrays["pos_x"].shape[2])
    positions.alpha.data = arrays["pos_alpha"]
    yield "pos_out", positions(arrays["pos_x"]), case["pos_out"]
    inner, _, kernel = arrays["ffn_p_w_1.weight"].shape
    feed_forward = _loaded(ConvolutionalFeedForward(width, inner, kernel), arrays, "ffn_p_")
    yield "ffn_out", feed_forward(arrays.get("ffn_x", x)), case["ffn_out"]
    norm = ChannelNorm(arrays["ln_w"].shape[0], eps=EPSILON)
    norm.load_state_dict({"weight": arrays["ln_w"], "bias": arrays["ln_b"]})
    yield "ln_out", norm(arrays["ln_x"]), case["ln_out"]


def _upsampling(case: Mapping[str, Any], arrays: dict[str, Tensor]) -> Iterator[tuple[str, Tensor, np.ndarray]]:
    upsampling = GaussianUpsampling()
    tokens, durations, padding = arrays["gu_hs"], arrays["gu_ds"], ~arrays["gu_text_mask"]
    for name in case:
        if name.startswith("gu_out_alpha"):
            alpha = float(name.removeprefix("gu_out_alpha"))
            yield name, upsampling(tokens, durations * alpha, padding), case[name]
    yield "gu_out_nomask", upsampling(tokens, durations), case["gu_out_nomask"]
    zeros = torch.zeros(arrays["gu_zero_hs"].shape[:2])
    yield "gu_zero_out", upsampling(arrays["gu_zero_hs"], zeros), case["gu_zero_out"]


def _loaded(module: nn.Module, arrays: dict[str, Tensor], prefix: str) -> nn.Module:
    module.load_state_dict({name: arrays[prefix + name] for name in module.state_dict()})
    return module.eval()
