"""Abbreviations and signs of English, and how they are read."""

from __future__ import annotations

from typing import Final

from pipeline.frontend.tables import read_table

__all__ = ["ABBREVIATIONS", "READ_OUT", "SIGNS", "STREETS"]

ABBREVIATIONS: Final = read_table(__package__, "abbreviations")
"""Abbreviations that no sentence ends with, and the words that are said for them."""

STREETS: Final = {"ave.": "avenue", "blvd.": "boulevard", "rd.": "road"}
"""Abbreviations that may well be the last word of a sentence."""

READ_OUT: Final = {"ms.": "miz", "a.m.": "ay em", "p.m.": "pea em", "e.g.": "for example", "i.e.": "that is"}
"""Abbreviations that a voice reads in these words. People say others, so that what was heard is compared as written."""

SIGNS: Final = read_table(__package__, "signs")
"""Signs that are said wherever they stand."""
