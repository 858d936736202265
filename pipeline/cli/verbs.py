"""The verbs of the command: their names, what else they are called, and what to say where none of them was meant."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.cli.arguments import is_emotion, is_recording, is_voice, with_degrees
from pipeline.core.emotions import EMOTIONS, words_for
from pipeline.core.errors import UsageError
from pipeline.core.files import similar_file
from pipeline.core.spelling import american, nearest
from pipeline.core.voices import VOICE_PRESETS

__all__ = ["PANELS", "VERB_NAMES", "spelled", "with_verb"]

PANELS: Final = {
    "Start here": ("convert", "recognize", "transcribe", "speak", "listen"),
    "Server": ("serve",),
    "Calls": ("watch", "calls"),
    "More": ("read", "verify", "voices", "emotions", "doctor", "models", "licenses"),
    "Training": ("train", "evaluate", "predict", "preprocess", "corpora"),
}
"""Heading of the help to its verbs, the ones that matter most first."""

VERB_NAMES: Final = tuple(verb for verbs in PANELS.values() for verb in verbs)
"""Names of all verbs; each has a module of its name with a function of its name."""

_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "analyze": ("recognize",),
    **{f"train-{kind}": ("train", "--kind", kind) for kind in ("acting", "judge")},
}
"""Other names of verbs, and what they stand for; the British spelling of each is understood as well."""

_MEANT: Final = {
    american(word): verb
    for verb, words in {
        "recognize": "detect classify identify emotion",
        "transcribe": "asr stt text hear subtitle subtitles diarize",
        "listen": "microphone mic live captions record",
        "speak": "say tts talk synthesize",
        "convert": "resynthesize revoice change",
        "serve": "server web gui app pages api",
        "watch": "monitor observe",
        "calls": "alerts alert trends customers",
        "doctor": "check status info engines",
        "--help": "help usage man",
        "--version": "version",
    }.items()
    for word in words.split()
}
"""Words that people try as verbs, as `american` returns them, and the verb that they mean: proposed, never run."""


_SHORT: Final = {"-V": "--version", "-?": "--help", "/?": "--help"}
"""Options of other programs that stand before any verb."""


def spelled(token: str) -> str:
    """Return a verb or an option, without its hyphens, in the one spelling in which it is compared."""
    return american(token).replace("_", "-")


def with_verb(arguments: Sequence[str]) -> list[str]:
    """Put the default verb in front of arguments that name none, and a verb in the place of its other names.

    Raises:
        UsageError: The first argument is neither a verb nor a recording; the hint proposes a whole command.

    >>> with_verb(["recording.wav", "happy"])
    ['convert', 'recording.wav', 'happy']
    >>> with_verb(["recognise", "recording.wav"])
    ['recognize', 'recording.wav']
    >>> with_verb(["train-judge", "--data", "ravdess"])
    ['train', '--kind', 'judge', '--data', 'ravdess']
    """
    if not arguments or arguments[0] in {"-h", "--help", "--version"}:
        return list(arguments)
    if arguments[0] in _SHORT:
        return [_SHORT[arguments[0]], *arguments[1:]]
    first, rest = arguments[0], arguments[1:]
    if not first.strip():
        raise UsageError("The name of a recording is empty.", hint="Look at what should stand in its place.")
    known = {spelled(verb): (verb,) for verb in VERB_NAMES} | _ALIASES
    if first in VERB_NAMES or (spelled(first) in known and (first.islower() or not os.path.exists(first))):
        return [*known[spelled(first)], *rest]
    if first.startswith("-"):
        return ["convert", *_verb_behind_options(arguments)]
    if is_recording(first):
        return ["convert", *arguments]
    raise _refused(first, rest)


def _verb_behind_options(arguments: Sequence[str]) -> Sequence[str]:
    """Return the arguments, unless a verb stands behind options, where it would be taken for a recording.

    Raises:
        UsageError: One does.
    """
    plain = next((word for word in arguments if not word.startswith("-")), "")
    if plain in VERB_NAMES and not os.path.exists(plain):
        others = [word for word in arguments if word != plain]
        raise UsageError("The verb comes first.", hint=_proposal(plain, *others))
    return arguments


def _refused(first: str, rest: Sequence[str]) -> UsageError:
    """Return the error about a first word that is neither a verb nor a recording."""
    message = f"There is neither a verb nor a file '{first}'."
    for count in range(1, len(rest) + 1):
        if os.path.isfile(name := " ".join([first, *rest[:count]])):
            return UsageError(message, hint=_proposal(name, *rest[count:]))
    manner = with_degrees([first, *rest])[0]
    if is_emotion(manner) or is_voice(manner):
        return UsageError(f"'{manner}' is no recording.", hint=_proposal_of_recording(first, rest))
    if Path(similar := similar_file(Path(first)).removeprefix("Did you mean ").rstrip("?")).stem == first:
        return UsageError(message, hint=f"Did you mean {similar}?")
    if american(first) == "help" and rest and spelled(rest[0]) in {spelled(verb) for verb in VERB_NAMES}:
        return UsageError(message, hint=_proposal(rest[0], "--help"))
    begun = [verb for verb in VERB_NAMES if verb.startswith(first.casefold())] if len(first) > 2 else []
    if len(begun) == 1:
        return UsageError(message, hint=_proposal(begun[0], *rest))
    if meant := _MEANT.get(american(first)):
        return UsageError(message, hint=_proposal(meant, *(() if meant.startswith("-") else rest)))
    verbs, words = [*VERB_NAMES, *_ALIASES], [*VOICE_PRESETS, *(word for one in EMOTIONS for word in words_for(one))]
    near = nearest(first, [*verbs, *words])
    if near and near[0] in verbs:
        return UsageError(message, hint=_proposal(near[0], *rest))
    if file := similar_file(Path(first)):
        return UsageError(message, hint=file)
    if near:
        return UsageError(message, hint=_proposal(*_in_order(near[0], rest)))
    return UsageError(message, hint="Give AUDIO... [EMOTION] [SPEAKER], or a verb: detect.py --help lists them.")


def _proposal_of_recording(first: str, rest: Sequence[str]) -> str:
    """Return what to give where a word for an emotion or a voice stands in the place of a recording."""
    proposed = _in_order(first, rest)
    if proposed[0] != first:
        return _proposal(*proposed)
    if os.path.exists(first):
        return f"A recording of this name: detect.py {shlex.join([f'./{first}', *rest])}"
    return "Give AUDIO... [EMOTION] [SPEAKER]."


def _in_order(word: str, rest: Sequence[str]) -> list[str]:
    """Return a command in which a word stands behind the recordings."""
    plain = next((index for index, each in enumerate(rest) if each.startswith("-") and each != "-"), len(rest))
    recordings = [each for each in rest[:plain] if is_recording(each)]
    others = [each for each in rest[:plain] if not is_recording(each)]
    return [*recordings, word, *others, *rest[plain:]]


def _proposal(*arguments: str) -> str:
    return f"Did you mean: detect.py {shlex.join(arguments)}"
