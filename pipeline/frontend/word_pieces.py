"""BERT's word pieces (Wu et al., 2016, arXiv:1609.08144): texts as numbers of a vocabulary.

The package `tokenizers` does the same, and brings 28 MB of itself and of a client for a hub of models.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple, Self

__all__ = ["Piece", "WordPieces"]

_IDEOGRAPHS: Final = re.compile(
    "[㐀-\u4dbf一-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81f"
    "\U0002b920-\U0002ceaf\U0002f800-\U0002fa1f]"
)
"""What BERT takes for words of one character each; its own list has a gap, which is meant."""

_NOT_READ: Final = frozenset({"Cc", "Cf", "Co", "Cs"})
"""Categories of characters that are nothing to read; those that Unicode does not know yet are letters to BERT."""


class Piece(NamedTuple):
    """A piece of a word, and where it stands in the text."""

    number: int
    """Its number in the vocabulary."""
    start: int
    """First character."""
    end: int
    """Character after the last."""


@dataclass(frozen=True, eq=False)
class WordPieces:
    """Cuts texts into the longest pieces that a vocabulary has, from left to right."""

    numbers: Mapping[str, int]
    """The vocabulary: each piece and its number."""
    unknown: str = "[UNK]"
    """The piece that stands for a word that cannot be cut."""
    prefix: str = "##"
    """How pieces begin that go on with a word."""
    longest_word: int = 100
    """Characters; a longer word is unknown."""
    lowercase: bool = True
    """Whether capitals are read as small letters."""
    without_accents: bool = True
    """Whether letters lose their accents."""
    ideographs_apart: bool = True
    """Whether each Chinese character is a word."""
    marks: Mapping[str, int] = field(default_factory=dict)
    """Pieces that are looked for in the text as it is, such as `[SEP]`."""
    before: tuple[int, ...] = ()
    """Numbers that begin every text."""
    after: tuple[int, ...] = ()
    """Numbers that end every text."""

    @classmethod
    def described(cls, tokenizer: Mapping[str, Any]) -> Self | None:
        """Return what a `tokenizer.json` describes; None if that is something else than BERT's word pieces.

        Args:
            tokenizer: The content of the file.

        Raises:
            KeyError: A part of it lacks.
            TypeError: A part of it is of another kind.
            ValueError: A part of it has no sense.
        """
        model, normalizer, marks = tokenizer["model"], tokenizer["normalizer"] or {}, tokenizer["added_tokens"]
        kinds = (model["type"], normalizer.get("type"), (tokenizer["pre_tokenizer"] or {}).get("type"))
        surrounding = _surrounding(tokenizer["post_processor"])
        special = ("single_word", "lstrip", "rstrip", "normalized")
        if (
            kinds != ("WordPiece", "BertNormalizer", "BertPreTokenizer")
            or surrounding is None
            or not normalizer["clean_text"]
            or any(mark[name] for mark in marks for name in special)
        ):
            return None
        if model["unk_token"] not in model["vocab"]:
            raise ValueError(f"its vocabulary lacks {model['unk_token']}")
        accents = normalizer["strip_accents"]
        return cls(
            model["vocab"],
            model["unk_token"],
            model["continuing_subword_prefix"],
            model["max_input_chars_per_word"],
            normalizer["lowercase"],
            normalizer["lowercase"] if accents is None else accents,
            normalizer["handle_chinese_chars"],
            {mark["content"]: mark["id"] for mark in marks},
            *surrounding,
        )

    def __call__(self, text: str) -> list[int]:
        """Return the numbers of a text, with those that begin and end every text."""
        return [*self.before, *(piece.number for piece in self.cut(text)), *self.after]

    @property
    def added(self) -> int:
        """How many numbers every text gets besides its own."""
        return len(self.before) + len(self.after)

    def cut(self, text: str) -> list[Piece]:
        """Return the pieces of a text; those of a word follow each other without a gap."""
        if not self.marks:
            return self._cut(text, 0)
        found, done = [], 0
        for mark in self._marks.finditer(text):
            found += self._cut(text[done : mark.start()], done)
            found.append(Piece(self.marks[mark[0]], mark.start(), mark.end()))
            done = mark.end()
        return found + self._cut(text[done:], done)

    @cached_property
    def _marks(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, sorted(self.marks, key=len, reverse=True))))

    @cached_property
    def _longest_piece(self) -> int:
        return max(map(len, self.numbers))

    def _cut(self, text: str, first: int) -> list[Piece]:
        """Cut a text without marks, whose first character has a number in the whole."""
        letters: list[str] = []
        places: list[int] = []
        for place, letter in enumerate(text, first):
            read = _read(letter, self.lowercase, self.without_accents, self.ideographs_apart)
            letters += read
            places += [place] * len(read)
        return [
            Piece(number, places[start], places[end - 1] + 1)
            for word in re.finditer("[^ ]+", "".join(letters))
            for number, start, end in self._pieces(word[0], word.start())
        ]

    def _pieces(self, word: str, first: int) -> list[Piece]:
        found: list[Piece] = []
        start = 0
        while start < len(word) <= self.longest_word:
            prefix = self.prefix if start else ""
            for end in range(min(len(word), start + self._longest_piece), start, -1):
                number = self.numbers.get(prefix + word[start:end])
                if number is not None:
                    break
            else:
                break
            found.append(Piece(number, first + start, first + end))
            start = end
        whole = start == len(word)
        return found if whole else [Piece(self.numbers[self.unknown], first, first + len(word))]


@lru_cache(maxsize=4096)
def _read(letter: str, lowercase: bool, without_accents: bool, ideographs_apart: bool) -> str:
    """Return what a character is read as, with spaces around what is a word of its own; empty for what is not read."""
    if letter.isspace() and (letter in "\t\n\r" or unicodedata.category(letter) != "Cc"):
        return " "
    if letter == "\ufffd" or unicodedata.category(letter) in _NOT_READ:
        return ""
    apart = ideographs_apart and _IDEOGRAPHS.match(letter)
    if without_accents:
        parts = unicodedata.normalize("NFD", letter)
        letter = "".join(part for part in parts if unicodedata.category(part) != "Mn")
    if lowercase:
        letter = letter.lower()
    letter = "".join(f" {part} " if _is_punctuation(part) else part for part in letter)
    return f" {letter} " if apart else letter


def _is_punctuation(letter: str) -> bool:
    """Tell whether a character is punctuation to BERT: in ASCII, whatever is no letter, number or space."""
    return not letter.isalnum() if " " < letter < "\x7f" else unicodedata.category(letter).startswith("P")


def _surrounding(processor: Mapping[str, Any] | None) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """Return the numbers before and after every text; None if something else is done to it."""
    if processor is None:
        return (), ()
    if processor["type"] == "BertProcessing":
        return (processor["cls"][1],), (processor["sep"][1],)
    if processor["type"] != "TemplateProcessing":
        return None
    sides: tuple[list[int], list[int]] = ([], [])
    seen = 0
    for entry in processor["single"]:
        if "Sequence" in entry:
            seen += 1
        else:
            sides[min(seen, 1)].extend(processor["special_tokens"][entry["SpecialToken"]["id"]]["ids"])
    return (tuple(sides[0]), tuple(sides[1])) if seen == 1 else None
