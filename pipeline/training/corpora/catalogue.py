"""The corpora that can be read: what they are, where they come from, and what their licences mean."""

from __future__ import annotations

import dataclasses
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar

from pipeline.core.catalogue import Catalogue
from pipeline.training.corpora.recordings import Recording
from pipeline.training.corpora.texts import LabelledText

__all__ = ["CORPORA", "TEXT_CORPORA", "Corpus"]

Item = TypeVar("Item", Recording, LabelledText)


@dataclass(frozen=True)
class Corpus(Generic[Item]):
    """What is known about a corpus without reading it."""

    name: str
    """What a person types."""
    reader: str
    """`module:function` in this package, a function of the folder that returns what is in it in a fixed order."""
    title: str
    """What it is, in one line."""
    languages: tuple[str, ...]
    """ISO 639-1 codes; empty where it depends on what is in it."""
    licence: str
    """Licence of the recordings or texts."""
    weights: str
    """What the licence means for weights trained on them."""
    source: str
    """Where a person gets it."""
    citation: str
    """The paper to cite."""
    unpack: str = ""
    """What to do with what was downloaded, and which folder to give."""
    speakers: int = 0
    """Speakers of a complete copy; 0 where it depends on the recordings, or does not matter."""
    clips: int = 0
    """Recordings that are read from a complete copy; 0 where it depends on the recordings."""
    modality: Literal["speech", "text"] = "speech"
    """Whether it holds recordings or texts."""
    read_aloud: bool = False
    """Of speech: whether people read in it and play no emotion. It can stand beside another corpus, and be judged."""
    spoken: bool = False
    """Of text: whether somebody said the texts."""

    def read(self, folder: Path) -> tuple[Item, ...]:
        """Read the corpus.

        Raises:
            UsageError: The folder is missing or holds nothing of this corpus.
        """
        module, function = self.reader.split(":")
        reader: Any = getattr(importlib.import_module(f"pipeline.training.corpora.{module}"), function)
        found: tuple[Any, ...] = reader(folder)
        if self.modality == "speech":
            return found
        return tuple(dataclasses.replace(text, corpus=self.name, spoken=self.spoken) for text in found)


_NON_COMMERCIAL: Final = (
    "Weights trained on it should be treated as its licence treats the recordings: "
    "for non-commercial use, with the authors named, passed on under the same terms. "
    "For commercial use train on recordings that allow it, with the same command."
)
_RESEARCH: Final = (
    "The agreement is for research; it does not let you pass the recordings on. "
    "Ask its owners before you pass on or sell weights that were trained on it."
)
_RAVDESS_SOURCE: Final = "https://zenodo.org/records/1188976"
_RAVDESS_CITATION: Final = (
    "S. R. Livingstone and F. A. Russo, The Ryerson Audio-Visual Database of Emotional Speech and Song, "
    "PLoS ONE 13(5): e0196391, 2018."
)
_IEMOCAP_CITATION: Final = (
    "C. Busso et al., IEMOCAP: Interactive emotional dyadic motion capture database, "
    "Language Resources and Evaluation 42: 335-359, 2008."
)

