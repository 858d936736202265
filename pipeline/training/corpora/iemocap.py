"""IEMOCAP: ten actors talk in pairs; each turn is a file, and its emotion stands in a table of the dialogue.

`Session1/dialog/EmoEvaluation/Ses01F_impro01.txt` says `[start - end]<tab>turn<tab>emotion<tab>[valence, ...]`,
and the turn lies in `Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav`.
Of its emotions four are read: angry, happy (with excited), sad, neutral.
The transcripts are read as texts too; a split of these goes by session, as users of the corpus expect it.
Busso et al., Language Resources and Evaluation 42: 335-359, 2008.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.training.corpora.labels import emotion_of
from pipeline.training.corpora.recordings import Recording, in_order
from pipeline.training.corpora.texts import LabelledText, some

__all__ = ["read_iemocap", "read_iemocap_texts"]

_TURN: Final = re.compile(
    r"\[[\d.]+ - [\d.]+\]\t"
    r"(?P<turn>(?P<dialogue>Ses(?P<session>0[1-5])[FM]_\w+)_(?P<sex>[FM])\d+)\t"
    r"(?P<emotion>[a-z]{3})\t"
)
_SENTENCE: Final = re.compile(r"(?P<turn>Ses\w+) \[[\d. -]+\]:\s*(?P<sentence>.*)")


def read_iemocap(folder: Path) -> tuple[Recording, ...]:
    """Read the turns of four emotions whose sound is there.

    Args:
        folder: The folder that holds `Session1` to `Session5`, or one of these.

    Returns:
        The recordings, sorted by speaker and file name; a speaker is a session's woman or man.

    Raises:
        UsageError: There is no such folder, or no turn of IEMOCAP in it.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", hint="Give the folder that holds the corpus.")
    tables = (path for path in sorted(folder.rglob("EmoEvaluation/*.txt")) if not path.name.startswith("."))
    return in_order(
        (recording for table in tables for recording in _turns(table)),
        folder,
        "labelled turn of IEMOCAP",
        "Give the folder that holds Session1 to Session5, each with dialog/EmoEvaluation and sentences/wav.",
    )


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


def _turns(table: Path) -> Iterator[Recording]:
    """Yield the turns of one dialogue."""
    session = table.parents[2]
    sentences = _sentences(session / "dialog" / "transcriptions" / table.name)
    for line in table.read_text(encoding="utf-8", errors="replace").splitlines():
        match = _TURN.match(line)
        emotion = emotion_of("iemocap", match["emotion"]) if match else ""
        if not match or not emotion:
            continue
        path = session / "sentences" / "wav" / match["dialogue"] / f"{match['turn']}.wav"
        if path.is_file():
            yield Recording(
                path=path,
                speaker=f"iemocap-{match['session']}{match['sex'].lower()}",
                sex="female" if match["sex"] == "F" else "male",
                emotion=emotion,
                intensity="",
                sentence=sentences.get(match["turn"], ""),
                corpus="iemocap",
            )


def _sentences(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {match["turn"]: match["sentence"].strip() for line in lines if (match := _SENTENCE.match(line))}
