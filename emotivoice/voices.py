"""Who speaks: the 2014 official speakers, and the four voice presets made of some of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emotivoice.tables import read_rows
from pipeline.core.files import named_if_damaged
from pipeline.core.voices import Voice, canonical_voice, unknown_voice

__all__ = ["PRESETS", "VoicePreset", "Voices"]


@dataclass(frozen=True)
class VoicePreset:
    """A voice made of a speaker."""

    voice: Voice
    speaker: str
    """Number of the speaker."""
    pitch: float = 1.0
    """Factor on the pitch that the model is asked for."""
    formants: tuple[int, int] = (1, 1)
    """Factor on all frequencies of the finished sound, as a fraction; the tempo stays."""

    @property
    def faster(self) -> float:
        """How many times as fast the sound is played for the formants; the model speaks as much slower."""
        return self.formants[0] / self.formants[1]


PRESETS: Final = {
    preset.voice.name: preset
    for preset in (
        VoicePreset(
            Voice("youngwoman", "female", "Maria Kasper: clear, soothing, expressive; of the speakers with most data"),
            "8051",
        ),
        VoicePreset(
            Voice("youngman", "male", "Tony Oliva: charismatic, dynamic; of the speakers with most data"), "6671"
        ),
        VoicePreset(
            Voice(
                "smallgirl",
                "female",
                "no child is among the speakers: Christabel, pitch a fourth higher, formants a seventh higher",
            ),
            "1088",
            pitch=1.2,
            formants=(8, 7),
        ),
        VoicePreset(
            Voice("middlemale", "male", "John Van Stan: rich, resonant; of the speakers with most data"), "9017"
        ),
    )
}
"""The four presets by name.

smallgirl is a transformation: a child's vocal tract is about an eighth shorter than a woman's and her voice higher
(Fitch and Giedd, 1999; Lee et al., 1999).
The model speaks 8/7 slower at 1.2 times the pitch, and the sound is then played 8/7 faster:
tempo as before, formants ×1.14, pitch ×1.37.
"""


class Voices:
    """The speakers of a model, readers at LibriVox by their numbers there; the first has row 0 of the speaker table.

    Args:
        numbers: In the order of the model's speaker table; the official 2014 by default.
    """

    def __init__(self, numbers: Sequence[str] | None = None) -> None:
        readers = _official_readers()
        self.speakers = tuple(_voice(number, readers) for number in (readers if numbers is None else numbers))
        """Each speaker by number, with sex if it is known, and name and description from the official list."""
        rows = {speaker.name: row for row, speaker in enumerate(self.speakers)}
        names = {readers[number]["name"].casefold(): row for number, row in reversed(rows.items()) if number in readers}
        self._rows = names | {number.casefold(): row for number, row in rows.items()}

    @classmethod
    def read(cls, path: Path) -> Voices:
        """Read a `speaker2`, one identity a line.

        Raises:
            WeightsMissing: It is damaged.
        """
        with named_if_damaged(path):
            lines = path.read_text(encoding="utf-8").splitlines()
        return cls([line.split("|")[0].strip() for line in lines if line.strip()])

    def resolve(self, voice: str | int) -> tuple[int, VoicePreset | None]:
        """Return the row of a speaker, and the preset if one was asked for.

        Args:
            voice: A preset, a speaker's number or name, in any case.

        Raises:
            UnknownName: No voice has this name.
        """
        name = str(voice).strip().casefold()
        preset = PRESETS.get(canonical_voice(name))
        if name not in self._rows and preset is not None:
            # A model of our own has other speakers: the preset is then a transformation of the first.
            return self._rows.get(preset.speaker, 0), preset
        if name not in self._rows:
            choices = f"Use {', '.join(PRESETS)}, or the number or name of one of the {len(self.speakers)} speakers."
            raise unknown_voice(str(voice), [*PRESETS, *self._rows], choices)
        return self._rows[name], None


def _voice(number: str, readers: dict[str, dict[str, str]]) -> Voice:
    row = readers.get(number)
    if row is None:
        return Voice(number, "", "")
    sex = {"F": "female", "M": "male"}.get(row["gender"], "")
    return Voice(number, sex, ": ".join(part for part in (row["name"], row["description"]) if part))


@functools.cache
def _official_readers() -> dict[str, dict[str, str]]:
    """Return the readers of LibriTTS and HiFi-TTS by number, in the order of the official speaker table."""
    return {row["speaker_id"]: row for row in read_rows("speakers")}
