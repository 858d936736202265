"""How well Mandarin that is spoken here is understood: the share of characters that Whisper hears wrongly.

    python detect.py models pull kokoro
    python detect.py models pull whisper-base
    python benchmarks/mandarin_speech.py kokoro

The sentences are the words of clips of AISHELL-3, one of each speaker; the sound of these clips is heard beside.
Numbers in figures are compared as they are read aloud, and nothing but characters counts.
"""

from __future__ import annotations

import re

import common

from pipeline.audio import read_audio
from pipeline.core.emotions import Mood
from pipeline.frontend.chinese.normalisation import normalise_chinese
from pipeline.transcription.scoring import word_errors

VOICES = ["zf_xiaobei", "zm_yunxi"]


def wrong_characters(said: str, heard: str) -> tuple[int, int]:
    """Return the number of wrong characters and of characters."""
    return word_errors(*(" ".join(re.findall(r"[\u4e00-\u9fff]", normalise_chinese(text))) for text in (said, heard)))


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("engine", nargs="?", default="kokoro", help="synthesiser; kokoro by default")
    parser.add_argument("--asr", default="whisper:base", help="transcriber; whisper:base by default")
    parser.add_argument("--sentences", type=int, default=30, help="how many sentences")
    parser.add_argument("--voices", nargs="+", default=VOICES, metavar="VOICE", help="names of voices")
    parser.add_argument("--errors", action="store_true", help="show what was heard wrongly")
    common.add_data(parser, "aishell3")
    arguments = parser.parse_args()
    engine, listener = common.synthesiser(arguments.engine), common.transcriber(arguments.asr, "zh")
    clips = common.listed(arguments.aishell3)[: arguments.sentences]

    def counted(voice: str) -> tuple[str, str]:
        errors = common.Errors()
        for clip in clips:
            sound = engine.synthesise(clip.text, Mood("neutral"), voice).audio if voice else read_audio(clip.path)
            heard = common.words(listener, sound, silence=common.SILENCE)
            counts = wrong_characters(clip.text, heard)
            errors.add(counts)
            if counts[0] and arguments.errors:
                print(f"<!-- {voice}: {clip.text} | {heard} -->")
        return voice or "recordings", f"{errors.share:.1%}"

    print(f"## {arguments.engine}, heard by {arguments.asr}: {len(clips)} sentences\n")
    common.table(("voice", "characters wrong"), map(counted, (*arguments.voices, "")))


if __name__ == "__main__":
    main()
