"""What of a caption is spoken, and by whom: captions for the deaf tell sounds, music and speakers in words too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pipeline.core.emotions import parse_mood
from pipeline.core.errors import UnknownName
from pipeline.core.voices import VOICE_PRESETS, canonical_voice
from pipeline.transcripts.subtitles import NEUTRAL_TAG, UNSURE

__all__ = ["Manner", "SpokenPart", "Unspoken", "mood_of", "spoken_parts"]

_NOTE: Final = "♪♫♬♩🎵🎶¶"
_SONGS: Final = tuple(
    re.compile(pattern.replace("N", _NOTE), re.MULTILINE)
    for pattern in (
        # From note to note: the second one closes, as words stand before it in its line.
        r"(?<![N])[N]++(?:[^N\n]*+\n)*+[^\SN\n]*+[^N\s][^N\n]*+[N]++",
        # From a note to the end, unless a line begins with something else.
        r"(?<![N])[N]++[^N\n]*+(?:\n(?![^\S\n]*+[-–\[(>])[^N\n]*+)*+",
        r"^[^\S\n]*+#\s[^#]{0,300}\s#[^\S\n]*+$",
    )
)
"""Stretches that are sung."""
_WIDE: Final = str.maketrans("［］【】（）：", "[][]():")
_BRACKETS: Final = re.compile(r"\[([^\[\]]{0,300})\](?:\s*:)?")
_PARENTHESES: Final = re.compile(r"\(([^()]{0,300})\)(?:\s*:)?")
_STARS: Final = re.compile(r"\*([^*\n]{1,80})\*")
_BLANKS: Final = re.compile(r"\s*")
_TURN: Final = re.compile(r">{2,3}")
_DASH: Final = re.compile(r"^\s*+[-‐‑–—]\s*+(?=[^\s\d-])")
_LABEL: Final = re.compile(r"\s*+([^\W_][^:\n()\[\]]{0,30}?)\s*+(?:[(\[][^()\[\]:]{0,40}[)\]])?\s*+:(?:\s++|$)")
_GAP: Final = re.compile(r"(?<=[a-z][.!?…])[ ]+(?=[^\W\d_][^:\n]{0,40}:\s)")
"""Between two sentences of a line, the second of which may begin with a name."""
_SPEAKER: Final = re.compile(r"(?:speaker|voice) ?\d{1,3}", re.IGNORECASE)
_NAME_WORD: Final = re.compile(
    r"[^\W\d_](?:[.'’/-]?[^\W_]){0,30}[.'’]?,?|\d{1,2}(?:st|nd|rd|th)|[&+]|[\"“”']\w{1,30}[\"“”']", re.IGNORECASE
)
"""A word of a name: letters, with digits after them as in `R2-D2`, or an ordinal as in `2ND MAN`."""
_NAME_NUMBER: Final = re.compile(r"#?\d{1,3}")
"""Last part of a name: `MAN 1`."""
_NOTICES: Final = frozenset(
    "warning note notice caution attention remember reminder important danger urgent alert update breaking tip hint"
    " question answer example result conclusion summary p.s. ps fact step stop help no yes listen look wait think"
    " time date day place location scene score price total address email website temperature speed distance"
    " today tomorrow tonight yesterday now but so because this that these those there here then if when".split()
)
"""Words before a colon that are said, and name nobody."""
_MOST_WORDS: Final = 4
"""Words of a name at most: `OLD MAN IN HAT`."""

_SOUND: Final = re.compile(
    r"(?:laugh|chuckl|giggl|snicker|cackl|sigh|gasp|groan|moan|grunt|growl|snarl|cry|crie|sob|weep|whimper|wail|scream"
    r"|shriek|yell|yelp|shout|holler|exclaim|whisper|murmur|mutter|mumbl|stutter|stammer|cough|sneez|sniff|sniffl|snor"
    r"|snort|scoff|breath|pant|exhal|inhal|gulp|swallow|chok|gag|hiccup|burp|belch|whistl|sing|chant|applau|applaud"
    r"|clap|cheer|boo|chatter|buzz|ring|beep|bleep|chim|toll|honk|hoot|squeak|squeal|creak|screech|click|clink|clank"
    r"|clatter|clang|thud|thump|bang|crash|crack|crackl|smash|shatter|rattl|rustl|rumbl|roar|explod|boom|splash|drip"
    r"|bark|howl|meow|purr|chirp|tweet|neigh|moo|knock|slam|hiss|whir|whirr|whoosh|swoosh|whin|play|continu|stop|fad"
    r"|swell|open|clos|approach|start|speak|talk|convers|overlap|kiss|spit|vomit|retch|sip|slurp|munch|sizzl)"
    r"(?:[a-z]?(?:ing|ed|ingly)|e?s|e)?"
    r"|laughter|humming|hums|popping|pops|typing|types|wept|music|musical|song|songs|melody|tune|instrumental|lyrics"
    r"|jingle|theme|intro|outro|applause|ovation|silence|silent|pause|static|noise|noises|sound|sounds|audio|inaudible|indistinct|indistinctly|crosstalk"
    r"|unintelligible|muffled|faint|faintly|distant|offscreen|off-screen|blank_audio|foreign|language|conversation"
    r"|explosion|explosions|gunshot|gunshots|gunfire|siren|sirens|alarm|alarms|engine|engines|footsteps|footstep|thunder"
    r"|wind|rain|phone|telephone|doorbell|bells|door|doors|crowd|audience|birds|dogs|heartbeat|throat"
    r"|echoing|voiceover|v\.?o\.?|o\.?s\.?|o\.?c\.?|cont'd|音乐|音樂|歌声|歌聲|笑|笑声|笑聲|大笑|掌声|掌聲|鼓掌|哭|哭声"
    r"|哭泣|叹气|嘆氣|枪声|槍聲|雷声|雷聲|门铃|門鈴|敲门|尖叫|咳嗽|电话|铃声|静音|无声",
    re.IGNORECASE,
)
"""Words of sounds, and of what a mouth does but speak."""
_MANNERS: Final = frozenset(
    "quietly softly loudly angrily happily sadly nervously excitedly sarcastically calmly slowly weakly".split()
)
"""How something is said, in one word."""
_WHERE: Final = frozenset("in on off over from with to through into behind under at".split())
"""First words of where or how somebody speaks: `on phone`, `in French`."""
_OF_NAMES: Final = frozenset("of the and von van de la le da di".split())


@dataclass(frozen=True)
class Manner:
    """Who speaks, and how."""

    speaker: str | None = None
    """The name; None for nobody in particular."""
    emotion: str = ""
    """An emotion or a custom mood; empty for neutral."""


@dataclass(frozen=True)
class SpokenPart:
    """What one person says in a cue."""

    text: str
    """In one line, without anything that is not said."""
    manner: Manner | None = None
    """What the cue tells of it; None for what was told before."""
    turn: bool = False
    """Whether another person begins to speak."""


@dataclass
class Unspoken:
    """What was left out, by kind."""

    sounds: list[str] = field(default_factory=list)
    """Descriptions of sounds and of how something is said."""
    songs: int = 0
    """Stretches between notes of music."""


def spoken_parts(text: str, unspoken: Unspoken, *, after_sentence: bool) -> Iterator[SpokenPart]:
    """Yield what is spoken in a cue, in order.

    `[Anna, angry]`, `(ANNA)` and `ANNA:` at the beginning tell who speaks and how; a dash at the beginning of a line,
    and `>>`, that it is somebody else. What stands in square brackets otherwise is not spoken, nor is a sound or
    a manner in parentheses, nor what is sung between notes.

    Args:
        text: The lines of the cue, without mark-up.
        unspoken: Gets what is left out.
        after_sentence: Whether a sentence had ended before: only then a single dash is one of dialogue.
    """
    text = _GAP.sub(lambda gap: "\n" if _label(gap.string, gap.end()) else gap[0], text.translate(_WIDE))
    for song in _SONGS:
        text, songs = song.subn("", text)
        unspoken.songs += songs
    text = _without(_STARS, text, unspoken, _describes)
    dashes = sum(bool(_DASH.match(line)) for line in text.split("\n"))
    gathered, turn = "", False
    for line in text.split("\n"):
        dash = bool(_DASH.match(line)) and (dashes > 1 or after_sentence)
        begun, *others = _TURN.split(_DASH.sub("", line) if dash else line)
        if dash or (gathered and _label(line)):
            yield from _part(gathered, turn, unspoken)
            gathered, turn = begun, dash
        else:
            gathered += f"\n{begun}"
        for other in others:
            yield from _part(gathered, turn, unspoken)
            # A name after `>>` need not be in capital letters.
            label = _LABEL.match(other)
            named = label and _is_name(label[1]) and _is_called(label[1])
            gathered, turn = f"[{label[1]}] {other[label.end() :]}" if label and named else other, True
    yield from _part(gathered, turn, unspoken)


def _part(text: str, turn: bool, unspoken: Unspoken) -> Iterator[SpokenPart]:
    """Yield the part if anything in it is spoken."""
    manner: Manner | None = None
    text = text.strip()
    begin = 0
    while match := _BRACKETS.match(text, begin) or _PARENTHESES.match(text, begin):
        content, rest = match[1], match.end() < len(text)
        told = _tag(content) if match[0].startswith("[") else _in_capitals(content)
        if told and rest:
            manner = manner or told
        elif match[0].startswith("[") or not rest or _describes(content):
            unspoken.sounds.append(content)
        else:
            break
        begin = _BLANKS.match(text, match.end()).end()  # type: ignore[union-attr]
    text = text[begin:]
    if label := _label(text):
        text = text[label.end() :]
        if _sounds(label[1]):
            unspoken.sounds.append(label[1])
        elif manner is None or manner.speaker is None:
            manner = Manner(label[1].strip(), manner.emotion if manner else "")
    text = _without(_BRACKETS, text, unspoken, lambda _: True)
    text = _without(_PARENTHESES, text, unspoken, _sounds)
    text = re.sub(r" +(?=[,.;:!?…](?:\s|$))", "", " ".join(text.split()))
    if any(character.isalnum() for character in text):
        yield SpokenPart(text, manner, turn)


def _without(pattern: re.Pattern[str], text: str, unspoken: Unspoken, chosen: Callable[[str], bool]) -> str:
    """Return a text without the matches whose content is chosen."""

    def left_out(match: re.Match[str]) -> str:
        if not chosen(match[1]):
            return match[0]
        unspoken.sounds.append(match[1])
        return " "

    return pattern.sub(left_out, text)


def _tag(content: str) -> Manner | None:
    """Return what a tag says of who speaks and how; None if it describes a sound.

    The last of several parts is the emotion, a single part is one if it is known as one.
    """
    parts = [" ".join(part.split()) for part in content.split(",") if part.strip()]
    if not parts:
        return Manner()
    last, speaker = parts[-1].casefold(), ", ".join(parts[:-1]) or None
    if last in (UNSURE, NEUTRAL_TAG) or _is_known(last):
        return Manner(speaker, "" if last == UNSURE else mood_of(last))
    if speaker is None:
        return Manner(parts[0]) if _is_speaker(parts[0]) else None
    if not all(map(_is_speaker, parts[:-1])):
        return None
    return Manner(speaker, "" if _sounds(last) else mood_of(parts[-1]))


def _in_capitals(content: str) -> Manner | None:
    """Return who speaks if a name stands in capital letters."""
    name = " ".join(content.split())
    return Manner(name) if name.isupper() and _is_speaker(name) else None


def _label(text: str, begin: int = 0) -> re.Match[str] | None:
    """Return the match of `NARRATOR:` at the beginning of a text, or at an index of it."""
    match = _LABEL.match(text, begin)
    letters = sum(map(str.isalpha, match[1])) if match else 0
    return match if match and letters > 1 and match[1].isupper() and _is_called(match[1]) else None


def _is_called(name: str) -> bool:
    """Return whether what stands before a colon can name somebody, unlike `WARNING`, `AT 5 P.M.` and `HELP! - NO`."""
    *words, last = name.casefold().split()
    if len(words) >= _MOST_WORDS or not {(words or [last])[0], last}.isdisjoint(_NOTICES):
        return False
    if words and (words[0] in _WHERE or not all(map(_NAME_WORD.fullmatch, words))):
        return False
    return bool(_NAME_WORD.fullmatch(last) or (words and _NAME_NUMBER.fullmatch(last)))


def _is_speaker(name: str) -> bool:
    """Return whether a tag without an emotion is a name, and not `door slams`, `Laughter` or `in French`."""
    if canonical_voice(name) in VOICE_PRESETS or _SPEAKER.fullmatch(name):
        return True
    if _describes(name):
        return False
    words = name.split()
    if len(words) == 1:
        return not re.search(r"[a-z](?:ing|ed|ly|[^s]s)$", name) or not name.islower()
    return _is_name(name)


def _is_name(name: str) -> bool:
    """Return whether a few words look like a name: each has a capital letter, or is a number."""
    words = name.split()
    return 0 < len(words) <= _MOST_WORDS and all(
        not word[:1].islower() or word.casefold() in _OF_NAMES for word in words
    )


def _sounds(text: str) -> bool:
    """Return whether a text describes a sound."""
    words = [word.strip(".,;:!?'\"“”-") for word in text.split()]
    return any(map(_SOUND.fullmatch, (*words, text.strip())))


def _describes(text: str) -> bool:
    """Return whether a text describes a sound, a place to speak from or a way of speaking."""
    words = text.casefold().split()
    return _sounds(text) or (len(words) > 1 and words[0] in _WHERE) or text.strip().casefold() in _MANNERS


def mood_of(word: str) -> str:
    """Return an emotion or a custom mood, with its degree as it is written; empty if it cannot be one."""
    try:
        mood = parse_mood(word)
        return mood.word if mood.strength is None else word
    except UnknownName:
        return ""


def _is_known(word: str) -> bool:
    try:
        return parse_mood(word).is_known
    except UnknownName:
        return False
