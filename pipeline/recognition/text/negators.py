"""Words that decide how far a denial reaches, in small letters and without apostrophes: many people type none."""

from __future__ import annotations

from typing import Final

__all__ = [
    "AUXILIARIES",
    "BEFORE_NOUNS",
    "BEFORE_VERBS",
    "BETWEEN",
    "CLAUSE",
    "CONTRACTED",
    "DENYING_VERBS",
    "DOING",
    "GIVING",
    "HAVING",
    "INABILITY",
    "LESSENED",
    "LINKING",
    "NEGATORS",
    "NOBODY",
    "NOT_AUXILIARIES",
    "OBJECTS",
    "OPENING",
    "OPINIONS",
    "PERSONS",
    "PHRASES",
    "PREFIXED",
    "PRONOUNS",
    "RAISING",
    "STOPPING",
    "STRENGTHENING",
    "SUBJECTS",
]


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


PHRASES: Final = {
    phrase: word
    for word, phrases in {
        "not": "no longer/far from/anything but/by no means/in no way/nowhere near/free of/free from",
        "overcame": "got over/gets over/get over/recovered from/overcame the/overcame my/overcame his/overcame her/"
        "lost my/lost his/lost her/lost all",
        "without": "devoid of/bereft of/empty of",
        "deny": "false that/untrue that/lie that/myth that",
        "moment": "a moment/a second",
        "stop": "keep from/kept from/refrain from/refrained from/done being/over being/past being/beyond being/"
        "through being/done feeling/over feeling",
        "help": "help but",
        "nobody": "no one/not one/no ones",
        "couldnt": "could not/could nt",
        "cannot": "can not",
        "havent": "have not/have nt",
        "hasnt": "has not/has nt",
        "hadnt": "had not/had nt",
        "notonly": "not only/not just/not merely/not simply/nothing but/"
        + "/".join(f"{verb} {only}" for verb in ("dont", "doesnt", "didnt") for only in ("only", "just", "merely")),
        "noway": "no way",
        "surely": "no wonder/no doubt/no matter",
        "wish": "if only",
        "reason": "a reason/a cause/a need",
        "bit": "a bit/a little/a trace/a sign/a hint/an ounce/a shred/the slightest/the least",
        "im": "i am",
        "youre": "you are",
        "hes": "he is",
        "shes": "she is",
        "its": "it is",
        "theyre": "they are",
        "in": "in a",
        "aint": "am nt/ai nt/im nt/youre nt/hes nt/shes nt/its nt/theyre nt",
        "isnt": "is nt",
        "arent": "are nt",
        "wasnt": "was nt",
        "werent": "were nt",
        "dont": "do nt",
        "doesnt": "does nt",
        "didnt": "did nt",
        "wont": "wo nt",
        "wouldnt": "would nt",
        "cant": "ca nt",
        "grossed-out": "grossed out",
        "pissed-off": "pissed off",
        "ticked-off": "ticked off",
        "freaked-out": "freaked out",
        "fed-up": "fed up",
    }.items()
    for phrase in phrases.split("/")
}
"""Two or three words that count as one, without apostrophes."""

NOT_AUXILIARIES: Final = _words(
    "dont doesnt didnt isnt arent wasnt werent hasnt havent hadnt wont wouldnt cant cannot couldnt shouldnt mustnt "
    "neednt aint amnt"
)
NEGATORS: Final = NOT_AUXILIARIES | _words(
    "not never no without nowhere hardly barely scarcely rarely seldom nor neither zero noway"
)
DOING: Final = _words("do does did")
DENYING_VERBS: Final = _words("dont doesnt didnt never hardly barely scarcely rarely seldom")
"""Negators that stand before a verb."""
BEFORE_VERBS: Final = _words("really even exactly much particularly especially actually truly honestly ever all that")
"""Words that may stand between such a negator and its verb."""
PREFIXED: Final = _words(
    "unafraid unworried unbothered unashamed unsurprised unscared unoffended unalarmed unembarrassed"
)
"""Words whose first two letters deny the rest."""
NOBODY: Final = _words("nobody nobodys none nothing")
"""Subjects that deny what is said of them."""
STOPPING: Final = _words(
    "stop stops stopped stopping quit quits quitting cease ceases ceased fail fails failed deny denying hide hiding "
    "unable impossible refuse refuses refused overcame lack lacks lacked lacking"
)
"""Words that deny what follows them."""
STRENGTHENING: Final = _words("never nobody nothing none havent hasnt hadnt couldnt cannot cant")
"""Negators that make a comparison stronger: `never been happier`."""
INABILITY: Final = _words("cant cannot couldnt")

AUXILIARIES: Final = _words(
    "am is are was were be been do does did has have had will would can could should must may might"
)
LINKING: Final = _words(
    "be am is are was were been being isnt arent wasnt werent im hes shes its youre theyre feel feels felt feeling "
    "get got getting look looks looked seem seems"
)
"""What an adjective follows."""
BETWEEN: Final = AUXILIARIES | _words(
    "a an being call calls called feel feels felt feeling get gets got getting become becomes became becoming seem "
    "seems seemed look looks looked looking sound sounds sounded make makes made making leave leaves left stay stayed "
    "having show shows showed showing really very so too that this such particularly especially at all even exactly "
    "quite ever actually truly remotely overly terribly extremely entirely completely necessarily honestly in bit any "
    "much more as most of kind sort way yet still just also deeply fully longer again often both either to going "
    "gonna for one day single moment time before else once reason need cause thing anything something me you him her "
    "us them it anyone anybody someone somebody everyone everybody myself yourself himself herself themselves"
)
"""Words that may stand between a negator and what it denies."""

LESSENED: Final = _words("no not none any nonetheless or")
"""Words before `less` after which nothing is less: `no less angry`, `more or less`."""

PRONOUNS: Final = _words("i you he she it we they there everyone everybody")
CONTRACTED: Final = _words("im youre hes shes its theyre thats theres")
"""Subjects with their verbs."""
HAVING: Final = _words("ive youve weve theyve")
SUBJECTS: Final = PRONOUNS | CONTRACTED | HAVING
GIVING: Final = _words("make makes made making leave leaves left get gets got of for")
"""Words after which `you` and `it` are objects."""
PERSONS: Final = _words("me you him her us them")
OBJECTS: Final = PERSONS | _words(
    "it anyone anybody someone somebody everyone everybody the my your his our their a this that"
)
"""Words that begin an object."""
BEFORE_NOUNS: Final = _words(
    "no zero without any of the a such my his her your our their show shows showed have has had having more and or nor "
    "in with for"
)
OPINIONS: Final = _words(
    "think thinks thought thinking believe believes believed say says said saying claim claims claimed claiming mean "
    "means meant feel seem suppose pretend pretending telling"
)
RAISING: Final = OPINIONS | STOPPING | _words("like as if though true case denied noway")
"""Words of which a denial reaches the clause that follows."""
CLAUSE: Final = _words("who why how what when where which whether because and but if although since until while")
OPENING: Final = _words("please just so and but oh")
"""Words with which a request may begin."""
