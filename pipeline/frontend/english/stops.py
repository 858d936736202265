"""Full stops of English that belong to an abbreviation, and what tells whether they end a sentence all the same."""

from __future__ import annotations

from typing import Final

from pipeline.frontend.english.abbreviations import ABBREVIATIONS, READ_OUT, STREETS

__all__ = ["BEFORE_NAMES", "BEFORE_NUMBERS", "DAYS", "LEADING", "MEASURES", "MONTHS", "OPENERS", "TITLES"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LEADING: Final = _words("mr mrs ms mx dr prof vs e.g i.e cf viz al")
"""What is never the last word of a sentence, in capital letters or small ones."""

TITLES: Final = _words(
    "gen lt col maj sgt cpl pvt capt cmdr cdr adm brig rev fr msgr hon sen rep gov pres supt insp det mme mlle messrs "
    "mt ft pt st civ crim"
)
"""What a name follows, if it has a capital letter itself: `rep` is a word too."""

BEFORE_NUMBERS: Final = _words("no nos nr rs fig figs vol vols p pp ch chap sec sect art eq op para ext ep par ca exp")
"""What is an abbreviation if a number follows, and otherwise mostly a word, such as `no`."""

MONTHS: Final = _words("jan feb mar apr jun jul aug sep sept oct nov dec")
"""Months, if they have a capital letter: `mar` is a word too."""

DAYS: Final = _words("mon tue tues wed weds thu thur thurs fri sat sun")
"""Days, if they have a capital letter: `sat` is a word too."""

BEFORE_NAMES: Final = _words("jr sr inc ltd co corp bros llc plc univ assn")
"""What may be the last word of a sentence, and what may be followed by a name: `Acme Inc. Chairman Hale`."""

MEASURES: Final = _words(
    "etc dept bldg apt est ca sq ft yd lb lbs oz qt hr hrs mins secs max misc tel intl natl govt"
    " km cm mm kg mg mcg ml cl dl min mi gal tbsp tsp cal kcal "
    "mph kmh wk wks yr yrs mos"
) | {word.removesuffix(".") for word in (*ABBREVIATIONS, *STREETS, *READ_OUT)}
"""What may be the last word of a sentence; no name follows, so a capital letter begins the next one."""

OPENERS: Final = _words(
    "a an the this that these those there here it he she they we you i his her their our my its your who what when "
    "where why which how is are was were do does did can could will would shall should may might must has have had "
    "but and or so then now yet if as at in on by for from with after before while since because although though "
    "once until unless not no yes yeah oh well ok okay please let both each every some many most all any one two "
    "nobody everyone everybody somebody someone nothing everything today tomorrow yesterday later finally however "
    "meanwhile instead also even just only still perhaps maybe"
)
"""Words that, with a capital letter, begin a sentence far more often than a name."""
