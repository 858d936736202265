"""Speaking: a text, or segments such as those of subtitles, is said without a recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pipeline.chain.engines import Engines
from pipeline.chain.rendering import Renderer, assign_voices
from pipeline.chain.verification import check_verification
from pipeline.core.emotions import Mood, parse_mood
from pipeline.core.errors import EngineMissing, UnknownName, UsageError
from pipeline.core.events import Events
from pipeline.core.options import CallOptions
from pipeline.core.results import Rendition
from pipeline.core.values import Segment
from pipeline.core.voices import canonical_voice
from pipeline.frontend.reading import is_chinese
from pipeline.synthesis.utterances import Utterance

__all__ = ["speak"]

_OTHER_LANGUAGE: Final = "Leave --tts out, or say in which language to read it with --language."


def speak(
    engines: Engines,
    options: CallOptions,
    text: str | Sequence[Segment],
    emotion: str,
    events: Events,
    *,
    any_language: bool = False,
) -> Rendition:
    """Say a text or segments, as `VoicePipeline.speak` describes.

    Args:
        engines: Shared by all callers.
        options: The options of the call.
        text: What to say.
        emotion: An emotion or a custom mood; empty for neutral, or for the emotion of each segment.
        events: Gets the progress.
        any_language: Whether nobody said in which language the text is: a Chinese one is said in Chinese then.

    Raises:
        EngineMissing: No engine here speaks the language of the text.
        UnknownName: The engine has no such voice, or cannot express such a mood.
        UsageError: The segments last longer than `max_streamed_seconds`.
        NoSpeech: The text contains nothing that can be said.
    """
    plain = isinstance(text, str)
    if plain:
        options = options.changed(keep_timing=False)  # A plain text has no timing to keep.
    voice, mood = canonical_voice(options.voice), parse_mood(emotion or ("neutral" if plain else "auto"))
    options, mood = options.acted_at(mood), Mood(mood.word)
    unasked = any_language and _is_chinese(text)
    if unasked:
        options = options.changed(language="zh")
    try:
        engines.check("tts", spoken_language=options.spoken_language)
    except (EngineMissing, UnknownName) as error:
        if not unasked:
            raise
        raise type(error)(f"The text is Chinese. {error.message}", hint=_OTHER_LANGUAGE) from error
    if options.verify or options.candidates > 1:
        check_verification(engines, options)
    engines.check_voice(mood, voice, language=options.spoken_language)
    renderer = Renderer(engines, options, events)
    spoken = Mood("neutral") if mood.is_auto else mood
    if not isinstance(text, str):
        _check_length(text, options)
    renderer.engine.check(spoken, voice)
    if isinstance(text, str):
        return renderer.say([Utterance(text, spoken, voice, 0.0, 0.0)])
    own = None if mood.is_auto else mood
    utterances, notes = assign_voices(text, own, voice, renderer.engine.voices(), Mood("neutral"))
    utterances, unknown = renderer.known_moods(utterances)
    return renderer.say(utterances).noted(*notes, *unknown)


def _is_chinese(text: str | Sequence[Segment]) -> bool:
    return is_chinese(text if isinstance(text, str) else "\n".join(segment.text for segment in text))


def _check_length(segments: Sequence[Segment], options: CallOptions) -> None:
    """Refuse segments whose speech would last too long, before anything is said.

    Raises:
        UsageError: They do; the message names the segment.
    """
    if not segments:
        return
    last = max(segments, key=lambda segment: segment.end)
    begin = 0.0 if options.keep_timing else min(segment.start for segment in segments)
    if last.end - begin > options.max_streamed_seconds:
        raise UsageError(
            f"“{last.text[:40]}” ends {(last.end - begin) / 3600:.1f} hours after the beginning;"
            f" a result may have {options.max_streamed_seconds / 3600:g}.",
            hint="Correct its times, or allow more with --max-streamed-seconds.",
        )
