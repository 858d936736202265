"""`EmotiVoice`: text in, speech out.

>>> engine = EmotiVoice("weights")  # doctest: +SKIP
>>> samples = engine.synthesise("What a day!", prompt="happy", speaker="8051")  # doctest: +SKIP
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from emotivoice.acoustic import Predictions
from emotivoice.control import Control
from emotivoice.folder import WeightsFolder
from emotivoice.frontend import Frontend, Utterance, split_sentences
from emotivoice.frontend.markup import strip_markup
from emotivoice.planned import PlannedSentence, TokenProsody
from emotivoice.prompts import NEUTRAL_PROMPT, trained_prompt
from emotivoice.voices import VoicePreset
from emotivoice.words import timed_words
from pipeline.audio.resampling import resampled_blocks
from pipeline.core.errors import SettingsError
from pipeline.core.values import Samples, Word
from pipeline.frontend.reading import read_text

__all__ = ["EmotiVoice", "SpokenSentence", "find_device"]

FADE_SECONDS = 0.005
"""Fade-in of every sentence, against the click that users report."""

BATCH_SENTENCES = 8
"""Sentences that the acoustic model speaks at once."""

CACHED_PROMPTS = 256
"""Style vectors that are kept, 3 kB each: more prompts than any text changes between."""

WHOLE_FRAMES = 256
"""Frames of a chunk, four seconds, if the whole is asked for."""

Precision = Literal["float32", "bfloat16"]

DEFAULT_CONTROL = Control()


@dataclass(frozen=True, eq=False)
class SpokenSentence:
    """A sentence and its sound."""

    text: str
    samples: Samples
    """`(time,)` in [-1, 1]."""
    words: tuple[Word, ...]
    """Those that are said, in seconds from the sentence's beginning."""


