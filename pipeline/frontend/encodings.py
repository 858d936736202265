"""Text files as they come: in Unicode, in an older encoding, in both at once, and damaged."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

__all__ = ["Decoded", "NotText", "decoded"]

_MARKS: Final = {
    codecs.BOM_UTF8: ("utf-8-sig", 1),
    codecs.BOM_UTF32_LE: ("utf-32", 4),
    codecs.BOM_UTF32_BE: ("utf-32", 4),
    codecs.BOM_UTF16_LE: ("utf-16", 2),
    codecs.BOM_UTF16_BE: ("utf-16", 2),
}
"""First bytes of a file to its encoding and the bytes of a unit; UTF-32 before UTF-16, whose mark it begins with."""
_SAMPLE: Final = 65_536
"""Bytes that an old encoding is told by."""
_ZEROS: Final = 0.5
"""Share of zeros among every second byte from which a text without a mark is UTF-16 in Latin letters."""
_SEVEN_BITS: Final = re.compile(rb"\x1b[$(]|~\{|\+[A-Za-z0-9+/]{2,}-")
"""What encodings that stay within ASCII switch to other letters with: ISO 2022, HZ and UTF-7."""
_ENCODINGS: Final = (
    "windows-1252", "windows-1250", "windows-1251", "windows-1253", "windows-1254", "windows-1255", "windows-1256",
    "windows-1257", "windows-1258", "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-9",
    "iso8859-15", "iso8859-16", "koi8-r", "koi8-u", "cp866", "cp874", "cp437", "cp850", "cp852", "cp737", "cp857",
    "cp862", "mac-roman", "mac-cyrillic", "mac-latin2", "johab", "cp949", "big5", "gb18030", "euc-jp", "cp932",
)  # fmt: skip
"""Encodings that people have used for subtitles and notes."""
_USUAL: Final = (
    {"Windows-1252": 1.05, "Windows-1251": 1.05}
    | dict.fromkeys(("Windows-1250", "Windows-1253", "Windows-1254", "Windows-1255", "Windows-1256"), 1.02)
    | dict.fromkeys(("cp737", "MacLatin2", "iso8859-16"), 0.7)
)
"""Encodings to how much likelier they are than others before anything is read; set by hand on the table of cases."""
_KOREAN: Final = "이다는은을를에가고하지의나도요어아니안로서한기자해사그시대리라인세네"
_JAPANESE: Final = "のにはをたがでとしいてれなるかっすまんこもうよあそだきくりさ、。！？"
_FREQUENT: Final = {
    "GB18030": "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能子那得着下自年过发后里用道行家事"
    "成方多么去学如都同没动面起看天分还进好小样心她前开但因只从想实日吗吧呢啊什谢再见，。？！",
    "Big5": "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能子那得著下自年過發後裡用道行家事"
    "成方多麼去學如都同沒動面起看天分還進好小樣心她前開但因只從想實日嗎吧呢啊什謝再見，。？！",
    "CP949": _KOREAN,
    "Johab": _KOREAN,
    "CP932": _JAPANESE,
    "EUC-JP": _JAPANESE,
}
"""Encodings of two bytes to the characters that are frequent in their languages."""
_PLAUSIBLE: Final = 0.3
"""Share of frequent characters from which a text beyond ASCII is of a language; misread ones have next to none."""
_ALPHABETS: Final = tuple(
    map(
        frozenset,
        (
            "àâæçèéêëîïôœùûüÿ", "äöüß", "áéíñóúüç", "àáâãçéêíóôõú", "àèéìíîòóùú", "åäöé", "æøåéèêóô", "áðéíóúýþæö",
            "áčďéěíňóřšťúůýž", "áäčďéíľňóôšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "ăâîșțşţ", "čćđšž", "çğıöşüâîû",
            "ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž", "ëç", "àáâãèéêìíòóôõùúýăđĩũơư", "áéëïíóöúüèĳ",
        ),
    )
)  # fmt: skip
"""Letters beyond ASCII of languages in Latin script."""
_OTHER_ALPHABETS: Final = (
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъёіїєґ",
    "αοιετσνηυρπκμλςωάγόδίέήθχύφβώξζψϊΐϋΰ",
    "יוהלאתרבמשנדםעחקכפןגטזסצךףץ",
    "ايلمنوتربةكسدعهحفقأشجطصخضذثزغءىئإآظؤ",
    "านรอกเงมยลวดทสต่้ัีะปิบคหแจพืุชขใไ์็โผำูซถศณธษ๊๋",
)
"""Letters of other scripts, the most frequent first."""
_FIRST_RANKS: Final = 12
"""Letters of an alphabet that make up three quarters of a text; a letter's weight halves at this rank."""
_OF_A_TEXT: Final = 0.7
"""Mean weight of the letters of a line in such a script; misread ones have less."""
_SMALLEST: Final = 0.02
"""Confidence of chardet that says nothing, so that in a few letters the alphabets decide."""
_CHUNK: Final = re.compile(r"[^\s\x00-\x1f]*[^\x00-\x7f][^\s\x00-\x1f]*")
"""What stands between spaces, with something beyond ASCII in it."""
_AROUND: Final = "«»“”„‘’‚–—…¡¿·،؟\xa0"
"""Signs beyond ASCII that touch words without belonging to them."""
_OF_WORDS: Final = frozenset({"Lu", "Ll", "Lt", "Lo", "Mn", "Mc"})
"""Kinds of characters that words have: letters, and what stands above and below them."""
_NO_TEXT: Final = re.compile(r"[\x01-\x08\x0e-\x19\x1c-\x1f]")
"""Control characters that no text holds; zeros, an escape and an end mark may be left in one."""
_STRAY: Final = frozenset("àâäáåæçéèêëíìîïñóòôöøœúùûüßÀÄÁÅÆÇÉÈÊËÍÎÑÓÔÖØÚÜ“”‘’…–—«»¡¿°")
"""Characters of Windows-1252 that a single byte stands for in a text of UTF-8: not the ones that its own bytes become
when they are torn apart, such as Ã and Â."""


