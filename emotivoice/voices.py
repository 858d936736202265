"""Who speaks: the 2014 official speakers, and four tones chosen among them."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from emotivoice.errors import UnknownVoice

__all__ = ["TONES", "Speaker", "Tone", "Voices", "official_speakers"]


@dataclass(frozen=True)
class Speaker:
    """One speaker of the model."""

    index: int
    """Row in the speaker table."""
    identity: str
    """The reader's number at LibriVox, `8051`; what users type."""
    name: str
    """The reader's name there."""
    sex: str
    """`female`, `male` or empty where unknown."""
    description: str = ""
    """What the official list says."""


@dataclass(frozen=True)
class Tone:
    """A voice made of a speaker."""

    name: str
    speaker: str
    """Identity of the speaker."""
    sex: str
    description: str
    pitch: float = 1.0
    """Factor on the pitch that the model is asked for."""
    formants: tuple[int, int] = (1, 1)
    """Factor on all frequencies of the finished sound, as a fraction; the tempo stays."""


TONES: Final[Mapping[str, Tone]] = {
    tone.name: tone
    for tone in (
        Tone(
            "youngwoman", "8051", "female", "Maria Kasper: clear, soothing, expressive; of the speakers with most data"
        ),
        Tone("youngman", "6671", "male", "Tony Oliva: charismatic, dynamic; of the speakers with most data"),
        Tone(
            "smallgirl",
            "1088",
            "female",
            "no child is among the speakers: Christabel, pitch a fourth higher, formants a seventh higher",
            pitch=1.2,
            formants=(8, 7),
        ),
        Tone("middlemale", "9017", "male", "John Van Stan: rich, resonant; of the speakers with most data"),
    )
}
"""The four tones by name.

smallgirl is a transformation: a child's vocal tract is about an eighth shorter than a woman's and her voice higher
(Fitch and Giedd, 1999; Lee et al., 1999).
The model speaks 8/7 slower at 1.2 times the pitch, and the sound is then played 8/7 faster:
tempo as before, formants ×1.14, pitch ×1.37.
"""


class Voices:
    """The speakers of a model.

    Args:
        identities: Identities in the order of the model's speaker table; the official 2014 by default.
    """

    def __init__(self, identities: Sequence[str] | None = None) -> None:
        known = {speaker.identity: speaker for speaker in official_speakers()}
        if identities is None:
            self.speakers = official_speakers()
        else:
            self.speakers = tuple(
                Speaker(index, identity, known[identity].name, known[identity].sex, known[identity].description)
                if identity in known
                else Speaker(index, identity, identity, "")
                for index, identity in enumerate(identities)
            )
        self._by_identity = {speaker.identity: speaker for speaker in self.speakers}
        self._by_name = {speaker.name.casefold(): speaker for speaker in reversed(self.speakers)}

    @classmethod
    def read(cls, path: Path) -> Voices:
        """Read a `speaker2`, one identity a line."""
        return cls(
            [line.split("|")[0].strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        )

    def resolve(self, voice: str | int) -> tuple[Speaker, Tone | None]:
        """Return the speaker, and the tone where one was asked for.

        Args:
            voice: A tone, a speaker's number or name, in any case.

        Raises:
            UnknownVoice: Nobody is called so.
        """
        text = str(voice).strip()
        folded = text.casefold()
        if text in self._by_identity:
            return self._by_identity[text], None
        tone = TONES.get(folded.replace(" ", "").replace("-", "").replace("_", ""))
        if tone is not None and tone.speaker in self._by_identity:
            return self._by_identity[tone.speaker], tone
        if tone is not None:  # A model of our own has other speakers: the tone is then a transformation of the first.
            return self.speakers[0], tone
        speaker = self._by_name.get(folded)
        if speaker is None:
            raise UnknownVoice(
                f"There is no voice '{voice}'.",
                hint=f"Use {', '.join(TONES)}, or the number or name of one of the {len(self.speakers)} speakers.",
            )
        return speaker, None


@functools.cache
def official_speakers() -> tuple[Speaker, ...]:
    """Return the speakers of the official model, readers of LibriTTS and HiFi-TTS."""
    table = (resources.files(__package__) / "tables" / "speakers.tsv").read_text(encoding="utf-8")
    return tuple(
        Speaker(
            int(row["index"]),
            row["speaker_id"],
            row["name"],
            {"F": "female", "M": "male"}.get(row["gender"], ""),
            row["description"] or "",
        )
        for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    )
