"""English as Kokoro reads it: American and British symbols for our own reading.

The pronunciations are American (CMU). British ones are made of them by the sounds that differ: no R before a
consonant, the vowels of *lot*, *bath*, *goat* and *new*, and no flap. The spelling decides where one American vowel is
two British ones (Wells 1982, "Accents of English", lexical sets).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pipeline.frontend.english.g2p import EnglishPronouncer
from pipeline.frontend.english.reading import ReadWord, read_tokens
from pipeline.synthesis.kokoro.symbols import Script
from pipeline.synthesis.sentences import Sentence

__all__ = ["EnglishReader", "sentence_end", "word_symbols"]

_CONSONANTS: Final = {
    "B": "b", "CH": "ʧ", "D": "d", "DH": "ð", "F": "f", "G": "ɡ", "HH": "h", "JH": "ʤ", "K": "k", "L": "l", "M": "m",
    "N": "n", "NG": "ŋ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "Y": "j",
    "Z": "z", "ZH": "ʒ",
}  # fmt: skip
_AMERICAN: Final = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "W", "AY": "I", "EH": "ɛ", "ER": "ɜɹ", "EY": "A", "IH": "ɪ",
    "IY": "i", "OW": "O", "OY": "Y", "UH": "ʊ", "UW": "u",
}  # fmt: skip
_BRITISH: Final = _AMERICAN | {
    "AA": "ɑː", "AE": "a", "AO": "ɔː", "ER": "ɜː", "IY": "iː", "OW": "Q", "UW": "uː",
}  # fmt: skip
_BEFORE_R: Final = {"AA": "ɑː", "AO": "ɔː", "EH": "ɛː", "IH": "ɪə", "IY": "ɪə", "UH": "ɔː", "UW": "ɔː"}
"""British vowels before an R that is not said."""
_STRESS: Final = {"0": "", "1": "ˈ", "2": "ˌ"}
_REDUCED: Final = {"0": "", "1": "ˌ", "2": ""}
"""Marks in a function word of several syllables."""
_NO_STRESS: Final = dict.fromkeys("012", "")
"""Marks in a function word of one syllable."""
_WHOLE: Final = {"a": "ɐ", "i": "ˌI"}
"""Words with symbols of their own: without its mark *I* is not heard at the start of a sentence."""
_SYLLABIC: Final = frozenset({"L", "N"})
_NOT_SYLLABIC_AFTER: Final = frozenset({"L", "R", "W", "Y", "HH"})
_AFTER_SYLLABIC: Final = frozenset({"Z", "D", "S", "T"})

_BATH: Final = re.compile(
    r"(?:after|answer|ask|aunt|bask|bath|branch|calf|calve|can't|cast|chance|chant|class|command|craft|dance|daft|demand|"
    r"draft|enhanc|exampl|fast|father|france|giraffe|glanc|glass|gras[ps]|half|halve|last|laugh|mask|master|nasty|path|pass|"
    r"past|plant|plaster|rascal|raft|rather|sampl|shaft|slant|staff|task|vast)"
)
"""Spellings of words whose American vowel of *cat* is the British one of *father*."""
_ROUND_A: Final = re.compile(r"(?:[^aeiou]|^)(?:wh?|qu)a(?!l[kl]|r|w)")
"""An A after W is the vowel of *lot*: what, want, quality."""
_LONG_O: Final = re.compile(r"au|aw|al|ough|oa|ore|our|oor")
"""Spellings of the vowel of *thought*, where a plain O is that of *lot*."""
_LOT_WORDS: Final = frozenset("of from was wasn't what because".split())
_YOD_AFTER: Final = frozenset({"T", "D", "N"})
_YOD: Final = re.compile(r"[tdn](?:u|ew|eu)")


class EnglishReader:
    """Turns English sentences into Kokoro's symbols.

    Args:
        british: Whether words are said as in the south of England; otherwise as in America.
    """

    def __init__(self, *, british: bool = False) -> None:
        self._british = british
        self._pronouncer = EnglishPronouncer()

    def read(self, sentence: Sentence) -> Script:
        """Return what Kokoro reads for a sentence; no symbols if nothing in it has a reading."""
        words = read_tokens([token.said for token in sentence.tokens], self._pronouncer)
        symbols, owner = "", []
        for place, word in enumerate(words):
            said = word_symbols(word, british=self._british)
            mark = {"comma": ",", "end": sentence_end(sentence)}.get(word.followed_by, "")
            mark += " " if place + 1 < len(words) else ""
            symbols += said + mark
            owner += [word.token] * len(said) + [-1] * len(mark)
        return Script(symbols, tuple(owner))


def sentence_end(sentence: Sentence) -> str:
    """Return the mark that ends a sentence: one of `.`, `!` and `?`."""
    last = sentence.tokens[-1].said.rstrip(" '")[-1:]
    return last if last in "!?" else "."


def word_symbols(word: ReadWord, *, british: bool = False) -> str:
    """Return the symbols of one word.

    A function word of one syllable has no stress, and a longer one a secondary one.

    >>> word_symbols(ReadWord("better", ("B", "EH1", "T", "ER0"), True, ""))
    'bˈɛTəɹ'
    >>> word_symbols(ReadWord("better", ("B", "EH1", "T", "ER0"), True, ""), british=True)
    'bˈɛtə'
    """
    if word.text in _WHOLE:
        return _WHOLE[word.text]
    phones = word.phonemes
    marks = _STRESS if word.is_content else _REDUCED if sum(map(_is_vowel, phones)) > 1 else _NO_STRESS
    symbols = ""
    for place, phone in enumerate(phones):
        if _is_vowel(phone):
            yod = "j" if british and _has_yod(word.text, phones, place) else ""
            vowel = _british_vowel(word.text, phones, place) if british else _american_vowel(phones, place)
            symbols += yod + marks[phone[-1]] + vowel
        elif british:
            symbols += "" if _is_silent_r(phones, place) else _CONSONANTS[phone]
        else:
            symbols += "T" if phone == "T" and _is_flap(phones, place) else _CONSONANTS[phone]
    return symbols


def _american_vowel(phones: Sequence[str], place: int) -> str:
    phone = phones[place]
    return _weak_vowel(phones, place, "ᵻ") or ("əɹ" if phone == "ER0" else _AMERICAN[phone[:-1]])


def _british_vowel(text: str, phones: Sequence[str], place: int) -> str:
    phone, stress = phones[place][:-1], phones[place][-1]
    after = phones[place + 1 : place + 3]
    before_vowel = bool(after) and _is_vowel(after[0])
    if phone in _BEFORE_R and after[:1] == ("R",):
        return _BEFORE_R[phone] if _is_silent_r(phones, place + 1) else _before_sounded_r(text, phone)
    if phone == "ER":
        vowel = "ə" if stress == "0" else "ʌ" if before_vowel and re.search("urr|orr|our", text) else "ɜː"
        return vowel + ("ɹ" if before_vowel else "")
    if weak := _weak_vowel(phones, place, "ɪ"):
        return weak
    if phone == "AE":
        return "ɑː" if _BATH.search(text) else "a"
    if phone in ("AA", "AO", "AH") and text in _LOT_WORDS:
        return "ɒ"
    if phone == "AA":
        return "ɒ" if "o" in text or _ROUND_A.search(text) else "ɑː"
    if phone == "AO":
        return "ɒ" if "o" in text and not _LONG_O.search(text) else "ɔː"
    if phone == "IY" and stress == "0" and (before_vowel or not after):
        return "i"
    if phone == "IY" and stress == "0" and after in (("Z",), ("D",)):
        return "ɪ"
    return _BRITISH[phone]


def _is_vowel(phone: str) -> bool:
    return phone[-1].isdigit()


def _is_silent_r(phones: Sequence[str], place: int) -> bool:
    """Return whether a phone is an R that the British do not say: after a vowel that it colours, before no vowel."""
    before, after = phones[place - 1] if place else "", phones[place + 1 : place + 2]
    return phones[place] == "R" and before[:-1] in _BEFORE_R and not (after and _is_vowel(after[0]))


def _has_yod(text: str, phones: Sequence[str], place: int) -> bool:
    """Return whether the British put a Y before a vowel, as in *new*, *tune* and *duty*."""
    before = phones[place - 1] if place else ""
    return phones[place][:-1] == "UW" and before in _YOD_AFTER and bool(_YOD.search(text))


def _before_sounded_r(text: str, phone: str) -> str:
    """Return the symbols of a British vowel before an R that is said, as in *very*, *Mary*, *serious*, *sorry*."""
    if phone in ("AA", "AO"):
        lot = "rr" in text or ("o" in text and not re.search("or[aeiou]$|ory", text))
        return "ɒ" if lot else _BRITISH[phone]
    if phone == "EH":
        return "ɛ" if "e" in text else "ɛː"
    if phone == "IH":
        return "ɪ" if "rr" in text else "ɪə"
    return "ɪə" if phone == "IY" else "ʊə"


def _weak_vowel(phones: Sequence[str], place: int, ending: str) -> str:
    """Return the symbol of a vowel without stress that English swallows; empty for any other vowel.

    Args:
        phones: The word.
        place: Where the vowel is.
        ending: The vowel of the endings in *roses* and *wanted*.
    """
    before = phones[place - 1] if place else ""
    after = phones[place + 1 : place + 3]
    if phones[place] == "AH0":
        syllabic = (
            place > 1
            and not _is_vowel(before)
            and before not in _NOT_SYLLABIC_AFTER
            and len(after) > 0
            and after[0] in _SYLLABIC
            and (len(after) == 1 or after[1] in _AFTER_SYLLABIC)
        )
        return "ᵊ" if syllabic else "ə"
    return ending if phones[place] == "IH0" and after in (("Z",), ("D",)) else ""


def _is_flap(phones: Sequence[str], place: int) -> bool:
    """Return whether a T is said as in American *water*: between a vowel or R and a vowel without stress."""
    before = phones[place - 1] if place else ""
    after = phones[place + 1] if place + 1 < len(phones) else ""
    return bool(before) and (_is_vowel(before) or before == "R") and after[-1:] == "0"