class NotText(ValueError):
    """The bytes are no text."""


@dataclass(frozen=True)
class Decoded:
    """A text, and what a person should know of how it was read."""

    text: str
    """Without marks of the encoding, and without zeros."""
    encoding: str = ""
    """The encoding that it was taken to have, if that is no Unicode."""
    damage: str = ""
    """What was wrong with the bytes, as the end of a sentence; empty if nothing was."""

    def notes(self, source: object) -> tuple[str, ...]:
        """Return sentences about what was guessed or damaged.

        Args:
            source: What the bytes come from, as a person knows it.
        """
        guess = f"{source} is read as {self.encoding}, which is a guess." if self.encoding else ""
        return tuple(filter(None, (guess, f"{source} {self.damage}." if self.damage else "")))


def decoded(content: bytes) -> Decoded:
    """Return a text in whatever encoding it is.

    A few bytes that are no UTF-8 do not make a text another encoding: each that is a letter of Windows-1252 is read as
    one, as where somebody joined two files; any other becomes the replacement character.

    Raises:
        NotText: The bytes are no text, such as those of a recording.
    """
    body = content.rstrip(b"\0\x1a")
    if content and not body:
        raise NotText("it holds nothing but zeros")
    text, encoding, strays = _read(body)
    zeros = text.count("\0")
    if zeros > _ZEROS * len(text):
        raise NotText("it is no text")
    padding = len(content) - len(body) - content[len(body) :].count(0x1A)
    damage = (
        f"holds {zeros} zeros where text should be: a part of it is lost"
        if zeros
        else f"ends in {padding} zeros, which are left out"
        if padding > 3  # The last unit of UTF-32 ends in three.
        else f"holds {strays} {'byte that is' if strays == 1 else 'bytes that are'} no UTF-8"
        if strays
        else ""
    )
    return Decoded(text.replace("\0", ""), encoding, damage)


