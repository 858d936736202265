"""Training beside the official one, for `emotivoice.parity`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from emotivoice.acoustic import padding_mask
from emotivoice.checkpoints import load_into, read_weights, split_weight_norm
from emotivoice.configuration import AudioSettings
from emotivoice.control import ENERGY_DEVIATION, ENERGY_MEAN, PITCH_DEVIATION, PITCH_MEAN
from emotivoice.folder import WeightsFolder
from emotivoice.training.features import extract_features, loss_mel
from emotivoice.training.model import Batch, Generator

__all__ = ["compare_features", "compare_teacher_forced"]

Found = tuple[str, Tensor | np.ndarray, np.ndarray]

OFFICIAL_AUDIO = AudioSettings(16000, 1024, 256, 1024, 0.0, None, 80, 32)
"""What the fixtures of features were made with."""


def compare_teacher_forced(folder: WeightsFolder, case: Mapping[str, Any]) -> Iterator[Found]:
    """Yield quantity, computed and expected of the forward pass and of every loss."""
    weights = read_weights(folder.generator)
    generator = Generator(
        folder.configuration, weights["am.src_word_emb.weight"].shape[0], weights["am.spk_tokenizer.weight"].shape[0]
    )
    load_into(generator.eval(), split_weight_norm(weights, generator.state_dict()), f"'{folder.generator}'")
    arrays = {name: torch.from_numpy(np.asarray(value)) for name, value in case.items()}
    names = "token_ids lengths speaker_ids style_embedding content_embedding mel_targets mel_lengths".split()
    inputs = [arrays[name] for name in (*names, "pitch_targets", "energy_targets")]
    inputs.append(torch.zeros(len(arrays["lengths"]), 0))  # the losses of the acoustic model hear no waves
    batch = Batch(*inputs)
    taught = generator.teach(batch, leaky=True)
    expected = case["out_log_p_attn"]
    finite = np.isfinite(expected)
    yield "log_p_attn, its infinities", np.isfinite(taught.log_probabilities.numpy()).astype(int), finite.astype(int)
    yield "log_p_attn", taught.log_probabilities.numpy()[finite], expected[finite]
    for name, value in (
        ("duration_targets", taught.durations),
        ("pitch_targets", taught.pitch_targets),
        ("energy_targets", taught.energy_targets),
        ("log_duration_predictions", taught.log_durations),
        ("pitch_predictions", taught.pitch),
        ("energy_predictions", taught.energy),
        ("dec_outputs", taught.frames),
        ("wav_predictions", generator.generator(taught.frames)),
    ):
        yield name, value, case[f"out_{name}"]
    losses = taught.losses | {"mel": _official_mel_loss(taught.frames, batch)}
    for ours, official in (
        ("duration", "dur_loss"),
        ("pitch", "pitch_loss"),
        ("energy", "energy_loss"),
        ("forward_sum", "forwardsum_loss"),
        ("binarisation", "bin_loss"),
        ("mel", "dec_mel_loss"),
    ):
        yield f"loss_{official}", losses[ours], case[f"loss_{official}"]


def compare_features(case: Mapping[str, Any]) -> Iterator[Found]:
    """Yield quantity, computed and expected of the features of one signal."""
    samples = case["wav"].astype(np.float32)
    features = extract_features(samples, OFFICIAL_AUDIO)
    yield "mel_align", features.mel, case["mel_align"]
    yield "mel_loss", loss_mel(torch.from_numpy(samples)[None], OFFICIAL_AUDIO)[0], case["mel_loss"]
    yield "energy", features.energy, case["energy"]
    yield "pitch", features.pitch, case["pitch"]
    yield "energy_raw", features.energy * ENERGY_DEVIATION + ENERGY_MEAN, case["energy_raw"]
    yield "pitch_raw", features.pitch * PITCH_DEVIATION + PITCH_MEAN, case["pitch_raw"]


def _official_mel_loss(frames: Tensor, batch: Batch) -> Tensor:
    """Return the official loss of the decoder's frames, which masks bands where it means to mask frames.

    Training here does without it: the frames are no spectrogram, and the official loop throws it away as well.
    """
    targets = batch.mel
    outputs = frames.transpose(1, 2)
    padding = padding_mask(batch.mel_lengths, targets.shape[1])
    kept = ~padding[:, :, None].expand_as(outputs)
    return functional.l1_loss(outputs.masked_select(kept), targets.masked_select(kept))
