"""Train the network that pronounces unknown English words: `python -m emotivoice.training.g2p OUTPUT.npz`.

The letters of CMUdict are the input and its first pronunciations the target;
one word in fifty, chosen by its hash, is held out and tells how many words come out right.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from pathlib import Path

import numpy as np
import torch
from torch import nn

from pipeline.frontend.english.g2p_network import LETTERS, PHONEMES, G2pNetwork
from pipeline.frontend.english.lexicon import lexicon

_END_OF_WORD, _BEGIN, _END = LETTERS.index("</s>"), PHONEMES.index("<s>"), PHONEMES.index("</s>")

Pair = tuple[list[int], list[int]]


class Speller(nn.Module):
    """The network of `pipeline.frontend.english.g2p_network`, in PyTorch.

    Args:
        width: Units of both recurrent layers and of both embeddings.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.enc_emb = nn.Embedding(len(LETTERS), width)
        self.dec_emb = nn.Embedding(len(PHONEMES), width)
        self.enc = nn.GRU(width, width, batch_first=True)
        self.dec = nn.GRU(width, width, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(width, len(PHONEMES))

    def forward(self, letters: torch.Tensor, lengths: torch.Tensor, phonemes: torch.Tensor) -> torch.Tensor:
        """Return logits `(batch, time, phonemes)` of every next phoneme."""
        packed = nn.utils.rnn.pack_padded_sequence(
            self.drop(self.enc_emb(letters)), lengths, batch_first=True, enforce_sorted=False
        )
        _, state = self.enc(packed)
        states, _ = self.dec(self.drop(self.dec_emb(phonemes)), state)
        return self.fc(self.drop(states))

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights under the names that `G2pNetwork` reads."""
        named = {
            "enc_emb": self.enc_emb.weight,
            "dec_emb": self.dec_emb.weight,
            "fc_w": self.fc.weight,
            "fc_b": self.fc.bias,
        }
        for side, layer in (("enc", self.enc), ("dec", self.dec)):
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                named[f"{side}_{kind[0]}_{kind[-2:]}"] = getattr(layer, f"{kind}_l0")
        return {name: value.detach().numpy().astype(np.float16) for name, value in named.items()}


def _pairs() -> tuple[list[Pair], list[str]]:
    """Return training pairs and held-out words."""
    training: list[Pair] = []
    held_out: list[str] = []
    for word, variants in lexicon().items():
        letters = word.replace("'", "")
        phonemes = variants[0].split()
        if not letters.isascii() or not letters.isalpha() or len(letters) < 2 or len(phonemes) > 19:
            continue
        if hashlib.sha256(word.encode()).digest()[0] < 5:
            held_out.append(word)
        else:
            numbers = [PHONEMES.index(phoneme) for phoneme in phonemes]
            training.append(([*(LETTERS.index(letter) for letter in letters), _END_OF_WORD], [_BEGIN, *numbers, _END]))
    return training, held_out


def _batch(pairs: list[Pair]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    letters = nn.utils.rnn.pad_sequence([torch.tensor(pair[0]) for pair in pairs], batch_first=True)
    phonemes = nn.utils.rnn.pad_sequence([torch.tensor(pair[1]) for pair in pairs], batch_first=True)
    return letters, torch.tensor([len(pair[0]) for pair in pairs]), phonemes


def accuracy(network: G2pNetwork, words: list[str]) -> float:
    """Return the share of words for which one of the lexicon's pronunciations comes out, stress included."""
    right = sum(" ".join(network.pronounce(word.replace("'", ""))) in lexicon()[word] for word in words)
    return right / len(words)


def train(output: Path, width: int, epochs: int, seed: int = 0) -> float:
    """Train, write the weights, and return the share of held-out words that come out right."""
    torch.manual_seed(seed)
    shuffler = random.Random(seed)  # noqa: S311
    training, held_out = _pairs()
    model = Speller(width)
    size = 256
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, epochs * (len(training) // size))
    for epoch in range(epochs):
        shuffler.shuffle(training)
        total = 0.0
        for start in range(0, len(training) // size * size, size):
            letters, lengths, phonemes = _batch(training[start : start + size])
            logits = model(letters, lengths, phonemes[:, :-1])
            loss = nn.functional.cross_entropy(logits.transpose(1, 2), phonemes[:, 1:], ignore_index=0)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += loss.item()
        np.savez_compressed(output, **model.eval().arrays())  # type: ignore[arg-type]
        with np.load(output, allow_pickle=False) as archive:
            share = accuracy(
                G2pNetwork({key: archive[key].astype(np.float32) for key in archive.files}), held_out[:500]
            )
        model.train()
        print(
            f"epoch {epoch + 1}: loss {total / (len(training) // size):.3f}, right of 500 unseen words {share:.3f}",
            flush=True,
        )
    return share


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    train(arguments.output, arguments.width, arguments.epochs)


if __name__ == "__main__":
    main()
