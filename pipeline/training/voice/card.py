"""The model card of the voice, for people; `card.json` is for machines."""

from __future__ import annotations

from typing import Any, Final

from pipeline.synthesis.embedded.features import MODEL

__all__ = ["MODEL_CARD", "described"]

MODEL_CARD: Final = "MODEL_CARD.md"
"""File of a voice's folder that people read."""


def described(card: dict[str, Any]) -> str:
    """Return the model card in Markdown.

    Args:
        card: As `card.json` holds it.
    """
    scores, settings = card["scores"], card["settings"]
    return f"""# The embedded voice

Says English text: phones and their context in, durations, mel-cepstrum, F0 and voicing out (`{MODEL}`, ONNX,
{card["parameters"] / 1e6:.2f} million parameters, float32), which WORLD turns into speech at 24 kHz.
It needs neither torch nor Festival to speak.

## Taught by
Festival's HTS voice `{card["teacher"]}` (CMU ARCTIC, speaker SLT), which read {card["sentences"]} sentences,
{card["hours"]} hours, of `{card["texts"]}`: {settings["epochs"]} epochs, seed {settings["seed"]}.
The teacher read the phones, stresses and pauses of the front end that the voice itself has (`pipeline.frontend`).
Its sound is not part of this project; nothing but the weights is kept.

## Beside its teacher
On {scores["sentences"]} sentences that it did not learn from, at the teacher's durations:

| measure | value |
|---|---|
| mel-cepstral distortion | {scores["mel_cepstral_distortion_db"]} dB |
| F0, root mean square error | {scores["f0_error_hz"]} Hz (correlation {scores["f0_correlation"]}) |
| F0, deviation | {scores["f0_deviation_semitones"]} st (teacher {scores["f0_deviation_semitones_of_teacher"]} st) |
| frames with voicing wrong | {scores["voicing_errors"]:.1%} |
| duration of a phone, mean error | {scores["duration_error_ms"]} ms |

How many words are understood wrongly is measured by `benchmarks/synthesis.py embedded`.

## Limits
One neutral American English voice; emotions and presets are made by rules on its parameters. No other languages.
It reads as its teacher does, evenly; questions rise by rule.

## Licence
The teacher is free to use, copy, modify and license without fee as long as its notices are kept: the voice and
Festival are copyright 1996-2003 Carnegie Mellon University and the University of Edinburgh; its HTS parts are copyright
2001-2010 Nagoya Institute of Technology and Tokyo Institute of Technology (three-clause BSD). Nothing of their files
is in the weights or the code. The texts are GoEmotions (Google, Apache 2.0). The weights are licensed as this project.

Made on {card["created"]} by `detect.py train-voice --config configs/voice.yaml --texts FILE`.
"""
