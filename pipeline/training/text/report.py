"""The scores of a text model as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.training.configuration import load_config
from pipeline.training.report import (
    Section,
    confusion_section,
    measured_on,
    score_section,
    settings_section,
    write_sections,
)
from pipeline.training.scores import by_emotion

__all__ = ["write_text_report"]


def write_text_report(config: Path, scores: dict[str, Any], folder: Path) -> None:
    """Write `report.md` and `report.html`.

    Args:
        config: The settings that were scored.
        scores: `TextScores.to_dict()`, with `bytes` and where it was measured `other_corpora`.
        folder: Where to write.

    Raises:
        SettingsError: The settings are wrong.
        OutputError: The folder cannot be written.
    """
    settings = load_config(config).model_dump(mode="json")
    seeds = ", ".join(map(str, scores["seeds"]))
    told = (
        f"{scores['protocol'].capitalize()}; seeds {seeds}. {measured_on()}; "
        f"one training took {scores['training_seconds']:.0f} s of processor time; "
        f"the model has {scores['bytes'] / 1e6:.1f} MB."
    )
    sections = _sections("Scores", told, scores)
    for name, found in scores.get("other_corpora", {}).items():
        sections += _sections(f"Another corpus: {name}", f"{found['protocol'].capitalize()}.", found)
    write_sections(folder, f"{settings['model']}, emotion in words", [*sections, settings_section(settings)])


def _sections(title: str, text: str, scores: dict[str, Any]) -> list[Section]:
    head, rows = by_emotion(scores)
    return [
        score_section(title, text, scores),
        Section("Emotion by emotion", head=head, rows=rows),
        confusion_section(
            "Texts of one emotion, first seed: rows are the true emotions, columns the answers.",
            list(scores["thresholds"]),
            scores,
        ),
    ]
