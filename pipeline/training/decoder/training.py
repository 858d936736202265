"""From a file of texts to the decoder that ships: have Kokoro say them, learn, measure, write."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from pipeline.core.errors import UsageError
from pipeline.core.values import Samples
from pipeline.synthesis.kokoro.parts import DECODER, ENCODER, PREDICTOR, SAMPLE_RATE, STEP
from pipeline.synthesis.kokoro.source_filter import SourceFilter
from pipeline.synthesis.prosody.changes import TimbreChange
from pipeline.training.checkpoints import MODEL_CARD, model_card, today
from pipeline.training.checks import require_folders
from pipeline.training.decoder.exporting import exported
from pipeline.training.decoder.learning import learn
from pipeline.training.decoder.lessons import Lesson, prepare, read_lesson
from pipeline.training.decoder.settings import DecoderSettings
from pipeline.training.libraries import require_modules
from pipeline.training.read_sentences import chosen_sentences
from pipeline.training.runs import Progress, begun, write_files, write_json

__all__ = ["CARD", "train"]

CARD: Final = "decoder.json"
"""File of the folder that says what the decoder is."""
_WINDOW: Final = 1024
"""Samples of the window in which sounds are compared: 43 ms."""
_QUIET: Final = 1e-4
"""Power of a band, beside the loudest of the sentence, below which it is not compared: -40 dB."""
_BANDS: Final = 80
"""Mel bands."""
_DECIBEL: Final = 10.0


def train(
    settings: DecoderSettings, texts: Path, teacher: Path, run: Path, output: Path, *, threads: int, progress: Progress
) -> dict[str, Any]:
    """Train the decoder of the embedded voice.

    Args:
        settings: What is said, sizes and schedule.
        texts: A file with a text on every line, up to the first tab.
        teacher: Folder of Kokoro's parts.
        run: Folder for what the teacher says and for the state of the learning; a run goes on there.
        output: Folder of the voice: gets the decoder, and the teacher's other parts and voices.
        threads: Computing threads.
        progress: Told the step, how much of it is done, of how much, and figures.

    Returns:
        The card, as it is written to `decoder.json`.

    Raises:
        UsageError: The texts cannot be read, or are too few.
        SettingsError: `run` holds lessons of other sentences, or was begun with other settings.
        WeightsMissing: Kokoro is missing.
        OutputError: The folder cannot be written.
    """
    require_modules(("onnx",), "train")
    require_folders(run=run, output=output)
    if settings.held_out >= settings.sentences:
        raise UsageError(
            f"Of {settings.sentences} sentences {settings.held_out} are held out, and none is left to learn from.",
            hint="Give fewer held_out in the settings, or more sentences.",
        )
    chosen = chosen_sentences(texts, settings.sentences + settings.girls, settings.seed)
    digest = hashlib.sha256("\n".join(chosen).encode()).hexdigest()[:12]
    with begun(run, settings, corpus=f"{texts.name} {digest}", clips=len(chosen), folds=0, protocol="decoder"):
        lessons = prepare(settings, chosen, teacher, run, threads=threads, progress=progress)
        held_out, learned = lessons[: settings.held_out], lessons[settings.held_out :]
        student = learn(settings, learned, run, threads=threads, progress=progress)
    model = exported(student)
    card: dict[str, Any] = {
        "schema": 1,
        "name": "decoder",
        "teacher": "Kokoro-82M 1.0, 8 bits",
        "texts": texts.name,
        "sentences": len(learned),
        "minutes": round(sum(len(read_lesson(path).sound) for path in learned) / SAMPLE_RATE / 60, 1),
        "settings": settings.model_dump(),
        "parameters": sum(parameter.numel() for parameter in student.parameters()),
        "scores": _scores(SourceFilter(model, threads=threads), [read_lesson(path) for path in held_out]),
        "sha256": hashlib.sha256(model).hexdigest(),
        "created": today(),
    }
    people = model_card("decoder", card=card, model=DECODER, millions=card["parameters"] / 1e6)
    write_json(output / CARD, card)
    voices = [f"voices/{voice}.bin" for voice in settings.voices]
    taken = {name: (teacher / name).read_bytes() for name in (ENCODER, PREDICTOR, *voices)}
    write_files(output, {**taken, DECODER: model, MODEL_CARD: people.encode()})
    return card


def _scores(decoder: SourceFilter, lessons: Sequence[Lesson]) -> dict[str, float]:
    """Return how far the decoder is from its teacher on sentences that it did not learn from."""
    distances, levels = [], []
    for lesson in lessons:
        sound = decoder.sound(lesson.intended, TimbreChange())
        said, taught = _bands(sound), _bands(lesson.sound)
        heard = taught > taught.max() * _QUIET
        distances.append(float(np.abs(_DECIBEL * np.log10(said / taught))[heard].mean()))
        levels.append(_DECIBEL * np.log10(np.mean(sound**2) / np.mean(lesson.sound**2)))
    return {
        "sentences": len(lessons),
        "mel_distance_db": round(float(np.mean(distances)), 2),
        "level_db": round(float(np.mean(levels)), 2),
    }


def _bands(sound: Samples) -> Samples:
    """Return the power of 80 mel bands, (bands, windows)."""
    import librosa

    power: Samples = librosa.feature.melspectrogram(
        y=sound, sr=SAMPLE_RATE, n_fft=_WINDOW, hop_length=STEP, n_mels=_BANDS
    )
    return np.maximum(power, np.finfo(np.float32).tiny)
