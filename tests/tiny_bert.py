"""A tiny random BERT in the official layout, and a corpus in GoEmotions' layout that it can learn by heart."""

from __future__ import annotations

import os
import random
from pathlib import Path

WORDS = {
    "joy": "love great happy wonderful",
    "sadness": "sad cry lonely lost",
    "anger": "hate furious stupid rage",
    "neutral": "table train paper window",
}
LABELS = ("anger", "joy", "neutral", "sadness")
FILLERS = "the a it is was so very and i you we they".split()


def write_corpus(folder: Path, *, texts: int = 240, dev: int = 80, seed: int = 0) -> Path:
    """Write comments, some with two emotions, whose emotion is in one or two of their words."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ekman.labels.txt").write_text("\n".join(LABELS) + "\n", encoding="utf-8")
    for part, count in (("train", texts), ("dev", dev)):
        lines, finer = [], []
        for number in range(count):
            emotions = sorted(chance.sample(range(len(LABELS)), 2 if number % 8 == 0 else 1))
            words = chance.choices(FILLERS, k=5)
            for emotion in emotions:
                words.insert(chance.randrange(len(words) + 1), chance.choice(WORDS[LABELS[emotion]].split()))
            lines.append(f"{' '.join(words)}\t{','.join(map(str, emotions))}\t{part}{number}\n")
            finer.append(f"{' '.join(words)}\t{','.join(str(2 * emotion) for emotion in emotions)}\t{part}{number}\n")
        (folder / f"ekman.{part}.tsv").write_text("".join(lines), encoding="utf-8")
        (folder / f"original.{part}.tsv").write_text("".join(finer), encoding="utf-8")
    return folder


def write_bert(folder: Path) -> Path:
    """Write a BERT of two layers with random weights, as Hugging Face lays one out."""
    # TensorFlow, loaded by transformers, would crash the openSMILE of another test in this process.
    os.environ.setdefault("USE_TF", "0")
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    words = [*FILLERS, *(word for entry in WORDS.values() for word in entry.split())]
    letters = [letter for code in range(33, 127) if not (letter := chr(code)).isupper()]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = dict.fromkeys([*special, *letters, *(f"##{letter}" for letter in letters), *words])
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    BertWordPieceTokenizer(vocabulary).save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}\n', encoding="utf-8")
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    return folder
