"""EMO-DB: ten Germans, ten sentences, seven emotions, told by the file name.

A name is `03a01Fa`: speaker, sentence, emotion by its German initial, version.
Boredom has no place among the eight emotions and is left out.
Burkhardt et al., A Database of German Emotional Speech, Interspeech 2005.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pipeline.training.corpora.labels import LABELS, emotion_of
from pipeline.training.corpora.recordings import Recording, in_order, sound_files

__all__ = ["read_emo_db"]

_MEN: Final = frozenset({"03", "10", "11", "12", "15"})
_WOMEN: Final = frozenset({"08", "09", "13", "14", "16"})
_SENTENCES: Final = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
_NAME: Final = re.compile(
    rf"(?P<speaker>{'|'.join(sorted(_MEN | _WOMEN))})(?P<sentence>{'|'.join(_SENTENCES)})"
    rf"(?P<emotion>[{''.join(LABELS['emo-db'])}])[a-z]?"
)


def read_emo_db(folder: Path) -> tuple[Recording, ...]:
    """Read the recordings below a folder, wherever in it they lie.

    Returns:
        The recordings, sorted by speaker and file name.

    Raises:
        UsageError: There is no such folder, or no recording of EMO-DB in it.
    """
    found = []
    for path in sound_files(folder):
        match = _NAME.fullmatch(path.stem)
        emotion = emotion_of("emo-db", match["emotion"]) if match else ""
        if match and emotion:
            found.append(
                Recording(
                    path=path,
                    speaker=f"emo-db-{match['speaker']}",
                    sex="male" if match["speaker"] in _MEN else "female",
                    emotion=emotion,
                    intensity="",
                    sentence=_SENTENCES[match["sentence"]],
                    corpus="emo-db",
                )
            )
    return in_order(found, folder, "recording of EMO-DB", "Give the folder that holds files such as 03a01Fa.wav.")
