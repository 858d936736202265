"""From any text to sentences that a voice can say, each word tied to the word that the person wrote."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import wrap
from typing import Final

from pipeline.core.errors import NoSpeech
from pipeline.core.stopping import go_on
from pipeline.core.values import Word
from pipeline.frontend.characters import HAN
from pipeline.frontend.reading import read_text
from pipeline.frontend.sentences import ends_clause, sentence_spans
from pipeline.frontend.words import WordReading

__all__ = ["Sentence", "Span", "Token", "reading_notes", "remarks_of", "sentences"]

_LONGEST_SENTENCE: Final = 240
"""Characters after which a sentence is cut at a clause, so that a voice says it in one breath or two."""
_LONGEST_TOKEN: Final = 150
"""Characters of what is said for one token, enough for a sum with cents; what is longer, such as an address, is several
tokens, so that a sentence stays below 300."""
_LONGEST_WORD: Final = re.compile(r"\S{40}(?=\S)")
"""Forty letters without a space: no word is longer, and a voice takes its breath."""
_HAN: Final = re.compile(f"[{HAN}]")
_CHOOSE_CHINESE: Final = "For Chinese, choose --language zh."

_QUESTION_WORDS: Final = frozenset("who whom whose what when where why which how".split())
_CHINESE_QUESTION: Final = re.compile("[吗呢谁哪]|什么|怎么|怎样|为何|如何|多少|几[^乎]|何时|([^不没])[不没]\\1")
"""Particles and words that make a sentence of Mandarin a question, and A-not-A: 吗, 什么, 是不是."""

_UNSAYABLE: Final = re.compile(r"[^A-Za-z .,;:?!'-]+")
_UNSAYABLE_WITH_HAN: Final = re.compile(rf"[^A-Za-z .,;:?!'{HAN}-]+")
_MANY: Final = 8
"""Most things that a note lists."""


@dataclass(frozen=True)
class Token:
    """One word as it was written and as it is handed to a voice."""

    written: str
    """The word with its case and punctuation."""
    said: str
    """What the voice reads: words in ASCII letters, plain punctuation, Chinese characters for a voice of Chinese."""
    read_as: str | None = None
    """The words that are said, if they are not those that are written."""

    def spoken(self, start: float, end: float) -> Word:
        """Return the word as it was spoken between two times in seconds."""
        return Word(self.written, start, end, read_as=self.read_as)


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
    remarks: tuple[WordReading, ...] = ()
    """Its words, and those around it that are not said, of which a person should be told something."""

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
        """Whether the question asks with a question word, or with a particle of Mandarin, and so need not rise."""
        opening = self.tokens[0].said.lower().strip(" ,")
        return opening in _QUESTION_WORDS or bool(_CHINESE_QUESTION.search(self.said))

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
        return tuple(self.tokens[index].spoken(*times[index]) for index in sorted(times))

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Index in `said` of the first character of each token."""
        places: list[int] = []
        end = 0
        for token in self.tokens:
            places.append(self.said.index(token.said, end))
            end = places[-1] + len(token.said)
        return tuple(places)

    def _token_at(self, position: int) -> int:
        """Return the index of the token that has a character of `said`, or of the one after the space that it is."""
        index = bisect_right(self.places, position) - 1
        within = index >= 0 and position < self.places[index] + len(self.tokens[index].said)
        return index if within else min(index + 1, len(self.tokens) - 1)


def sentences(text: str, *, han: bool = False) -> Iterator[Sentence]:
    """Split a text into sentences that are written as they are said, lazily: a book costs no more memory than a line.

    Every voice gets the same words for numbers, units, abbreviations, addresses and signs, in letters and plain
    punctuation alone: nothing can be taken for code or mark-up by any engine.

    Args:
        text: Any Unicode text.
        han: Whether the voice reads Chinese characters.

    Raises:
        NoSpeech: Nothing in the text can be said.

    >>> [sentence.said for sentence in sentences("Mr. Hale paid $5.50. Why?")]
    ['mister Hale paid five dollars fifty cents.', 'Why?']
    """
    last: Sentence | None = None
    unsaid: tuple[WordReading, ...] = ()
    for start, end in sentence_spans(text):
        go_on()
        readings = read_text(text[start:end], han=han)
        unsaid += tuple(reading for reading in readings if reading.is_remarkable)
        for sentence in _cut(readings, han):
            if last:
                yield last
            last, unsaid = replace(sentence, remarks=unsaid), ()
    if last is None:
        raise NoSpeech(
            "The text holds nothing that this voice can say.",
            hint="" if han or not _HAN.search(text) else _CHOOSE_CHINESE,
        )
    yield replace(last, remarks=last.remarks + unsaid)


