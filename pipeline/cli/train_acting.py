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
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="YAML file of how it is learned.")] = Path(
        "configs/acting.yaml"
    ),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The table of emotions.")] = Path(
        "pipeline/synthesis/prosody/emotions.json"
    ),
    sexes: Annotated[
        Path, typer.Option("--sexes", metavar="FILE", help="The numbers that tell a woman's voice from a man's.")
    ] = Path("pipeline/synthesis/world/speaker_sex.json"),
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Learn the emotions of the synthetic voices from RAVDESS's actors."""
    set_up(quiet=quiet, verbose=verbose)

    from pipeline.audio import read_audio
    from pipeline.synthesis.embedded.voice import Embedded
    from pipeline.synthesis.world.analysis import analyse
    from pipeline.synthesis.world.speaker_sex import traits
    from pipeline.training.acting.fitting import Reading
    from pipeline.training.acting.learning import learned, read_acting_settings, source, write_emotions
    from pipeline.training.acting.speaker_sex import WHAT, learned_sexes, write_sexes
    from pipeline.training.speech.corpora import read_ravdess

    settings = read_acting_settings(config)
    # Calm has both intensities, and nothing else tells its strong one from the other; all of it is taken.
    recordings = read_ravdess(data)
    with shown_progress() as progress:
        readings, voices = [], []
        for done, clip in enumerate(recordings):
            progress("listening", done, len(recordings), {})
            frames = analyse(read_audio(clip.path))
            if (found := traits(frames)) is not None:
                voices.append((found, clip.sex))
            readings.append(
                Reading.of(
                    frames,
                    actor=clip.speaker,
                    sex=clip.sex,
                    sentence=clip.sentence,
                    emotion=clip.emotion,
                    strong=clip.intensity == "strong" or clip.emotion == "calm",
                )
            )
        changes = learned(readings, Embedded(), settings, lambda done, total: progress("practising", done, total, {}))
    actors = sorted({clip.speaker.removeprefix("ravdess-") for clip in recordings})
    write_emotions(output, changes, settings, actors)
    write_sexes(sexes, learned_sexes(voices), source(WHAT, actors))
    results.print(f"emotions: {escape(str(output))}")