CORPORA: Final[Catalogue[Corpus[Recording]]] = Catalogue(
    "There is no corpus",
    Corpus(
        name="ravdess",
        reader="ravdess:read_ravdess",
        title="actors say two sentences in eight emotions",
        languages=("en",),
        speakers=24,
        clips=1440,
        licence="CC BY-NC-SA 4.0",
        weights=_NON_COMMERCIAL,
        source=_RAVDESS_SOURCE,
        unpack="Download Audio_Speech_Actors_01-24.zip, unpack it, give the folder that holds Actor_01 to Actor_24.",
        citation=_RAVDESS_CITATION,
    ),
    Corpus(
        name="ravdess-song",
        reader="ravdess:read_ravdess_song",
        title="the same actors sing in six emotions",
        languages=("en",),
        speakers=23,
        clips=1012,
        licence="CC BY-NC-SA 4.0",
        weights=_NON_COMMERCIAL,
        source=_RAVDESS_SOURCE,
        unpack="Download Audio_Song_Actors_01-24.zip, unpack it, give the folder that holds Actor_01 to Actor_24.",
        citation=_RAVDESS_CITATION,
    ),
    Corpus(
        name="tess",
        reader="tess:read_tess",
        title="two women say 200 words in seven emotions",
        languages=("en",),
        speakers=2,
        clips=2800,
        licence="CC BY-NC-ND 4.0",
        weights=(
            "The licence forbids commercial use and passing on what is adapted from the recordings. "
            "Whether weights are such an adaptation is not settled: keep them to yourself, or ask the authors."
        ),
        source="https://doi.org/10.5683/SP2/E8H2MF",
        unpack="Download all files, unpack them, give the folder above; the names tell speaker, word and emotion.",
        citation="M. K. Pichora-Fuller and K. Dupuis, Toronto emotional speech set (TESS), Borealis, 2020.",
    ),
    Corpus(
        name="crema-d",
        reader="crema_d:read_crema_d",
        title="actors say twelve sentences in six emotions",
        languages=("en",),
        speakers=91,
        clips=7442,
        licence="ODbL 1.0, DbCL 1.0",
        weights=(
            "The licence allows commercial use with the authors named; "
            "a database made from this one is passed on under the same licence."
        ),
        source="https://github.com/CheyneyComputerScience/CREMA-D",
        unpack="Run git lfs clone on the repository and give its folder; VideoDemographics.csv tells the actors' sex.",
        citation=(
            "H. Cao et al., CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset, "
            "IEEE Transactions on Affective Computing 5(4): 377-390, 2014."
        ),
    ),
    Corpus(
        name="savee",
        reader="savee:read_savee",
        title="four men, seven emotions",
        languages=("en",),
        speakers=4,
        clips=480,
        licence="research only, on registration",
        weights=_RESEARCH,
        source="http://kahlan.eps.surrey.ac.uk/savee/",
        unpack="Register, download AudioData.zip, unpack it, give the folder AudioData with DC, JE, JK and KL.",
        citation="S. Haq and P. J. B. Jackson, Multimodal Emotion Recognition, in: Machine Audition, 398-423, 2010.",
    ),
    Corpus(
        name="emo-db",
        reader="emo_db:read_emo_db",
        title="actors say ten sentences in six emotions",
        languages=("de",),
        speakers=10,
        clips=454,
        licence="free, to be cited",
        weights="The authors ask to be cited and name no formal licence: ask them before you sell weights.",
        source="http://emodb.bilderbar.info/",
        unpack="Download the archive, unpack it, give the folder wav; the 81 recordings of boredom are left out.",
        citation="F. Burkhardt et al., A Database of German Emotional Speech, Interspeech 2005.",
    ),
    Corpus(
        name="iemocap",
        reader="iemocap:read_iemocap",
        title="dialogues of actors, four emotions",
        languages=("en",),
        speakers=10,
        clips=5531,
        licence="research only, by agreement",
        weights=_RESEARCH,
        source="https://sail.usc.edu/iemocap/iemocap_release.htm",
        unpack=(
            "Ask for access, unpack the archive, give the folder that holds Session1 to Session5. "
            "Excited counts as happy; what is none of the four is left out."
        ),
        citation=_IEMOCAP_CITATION,
    ),
    Corpus(
        name="folders",
        reader="folders:read_folders",
        title="recordings of your own, one folder per emotion",
        languages=(),
        speakers=0,
        clips=0,
        licence="that of the recordings",
        weights="Use the recordings as the people in them and their licences allow.",
        source="",
        unpack=(
            "Put happy/001.wav, or happy/anna/001.wav, for every emotion and speaker. "
            "Without speakers all counts as one, and no score on unheard speakers can be measured."
        ),
        citation="",
    ),
    Corpus(
        name="librispeech",
        reader="reading:read_librispeech",
        title="people read books aloud, no emotions",
        languages=("en",),
        speakers=2484,
        clips=292367,
        licence="CC BY 4.0",
        weights="Weights may be used for any purpose, with the authors named.",
        source="https://www.openslr.org/12",
        unpack="Download a part such as test-other.tar.gz, unpack it, give its folder; fifty clips will do.",
        citation="V. Panayotov et al., LibriSpeech: an ASR corpus based on public domain audio books, ICASSP 2015.",
        read_aloud=True,
    ),
    Corpus(
        name="ljspeech",
        reader="reading:read_ljspeech",
        title="a woman reads books aloud, no emotions",
        languages=("en",),
        speakers=1,
        clips=13100,
        licence="public domain",
        weights="Weights may be used for any purpose.",
        source="https://keithito.com/LJ-Speech-Dataset/",
        unpack="Download the archive, unpack it, give the folder wavs.",
        citation="K. Ito and L. Johnson, The LJ Speech Dataset, 2017.",
        read_aloud=True,
    ),
    Corpus(
        name="aishell-3",
        reader="reading:read_aishell3",
        title="people read aloud in Mandarin, no emotions",
        languages=("zh",),
        speakers=218,
        clips=88035,
        licence="Apache 2.0",
        weights="Weights may be used for any purpose, with the licence and the authors named.",
        source="https://www.openslr.org/93",
        unpack="Download the archive, unpack it, give the folder train or test.",
        citation="Y. Shi et al., AISHELL-3: A Multi-speaker Mandarin TTS Corpus and the Baselines, Interspeech 2021.",
        read_aloud=True,
    ),
)
"""The corpora of speech."""

TEXT_CORPORA: Final[Catalogue[Corpus[LabelledText]]] = Catalogue(
    "There is no corpus of text",
    Corpus(
        modality="text",
        name="goemotions",
        reader="goemotions:read_goemotions",
        title="Reddit comments, 27 emotions and Ekman's six, one or several each",
        languages=("en",),
        licence="Apache 2.0",
        weights="Weights may be used for any purpose, with the licence and the authors named.",
        source="https://github.com/google-research/google-research/tree/master/goemotions",
        citation="D. Demszky et al., GoEmotions: A Dataset of Fine-Grained Emotions, ACL 2020.",
    ),
    Corpus(
        modality="text",
        name="meld",
        reader="meld:read_meld",
        title="lines of a television series, seven emotions, in dialogues",
        languages=("en",),
        licence="GPL-3.0 (the repository); the lines belong to the series",
        weights=(
            "What the licence means for weights is open: use them for research and for yourself, and ask its owners "
            "before you sell them."
        ),
        source="https://github.com/declare-lab/MELD",
        citation=(
            "S. Poria et al., MELD: A Multimodal Multi-Party Dataset for Emotion Recognition in Conversations, "
            "ACL 2019."
        ),
        spoken=True,
    ),
    Corpus(
        modality="text",
        name="iemocap",
        reader="iemocap:read_iemocap_texts",
        title="transcripts of actors' dialogues in five sessions, four emotions",
        languages=("en",),
        licence="agreement with the University of Southern California, for research",
        weights="Ask its owners before you pass on or sell weights that were trained on it.",
        source="https://sail.usc.edu/iemocap/",
        citation=_IEMOCAP_CITATION,
        spoken=True,
    ),
    Corpus(
        modality="text",
        name="csv",
        reader="table:read_table",
        title="a table of your own with the columns text and emotion",
        languages=(),
        licence="yours",
        weights="As the licence of your texts says.",
        source="CSV or TSV; also the columns speaker and part (train, dev)",
        citation="",
    ),
)
"""The corpora of text."""
