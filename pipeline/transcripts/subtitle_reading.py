"""Subtitles read, with who speaks and how: what `subtitles` writes, edited or not, and what others write."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pipeline.core.emotions import parse_mood
from pipeline.core.errors import UsageError
from pipeline.core.files import similar_file
from pipeline.core.messages import reason
from pipeline.core.values import EmotionScores, Segment
from pipeline.frontend.encodings import decoded
from pipeline.frontend.sentences import ends_sentence
from pipeline.transcripts.captions import Manner, Unspoken, mood_of, spoken_parts
from pipeline.transcripts.sami import in_one_language
from pipeline.transcripts.subtitle_files import WrittenCue, is_cut_short, parse_cues

__all__ = ["Subtitles", "read_subtitles"]

_LARGEST: Final = 16 * 1024**2
"""Bytes of a file: the subtitles of a day have fewer."""
_SAME_BREATH: Final = 0.3
"""Seconds between two cues of one sentence at most: after a longer pause a person breathes in."""
_LONGEST: Final = 20.0
"""Seconds of cues of one sentence at most: without it, captions that have no full stops would be a single phrase."""
_NEAR: Final = 100
"""Characters at the end of a text that decide whether a sentence ends there; set by hand, more than are looked at."""
_TOUCHING: Final = 0.1
"""Seconds between two cues at most if lines stay on the screen from one to the next."""
_ANOTHER: Final = "speaker 2"
"""Who speaks in turn with somebody without a name."""
_LONG: Final = 6.0
"""Hours from which on a note tells of the size: a gigabyte, and longer than any film."""
_GIGABYTES: Final = 24_000 * 2 * 3600 / 1e9
"""Gigabytes of an hour of speech at 24 kHz with 16 bits."""
_SHOWN: Final = 2
"""Descriptions that a note names."""


@dataclasses.dataclass(frozen=True)
class Subtitles:
    """What a file of subtitles says."""

    segments: tuple[Segment, ...]
    """The phrases in order of time; an emotion has probability 1."""
    notes: tuple[str, ...] = ()
    """What a person should know: what is not spoken, what was wrong with times, and how the file was understood."""


def read_subtitles(path: Path, *, language: str = "") -> Subtitles:
    """Read subtitles: SRT, WebVTT, SBV, ASS, SSA, TTML, SAMI, MicroDVD, MPL2 or TMP, in any encoding.

    `[speaker, emotion]`, `[speaker]` or `[emotion]` at the beginning of a cue holds until the next such tag,
    and so do `SPEAKER:`, a dash of dialogue and `>>`.
    In WebVTT a voice tag names the speaker, and a class of it, or of the text, the emotion.
    Descriptions of sounds and songs are not spoken. Lines that stay on the screen are said once.
    A cue goes on with the one before if that ended in the middle of a sentence.

    Args:
        path: The file; its content decides on the format, not its name.
        language: The language to take from a file of several (SAMI), as an ISO 639 code; empty for its first one.

    Raises:
        UsageError: The file cannot be read, or holds no subtitles, or nothing in it is spoken.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"{path} is too large to be subtitles.")
        written = decoded(path.read_bytes())
        text, languages = in_one_language(written.text, language)
        cues = parse_cues(text)
    except (OSError, ValueError) as error:
        hint = (similar_file(path) if isinstance(error, FileNotFoundError) else "") or "Give a file of subtitles."
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise UsageError(f"{path} cannot be read: {why}.", hint=hint) from error
    if not cues:
        raise UsageError(f"{path} holds no subtitles.", hint="Give an .srt or .vtt file, or one of another format.")
    unspoken, shown = Unspoken(), [cue for cue in cues if cue.text.strip()]
    kept = list(_said_once(cues))
    segments = tuple(_together(_phrases(kept, unspoken)))
    if not segments:
        raise UsageError(f"Nothing in {path} is spoken.", hint="Text in brackets, and between notes, is not.")
    notes = (
        *written.notes(path),
        f"{path} {languages}" if languages else "",
        f"{path} ends in the middle of a cue: it seems to be cut short." if is_cut_short(written.text, cues) else "",
        _told(
            "Cues that end before they begin",
            [cue for cue in cues if cue.end < cue.start],
            "They are taken to end where they begin.",
        ),
        _told(
            "Lines of times that are damaged",
            [cue for cue in cues if cue.repaired],
            "Times that cannot be read are taken from the cues beside them.",
        ),
        _told(
            "Cues that begin before zero",
            [cue for cue in cues if cue.early],
            "They are taken to begin there.",
        ),
        _size(segments),
        _left_out(unspoken),
        "Lines that stay on the screen from one cue to the next are said once." if len(kept) < len(shown) else "",
    )
    return Subtitles(segments, tuple(filter(None, notes)))


