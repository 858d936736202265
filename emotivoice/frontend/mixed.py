"""English, Chinese and mixed text to tokens."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from emotivoice.frontend.markup import Break, Pronunciation, Words, parse_markup
from emotivoice.frontend.tokens import EDGE, Vocabulary, official_vocabulary
from pipeline.frontend.chinese.normalisation import normalise_chinese
from pipeline.frontend.chinese.phrases import pronounce_phrase, syllable_tokens
from pipeline.frontend.english.g2p import ARPABET, EnglishPronouncer
from pipeline.frontend.english.normalisation import read_words

__all__ = ["Frontend", "SpokenWord", "Utterance", "read_dictionary"]

_IDEOGRAPH: Final = re.compile("[㐀-鿿]")
_LATIN_WORD: Final = re.compile("[A-Za-z]+")
_PIECE: Final = re.compile(r"[A-Za-z][A-Za-z']*|[㐀-鿿]+|[^\sA-Za-z㐀-鿿]|\n+")
_PAUSES: Final = frozenset(",.;:!?，。；：！？、…—–()（）《》〈〉【】『』「」\n")
_SILENT: Final = frozenset("\"'-“”‘’`·[]|^*_~")
_CHARACTERS: Final = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u3000": " ", "−": "-"})
_FULL_WIDTH: Final = {number: number - 0xFEE0 for number in range(0xFF01, 0xFF5F) if chr(number) not in _PAUSES}
"""Code point of a full-width sign to that of the same in ASCII, 0xFEE0 before it in Unicode; pauses stay Chinese."""

Language = Literal["", "english", "chinese"]


@dataclass(frozen=True)
class SpokenWord:
    """A word as it is read, numbers and signs spelled out; of Chinese a character, or several that cannot be split."""

    text: str
    first: int
    """Position of its first token."""
    end: int
    """Position after its last token."""


@dataclass(frozen=True)
class Utterance:
    """What the model is to say."""

    tokens: tuple[str, ...]
    """Tokens of the model, from edge to edge."""
    words: tuple[SpokenWord, ...] = ()
    """What is said, in order."""
    breaks: Mapping[int, float] = field(default_factory=dict)
    """Seconds that the token at a position has to last."""
    skipped: str = ""
    """Characters that could not be pronounced, each once."""

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to say."""
        return len(self.tokens) <= 2


class Frontend:
    """Turns a text into tokens; no text makes it fail.

    Args:
        dictionary: The user's own pronunciations: a word, and its ARPAbet or pinyin joined by spaces.
        vocabulary: The tokens that the model knows; the official 502 by default.
    """

    def __init__(self, dictionary: Mapping[str, str] | None = None, vocabulary: Vocabulary | None = None) -> None:
        entries = {word.casefold().strip(): sounds for word, sounds in (dictionary or {}).items() if word.strip()}
        english = {word: sounds for word, sounds in entries.items() if set(sounds.split()) <= ARPABET}
        self._pronouncer = EnglishPronouncer(english)
        self._vocabulary = vocabulary or official_vocabulary()
        # Longest first, so that an entry wins over its own beginning.
        self._others = {word: entries[word] for word in sorted(entries, key=len, reverse=True) if word not in english}

    def __call__(self, text: str) -> Utterance:
        """Return the tokens of a sentence.

        Args:
            text: Any text; see `emotivoice.frontend.markup` for what may stand in it.
        """
        text = self._insert_entries(text)
        parts = parse_markup(text)
        words = "".join(part.text for part in parts if isinstance(part, Words))
        chinese = len(_IDEOGRAPH.findall(words)) >= max(len(_LATIN_WORD.findall(words)), 1)
        speaker = _Speaker(self._vocabulary)
        for part in parts:
            if isinstance(part, Break):
                speaker.rest(part.seconds)
            elif isinstance(part, Words):
                self._speak(part.text, chinese, speaker)
            elif not self._speak_sounds(part, speaker):
                self._speak(part.instead_of, chinese, speaker)
        return speaker.utterance(words.rstrip("\"')”’）] \n\t")[-1:])

    def _insert_entries(self, text: str) -> str:
        """Write the dictionary's sounds into a text; what stands in markup already was chosen for this very place."""
        if not self._others:
            return text
        entries = "|".join(re.escape(word) for word in self._others)
        return re.sub(
            rf"(\{{[^{{}}]*\}}|<[^<>]*>)|{entries}",
            lambda match: match[1] or f"{{{self._others.get(match[0].casefold(), match[0])}}}",
            text,
            flags=re.IGNORECASE,
        )

    def _speak(self, text: str, chinese: bool, speaker: _Speaker) -> None:
        text = _plain_characters(text)
        for piece in _PIECE.findall(normalise_chinese(text) if chinese else _english(text, speaker)):
            if _IDEOGRAPH.match(piece):
                words = pronounce_phrase(piece, self._vocabulary)
                if not words:
                    speaker.skip(piece)
                speaker.say_chinese(words, piece)
            elif piece[0].isascii() and piece[0].isalpha():
                speaker.say_english(self._pronouncer.pronounce(piece), piece)
            elif piece[0] in _PAUSES:
                speaker.pause()
            elif piece not in _SILENT:
                speaker.skip(piece)

    def _speak_sounds(self, part: Pronunciation, speaker: _Speaker) -> bool:
        """Speak given sounds; return whether all of them are known."""
        if part.sounds and set(part.sounds) <= ARPABET:
            speaker.say_english(part.sounds, part.instead_of)
            return True
        syllables = [
            syllable_tokens(sound.replace("ü", "v").replace("u:", "v"), self._vocabulary) for sound in part.sounds
        ]
        if syllables and all(syllables):
            speaker.say_chinese([syllables], part.instead_of)
            return True
        if part.sounds and all(sound in self._vocabulary and sound != EDGE for sound in part.sounds):
            speaker.say_tokens(part.sounds, part.instead_of)
            return True
        return False


