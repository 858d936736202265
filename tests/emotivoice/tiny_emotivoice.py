"""A tiny model in the official layout, and recordings made of tones, for the tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile
import yaml

from emotivoice.configuration import read_configuration
from emotivoice.random_weights import write_random_weights

BERT = {
    "vocab_size": 0,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
}
SPEAKERS = ["8051", "9017", "own"]


def tiny_configuration() -> dict[str, object]:
    configuration = yaml.safe_load(read_configuration("small"))
    model = configuration["model"]
    configuration["n_mels"] = model["initial_channel"] = 20
    model["bert_embedding"] = 24
    model["variance_n_hidden"] = 24
    model["upsample_initial_channel"] = 32
    for side in ("encoder", "decoder"):
        model[f"{side}_n_layers"], model[f"{side}_n_heads"], model[f"{side}_n_hidden"] = 2, 4, 32
    return configuration


def write_tiny(folder: Path) -> Path:
    write_random_weights(folder, yaml.safe_dump(tiny_configuration()), BERT, SPEAKERS, seed=3)
    return folder


def write_recordings(folder: Path, count: int = 6) -> Path:
    """Write tones that glide as the prompt says: up for happy, down for sad."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(count):
        emotion = ("happy", "sad")[number % 2]
        time = np.arange(12000) / 16000
        pitch = 220 + (80 if emotion == "happy" else -80) * time
        wave = 0.3 * np.sin(2 * np.pi * np.cumsum(pitch) / 16000) * np.hanning(len(time))
        soundfile.write(folder / f"{number}.wav", wave, 16000)
        rows.append({"wav": f"{number}.wav", "text": f"Hello number {number}.", "speaker": "me", "emotion": emotion})
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder
