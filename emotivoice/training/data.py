"""Recordings, texts, speakers and prompts for training.

The folder has a list, `train.jsonl` or `datalist.jsonl`, one object a line:
`wav` (or the official `wav_path`), `text`, `speaker`, and `emotion` or `prompt`.
`tokens` (or the official list `text` beside `original_text`) replaces what the front end would say.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from emotivoice.configuration import AudioSettings
from emotivoice.frontend import Frontend
from emotivoice.frontend.tokens import Vocabulary
from emotivoice.prompts import trained_prompt
from emotivoice.training.features import Features, extract_features, trim
from pipeline.audio.decoding import read_audio, stated_seconds
from pipeline.core.errors import SettingsError
from pipeline.core.files import atomic, named_if_damaged
from pipeline.core.messages import reason

__all__ = ["BucketSampler", "Example", "Recording", "Recordings", "collate", "read_list"]

LISTS = ("train.jsonl", "datalist.jsonl")

SHORTEST_SECONDS = 0.2
"""Shorter recordings hold no word."""


@dataclass(frozen=True)
class Recording:
    """One recording of the list."""

    wav: Path
    text: str
    speaker: str
    prompt: str
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class Example:
    """One recording, ready to be learned."""

    recording: Recording
    numbers: Tensor
    """Tokens `(tokens,)`."""
    speaker: int
    features: Features
    wave: Tensor
    """`(frames × hop,)`."""


def read_list(folder: Path) -> list[Recording]:
    """Read the list of a folder of recordings.

    Raises:
        SettingsError: There is no list, or a line lacks something.
    """
    path = next((folder / name for name in LISTS if (folder / name).exists()), None)
    if path is None:
        raise SettingsError(f"There is no {' or '.join(LISTS)} in '{folder}'.")
    frontend = Frontend()
    lines = []
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not row.strip():
            continue
        try:
            lines.append(_read_row(json.loads(row), folder, frontend))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            raise SettingsError(f"Line {number} of '{path}' is wrong: {reason(error)}.") from error
    if not lines:
        raise SettingsError(f"'{path}' lists no recordings.")
    return lines


def _read_row(row: dict[str, Any], folder: Path, frontend: Frontend) -> Recording:
    text = row.get("original_text") or row["text"]
    tokens = row["text"] if isinstance(row["text"], list) else row.get("tokens")
    return Recording(
        folder / (row.get("wav") or row["wav_path"]),
        text,
        str(row.get("speaker", "speaker")),
        trained_prompt(row.get("emotion") or row.get("prompt") or "neutral"),
        tuple(tokens) if tokens else frontend(text).tokens,
    )


class Recordings(Dataset[Example]):
    """Recordings with their features, which are kept on disk once computed.

    Args:
        listed: Those of the list.
        speakers: Identities in the order of the model's table.
        vocabulary: The tokens that the model knows.
        settings: Frames and bands.
        cache: Folder of features.
        longest_seconds: Longer recordings are left out.
    """

    def __init__(
        self,
        listed: Sequence[Recording],
        speakers: Sequence[str],
        vocabulary: Vocabulary,
        settings: AudioSettings,
        cache: Path,
        longest_seconds: float,
    ) -> None:
        self._speakers = {identity: index for index, identity in enumerate(speakers)}
        self._vocabulary = vocabulary
        self._settings = settings
        self._cache = cache
        cache.mkdir(parents=True, exist_ok=True)
        self.listed = [one for one in listed if SHORTEST_SECONDS < stated_seconds(one.wav) <= longest_seconds]
        if not self.listed:
            raise SettingsError("No recording of the list can be used: all are missing, too long or too short.")

    def __len__(self) -> int:
        return len(self.listed)

    def __getitem__(self, number: int) -> Example:
        recording = self.listed[number]
        wave, features = self._load(recording)
        tokens = torch.tensor(self._vocabulary.numbers(recording.tokens))
        return Example(recording, tokens, self._speakers[recording.speaker], features, wave)

    def length(self, number: int) -> int:
        """Return about how long a recording is; only the order matters."""
        return len(self.listed[number].tokens)

    def _load(self, recording: Recording) -> tuple[Tensor, Features]:
        state = recording.wav.stat()
        key = hashlib.sha256(f"{recording.wav.resolve()} {state.st_size} {state.st_mtime_ns} {self._settings}".encode())
        path = self._cache / f"{key.hexdigest()[:24]}.npz"
        if path.exists():
            with named_if_damaged(path), np.load(path, allow_pickle=False) as kept:
                arrays = {name: torch.from_numpy(kept[name]) for name in kept.files}
            return arrays["wave"].float() / 32768, Features(arrays["mel"], arrays["pitch"], arrays["energy"])
        samples = trim(
            read_audio(recording.wav, sample_rate=self._settings.sample_rate).samples, self._settings.sample_rate
        )
        features = extract_features(samples, self._settings)
        frames = features.mel.shape[1]
        wave = np.zeros(frames * self._settings.hop_length, np.float32)
        wave[: len(samples)] = samples[: len(wave)]
        whole = np.clip(np.round(wave * 32768), -32768, 32767).astype(np.int16)
        mel, pitch, energy = features.mel.numpy(), features.pitch.numpy(), features.energy.numpy()
        with atomic(path) as draft:
            np.savez(draft, wave=whole, mel=mel, pitch=pitch, energy=energy)
        return torch.from_numpy(whole).float() / 32768, features


class BucketSampler(Sampler[list[int]]):
    """Batches of recordings about equally long, in a new order every epoch.

    Args:
        recordings: The recordings.
        batch: How many of them make a batch.
        seed: Of the order.
        rank: Which process this is.
        world: How many processes there are.
    """

    def __init__(self, recordings: Recordings, batch: int, seed: int, rank: int = 0, world: int = 1) -> None:
        self._recordings, self._batch, self._seed, self._rank, self._world = recordings, batch, seed, rank, world
        self.epoch = 0

    def __iter__(self) -> Iterator[list[int]]:
        order = random.Random(f"{self._seed} {self.epoch}")  # noqa: S311
        numbers = list(range(len(self._recordings)))
        order.shuffle(numbers)
        size = self._batch * self._world
        if len(numbers) % size:  # Every process has to have whole batches: some recordings come twice.
            numbers += order.choices(numbers, k=size - len(numbers) % size)
        batches = []
        for start in range(0, len(numbers), 8 * size):
            pool = sorted(numbers[start : start + 8 * size], key=self._recordings.length)
            batches += [pool[place : place + size] for place in range(0, len(pool), size)]
        order.shuffle(batches)
        for batch in batches:
            yield batch[self._rank :: self._world]

    def __len__(self) -> int:
        return -(-len(self._recordings) // (self._batch * self._world))


def collate(examples: list[Example]) -> dict[str, Any]:
    """Pad examples to one length."""
    pad = torch.nn.utils.rnn.pad_sequence
    return {
        "prompts": [example.recording.prompt for example in examples],
        "texts": [example.recording.text for example in examples],
        "tokens": pad([example.numbers for example in examples], batch_first=True),
        "lengths": torch.tensor([len(example.numbers) for example in examples]),
        "speakers": torch.tensor([example.speaker for example in examples]),
        "mel": pad([example.features.mel.T for example in examples], batch_first=True).transpose(1, 2),
        "mel_lengths": torch.tensor([example.features.mel.shape[1] for example in examples]),
        "pitch": pad([example.features.pitch for example in examples], batch_first=True),
        "energy": pad([example.features.energy for example in examples], batch_first=True),
        "waves": pad([example.wave for example in examples], batch_first=True),
    }
