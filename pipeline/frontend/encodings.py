"""Text files as they come: in UTF-8, UTF-16, UTF-32, or an older encoding, mostly Windows-1252."""

from __future__ import annotations

import codecs
import re
from typing import Final

__all__ = ["NotText", "decoded"]

_MARKS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""First bytes of a file to its encoding; UTF-32 before UTF-16, whose mark it begins with."""
_SAMPLE: Final = 65_536
"""Bytes that an old encoding is told by."""
_FOREIGN: Final = 0.3
"""Share of letters beyond ASCII from which a text is hardly of a language that Windows-1252 was made for."""
_ZEROS: Final = 0.5
"""Share of zeros among every second byte from which a text without a mark is UTF-16 in Latin letters."""
_LIKELY: Final = [
    "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp866", "iso8859_5",
    "cp1253", "iso8859_7", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp1252",
]  # fmt: skip
"""Encodings that people have used; others are guessed for short texts only."""
_FREQUENT: Final = {
    "gb18030": "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能子那得着下自年过发后里用道行家事"
    "成方多么去学如都同没动面起看天分还进好小样心她前开但因只从想实日吗吧呢啊什谢再见，。？！",
    "big5": "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能子那得著下自年過發後裡用道行家事"
    "成方多麼去學如都同沒動面起看天分還進好小樣心她前開但因只從想實日嗎吧呢啊什謝再見，。？！",
    "cp949": "이다는은을를에가고하지의나도요어아니안로서한기자해사그시대리라인세네",
} | dict.fromkeys(("cp932", "euc_jp"), "のにはをたがでとしいてれなるかっすまんこもうよあそだきくりさ、。！？")
"""Encodings of two bytes to the characters that are frequent in their languages."""
_PLAUSIBLE: Final = 0.3
"""Share of frequent characters from which a text beyond ASCII is of a language; misread ones have next to none."""
_BY_FREQUENCY: Final = {
    ("cp1251", "koi8_r", "cp866", "iso8859_5"): "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ",
    ("cp1253", "iso8859_7"): "αοιετσνηυρπκμλςωάγόδίέήθχύφβώξζψϊΐϋΰ",
    ("cp1255",): "יוהלאתרבמשנדםעחקכפןגטזסצךףץ",
    ("cp1256",): "ايلمنوتربةكسدعهحفقأشجطصخضذثزغءىئإآظؤ",
    ("cp874",): "านรอกเงมยลวดทสต่้ัีะปิบคหแจพืุชขใไ์็โผำูซถศณธษ๊๋",
}
"""Encodings of one byte to the letters of their languages, the most frequent first."""
_MARKS_OF_TEXT: Final = frozenset("«»“”„‘’‚–—…№،؟·¡¿\xa0")
"""Signs beyond ASCII that stand between words of such a text."""
_FIRST_RANKS: Final = 12
"""Letters of an alphabet that make up three quarters of a text; a letter's weight halves at this rank."""
_LIKE_A_LANGUAGE: Final = 0.4
"""Mean weight of the letters of a text in its own encoding; a line of a language has 0.5 to 0.8."""
_TWO_FOREIGN: Final = re.compile("[^\x00-\x7f«»“”„‘’‚–—…¡¿]{2}")
"""What other alphabets look like in Windows-1252, whose languages have most accents alone: `É?`."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Control characters that no text holds."""
_ODD: Final = re.compile(r"[^\W\d_](?![’‘´`·-])[\x80-\x9f¡-¿×÷†‡‰‹›€™•…„‚ˆ˜](?=[^\W\d_])")
"""A sign within a word: what the letters of another encoding look like in Windows-1252."""


class NotText(ValueError):
    """The bytes are no text."""


def decoded(content: bytes) -> tuple[str, str]:
    """Return a text, and the encoding that it was taken to have, if that is no Unicode; else an empty name.

    A few damaged characters of UTF-8 do not make it another encoding; each becomes the replacement character.

    Raises:
        NotText: The bytes are no text, such as those of a recording.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace").lstrip("\ufeff"), ""
    for order, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[::2])):
        if zeros and zeros.count(0) > _ZEROS * len(zeros) and content.count(0) == zeros.count(0):
            return content.decode(order, "replace"), ""
    text = content.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if not damaged or 4 * damaged < sum(not character.isascii() for character in text):
        return text, ""
    if _NO_TEXT.search(text):
        raise NotText("it is no text")
    western = content.decode("cp1252", "replace")
    letters = [letter for letter in western[:_SAMPLE] if letter.isalpha()]
    foreign = sum(not letter.isascii() for letter in letters)
    if foreign > _FOREIGN * len(letters) or _ODD.search(western, 0, _SAMPLE):
        encoding = _east_asian(content)
        if not encoding and _TWO_FOREIGN.search(western, 0, _SAMPLE):
            encoding = _of_another_alphabet(content) or _guessed(content)
        if encoding:
            return content.decode(encoding, "replace"), encoding
    return western, "windows-1252"


def _east_asian(content: bytes) -> str:
    """Return the encoding of two bytes in which most characters are frequent ones; an empty name if none is.

    Short texts in these encodings are valid in each other, so that only the characters tell.
    """
    shares = {}
    for encoding, frequent in _FREQUENT.items():
        text = content.decode(encoding, "replace")[:_SAMPLE]
        foreign = [character for character in text if not character.isascii()]
        shares[encoding] = sum(character in frequent for character in foreign) / max(len(foreign), 1)
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] >= _PLAUSIBLE else ""


def _of_another_alphabet(content: bytes) -> str:
    """Return the encoding of one byte in which the words are of one alphabet, with its frequent letters; or nothing.

    A file of one line has too few bytes for statistics of pairs, but capitals inside words or letters of two
    alphabets in one word give the wrong encodings away.
    """
    likeness = {
        encoding: _likeness(content[:_SAMPLE], encoding, letters)
        for encodings, letters in _BY_FREQUENCY.items()
        for encoding in encodings
    }
    best = max(likeness, key=likeness.__getitem__)
    return best if likeness[best] >= _LIKE_A_LANGUAGE else ""


def _likeness(content: bytes, encoding: str, letters: str) -> float:
    """Return how much a text is like its language in an encoding, from 0 to 1."""
    text = content.decode(encoding, "replace")
    foreign = [character for character in text.lower() if not character.isascii()]
    found = [character for character in foreign if character in letters]
    others = sum(character not in _MARKS_OF_TEXT for character in foreign) - len(found)
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    odd = sum(re.search("[A-Za-z]", word) is not None or not _has_usual_case(word) for word in words)
    if not words or not found:
        return 0.0
    weight = sum(_FIRST_RANKS / (_FIRST_RANKS + letters.index(letter)) for letter in found) / len(foreign)
    small = sum(letter.islower() or letter.lower() == letter.upper() for word in words for letter in word)
    # Capitals alone are rarer than small letters alone, which is all that tells two encodings of Cyrillic apart.
    weight *= 0.75 + 0.25 * small / sum(map(len, words))
    return float(weight * (1 - odd / len(words)) * (1 - others / len(foreign)))


def _has_usual_case(word: str) -> bool:
    return word.islower() or word.isupper() or word.istitle() or word.lower() == word.upper()


def _guessed(content: bytes) -> str:
    import charset_normalizer

    found = charset_normalizer.from_bytes(content[:_SAMPLE], cp_isolation=_LIKELY).best()
    return found.encoding if found and "utf" not in found.encoding else ""
