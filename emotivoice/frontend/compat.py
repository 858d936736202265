"""The official front end, faithfully: its tokens for a text, its defects included.

For parity only. `emotivoice.frontend.Frontend` repairs what is wrong here.
"""

from __future__ import annotations

import functools
import re
import string
import unicodedata
from pathlib import Path
from typing import Final

from pipeline.core.errors import ResayError
from pipeline.frontend.chinese import numerals as chinese_numerals
from pipeline.frontend.chinese.pinyin import cut_words, read_word, split_syllable
from pipeline.frontend.english import numerals as english_numerals
from pipeline.frontend.english.g2p_network import g2p_network
from pipeline.frontend.english.lexicon import lexicon

__all__ = ["CompatError", "english_tokens", "mixed_tokens"]

_NUMBER: Final = re.compile(r"\d[\d.]*")
_CHINESE_PUNCTUATION: Final = "。，？！；：“”‘’《》〈〉【】『』—…、（）"
_RUN: Final = re.compile(f"[^一-龥]+|[ {_CHINESE_PUNCTUATION}一-龥]+")
_IDEOGRAPH: Final = re.compile("[一-龥]")
_SEPARATOR: Final = re.compile(r"([,;.\-?!\s+])")
_EDGE: Final = "<sos/eos>"
_OFFICIAL_NETWORK: Final = Path(__file__).parent / "tables" / "g2p_compat.npz"
"""The network of the package g2p_en, which the official front end asks about words that it does not know."""

_OFFICIAL_LEXICON: Final[dict[str, str | None]] = {
    "api": "AE1 P IY0",
    "company": "K AH1 M P AH0 N IY0",
    "cpu": None,
    "iphone": None,
    "wifi": None,
}
"""Where the official lexicon, that of LibriSpeech, is known to differ from CMUdict; None: not in it."""

_LAST_KNOWN_WORD: Final = "libbard"
"""Up to here the official lexicon is known to read the ending -ted with AH0 where CMUdict now has IH0."""


class CompatError(ResayError):
    """The official front end fails on this text, and so does its faithful copy."""


def mixed_tokens(text: str) -> list[str]:
    """Return what the official `g2p_cn_en` returns.

    Raises:
        CompatError: The official front end raises on this text.
    """
    text = _NUMBER.sub(lambda match: _official_numeral(match[0]), text)
    tokens = [_EDGE]
    after_english = False
    for run in _RUN.findall(text):
        if run == " ":
            continue
        if _IDEOGRAPH.search(run):
            if after_english:
                tokens.append("eng_cn_sp")
            tokens += _chinese(run)
            after_english = False
        elif english := _english(run):
            tokens += english
            after_english = True
    if "sp" in tokens[-1]:
        tokens.pop()
    return [*tokens, _EDGE]


def english_tokens(text: str) -> list[str]:
    """Return what the official `get_eng_phoneme` returns, with the edges."""
    return [_EDGE, *_english(text), _EDGE]


def _official_numeral(number: str) -> str:
    if not number.isascii():
        raise CompatError(f"The official front end cannot read the digits of '{number}'.")
    if number.count(".") > 1:
        raise CompatError(f"The official front end cannot read '{number}'.")
    whole, _, fraction = number.partition(".")
    if len(str(int(whole))) > 16:
        raise CompatError(f"The official front end cannot read the {len(whole)} digits of '{number}'.")
    return chinese_numerals.read_decimal(f"{whole}.{fraction[:16]}")


def _chinese(text: str) -> list[str]:
    tokens = [_EDGE]
    for word in cut_words(text):
        if word == " ":
            continue
        syllables = read_word(word)
        if any(set(syllable) & set(_CHINESE_PUNCTUATION) or syllable in string.punctuation for syllable in syllables):
            tokens[-1] = "sp3"
            continue
        try:
            parts = [" ".join(split_syllable(syllable)) for syllable in syllables]
        except (ValueError, IndexError):
            raise CompatError(f"The official front end cannot read '{word}'.") from None
        tokens += " sp0 ".join(parts).split()
        tokens.append("sp1")
    return tokens[1:]


def _english(text: str) -> list[str]:
    tokens: list[str] = []
    for piece in _SEPARATOR.split(text):
        if piece in {"", " "}:
            continue
        if phonemes := _official_lexicon().get(piece.lower()):
            tokens += [*(f"[{phoneme}]" for phoneme in phonemes.split()), "engsp1"]
            continue
        guessed = _guess(piece)
        if not guessed:
            continue
        if guessed[0].isalnum():
            for phoneme in guessed:
                if phoneme != " ":
                    tokens.append(f"[{phoneme}]")
                elif "sp" not in tokens[-1]:
                    tokens.append("engsp1")
        elif tokens:
            tokens[-1] = "engsp4"
    if tokens and "engsp" in tokens[-1]:
        tokens.pop()
    return tokens


@functools.cache
def _official_lexicon() -> dict[str, str]:
    """The lexicon of LibriSpeech as far as CMUdict gives it: of several pronunciations the alphabetically first."""
    words: dict[str, str | None] = {word: min(variants) for word, variants in lexicon().items()}
    for word, phonemes in words.items():
        if word.endswith(("ted", "ded")) and word <= _LAST_KNOWN_WORD and phonemes:
            words[word] = re.sub("IH0 D$", "AH0 D", phonemes)
    words |= _OFFICIAL_LEXICON
    return {word: phonemes for word, phonemes in words.items() if phonemes}


def _guess(piece: str) -> list[str]:
    """Return what the package g2p_en returns: phonemes and spaces between words."""
    piece = _expand_numbers(piece)
    decomposed = unicodedata.normalize("NFD", piece)
    letters = "".join(character for character in decomposed if unicodedata.category(character) != "Mn").lower()
    words = re.findall(r"[a-z]+(?:['-][a-z]+)*|[.,?!'-]", re.sub(r"[^ a-z'.,?!\-]", "", letters))
    phonemes: list[str] = []
    for word in words:
        if phonemes:
            phonemes.append(" ")
        if not word[0].isalpha():
            phonemes.append(word)
        elif word in lexicon():
            phonemes += lexicon()[word][0].split()
        else:
            phonemes += g2p_network(_OFFICIAL_NETWORK).pronounce(word)
    return phonemes


def _expand_numbers(piece: str) -> str:
    """Spell the numbers of a piece out, as g2p_en does."""
    piece = re.sub(r"£([0-9]+)", r"\1 pounds", piece)
    piece = re.sub(
        r"\$([0-9]+)", lambda match: f"{int(match[1])} {'dollar' if int(match[1]) == 1 else 'dollars'}", piece
    )
    piece = re.sub(r"([0-9]+)(?:st|nd|rd|th)", lambda match: _hyphenate(english_numerals.read_ordinal(match[1])), piece)
    return re.sub("[0-9]+", lambda match: _expand_integer(match[0]), piece)


def _expand_integer(digits: str) -> str:
    if 1000 < int(digits) < 3000:
        return _hyphenate(english_numerals.read_year(str(int(digits))))
    return _hyphenate(re.sub(r"(thousand|\w+illion) ", r"\1, ", english_numerals.read_cardinal(digits)))


def _hyphenate(words: str) -> str:
    return re.sub(
        r"(\w+ty) (one|two|three|four|five|six|seven|eight|nine|first|second|third|fourth|fifth)", r"\1-\2", words
    )
