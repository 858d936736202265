"""The scores of a model of speech as a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import EngineMissing
from pipeline.core.messages import reason
from pipeline.training.configuration import read_settings
from pipeline.training.report import (
    Section,
    confusion_section,
    measured_on,
    score_section,
    settings_section,
    write_sections,
)
from pipeline.training.runs import read_about
from pipeline.training.speech.plots import bar_plot, confusion_plot, curve_plot, read_log
from pipeline.training.splits import LEAK

__all__ = ["write_report"]


def write_report(run: Path, scores: dict[str, Any], folder: Path) -> None:
    """Write `report.md`, `report.html` and the pictures of the former.

    Args:
        run: The run that was scored.
        scores: `SpeechScores.to_dict()`, and where they were measured `robustness` and `other_corpora`.
        folder: Where to write.

    Raises:
        EngineMissing: matplotlib is not installed.
        SettingsError: `run` holds no run.
        OutputError: The folder cannot be written.
    """
    settings, about = read_settings(run).model_dump(mode="json"), read_about(run)
    title = f"{settings['model']} on {settings.get('features', 'the features of its members')}"
    try:
        sections = _sections(run, settings, about, scores)
    except ImportError as error:
        raise EngineMissing(
            f"A report needs matplotlib: {reason(error)}.", hint="Run pip install '.[train]'."
        ) from error
    write_sections(folder, title, sections)


def _sections(run: Path, settings: dict[str, Any], about: dict[str, Any], scores: dict[str, Any]) -> list[Section]:
    seeds = ", ".join(map(str, scores["seeds"]))
    sections = [
        Section(
            "What was measured",
            f"{scores['protocol'].capitalize()}. {scores['clips']} clips of {scores['speakers']} speakers of "
            f"{about['corpus']}; seeds {seeds}. {measured_on()}; "
            f"one training took {scores['training_seconds']:.0f} s of processor time.",
        )
    ]
    if about["protocol"] == "random":
        sections.append(Section("This split leaks", LEAK, warning=True))
    sections += [
        score_section(
            "Scores",
            "The standard deviation is over folds and seeds; intervals are by bootstrap over speakers.",
            scores,
        ),
        Section(
            "Share of each emotion that was found",
            picture=("recall.png", bar_plot(scores["recall"], "found")),
        ),
        confusion_section(
            "Clips of the first seed: rows are the true emotions, columns the answers.",
            EMOTIONS,
            scores,
            confusion_plot(scores["confusion"]),
        ),
    ]
    if robustness := scores.get("robustness"):
        clean = robustness["as it is"]
        sections.append(
            Section(
                "Robustness",
                f"{clean['clips']} held-out clips, each judged by the model that had not heard its speaker. "
                f"{clean['truly_loud']:.1%} of them are truly happy or angry.",
                ("sound", "accuracy", "lost", "answered happy or angry"),
                [
                    (
                        name,
                        f"{value['accuracy']:.1%}",
                        f"{100 * (clean['accuracy'] - value['accuracy']):+.1f}",
                        f"{value['loud']:.1%}",
                    )
                    for name, value in robustness.items()
                ],
                (
                    "robustness.png",
                    bar_plot(
                        {name: value["accuracy"] for name, value in robustness.items()}, "accuracy", clean["accuracy"]
                    ),
                ),
            )
        )
    for corpus, found in scores.get("other_corpora", {}).items():
        sections.append(
            Section(
                f"Another corpus: {corpus}",
                f"{found['clips']} clips of {found['speakers']} speakers, none of whom was trained on; "
                f"the mean of the folds' models chooses among {', '.join(found['emotions'])}.",
                ("measure", "value"),
                (
                    ("accuracy", f"{found['accuracy']:.1%}"),
                    ("unweighted average recall", f"{found['unweighted_average_recall']:.1%}"),
                    *((f"{name} found", f"{value:.1%}") for name, value in found["recall"].items()),
                ),
            )
        )
    if log := read_log(run):
        sections.append(Section("Training", "One line per training.", picture=("curves.png", curve_plot(log))))
    return [*sections, settings_section(settings)]