class _Speaker:
    """Gathers tokens, and puts the right boundary between two words."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tokens = [EDGE]
        self._words: list[SpokenWord] = []
        self._breaks: dict[int, float] = {}
        self._skipped: dict[str, None] = {}
        self._language: Language = ""
        self._pausing = False
        self._seconds = 0.0

    def say_english(self, phonemes: Sequence[str], text: str) -> None:
        """Say one word given in ARPAbet."""
        if phonemes:
            self._join("english")
            self._say([f"[{phoneme}]" for phoneme in phonemes], text)

    def say_chinese(self, words: list[list[list[str]]], text: str) -> None:
        """Say words given as the tokens of their syllables."""
        apart = sum(map(len, words)) == len(text)
        characters, first = iter(text), 0
        for word in words:
            self._join("chinese")
            first = first or len(self._tokens)
            for place, syllable in enumerate(word):
                self._tokens += ["sp0"] if place else []
                self._say(syllable, next(characters) if apart else "")
        if first and not apart:
            # Some characters share a syllable or have none: nobody can tell which time is whose.
            self._words.append(SpokenWord(text, first, len(self._tokens)))

    def say_tokens(self, tokens: Sequence[str], text: str) -> None:
        """Say tokens as they are."""
        self._join(self._language or "english")
        self._say(tokens, text)

    def pause(self) -> None:
        """Pause as punctuation does."""
        self._pausing = True

    def rest(self, seconds: float) -> None:
        """Pause for a given time."""
        self._seconds += seconds

    def skip(self, text: str) -> None:
        """Remember what could not be pronounced."""
        self._skipped |= dict.fromkeys(text)

    def utterance(self, last_character: str) -> Utterance:
        """Return everything said, with the mark of its last character if the last words were English."""
        if self._seconds:
            self._put_break()
        if self._language == "english" and len(self._tokens) > 1:
            mark = last_character.translate({ord("？"): "?", ord("！"): "!"})
            self._tokens.append(mark if mark in {"?", "!"} else ".")
        return Utterance((*self._tokens, EDGE), tuple(self._words), dict(self._breaks), "".join(self._skipped))

    def _say(self, tokens: Sequence[str], text: str) -> None:
        """Say one word; a text of none adds the tokens to what is being said."""
        if text:
            self._words.append(SpokenWord(text, len(self._tokens), len(self._tokens) + len(tokens)))
        self._tokens += tokens

    def _join(self, language: Language) -> None:
        """Put the boundary before a word."""
        if self._seconds:
            self._put_break()
        elif len(self._tokens) > 1:
            if self._pausing:
                self._tokens.append("engsp4" if self._language == "english" else "sp3")
            elif self._language == "english":
                self._tokens.append("engsp1" if language == "english" else "eng_cn_sp")
            else:
                self._tokens.append("sp1")
        self._language, self._pausing, self._seconds = language, False, 0.0

    def _put_break(self) -> None:
        self._breaks[len(self._tokens)] = self._seconds
        self._tokens.append("sp3" if self._language == "chinese" else "engsp4")


def _english(text: str, speaker: _Speaker) -> str:
    """Return an English text, which may hold Chinese words, as it is said."""
    lines = [read_words(line, han=True) for line in text.split("\n")]
    for word in (word for line in lines for word in line):
        for part in word.left_out:
            speaker.skip(part)
    return "\n".join(" ".join(word.said for word in line if word.said) for line in lines)


def read_dictionary(path: Path) -> dict[str, str]:
    """Read a user's dictionary: a word, a tab and its ARPAbet or pinyin on every line; `#` begins a comment."""
    entries: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, sounds = line.partition("#")[0].partition("\t")
        if word.strip() and sounds.strip():
            entries[word.strip()] = sounds.strip()
    return entries


def _plain_characters(text: str) -> str:
    """Return a text with half-width ASCII, ASCII digits and letters without accents."""
    text = text.translate(_FULL_WIDTH).translate(_CHARACTERS)
    decomposed = unicodedata.normalize("NFD", text)
    text = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in unicodedata.normalize("NFC", text)
    )