def _said_once(cues: Iterable[WrittenCue]) -> Iterator[WrittenCue]:
    """Yield the cues without the lines that the one before shows too, as captions do that roll up.

    A cue that only says again what the one before said is left out if it has the same times, or no length.
    """
    before: list[str] = []
    last: WrittenCue | None = None
    for cue in cues:
        lines = [line for line in cue.text.split("\n") if line.strip()]
        new = lines
        if last and cue.start - last.end <= _TOUCHING:
            brief = cue.end - cue.start < _TOUCHING or (cue.start, cue.end) == (last.start, last.end)
            for count in range(min(len(before), len(lines)), 0, -1):
                if before[-count:] == lines[:count] and (count < len(lines) or brief):
                    new = lines[count:]
                    break
        if new:
            yield dataclasses.replace(cue, text="\n".join(new)) if new is not lines else cue
        before, last = lines, cue


def _phrases(cues: Iterable[WrittenCue], unspoken: Unspoken) -> Iterator[tuple[Segment, bool]]:
    """Yield what each person says in each cue, and whether another one begins to speak with it."""
    held, ended, begun, passing = Manner(), True, False, False
    for cue in cues:
        parts = list(spoken_parts(cue.text, unspoken, after_sentence=ended))
        if passing and ended and parts:
            held, passing = Manner(), False
        letters = sum(len(part.text) for part in parts)
        end, said = max(cue.start, cue.end), 0
        for part in parts:
            if part.turn and not part.manner:
                # Two people without names who speak in turn are two voices.
                other = begun and held.speaker is None
                held = Manner(_ANOTHER if other else None)
                passing = other and len(parts) > 1
            elif part.manner:
                held, passing = part.manner, False
            begun = True
            told = cue.speaker or cue.mood
            manner = Manner(cue.speaker or held.speaker, mood_of(cue.mood) or held.emotion) if told else held
            begins, said = said, said + len(part.text)
            start, stop = (cue.start + (end - cue.start) * count / letters for count in (begins, said))
            emotion = EmotionScores.asked_for(parse_mood(manner.emotion), "subtitles") if manner.emotion else None
            yield Segment(start, stop, part.text, emotion=emotion, speaker=manner.speaker), part.turn
            ended = ends_sentence(part.text)


def _together(phrases: Iterable[tuple[Segment, bool]]) -> list[Segment]:
    """Return the phrases, those of one sentence as one."""
    found: list[list[Segment]] = []
    last = ""
    for phrase, turn in phrases:
        held = found[-1] if found else None
        if (
            held
            and not turn
            and (held[0].speaker, held[0].emotion) == (phrase.speaker, phrase.emotion)
            and phrase.start - held[-1].end < _SAME_BREATH
            and phrase.end - held[0].start <= _LONGEST
            and not ends_sentence(last, phrase.text)
        ):
            # Where it ends is where the latest of its parts ends.
            held.append(dataclasses.replace(phrase, end=max(held[-1].end, phrase.end)))
            last = f"{last[-_NEAR:]} {phrase.text}"
        else:
            found.append([phrase])
            last = phrase.text
    return [
        dataclasses.replace(parts[0], end=parts[-1].end, text=" ".join(part.text for part in parts)) for parts in found
    ]


def _told(what: str, cues: Sequence[WrittenCue], consequence: str) -> str:
    """Return a note about cues; nothing if there are none."""
    return f"{what}: {len(cues)}, the first at {cues[0].start:.1f} s. {consequence}" if cues else ""


def _size(segments: Sequence[Segment]) -> str:
    """Return a note about speech that is very large with its pauses, as where a time is wrong; nothing about other."""
    last = max(segments, key=lambda segment: segment.end)
    hours = (last.end - min(segment.start for segment in segments)) / 3600
    if hours < _LONG:
        return ""
    return (
        f"“{last.text[:40]}” ends {hours:.1f} hours after the beginning:"
        f" speech with these pauses is about {hours * _GIGABYTES:.1f} GB as wav."
    )


def _left_out(unspoken: Unspoken) -> str:
    shown = ", ".join(f"[{' '.join(text.split())[:40]}]" for text in dict.fromkeys(unspoken.sounds[:_SHOWN]))
    kinds = [
        f"descriptions ({len(unspoken.sounds)}, such as {shown})" if unspoken.sounds else "",
        f"lines of song ({unspoken.songs})" if unspoken.songs else "",
    ]
    told = ", ".join(filter(None, kinds))
    return f"Not spoken: {told}." if told else ""
