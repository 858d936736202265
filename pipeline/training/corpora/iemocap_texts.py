"""IEMOCAP's transcripts: the turns whose sound the corpus of speech reads, in the same four emotions.

A split goes by session, as users of the corpus expect it: two actors talk to each other in each of the five.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.training.corpora.iemocap import read_iemocap
from pipeline.training.corpora.texts import LabelledText, some

__all__ = ["read_iemocap_texts"]


def read_iemocap_texts(folder: Path) -> tuple[LabelledText, ...]:
    """Read the turns of four emotions (happy with excited, sad, angry, neutral) that have a transcript.

    Raises:
        UsageError: There is no such folder, or no turn with a transcript in it.
    """
    texts = [
        LabelledText(turn.sentence, (turn.emotion,), "", turn.session, (), turn.path.stem)
        for turn in read_iemocap(folder)
        if turn.sentence
    ]
    return some(
        texts,
        folder,
        "turn of IEMOCAP with a transcript",
        "Give the folder that holds Session1 to Session5, each with dialog/transcriptions.",
    )
