"""Abbreviations in their surroundings: titles before names, words before numbers, letters with points."""

from __future__ import annotations

import re
from typing import Final

from pipeline.frontend.english.abbreviations import ABBREVIATIONS, READ_OUT, STREETS
from pipeline.frontend.english.capitals import spelled
from pipeline.frontend.english.counting import SHORT_BOOKS
from pipeline.frontend.english.neighbours import word_before
from pipeline.frontend.english.numerals import read_cardinal
from pipeline.frontend.english.streets import STREET_NAMES, STREET_RULES
from pipeline.frontend.rules import Rule, any_of, rule
from pipeline.frontend.tables import read_table

__all__ = ["SHORTENED", "SHORTENING_RULES"]

_ANYWHERE: Final = ABBREVIATIONS | STREETS | read_table(__package__, "shortenings")
_TITLES: Final = {
    "gen.": "General", "col.": "Colonel", "sgt.": "Sergeant", "lt.": "Lieutenant", "capt.": "Captain",
    "cpt.": "Captain", "maj.": "Major", "cmdr.": "Commander", "adm.": "Admiral", "cpl.": "Corporal",
    "rev.": "Reverend", "hon.": "Honorable", "sen.": "Senator", "rep.": "Representative", "gov.": "Governor",
    "pres.": "President", "supt.": "Superintendent", "mt.": "Mount", "ft.": "Fort", "ms.": "miz", "fr.": "Father",
    "amb.": "Ambassador", "atty.": "Attorney", "brig.": "Brigadier", "cdr.": "Commander", "det.": "Detective",
    "insp.": "Inspector", "msgr.": "Monsignor", "pvt.": "Private",
}  # fmt: skip
"""Before a name."""
_BEFORE_NUMBERS: Final = {
    "no.": "number", "nos.": "numbers", "p.": "page", "pp.": "pages", "fig.": "figure", "figs.": "figures",
    "vol.": "volume", "vols.": "volumes", "ch.": "chapter", "sec.": "section", "art.": "article", "ext.": "extension",
    "c.": "circa", "ca.": "circa", "est.": "established", "op.": "opus", "ep.": "episode", "par.": "paragraph",
    "tel.": "telephone", "nr.": "number", "v.": "version", "b.": "born", "d.": "died", "bldg.": "building",
    "rm.": "room", "ste.": "suite", "fl.": "floor", "pt.": "part", "pts.": "parts", "chs.": "chapters",
    "chap.": "chapter", "sect.": "section", "para.": "paragraph", "eq.": "equation", "bk.": "book",
    "pl.": "plate", "tbl.": "table", "ver.": "version", "wk.": "week", "yr.": "year",
    "qty.": "quantity", "pos.": "position", "min.": "minimum", "cl.": "clause", "subsec.": "subsection",
    "tab.": "table", "s.": "section", "ss.": "sections", "cls.": "clauses", "arts.": "articles", "secs.": "sections",
    "eqs.": "equations", "paras.": "paragraphs",
}  # fmt: skip
_EXACT: Final = {"ph.d.": "P H D", "e.g.": "for example", "i.e.": "that is", "a.k.a.": "ay K ay", "w/o": "without",
                 "w/": "with", "c/o": "care of", "n/a": "N ay", "b/c": "because",
                 "w/v": "weight per volume", "w/w": "weight per weight", "v/v": "volume per volume", "and/or": "and or",
                 "either/or": "either or", "he/she": "he or she", "his/her": "his or her", "s/he": "she or he",
                 "ac/dc": "ay C D C", "tcp/ip": "T C P I P"}  # fmt: skip
_COMPLAINING: Final = frozenset("is was are were be been still now also patient pt he she".split())
"""Words before `c/o` that nobody writes on an envelope."""
SHORTENED: Final = frozenset(
    word.rstrip(".") for word in (*_ANYWHERE, *_TITLES, *_BEFORE_NUMBERS, *READ_OUT, *STREET_NAMES, "st.")
)
"""Words in small letters that may be an abbreviation if a full stop follows."""


def _listed(table: dict[str, str], following: str) -> Rule:
    """Return the rule for the abbreviations of a table, before what a pattern finds."""
    return rule(rf"(?<![\w.])(?:{any_of(table)}){following}", lambda m: table[m[0].lower()], re.IGNORECASE)


def _care_of(match: re.Match[str]) -> str | None:
    return "complaining of" if word_before(match).lower() in _COMPLAINING else None


SHORTENING_RULES: Final = (
    *STREET_RULES,
    # A lineage: B.1.1.7.
    rule(
        r"(?<![\w.])(?P<letter>[A-Z]{1,2})(?P<numbers>(?:\.\d+){2,})(?![\w.]\w)",
        lambda m: f"{spelled(m['letter'])} point " + " point ".join(map(read_cardinal, m["numbers"][1:].split("."))),
    ),
    rule(r"(?<![\w;])[A-Z]{2};[A-Z]{2}(?![\w;])", lambda m: spelled(m[0].replace(";", ""))),
    rule(r"(?:(?<=\b1st )|(?<=\b2nd ))Lt\.?(?!\w)", "Lieutenant"),
    rule(r"(?<![\w.])[Hh]wy(?=\s\d)", "highway"),
    rule(r"(?<=\d\s)st\.?(?=\s\d{1,2}\s?lbs?\b)", "stone"),
    rule(rf"(?<![\w.])(?:{any_of(SHORT_BOOKS)})\.(?=\s\d{{1,3}}:\d)", lambda m: SHORT_BOOKS[m[0][:-1]]),
    rule(
        r"(?<=\d-)(?:y/o|yo)(?![\w/])|(?:(?<=\d)|(?<=\d\s))(?:y/o|yo)(?=\s(?:male|female|man|woman|boy|girl)\b)",
        "year old",
    ),
    rule(r"(?:(?<=\d)|(?<=\d\s))(?:y/o|yo)(?![\w/])", "years old"),
    rule(r"(?<![\w.])c/o(?![\w/])", _care_of, re.IGNORECASE),
    # Under the tongue, where a litre has no number of moles or cells.
    rule(r"(?<![\w./])[Ss]/[Ll](?![\w/])", "S L"),
    # Rules of procedure, in which P is no page.
    rule(r"(?:(?<=Civ\.\s)|(?<=Crim\.\s)|(?<=App\.\s))P\.(?=\s\d)", "P"),
    _listed(_EXACT, r"(?![\w/]|\.\w)"),
    _listed(_TITLES, r"(?=\s+(?:[A-Z]|1st\b|2nd\b))"),
    _listed(_BEFORE_NUMBERS, r"(?=\s*\d|\s\(\d+\)|\s(?:[IVXL]{2,}|[VX])\b)"),
    rule(r"(?<![\w.])vs(?=\s)", "versus"),
    _listed(_ANYWHERE, r"(?!\w)"),
    rule(r"(?<![\w.])(?:[A-Za-z]\.){2,}(?![A-Za-z])", lambda m: spelled(m[0])),
    rule(r"(?<![\w.])(?:[A-Z]\.){1,}[A-Z](?![\w.])", lambda m: spelled(m[0])),
    # An initial: the full stop is no pause.
    rule(r"(?<![\w.'’])[A-HJ-Z]\.(?=\s[A-Z])", lambda m: spelled(m[0])),
)
"""Rules that begin at a letter."""
