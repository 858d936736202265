"""`detect.py predict AUDIO...`: what a checkpoint of one's own says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli import options
from pipeline.cli.console import set_up, write_json
from pipeline.cli.convert import print_scores
from pipeline.cli.inputs import each_recording, expanded
from pipeline.cli.read import check_texts, read_texts

if TYPE_CHECKING:
    from pipeline.core.values import EmotionScores

__all__ = ["predict"]


def predict(
    audio: options.AudioInputs,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", "--checkpoint", metavar="FOLDER", help="As `train` wrote it; the shipped one by default."
        ),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", metavar="N", help="Computing threads; 0 for all.")] = 0,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Tell the emotion of recordings with a checkpoint, whatever model it holds."""
    set_up(quiet=quiet, verbose=verbose)

    from pipeline.audio import read_audio
    from pipeline.recognition import RECOGNISERS
    from pipeline.recognition.checkpoint import modality_of
    from pipeline.recognition.text import READERS

    given = str(model.absolute()) if model else "auto"
    if model and modality_of(model) == "text":
        check_texts(audio)
        read_texts(READERS.create(READERS.choose(given), threads=threads), audio, as_json=json)
        return
    recordings = expanded(audio, as_json=json)
    recogniser = RECOGNISERS.create(RECOGNISERS.choose(given), threads=threads)

    def show(recording: str, scores: EmotionScores) -> None:
        if json:
            write_json({"file": recording} | scores.to_dict())
            return
        print_scores(recording, scores)

    each_recording(recordings, lambda source: recogniser.recognise(read_audio(source)), show, as_json=json)