class EmotiVoice:
    """Speaks texts in many voices, as a prompt says.

    Args:
        folder: The official files, or those of `emotivoice.train`, flat or as they were downloaded.
        device: `cpu`, `cuda`, `mps`, or `auto` for the best of them.
        precision: `bfloat16` computes the vocoder in half precision, which takes most of the time; never the rest.
        dictionary: The user's own pronunciations; see `emotivoice.frontend`.
        normalised: Leave the vocoder's weight norm unfolded, as the official code does; slower, for comparison.

    Raises:
        WeightsMissing: A file of weights is missing or damaged.
        SettingsError: The device is not there.
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        device: str = "cpu",
        precision: Precision = "float32",
        dictionary: Mapping[str, str] | None = None,
        normalised: bool = False,
    ) -> None:
        files = WeightsFolder(folder)
        self.device = find_device(device)
        self._configuration = files.configuration
        models = files.load(normalised)
        if precision == "bfloat16":
            models.vocoder.to_half()
        self._style = models.style.bert.to(self.device)
        self._acoustic = models.acoustic.to(self.device)
        self._vocoder = models.vocoder.to(self.device)
        self._pieces = files.word_pieces()
        self._vocabulary = files.vocabulary
        self._frontend = Frontend(dictionary, self._vocabulary)
        self.voices = files.voices
        self._prompts: OrderedDict[str, Tensor] = OrderedDict()

    @property
    def sample_rate(self) -> int:
        """Hertz of everything that is spoken."""
        return self._configuration.audio.sample_rate

    def synthesise(
        self,
        text: str,
        *,
        prompt: str = "neutral",
        speaker: str | int = "youngwoman",
        control: Control = DEFAULT_CONTROL,
    ) -> Samples:
        """Speak a text of any length, in batches of sentences.

        Args:
            text: English, Chinese or both; see `emotivoice.frontend.markup` for pauses and pronunciations.
            prompt: How to speak: an emotion, words for pitch, loudness and speed, or free text.
            speaker: One of the four presets, or a speaker's number or name.
            control: Speed, pitch, energy, strength, volume and pauses.

        Returns:
            Samples `(time,)` in [-1, 1]; none if there is nothing to say.

        Raises:
            UnknownName: No voice has this name.
        """
        silence = self._silence(control)
        parts: list[Samples] = []
        for sentence in self.sentences(text, prompt=prompt, speaker=speaker, control=control):
            parts += [silence, sentence.samples] if parts else [sentence.samples]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def sentences(
        self,
        text: str,
        *,
        prompt: str = "neutral",
        speaker: str | int = "youngwoman",
        control: Control = DEFAULT_CONTROL,
        together: bool = True,
    ) -> Iterator[SpokenSentence]:
        """Speak a text sentence by sentence, without the pauses between them, and tell when each word is said.

        Args:
            text: As in `synthesise`.
            prompt: As in `synthesise`.
            speaker: As in `synthesise`.
            control: As in `synthesise`; `sentence_pause` does nothing.
            together: Whether the acoustic model sees several sentences at once;
                alone, the first is there sooner, and all take longer.

        Raises:
            UnknownName: No voice has this name.
        """
        for planned in self.plan(text, prompt=prompt, speaker=speaker, control=control, together=together):
            yield SpokenSentence(planned.text, self.render(planned), self.words(planned))

    def stream(
        self,
        text: str,
        *,
        prompt: str = "neutral",
        speaker: str | int = "youngwoman",
        control: Control = DEFAULT_CONTROL,
    ) -> Iterator[Samples]:
        """Speak a text chunk by chunk; joined, the chunks equal what `synthesise` returns.

        Memory does not grow with the text. Arguments are those of `synthesise`.

        Yields:
            Samples `(time,)`, about a second each, the first chunk of a sentence shorter.
        """
        silence = self._silence(control)
        first = True
        for planned in self.plan(text, prompt=prompt, speaker=speaker, control=control, together=False):
            if not first and len(silence):
                yield silence
            first = False
            yield from self._finish(self._waves(self._frames(planned), streaming=True), planned)

    def style_vector(self, prompt: str, strength: float = 1.0) -> Tensor:
        """Return the style vector `(1, width)` of a prompt, moved away from the neutral one.

        Args:
            prompt: Any text; known English words are put into the words of the training data.
            strength: 0 gives the neutral prompt's vector, 1 the prompt's own.
        """
        vector = self._embed_prompt(trained_prompt(prompt))
        if strength == 1.0:
            return vector
        neutral = self._embed_prompt(NEUTRAL_PROMPT)
        # The pooler ends in tanh: beyond 1 lies nothing that the model has seen.
        return torch.clamp(neutral + strength * (vector - neutral), -1.0, 1.0)

    def plan(
        self,
        text: str,
        *,
        prompt: str = "neutral",
        speaker: str | int = "youngwoman",
        control: Control = DEFAULT_CONTROL,
        together: bool = True,
        beside_neutral: bool = False,
    ) -> Iterator[PlannedSentence]:
        """Plan a text sentence by sentence: everything but the sound, which takes nearly all of the computing.

        Args:
            text: As in `synthesise`.
            prompt: As in `synthesise`.
            speaker: As in `synthesise`.
            control: As in `synthesise`; `sentence_pause` does nothing.
            together: As in `sentences`.
            beside_neutral: Whether to plan each sentence with the neutral prompt as well.

        Raises:
            UnknownName: No voice has this name.
        """
        row, preset = self.voices.resolve(speaker)
        styles = [self.style_vector(prompt, control.emotion_strength)]
        neutral = self.style_vector(NEUTRAL_PROMPT)
        if beside_neutral and not torch.equal(styles[0], neutral):
            styles.append(neutral)
        sentences = split_sentences(text)
        while pieces := list(islice(sentences, BATCH_SENTENCES if together else 1)):
            spoken = [(piece, utterance) for piece in pieces if not (utterance := self._frontend(piece)).is_silent]
            if not spoken:
                continue
            names = [tuple(token for token in utterance.tokens if token in self._vocabulary) for _, utterance in spoken]
            prompted, *others = self._predictions([piece for piece, _ in spoken], names, row, styles)
            for item, (piece, utterance) in enumerate(spoken):
                yield PlannedSentence(
                    text=piece,
                    utterance=utterance,
                    names=names[item],
                    predictions=prompted.item(item, len(names[item])),
                    adjustment=control.adjustment(
                        self._fixed(utterance, len(names[item]), preset),
                        # What is played faster for the preset's formants is spoken slower.
                        stretch=preset.faster if preset else 1.0,
                        pitch=preset.pitch if preset else 1.0,
                    ),
                    control=control,
                    preset=preset,
                    frames_per_second=self._frames_per_second,
                    neutral_predictions=others[0].item(item, len(names[item])) if others else None,
                )

    def render(self, planned: PlannedSentence, prosody: TokenProsody | None = None) -> Samples:
        """Return a planned sentence as sound, `(time,)` in [-1, 1].

        Args:
            planned: The sentence.
            prosody: How to say it; as the prompt asks by default.
        """
        waves = self._waves(self._frames(planned, prosody), streaming=False)
        return np.concatenate(list(self._finish(waves, planned)))

    def words(self, planned: PlannedSentence, prosody: TokenProsody | None = None) -> tuple[Word, ...]:
        """Return the words of a planned sentence with the times at which they are said; arguments as `render`."""
        ends = np.cumsum([0.0, *(prosody or planned.prompted).seconds]).tolist()
        spoken = [(word.text, (ends[word.first], ends[word.end])) for word in planned.utterance.words]
        text = strip_markup(planned.text)
        readings = iter(read_text(text, han=True))

        def read_as(written: str) -> str | None:
            reading = next((each for each in readings if each.written == written), None)
            return reading.read_as if reading else None

        timed = timed_words(text, spoken, lambda word: len(self._frontend(word).words))
        return tuple(replace(word, read_as=read_as(word.text)) for word in timed)

    @property
    def _frames_per_second(self) -> float:
        return self.sample_rate / self._configuration.audio.hop_length

    @torch.inference_mode()
    def _predictions(
        self, texts: list[str], names: list[tuple[str, ...]], row: int, styles: list[Tensor]
    ) -> list[Predictions]:
        """Return what the acoustic model says of a batch of sentences, in each of some styles.

        Args:
            texts: The sentences.
            names: Their tokens.
            row: Who speaks.
            styles: Style vectors, each `(1, width)`.
        """
        numbers = [torch.tensor(self._vocabulary.numbers(tokens)) for tokens in names]
        batch = (
            torch.nn.utils.rnn.pad_sequence(numbers, batch_first=True).to(self.device),
            torch.tensor([len(sentence) for sentence in numbers], device=self.device),
            torch.full((len(texts),), row, device=self.device),
        )
        content = self._embed([strip_markup(text) for text in texts])
        return [self._acoustic.predict(*batch, style.expand(len(texts), -1), content) for style in styles]

    def _fixed(self, utterance: Utterance, tokens: int, preset: VoicePreset | None) -> Tensor | None:
        """Return how many frames the breaks last that the text asks for, `(1, tokens)`, -1 elsewhere."""
        if not utterance.breaks:
            return None
        fixed = torch.full((1, tokens), -1.0)
        for position, seconds in utterance.breaks.items():
            fixed[0, position] = seconds * (preset.faster if preset else 1.0) * self._frames_per_second
        return fixed.to(self.device)

    def _frames(self, planned: PlannedSentence, prosody: TokenProsody | None = None) -> Tensor:
        """Return the vocoder's frames of a sentence, `(1, frames, channels)`."""
        adjustment = planned.adjustment if prosody is None else planned.asked(prosody)
        return self._acoustic.render(planned.predictions, adjustment).mel

    @torch.inference_mode()
    def _waves(self, mel: Tensor, streaming: bool) -> Iterator[Samples]:
        """Run the vocoder on one sentence."""
        # Even if nobody waits for the beginning, chunks bound the memory that a long sentence takes.
        sizes = () if streaming else (WHOLE_FRAMES, WHOLE_FRAMES)
        for wave in self._vocoder.stream(mel, *sizes):
            yield wave.float().cpu().numpy()

    def _silence(self, control: Control) -> Samples:
        """Return what stands between two sentences."""
        return np.zeros(round(control.sentence_pause * self.sample_rate), np.float32)

    def _finish(self, waves: Iterator[Samples], planned: PlannedSentence) -> Iterator[Samples]:
        """Apply the preset's formants, the fade and the volume."""
        fade = np.linspace(0, 1, round(FADE_SECONDS * self.sample_rate), dtype=np.float32)
        faded = 0
        # Played as if it had been recorded at a higher rate: the tempo and every frequency rise.
        for samples in resampled_blocks(waves, *(planned.preset.formants if planned.preset else (1, 1))):
            part = fade[faded : faded + len(samples)]
            faded += len(part)
            if len(samples):
                samples = np.concatenate([samples[: len(part)] * part, samples[len(part) :]])
                yield np.clip(samples * np.float32(planned.control.volume), -1.0, 1.0)

    def _embed_prompt(self, prompt: str) -> Tensor:
        if prompt not in self._prompts:
            self._prompts[prompt] = self._embed([prompt])
            if len(self._prompts) > CACHED_PROMPTS:
                self._prompts.popitem(last=False)
        self._prompts.move_to_end(prompt)
        return self._prompts[prompt]

    @torch.inference_mode()
    def _embed(self, texts: list[str]) -> Tensor:
        """Return the vectors `(batch, width)` of texts."""
        return self._style(*self._style.numbers(texts, self._pieces))[1].float()


def find_device(name: str) -> torch.device:
    """Return a device by its name; arguments and errors as `EmotiVoice`."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not available.get(name.partition(":")[0], False):
        there = ", ".join(device for device, is_there in available.items() if is_there)
        raise SettingsError(f"The device '{name}' is not there.", hint=f"There is {there}.")
    return torch.device(name)
