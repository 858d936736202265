"""The scores of a text model as a document."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

from pipeline.core.files import atomic
from pipeline.training.configuration import load_config
from pipeline.training.markdown import confusion_table, table

__all__ = ["write_text_report"]


def write_text_report(config: Path, scores: dict[str, Any], folder: Path) -> None:
    """Write `report.md`.

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
    lines = [
        f"# {settings['model']}, emotion in words",
        "",
        f"{scores['protocol'].capitalize()}; seeds {seeds}. Measured on {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}; one training took {scores['training_seconds']:.0f} s of processor time; "
        f"the model has {scores['bytes'] / 1e6:.1f} MB.",
        "",
        *_described(scores),
    ]
    for name, found in scores.get("other_corpora", {}).items():
        lines += [f"## Another corpus: {name}", "", f"{found['protocol'].capitalize()}.", "", *_described(found)]
    rows = [(name, str(value)) for name, value in settings.items()]
    lines += ["## Settings", "", *table(("setting", "value"), rows)]
    with atomic(folder / "report.md") as temporary:
        temporary.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _described(scores: dict[str, Any]) -> list[str]:
    low, high = scores["macro_f1_interval"]
    emotions = list(scores["f1"])
    rows = [
        ("macro F1, one emotion", f"{scores['macro_f1']:.3f} (95 %, by bootstrap over texts: {low:.3f} to {high:.3f})"),
        ("macro F1 by seed", ", ".join(f"{value:.3f}" for value in scores["macro_f1_by_seed"])),
        ("accuracy", f"{scores['accuracy']:.1%}"),
        ("unweighted average recall", f"{scores['unweighted_average_recall']:.1%}"),
        ("macro F1, several emotions", f"{scores['several_macro_f1']:.3f}"),
        ("calibration error (ECE), raw", f"{scores['calibration_error']:.3f}"),
        ("calibration error, cross-fitted temperature", f"{scores['calibration_error_calibrated']:.3f}"),
    ]
    by_emotion = [
        (name, f"{scores['f1'][name]:.3f}", f"{scores['recall'][name]:.1%}", f"{scores['thresholds'][name]:.2f}")
        for name in emotions
    ]
    return [
        *table(("measure", "value"), rows),
        "",
        *table(("emotion", "F1", "found", "threshold"), by_emotion),
        "",
        "Rows are the true emotions, columns the answers (texts of one emotion, first seed):",
        "",
        *confusion_table(emotions, scores["confusion"]),
        "",
    ]
