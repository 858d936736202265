"""One option for two kinds of files: formats of sound and formats of text."""

from __future__ import annotations

from pipeline.core.errors import UnknownName

__all__ = ["split_formats"]


def split_formats(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the formats of sound and those of text that a list such as `opus,srt` names, each once.

    Args:
        text: What stands after `--formats`.

    Raises:
        UnknownName: There is no such format of either kind; the message lists the choices.

    >>> split_formats("opus, SRT,wav")
    (('opus', 'wav'), ('srt',))
    """
    from pipeline.audio import SOUND_FORMATS
    from pipeline.transcripts.formats import FORMATS

    names = tuple(dict.fromkeys(name.strip(" .").casefold() for name in text.split(",") if name.strip(" .")))
    for name in names:
        if name not in SOUND_FORMATS and name not in FORMATS:
            raise UnknownName(
                f"There is no format '{name}'.",
                hint=f"Choose from {', '.join(SOUND_FORMATS)} for the sound, {', '.join(FORMATS)} for the text.",
            )
    return (
        tuple(name for name in names if name in SOUND_FORMATS),
        tuple(name for name in names if name in FORMATS),
    )
