"""The emotions of the synthetic voices from the recordings of RAVDESS's actors."""

from __future__ import annotations

from pathlib import Path

from pipeline.audio import read_audio
from pipeline.recognition.naturalness import NATURALNESS_JUDGES
from pipeline.synthesis.kokoro.voice import create_embedded
from pipeline.synthesis.world.analysis import analyse
from pipeline.synthesis.world.speaker_sex import traits
from pipeline.training.acting.ears import EARS, compared, described
from pipeline.training.acting.fitting import Reading
from pipeline.training.acting.learning import ActingSettings, learned, source, write_emotions
from pipeline.training.acting.rehearsing import rehearsed
from pipeline.training.acting.speaker_sex import WHAT, learned_sexes, write_sexes
from pipeline.training.checks import require_actors, require_files
from pipeline.training.corpora import CORPORA
from pipeline.training.libraries import require_modules
from pipeline.training.runs import Progress

__all__ = ["learn_from_actors"]


def learn_from_actors(
    settings: ActingSettings,
    data: Path,
    output: Path,
    sexes: Path,
    *,
    progress: Progress = lambda step, done, total, values: None,
) -> None:
    """Learn the emotions of the synthetic voices, and what tells a woman's voice from a man's.

    Args:
        settings: How.
        data: Folder of RAVDESS.
        output: The table of emotions.
        sexes: The numbers that tell a woman's voice from a man's.
        progress: Told after every recording and emotion.

    Raises:
        UsageError: The corpus is not in `data`, or women or men lack an emotion in it.
        EngineMissing: A package for training is not installed.
        OutputError: A file cannot be written.
    """
    require_modules(("sklearn", "scipy"), "train")
    require_files(output=output, sexes=sexes)
    # Calm has both intensities, and nothing else tells its strong one from the other; all of it is taken.
    recordings = CORPORA.find("ravdess").read(data)
    require_actors(recordings, settings.by_rule)
    if settings.rehearsal.rounds:
        require_modules(("cma", "opensmile", "librosa"), "train")
        require_modules(("distillmos", "torch"), "naturalness")
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
    voice = create_embedded()
    changes = learned(readings, voice, settings, lambda done, total: progress("practising", done, total, {}))
    if settings.rehearsal.rounds:
        ears = list(EARS.values())
        heard = described(recordings, ears)
        judges = [compared(ear, recordings, values).judged(ear) for ear, values in zip(ears, heard, strict=True)]
        changes = rehearsed(
            changes,
            voice,
            judges,
            NATURALNESS_JUDGES.create(NATURALNESS_JUDGES.find("distillmos")),
            settings.rehearsal,
            lambda done, total: progress("rehearsing", done, total, {}),
        )
    actors = sorted({clip.speaker.removeprefix("ravdess-") for clip in recordings})
    write_emotions(output, changes, settings, actors)
    write_sexes(sexes, learned_sexes(voices), source(WHAT, actors))
