"""`detect.py train-acting`: from the recordings of actors to the emotions of the synthetic voices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, set_up
from pipeline.cli.training import Data, shown_progress

__all__ = ["train_acting"]


def train_acting(
    data: Data,
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="YAML file of how it is learnt.")] = Path(
        "configs/acting.yaml"
    ),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The table of emotions.")] = Path(
        "pipeline/synthesis/prosody/emotions.json"
    ),
    sexes: Annotated[
        Path, typer.Option("--sexes", metavar="FILE", help="The numbers that tell a woman's voice from a man's.")
    ] = Path("pipeline/synthesis/prosody/sexes.json"),
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Learn the emotions of the synthetic voices from RAVDESS's actors."""
    set_up(quiet=quiet, verbose=verbose)

    from pipeline.audio import read_audio
    from pipeline.synthesis.embedded import Embedded
    from pipeline.synthesis.prosody.sexes import WHAT, learnt_sexes, traits, write_sexes
    from pipeline.synthesis.prosody.world import analyse
    from pipeline.training.acting.fitting import Reading
    from pipeline.training.acting.learning import ActingSettings, learnt, source, write_emotions
    from pipeline.training.configuration import load_settings
    from pipeline.training.corpora import read_ravdess

    settings = load_settings(ActingSettings, config)
    # Calm has both intensities, and nothing else tells its strong one from the other; all of it is taken.
    recordings = read_ravdess(data)
    with shown_progress() as progress:
        readings, voices = [], []
        for done, clip in enumerate(recordings):
            progress("listening", done, len(recordings), {})
            spoken = analyse(read_audio(clip.path))
            if (found := traits(spoken)) is not None:
                voices.append((found, clip.sex))
            readings.append(
                Reading.of(
                    spoken,
                    actor=clip.speaker,
                    sex=clip.sex,
                    sentence=clip.sentence,
                    emotion=clip.emotion,
                    strong=clip.intensity == "strong" or clip.emotion == "calm",
                )
            )
        manners = learnt(readings, Embedded(), settings, lambda done, total: progress("practising", done, total, {}))
    actors = sorted({clip.speaker.removeprefix("ravdess-") for clip in recordings})
    write_emotions(output, manners, settings, actors)
    write_sexes(sexes, learnt_sexes(voices), source(WHAT, actors))
    results.print(f"emotions: {escape(str(output))}")
