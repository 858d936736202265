"""`python -m emotivoice FOLDER TEXT -o speech.wav` speaks a text; `--convert` rewrites weights as safetensors."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from emotivoice.control import Control
from pipeline.core.errors import ResayError

__all__ = ["main"]


def main(argv: list[str] | None = None) -> int:
    """Read the command line; exit with 1 if something is wrong with what was given."""
    parser = argparse.ArgumentParser(prog="python -m emotivoice", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of weights, official or one's own")
    parser.add_argument("text", nargs="?", help="what to say; standard input by default")
    parser.add_argument("-o", "--output", type=Path, default=Path("speech.wav"))
    parser.add_argument(
        "--prompt", default="neutral", help="an emotion, words for pitch, loudness and speed, or free text"
    )
    parser.add_argument("--speaker", default="youngwoman", help="a preset, or a speaker's number or name")
    parser.add_argument("--dictionary", type=Path, help="a word, a tab and its ARPAbet or pinyin on every line")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--convert", action="store_true", help="rewrite the weights as safetensors, and say nothing")
    for item in fields(Control):
        parser.add_argument(f"--{item.name.replace('_', '-')}", type=float, default=item.default)
    arguments = parser.parse_args(argv)
    try:
        if arguments.convert:
            _convert(arguments.folder)
        else:
            _speak(arguments)
    except ResayError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _convert(folder: Path) -> None:
    from emotivoice.checkpoints import convert
    from emotivoice.folder import WeightsFolder

    for path in WeightsFolder(folder).unconverted:
        print(f"{path} -> {convert(path)}", file=sys.stderr)


def _speak(arguments: argparse.Namespace) -> None:
    import soundfile

    from emotivoice.engine import EmotiVoice
    from emotivoice.frontend import read_dictionary

    engine = EmotiVoice(
        arguments.folder,
        device=arguments.device,
        precision=arguments.precision,
        dictionary=read_dictionary(arguments.dictionary) if arguments.dictionary else None,
    )
    control = Control(**{item.name: getattr(arguments, item.name) for item in fields(Control)})
    text = arguments.text if arguments.text is not None else sys.stdin.read()
    with soundfile.SoundFile(arguments.output, "w", engine.sample_rate, channels=1) as file:
        for chunk in engine.stream(text, prompt=arguments.prompt, speaker=arguments.speaker, control=control):
            file.write(chunk)


if __name__ == "__main__":
    sys.exit(main())
