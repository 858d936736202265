"""Texts as pieces of words: as BERT reads them, and as the package that everybody uses does it."""

from __future__ import annotations

import json
import random
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import EngineMissing, WeightsMissing
from pipeline.frontend.word_pieces import WordPieces
from pipeline.recognition.text.tokens import load_tokens

SHIPPED = Path(__file__).resolve().parents[2] / "checkpoints" / "text" / "tokenizer.json"
VOCABULARY = ("[UNK]", "[CLS]", "[SEP]", "hell", "##o", "o", "!", "你", "##s", "1", "s")
NUMBERS = {piece: number for number, piece in enumerate(VOCABULARY)}


@pytest.fixture(scope="module")
def shipped() -> WordPieces:
    pieces = WordPieces.described(json.loads(SHIPPED.read_text(encoding="utf-8")))
    assert pieces is not None
    return pieces


@pytest.fixture(scope="module")
def library():
    tokenizer = pytest.importorskip("tokenizers").Tokenizer.from_file(str(SHIPPED))
    tokenizer.no_truncation()
    return tokenizer


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello", "hell ##o"),
        ("HÉLLO!", "hell ##o !"),
        ("he\u0301llos", "hell ##o ##s"),
        ("hellohell", "[UNK]"),
        ("o!o", "o ! o"),
        ("你好你", "你 [UNK] 你"),
        ("o\x00\u200b\ufffd!", "o !"),
        ("o\u00a0\u3000\to", "o o"),
        ("o [SEP]o", "o [SEP] o"),
        ("hello\ud800", "hell ##o"),
        ("s" * 100, " ".join(["s", *["##s"] * 99])),
        ("s" * 101 + " s", "[UNK] s"),
        ("", ""),
    ],
)
def test_the_longest_pieces_from_the_left(text, pieces):
    cutter = WordPieces(NUMBERS, marks={"[SEP]": 2})
    assert [VOCABULARY[piece.number] for piece in cutter.cut(text)] == pieces.split()


def test_capitals_and_accents_may_count():
    text = "Hello hello hélls 你"
    plain = WordPieces(NUMBERS, lowercase=False, without_accents=False)
    assert [VOCABULARY[piece.number] for piece in plain.cut(text)] == ["[UNK]", "hell", "##o", "[UNK]", "你"]
    lower = WordPieces(NUMBERS, lowercase=True, without_accents=False)
    assert [VOCABULARY[number] for number in lower(text)] == ["hell", "##o", "hell", "##o", "[UNK]", "你"]


TRICKY = (
    "I can't believe it's not 3.50$ (or 4€)…",
    "ŉ ǆ ﬁ ß İstanbul ΑΣ ΌΣΟΣ Ǆ ẞ",
    "한국어 ひらがな カタカナ が ไทย العربية עברית हिन्दी",
    "中文和English混合",
    "a\u0300\u0301b \u0344 x\u20ddy \u1e9b\u0323",
    "😢👩\u200d👩\u200d👧\ufe0f ♥️ ☎",
    "[CLS][SEP] [MASK]x [mask] [UNK] [PAD",
    "tab\tline\r\nfeed\x0b\x0c\x1c\x85\u2028\u2029\u00ad end",
    "x" * 100 + " " + "x" * 101 + " " + "ab" * 60,
    "A-b_c/d\\e~f`g^h|i+j=k<l>m«n»o¿p¡q§r¶s°t±u",
    "\U0001d400\U0001d5a0 \U00020000\U0002a6e0\U0002b820\U0002ceb0 \uf900\ufb00\uffdc\ue000\U000f0000\u0378",
    "http://example.org/?q=1&r=%20 user@example.org #tag @name",
)


@pytest.mark.parametrize("text", TRICKY)
def test_the_package_cuts_alike(text, shipped, library):
    assert_alike(text, shipped, library)


def is_old(letter: str) -> bool:
    """Tell whether a character has long been what it is: the package's table of Unicode is from 2015."""
    return unicodedata.ucd_3_2_0.category(letter) == unicodedata.category(letter)


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]).filter(is_old), max_size=60))
def test_the_package_cuts_any_text_alike(text, shipped, library):
    assert_alike(text, shipped, library)


def test_the_package_cuts_made_up_words_alike(shipped, library):
    """Pieces of the vocabulary, put together: what tells whether the longest is taken."""
    chance = random.Random(0)
    pieces = [piece.removeprefix("##") for piece in shipped.numbers]
    for _ in range(300):
        assert_alike("".join(chance.choices([*pieces, " "], k=6)), shipped, library)


def assert_alike(text, own, library):
    encoding = library.encode(text)
    assert own(text) == encoding.ids
    spans = [
        span for span, added in zip(encoding.offsets, encoding.special_tokens_mask, strict=True) if not added
    ]  # fmt: skip
    assert [(piece.start, piece.end) for piece in own.cut(text)] == spans


def written(folder: Path, **changes) -> Path:
    """Write a small tokenizer with some of it changed."""
    mark = {"id": 2, "content": "[SEP]", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    normalizer = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True}
    parts = {
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0},
        "padding": None,
        "added_tokens": [mark | {"special": True}],
        "normalizer": normalizer | {"strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": NUMBERS,
        },
    }
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(parts | changes), encoding="utf-8")
    return path


OTHERS = {
    "words at spaces": {"pre_tokenizer": {"type": "WhitespaceSplit"}},
    "no marks around": {"post_processor": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}},
    "pairs of bytes": {"model": {"type": "BPE", "vocab": NUMBERS, "merges": [], "unk_token": "[UNK]"}},
}


@pytest.mark.parametrize("name", ["nothing", *OTHERS])
def test_every_tokenizer_is_read(name, tmp_path):
    if name != "nothing":
        pytest.importorskip("tokenizers")
    tokens = load_tokens(written(tmp_path, **OTHERS.get(name, {})))
    assert isinstance(tokens, WordPieces) == (name == "nothing")
    around = 0 if name == "no marks around" else 2
    assert tokens.added == around
    assert len(tokens("o o o s ! o")) == 6 + around, "texts of any length"
    assert [piece[1:] for piece in tokens.cut("o  s !")] == [(0, 1), (3, 4), (5, 6)]


def test_other_tokenizers_say_which_package_they_need(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    assert load_tokens(written(tmp_path))("hello") == [1, 3, 4, 2]
    for changes in OTHERS.values():
        with pytest.raises(EngineMissing, match="needs tokenizers"):
            load_tokens(written(tmp_path, **changes))


@pytest.mark.parametrize(
    "changes", [{"model": {"type": "WordPiece"}}, {"model": []}, {"added_tokens": 3}, {"normalizer": "x"}]
)
def test_a_damaged_tokenizer_is_named(changes, tmp_path):
    with pytest.raises(WeightsMissing, match=r"tokenizer\.json holds no tokenizer"):
        load_tokens(written(tmp_path, **changes))
