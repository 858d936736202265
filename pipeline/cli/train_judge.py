"""`detect.py train-judge`: from the recordings of actors to the judge of synthetic speech."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape

from pipeline.cli import options
from pipeline.cli.console import results, set_up
from pipeline.cli.training import Cache, Data, shown_progress

if TYPE_CHECKING:
    from pipeline.core.values import Audio
    from pipeline.training.speech.corpora import Recording

__all__ = ["train_judge"]

_FORMANTS: Final = {"female": 1.0, "male": 0.87}
"""How much higher than an average woman's the formants are, of people of each sex."""


def train_judge(
    data: Data,
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="YAML file of how it is trained.")] = Path(
        "configs/judge.yaml"
    ),
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Folder of the checkpoint.")] = Path(
        "checkpoints/judge"
    ),
    cache: Cache = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Train the judge of `verify` on RAVDESS's actors, as they were recorded and as a vocoder moves their voices."""
    set_up(quiet=quiet, verbose=verbose)

    from pipeline.training.judge.revoiced_copies import CACHE, heard
    from pipeline.training.judge.training import read_judge_settings
    from pipeline.training.judge.training import train_judge as trained
    from pipeline.training.speech.corpora import find_corpus

    settings = read_judge_settings(config)
    corpus = find_corpus("ravdess")
    recordings = corpus.read(data)
    voices = _Voices(recordings)
    with shown_progress() as progress:
        renditions = heard(
            recordings,
            voices.render,
            voices.key,
            cache=cache or CACHE,
            progress=lambda done, total: progress("listening", done, total, {}),
        )
        card = trained(
            renditions,
            settings,
            output,
            data={"corpora": [corpus.name], "citation": corpus.citation},
            licences={
                "encoder": "Moonshine tiny, Copyright Useful Sensors and Moonshine AI, MIT",
                f"recordings ({corpus.name})": corpus.licence,
                "weights of the discriminant": corpus.weights,
            },
            progress=lambda done, total: progress("training", done, total, {}),
        )
    for how in (name for name in card.scores if name != "protocol"):
        told = ", ".join(f"{kind} {shares['all']:.1%}" for kind, shares in card.scores[how].items())
        results.print(f"right on unheard speakers, {how}: {told}")
    results.print(f"checkpoint: {escape(str(output))}")


class _Voices:
    """Says recordings again in the four voice presets: another level of F0 and another vocal tract, nothing else.

    Args:
        recordings: Several of each speaker, some of them neutral.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        import numpy as np

        from pipeline.audio import read_audio
        from pipeline.synthesis.world.analysis import estimate_f0

        found = defaultdict(list)
        for clip in recordings:
            if clip.emotion == "neutral":
                f0 = estimate_f0(read_audio(clip.path, sample_rate=24_000))
                found[clip.speaker].append(float(np.median(f0[f0 > 0])))
        self._pitch = {speaker: round(float(np.median(own)), 1) for speaker, own in found.items()}

    def key(self, clip: Recording) -> str:
        """Return what the renditions of a recording depend on."""
        from pipeline.synthesis.prosody.presets import PRESETS

        return f"{self._pitch[clip.speaker]} {_FORMANTS[clip.sex]} {list(PRESETS.values())}"

    def render(self, clip: Recording) -> Mapping[str, Audio]:
        """Return a recording as it is and in the four voice presets."""
        from pipeline.audio import read_audio
        from pipeline.synthesis.prosody.presets import PRESETS
        from pipeline.synthesis.world.analysis import analyse
        from pipeline.synthesis.world.rendering import render
        from pipeline.synthesis.world.timbre import to_preset
        from pipeline.training.judge.revoiced_copies import RECORDED

        own, formants = self._pitch[clip.speaker], _FORMANTS[clip.sex]
        frames = analyse(read_audio(clip.path, sample_rate=24_000))
        moved = {
            name: render(to_preset(frames, preset, usual_f0=own, formants=formants)) for name, preset in PRESETS.items()
        }
        return {RECORDED: read_audio(clip.path), **moved}
