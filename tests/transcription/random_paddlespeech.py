"""Models with random weights in the layout of PaddleSpeech's released ones, for tests and measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from pipeline.transcription.paddlespeech.layout import SETTINGS

__all__ = ["OFFICIAL", "TINY", "Size", "settings_of", "write_random_weights"]

_FRAMES: Final = 1000
"""Number of frames that the statistics claim to cover; any number would do."""

_SEED: Final = 7
"""Seed of the random weights; any number would do."""


@dataclass(frozen=True)
class Size:
    """Size of a network."""

    width: int
    """Values per frame."""
    heads: int
    """Heads of attention."""
    units: int
    """Hidden values per layer."""
    encoder: int
    """Layers of the encoder."""
    decoder: int
    """Layers of the decoder."""


TINY: Final = Size(width=32, heads=2, units=64, encoder=2, decoder=1)
"""Small enough for fast tests."""

OFFICIAL: Final = Size(width=256, heads=4, units=2048, encoder=12, decoder=6)
"""The size of transformer_librispeech."""


def settings_of(kind: str, vocabulary: Sequence[str], pieces: str = "", size: Size = TINY) -> dict[str, Any]:
    """Return settings like those of a released `model.yaml`, which include vocabulary and statistics.

    Args:
        kind: `conformer` or `transformer`.
        vocabulary: Its tokens, `<blank>` first, `<eos>` last.
        pieces: Path of the sentencepiece model in the folder, without suffix; empty for a model that writes characters.
        size: Its size.
    """
    common = {
        "attention_heads": size.heads,
        "linear_units": size.units,
        "dropout_rate": 0.1,
        "positional_dropout_rate": 0.1,
    }
    encoder = common | {
        "output_size": size.width,
        "num_blocks": size.encoder,
        "attention_dropout_rate": 0.0,
        "input_layer": "conv2d",
        "normalize_before": True,
    }
    if kind == "conformer":
        encoder |= {
            "use_cnn_module": True,
            "cnn_module_kernel": 15,
            "cnn_module_norm": "layer_norm",
            "activation_type": "swish",
            "pos_enc_layer_type": "rel_pos",
            "selfattention_layer_type": "rel_selfattn",
        }
    dropout = {"self_attention_dropout_rate": 0.0, "src_attention_dropout_rate": 0.0}
    # Log mel energies of speech at 16 bits: mean 10, variance 9.
    statistics = {"mean_stat": [10.0 * _FRAMES] * 80, "var_stat": [109.0 * _FRAMES] * 80, "frame_num": _FRAMES}
    return {
        "encoder": kind,
        "encoder_conf": encoder,
        "decoder": "transformer",
        "decoder_conf": common | dropout | {"num_blocks": size.decoder},
        "model_conf": {"ctc_weight": 0.3, "lsm_weight": 0.1, "length_normalized_loss": False},
        "cmvn_file": "",
        "cmvn_file_type": "json",
        "vocab_filepath": list(vocabulary),
        "unit_type": "spm" if pieces else "char",
        "spm_model_prefix": pieces,
        "input_dim": 80,
        "output_dim": len(vocabulary),
        "preprocess_config": {
            "process": [
                {"type": "fbank_kaldi", "fs": 16000, "n_mels": 80, "n_shift": 160, "win_length": 400, "dither": 0.1},
                {"type": "cmvn_json", "cmvn_path": statistics},
                {"type": "time_mask", "T": 40, "n_mask": 2, "inplace": True, "replace_with_zero": False},
            ]
        },
        "decode": {
            "decode_batch_size": 64,
            "error_rate_type": "wer",
            "decoding_method": "attention",
            "beam_size": 10,
            "ctc_weight": 0.5,
            "decoding_chunk_size": -1,
            "num_decoding_left_chunks": -1,
            "simulate_streaming": False,
        },
    }


def write_random_weights(folder: Path, settings: dict[str, Any], checkpoint: str) -> None:
    """Write settings and random weights, which are the same every time.

    PaddleSpeech is imported into this process, where it may clash with TensorFlow and openSMILE.

    Args:
        folder: Folder of the model.
        settings: From `settings_of`.
        checkpoint: Path of the weights in the folder, without suffix.
    """
    import numpy as np
    import paddle
    from paddlespeech.s2t.models.u2 import U2Model
    from yacs.config import CfgNode

    paddle.seed(_SEED)
    np.random.seed(_SEED)
    path = folder / f"{checkpoint}.pdparams"
    path.parent.mkdir(parents=True)
    (folder / SETTINGS).write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    network = U2Model.from_config(CfgNode(settings, new_allowed=True))
    paddle.save(network.state_dict(), str(path))
