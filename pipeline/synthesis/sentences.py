"""From any text to sentences that a voice can say, each word tied to the word that the person wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pipeline.core.errors import NoSpeech
from pipeline.core.values import Word
from pipeline.frontend.characters import HAN, plain_english
from pipeline.frontend.english.abbreviations import SIGNS
from pipeline.frontend.sentences import ends_clause, sentence_spans
from pipeline.frontend.words import written_words

__all__ = ["Sentence", "Span", "Token", "sentences"]

_LONGEST_SENTENCE: Final = 240
"""Characters after which a sentence is cut at a clause, so that a voice says it in one breath or two."""
_LONGEST_TOKEN: Final = 40
"""Characters of a word; longer ones, such as addresses, are cut, so that a sentence stays below 300."""
_DASH: Final = re.compile(r"[-–—―]+")
_HAN: Final = re.compile(f"[{HAN}]")

_QUESTION_WORDS: Final = frozenset("who whom whose what when where why which how".split())

_READ_AS: Final = str.maketrans(
    {sign: f" {SIGNS[sign]} " for sign in "&@+=×÷€£°"}
    | dict.fromkeys("–—―", ", ")
    | {"…": ".", "。": ".", "！": "!", "？": "?", "，": ",", "、": ",", "；": ";", "：": ":"}
)
"""Signs that not every engine reads; each reads digits, `$` and `%` itself."""
_SAYABLE: Final = re.compile(r"[^A-Za-z0-9 .,;:?!'$%-]+")
_SAYABLE_WITH_HAN: Final = re.compile(rf"[^A-Za-z0-9 .,;:?!'$%{HAN}-]+")


@dataclass(frozen=True)
class Token:
    """One word as it was written and as it is handed to a voice."""

    written: str
    """The word with its case and punctuation."""
    said: str
    """What the voice reads: ASCII letters, digits, plain punctuation, and Chinese characters for a voice of Chinese."""


@dataclass(frozen=True)
class Span:
    """Where a voice says a stretch of the text that it was handed."""

    position: int
    """Index in `Sentence.said` of a character of the word."""
    start: float
    """Seconds."""
    end: float
    """Seconds."""


@dataclass(frozen=True)
class Sentence:
    """A stretch of text that is said in one breath group or more; at most 300 characters."""

    tokens: tuple[Token, ...]
    """Its words; never empty."""

    @property
    def text(self) -> str:
        """The sentence as it was written."""
        return _joined(token.written for token in self.tokens)

    @cached_property
    def said(self) -> str:
        """The sentence as the voice reads it."""
        return _joined(token.said for token in self.tokens)

    @property
    def asks(self) -> bool:
        """Whether this is a question."""
        return self.tokens[-1].said.rstrip(" '").endswith("?")

    @property
    def asks_openly(self) -> bool:
        """Whether the question asks with a question word, and so need not rise."""
        return self.tokens[0].said.lower().strip(" ,") in _QUESTION_WORDS

    def words(self, spans: Iterable[Span]) -> tuple[Word, ...]:
        """Return the written words with their times; what is said in several words (`$5.50`) is one written word.

        Args:
            spans: What the voice told, in order of time.
        """
        times: dict[int, tuple[float, float]] = {}
        for span in spans:
            index = self._token_at(span.position)
            start, end = times.get(index, (span.start, span.end))
            times[index] = (min(start, span.start), max(end, span.end))
        return tuple(Word(self.tokens[index].written, *times[index]) for index in sorted(times))

    def _token_at(self, position: int) -> int:
        end = 0
        for index, token in enumerate(self.tokens):
            end = self.said.index(token.said, end) + len(token.said)
            if position < end:
                return index
        return len(self.tokens) - 1


def sentences(text: str, *, han: bool = False) -> Iterator[Sentence]:
    """Split a text into sentences, lazily, so that a book costs no more memory than a line.

    Accents are dropped and common signs are read as words.
    What has no reading (emoji, control characters, brackets, markup signs, other scripts) is skipped:
    nothing that is left can be taken for code or markup by any engine.

    Args:
        text: Any Unicode text.
        han: Whether the voice reads Chinese characters.

    Raises:
        NoSpeech: Nothing in the text can be said.

    >>> [sentence.text for sentence in sentences("Mr. Hale paid $5.50. Why? 😀")]
    ['Mr. Hale paid $5.50.', 'Why?']
    """
    nothing = True
    for start, end in sentence_spans(text):
        for sentence in _cut(text[start:end], han):
            yield sentence
            nothing = False
    if nothing:
        raise NoSpeech(
            "The text holds nothing that this voice can say.",
            hint="" if han or not _HAN.search(text) else "For Chinese, choose --language zh.",
        )


def _cut(text: str, han: bool) -> Iterator[Sentence]:
    """Yield one sentence, or the parts of a long one; nothing if it holds nothing to say."""
    collected: list[Token] = []
    length = 0
    for written in (part for word in written_words(text) for part in _short(word)):
        token = Token(written, _said(written, han))
        if token.said:
            if length + len(token.said) >= _LONGEST_SENTENCE and collected:
                last = _last_clause(collected)
                yield Sentence(tuple(collected[:last]))
                collected = collected[last:]
                length = sum(len(each.said) + 1 for each in collected)
            collected.append(token)
            length += len(token.said) + 1
        elif collected and _DASH.fullmatch(written):
            before = collected.pop()
            collected.append(Token(before.written, f"{before.said},"))
    if collected:
        yield Sentence(tuple(collected))


def _said(written: str, han: bool) -> str:
    plain = plain_english(written.translate(_READ_AS))
    said = " ".join((_SAYABLE_WITH_HAN if han else _SAYABLE).sub(" ", plain).split())
    return said if any(character.isalnum() for character in said) else ""


def _short(written: str) -> Iterator[str]:
    for start in range(0, len(written), _LONGEST_TOKEN):
        yield written[start : start + _LONGEST_TOKEN]


def _last_clause(tokens: list[Token]) -> int:
    """Return how many tokens to say now: up to the last comma in the second half, else all."""
    for count in range(len(tokens), len(tokens) // 2, -1):
        if ends_clause(tokens[count - 1].written):
            return count
    return len(tokens)


def _joined(parts: Iterable[str]) -> str:
    text = previous = ""
    for part in parts:
        glued = not text or (_HAN.match(part) and _HAN.match(previous))
        text += part if glued else " " + part
        previous = part
    return text