def _read(body: bytes) -> tuple[str, str, int]:
    """Return the text of bytes, its encoding if that is no Unicode, and how many bytes of it are no UTF-8."""
    for mark, (encoding, unit) in _MARKS.items():
        if body.startswith(mark):
            # Zeros at the end may belong to the last character.
            return (body + bytes(-len(body) % unit)).decode(encoding, "replace").lstrip("\ufeff"), "", 0
    for order, zeros in (("utf-16-le", body[1::2]), ("utf-16-be", body[::2])):
        if zeros and zeros.count(0) > _ZEROS * len(zeros) - 1 and 0 < body.count(0) == zeros.count(0):
            return (body + bytes(len(body) % 2)).decode(order, "replace"), "", 0
    if body.isascii():
        encoding = _of_seven_bits(body)
        return body.decode(encoding or "ascii", "replace"), encoding, 0
    text = body.decode("utf-8", "replace")
    strays = text.count("\ufffd")
    foreign = sum(not character.isascii() for character in text)
    # Two letters of another encoding may happen to be one of UTF-8, but hardly one that fits its neighbours.
    whole = 4 * strays < foreign or (3 * strays <= 2 * foreign and _like_words(text.replace("\ufffd", "")) == 1)
    if not strays or whole:
        return body.decode("utf-8", _HANDLER), "", strays
    if _NO_TEXT.search(text):
        raise NotText("it is no text")
    encoding = _east_asian(body) or _likeliest(body[:_SAMPLE])
    return body.decode(encoding, "replace"), encoding, 0


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Return what a byte that is no UTF-8 stands for, and where it goes on."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end].decode("cp1252", "replace")
    return (stray if stray in _STRAY else "\ufffd"), error.end


_HANDLER: Final = "resay-stray"
codecs.register_error(_HANDLER, _stray)


def _of_seven_bits(body: bytes) -> str:
    """Return the encoding of bytes that are all below 128 if it is not ASCII."""
    if not _SEVEN_BITS.search(body):
        return ""
    import chardet

    found = chardet.detect(body)["encoding"] or ""
    return found if found.casefold().startswith(("iso-2022", "iso2022", "hz", "utf-7")) else ""


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


def _likeliest(sample: bytes) -> str:
    """Return the encoding that fits the pairs of bytes best, and in which the words look like words."""
    import chardet

    found = chardet.detect_all(sample, ignore_threshold=True, include_encodings=_ENCODINGS)
    names = {str(each["encoding"]): each["confidence"] for each in found if each["encoding"]}
    texts = {name: sample.decode(name, "replace") for name in names}
    likely = {
        name: (confidence + _SMALLEST) * _USUAL.get(name, 1.0) * _like_words(texts[name])
        for name, confidence in names.items()
    }
    best = max(likely, key=likely.__getitem__, default="")
    same = [name for name in names if texts[name] == texts[best]]
    return max(same, key=lambda name: _USUAL.get(name, 1.0), default="Windows-1252")


def _like_words(text: str) -> float:
    """Return how much words beyond ASCII look like words, from 0 to 1: of one alphabet, in one case, without signs.

    A few bytes are too little for statistics, but `gar‡on`, `mа` with a Cyrillic letter and `TŸr` give a wrong
    encoding away.
    """
    chunks = _CHUNK.findall(text)
    whole = (1 + sum(map(_is_like_words, chunks))) / (1 + len(chunks))
    letters = [letter for letter in "".join(chunks).lower() if not letter.isascii() and letter.isalpha()]
    latin = max(sum(letter in alphabet for letter in letters) for alphabet in _ALPHABETS)
    others = max(sum(_weight(letter, alphabet) for letter in letters) for alphabet in _OTHER_ALPHABETS) / _OF_A_TEXT
    own = min(len(letters), latin + others)
    return float((whole * (1 + own) / (1 + len(letters))) ** 2)


def _weight(letter: str, alphabet: str) -> float:
    return _FIRST_RANKS / (_FIRST_RANKS + alphabet.index(letter)) if letter in alphabet else 0.0


def _is_like_words(chunk: str) -> bool:
    chunk = chunk.strip(_AROUND)
    words = "".join(sign if unicodedata.category(sign) in _OF_WORDS else " " for sign in chunk).split()
    signs = {sign for sign in chunk if not sign.isascii() and unicodedata.category(sign) not in _OF_WORDS}
    return signs <= {*_AROUND, "\u200c"} and all(map(_is_word, words))


def _is_word(word: str) -> bool:
    letters = [letter for letter in word if letter.isalpha() or unicodedata.combining(letter)]
    scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in letters} - {"COMBINING"}
    usual = word.islower() or word.isupper() or word.istitle() or word.lower() == word.upper()
    return len(scripts) < 2 and usual
