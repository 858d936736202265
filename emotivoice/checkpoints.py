"""Weights on disk: the official checkpoints, and the same as safetensors.

Official files are pickles; they are only ever read with `weights_only=True`.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor, nn

from emotivoice.mapping import Release, map_weights
from pipeline.core.errors import OutputError, WeightsMissing
from pipeline.core.files import atomic
from pipeline.core.messages import reason

__all__ = ["Weights", "convert", "fold_weight_norm", "load_into", "open_weights", "read_weights", "split_weight_norm"]

Weights = dict[str, Tensor]


def read_weights(path: Path) -> Weights:
    """Read a checkpoint in any of its spellings, as plain names and tensors.

    Wrappings (`generator`, `model`, `state_dict`) and the prefix `module.` go away,
    and both spellings of weight norm become `weight_g` and `weight_v`.
    If a safetensors file of the same name lies beside it, that is read.

    Raises:
        WeightsMissing: There is no such file, or it is no checkpoint, or holds more than tensors.
    """
    return open_weights(path)[0]


def open_weights(path: Path) -> tuple[Weights, Release]:
    """Read a checkpoint as `read_weights` does.

    Returns:
        The weights, and what gives their memory back for a while; of a pickle, which lies in memory, it gives nothing.

    Raises:
        WeightsMissing: There is no such file, or it is no checkpoint, or holds more than tensors.
    """
    converted = path if path.suffix == ".safetensors" else path.with_name(f"{path.name}.safetensors")
    if converted.exists():
        try:
            weights, release = map_weights(converted)
            return _plain_names(weights), release
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise WeightsMissing(f"'{converted}' is no safetensors file: {reason(error)}.") from error
    if not path.exists():
        raise WeightsMissing(f"There are no weights '{path}'.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError) as error:
        raise WeightsMissing(
            f"'{path}' is no checkpoint that can be read safely.",
            hint="Download it again; a file that holds more than tensors is refused.",
        ) from error
    for wrapping in ("generator", "model", "state_dict"):
        if isinstance(content, Mapping) and isinstance(content.get(wrapping), Mapping):
            content = content[wrapping]
    if not isinstance(content, Mapping):
        raise WeightsMissing(f"'{path}' holds no named weights.")
    weights = {name: value for name, value in content.items() if isinstance(value, Tensor)}
    return _plain_names(weights), lambda: None


def convert(path: Path) -> Path:
    """Write a checkpoint as safetensors beside itself, from where `read_weights` then takes it.

    Weight norm is multiplied out, so that weights can be used where they lie in the file, without a copy in memory.

    Returns:
        The new file.

    Raises:
        OutputError: It cannot be written.
    """
    target = path.with_name(f"{path.name}.safetensors")
    weights = {name: value.contiguous().clone() for name, value in fold_weight_norm(read_weights(path)).items()}
    with atomic(target) as draft:
        try:
            save_file(weights, draft)
        except SafetensorError as error:
            raise OutputError(f"'{target}' cannot be written: {reason(error)}.") from error
    return target


def fold_weight_norm(weights: Weights) -> Weights:
    """Multiply weight norm out: `w = g v / |v|`, the norm over all but the first dimension."""
    folded: Weights = {}
    for name, value in weights.items():
        if name.endswith(".weight_v"):
            stem = name.removesuffix("_v")
            magnitude = weights[f"{stem}_g"]
            norm = value.flatten(1).norm(dim=1).view(-1, *[1] * (value.dim() - 1))
            folded[stem] = value * (magnitude / norm)
        elif not name.endswith(".weight_g"):
            folded[name] = value
    return folded


def split_weight_norm(weights: Weights, names: Iterable[str]) -> Weights:
    """Name weight norm as a module under `torch.nn.utils.parametrizations.weight_norm` does.

    Args:
        weights: With weight norm in the old spelling, or multiplied out.
        names: The names that the module wants.
    """
    magnitude, direction = ".parametrizations.weight.original0", ".parametrizations.weight.original1"
    split = dict(weights)
    for name in names:
        if name.endswith(magnitude):
            stem = name.removesuffix(magnitude)
            folded = weights.get(f"{stem}.weight")
            if folded is not None:
                split[stem + direction] = folded
                split[name] = folded.flatten(1).norm(dim=1).view(-1, *[1] * (folded.dim() - 1))
            elif f"{stem}.weight_g" in weights:
                split[name], split[stem + direction] = weights[f"{stem}.weight_g"], weights[f"{stem}.weight_v"]
    return split


def load_into(module: nn.Module, weights: Weights, source: str) -> None:
    """Load weights; stray names are ignored.

    Raises:
        WeightsMissing: A weight is missing or has another shape.
    """
    wanted = module.state_dict()
    missing = [name for name in wanted if name not in weights]
    if missing:
        raise WeightsMissing(f"{source} lacks {len(missing)} weights, the first of them '{missing[0]}'.")
    for name, value in wanted.items():
        if value.shape != weights[name].shape:
            raise WeightsMissing(
                f"{source} has '{name}' of shape {tuple(weights[name].shape)} where {tuple(value.shape)} is wanted.",
                hint="Checkpoint and configuration belong to different models.",
            )
    module.load_state_dict({name: weights[name] for name in wanted}, assign=True)


def _plain_names(weights: Weights) -> Weights:
    return {
        name.removeprefix("module.")
        .replace(".parametrizations.weight.original0", ".weight_g")
        .replace(".parametrizations.weight.original1", ".weight_v"): value
        for name, value in weights.items()
    }
