"""MELD: lines of a television series, with who says them and to which dialogue they belong.

`train_sent_emo.csv` and `dev_sent_emo.csv` have the columns Utterance, Speaker, Emotion, Dialogue_ID, Utterance_ID.
Poria et al., MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations, ACL 2019
(arXiv:1810.02508).
"""

from __future__ import annotations

from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.training.corpora.labels import emotion_of
from pipeline.training.corpora.texts import LabelledText, rows_of, some

__all__ = ["read_meld"]

_HINT = "Give the folder that holds train_sent_emo.csv and dev_sent_emo.csv."


def read_meld(folder: Path) -> tuple[LabelledText, ...]:
    """Read the lines of both parts, the training part first; all lines of a dialogue are one speaker's for a split.

    Raises:
        UsageError: The folder lacks the corpus.
    """
    texts = []
    for part in ("train", "dev"):
        for row in rows_of(folder / f"{part}_sent_emo.csv"):
            try:
                text, emotion = " ".join(row["Utterance"].split()), emotion_of("meld", row["Emotion"])
                dialogue = f"{part}-{row['Dialogue_ID']}"
                key = f"{dialogue}-{row['Utterance_ID']}"
            except KeyError as error:
                raise UsageError(f"A table in {folder} has no column {error.args[0]}.", hint=_HINT) from error
            if text and emotion:
                texts.append(LabelledText(text, (emotion,), part, f"meld-{dialogue}", (), key))
    return some(texts, folder, "line of MELD", _HINT)
