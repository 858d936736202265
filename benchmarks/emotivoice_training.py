"""Does the training command teach? `python benchmarks/emotivoice_training.py FOLDER --steps 3000`.

Ten sentences are spoken by an engine of the project in three emotions; `python -m emotivoice.train` learns them
from scratch; Moonshine hears what the model says then, and the words that are wrong are counted.
Pitch, level and tempo by prompt show whether prompts steer it.
The teacher itself is judged first, in the same way.
A second call goes on where the first one stopped.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SENTENCES = """
The train to the coast leaves in the early morning.
My sister bought a red coat for the winter.
We had soup and bread for dinner last night.
The children are playing in the garden behind the house.
Please close the window before you go to bed.
He reads the newspaper every day after breakfast.
There is a small shop at the end of the street.
The doctor told him to drink more water.
She wrote a long letter to her best friend.
The old man sat under the tree and smiled.
""".strip().splitlines()
EMOTIONS = ("neutral", "happy", "sad")


def write_recordings(folder: Path, teacher: str) -> None:
    """Let the teacher speak every sentence in every emotion."""
    from pipeline.core.emotions import Mood
    from pipeline.synthesis import SYNTHESISERS

    folder.mkdir(parents=True, exist_ok=True)
    actor, rows = SYNTHESISERS.create(SYNTHESISERS.choose(teacher, "en"), language="en"), []
    for number, sentence in enumerate(SENTENCES):
        for emotion in EMOTIONS:
            audio = actor.synthesise(sentence, Mood(emotion), "youngwoman").audio
            name = f"{number}-{emotion}.wav"
            soundfile.write(folder / name, audio.samples, audio.sample_rate)
            rows.append({"wav": name, "text": sentence, "speaker": "youngwoman", "emotion": emotion})
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")


def write_configuration(path: Path, steps: int) -> None:
    """Write the tiny configuration, with everything that a start from nothing needs."""
    from emotivoice.configuration import read_configuration

    configuration = yaml.safe_load(read_configuration("tiny"))
    configuration["training"] = {
        "data": "recordings",
        "output": "run",
        "steps": steps,
        "batch": 8,
        "learning_rate": 1e-3,
        "decay": 0.999,
        "adversarial_from": 10**9,
        # Less, and the frames would follow the gradient of the waveform alone, which sees a fifth of them.
        "frame_weight": 20.0,
        "discriminator_width": 0.125,
        "train_style": True,
        "ignore_content": True,
        "validation": 0,
        "validate_every": 10**9,
        "checkpoint_every": 100,
        "keep_checkpoints": 1,
        "device": "auto",
    }
    path.write_text(yaml.safe_dump(configuration), encoding="utf-8")


def judge(folder: Path) -> None:
    """Print how many words Moonshine hears wrongly of teacher and model, and what the prompts do."""
    from moonshine_voice import ModelArch, Transcriber, get_assets_path

    from emotivoice import EmotiVoice
    from emotivoice.training.data import read_wave

    options = {"vad_threshold": "0", "vad_max_segment_duration": "30", "return_audio_data": "false"}
    listener = Transcriber(f"{get_assets_path()}/tiny-en", ModelArch.TINY, options=options)
    engine = EmotiVoice(folder / "run")

    def taught(number: int, emotion: str) -> np.ndarray:
        return read_wave(folder / "recordings" / f"{number}-{emotion}.wav", 16000)

    def learned(number: int, emotion: str) -> np.ndarray:
        return engine.synthesise(SENTENCES[number], prompt=emotion, speaker="youngwoman")

    print("| who | prompt | words wrong | pitch Hz | level dB | seconds |\n|---|---|---|---|---|---|")
    for who, speak in (("teacher", taught), ("model", learned)):
        _judge(who, speak, listener)


def _judge(who: str, speak: Callable[[int, str], np.ndarray], listener: Any) -> None:
    import pyworld

    for emotion in EMOTIONS:
        wrong = words = 0
        pitches, levels, seconds = [], [], 0.0
        for number, sentence in enumerate(SENTENCES):
            samples = speak(number, emotion)
            padded = np.concatenate([np.zeros(6400, np.float32), samples])
            lines = listener.transcribe_without_streaming(padded.tolist(), 16000).lines
            expected, found = _words(sentence), _words(" ".join(line.text for line in lines))
            wrong, words = wrong + _edits(expected, found), words + len(expected)
            pitch, _ = pyworld.dio(samples.astype(float), 16000)
            pitches += [value for value in pitch if value]
            levels.append(10 * np.log10(np.mean(samples**2) + 1e-9))
            seconds += len(samples) / 16000
        print(
            f"| {who} | {emotion} | {wrong / words:.0%} | {np.median(pitches or [0]):.0f} "
            f"| {np.mean(levels):.1f} | {seconds:.1f} |"
        )


def _words(text: str) -> list[str]:
    return "".join(letter for letter in text.lower() if letter.isalpha() or letter.isspace()).split()


def _edits(expected: list[str], found: list[str]) -> int:
    """Return the least number of changed, missing and added words."""
    row = list(range(len(found) + 1))
    for place, word in enumerate(expected, start=1):
        before, row[0] = row[0], place
        for other, candidate in enumerate(found, start=1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (word != candidate))
    return row[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--teacher", default="festival", help="engine that speaks what is to be learned")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only-judge", action="store_true", help="hear what a run has learned by now")
    arguments = parser.parse_args()
    if not arguments.only_judge:
        if not (arguments.folder / "recordings" / "train.jsonl").exists():
            write_recordings(arguments.folder / "recordings", arguments.teacher)
        configuration = arguments.folder / "config.yaml"
        write_configuration(configuration, arguments.steps)
        command = ["emotivoice.train", "--config", str(configuration.resolve()), "--threads", str(arguments.threads)]
        subprocess.run([sys.executable, "-m", *command], check=True, cwd=ROOT)
    judge(arguments.folder)


if __name__ == "__main__":
    main()