def remarks_of(text: str, *, han: bool = False) -> tuple[WordReading, ...]:
    """Return the words of a text of which a person should be told something; arguments as `sentences`."""
    return tuple(
        reading
        for start, end in sentence_spans(text)
        for reading in read_text(text[start:end], han=han)
        if reading.is_remarkable
    )


def reading_notes(remarks: Iterable[WordReading]) -> tuple[str, ...]:
    """Return sentences that tell a person what was named, and what was not said.

    >>> reading_notes(remarks_of("Fine 😀 <b>привет</b>"))[0]
    'Signs without a usual reading were said by their names: 😀 (grinning face).'
    """
    remarks = tuple(remarks)
    told = (
        (
            "Signs without a usual reading were said by their names",
            (f"{sign} ({name})" for each in remarks for sign, name in each.named),
        ),
        ("This voice has no reading for, and left out", (part for each in remarks for part in each.left_out)),
        ("Mark-up was not said", (part for each in remarks for part in each.markup)),
    )
    notes = tuple(f"{what}: {listed}." for what, parts in told if (listed := _listed(parts)))
    chinese = any(_HAN.search(part) for each in remarks for part in each.left_out)
    return (*notes, _CHOOSE_CHINESE) if chinese else notes


def _listed(parts: Iterable[str]) -> str:
    different = list(dict.fromkeys(parts))
    more = f" and {len(different) - _MANY} more" if len(different) > _MANY else ""
    return ", ".join(different[:_MANY]) + more


def _cut(readings: Sequence[WordReading], han: bool) -> Iterator[Sentence]:
    """Yield one sentence, or the parts of a long one; nothing if it holds nothing to say."""
    collected: list[Token] = []
    length = 0
    for reading in readings:
        for token in _tokens(reading, han):
            while length + len(token.said) >= _LONGEST_SENTENCE and collected:
                last = _last_clause(collected)
                yield Sentence(tuple(collected[:last]))
                collected = collected[last:]
                length = sum(len(each.said) + 1 for each in collected)
            collected.append(token)
            length += len(token.said) + 1
        if not reading.said and not reading.is_remarkable and collected and reading.written[0].isdigit():
            # The second half of 10 000 is said with the first.
            collected[-1] = replace(collected[-1], written=f"{collected[-1].written} {reading.written}")
    if collected:
        yield Sentence(tuple(collected))


def _tokens(reading: WordReading, han: bool) -> Iterator[Token]:
    """Yield a word, in several parts if it takes long to say; nothing if it is not said."""
    unsayable = _UNSAYABLE_WITH_HAN if han else _UNSAYABLE
    said = _LONGEST_WORD.sub(r"\g<0> ", " ".join(unsayable.sub(" ", reading.said).split()))
    if not any(character.isalpha() for character in said):
        return
    if len(said) <= _LONGEST_TOKEN:
        yield Token(reading.written, said, reading.read_as)
        return
    parts = wrap(said, _LONGEST_TOKEN, break_on_hyphens=False)
    step = -(-len(reading.written) // len(parts))
    for number, part in enumerate(parts):
        written = reading.written[number * step : (number + 1) * step] or part
        if any(character.isalpha() for character in part):
            yield Token(written, part, WordReading(written, part).read_as)


def _last_clause(tokens: list[Token]) -> int:
    """Return how many tokens to say now: up to the last comma in the second half, else all."""
    for count in range(len(tokens), len(tokens) // 2, -1):
        if ends_clause(tokens[count - 1].said):
            return count
    return len(tokens)


def _joined(parts: Iterable[str]) -> str:
    text = previous = ""
    for part in parts:
        glued = not text or (_HAN.match(part) and _HAN.match(previous))
        text += part if glued else " " + part
        previous = part
    return text
