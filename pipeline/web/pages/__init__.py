"""The pages: a router, templates in `templates/`, and scripts, styles and pictures in `static/`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import EngineMissing, UnknownName
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis.prosody.moods import feelings
from pipeline.web.service import Service, service_of

__all__ = ["add_to", "router", "show", "templates"]

_FOLDER: Final = Path(__file__).parent

_NAVIGATION: Final = {
    "/": "Speech",
    "/text": "Text",
    "/both": "Both",
    "/again": "Say it again",
    "/live": "Live captions",
    "/calls": "Calls",
}
"""Path of each page to its name; one that this server does not answer is left out."""

_LANGUAGES: Final = {
    "auto": "find it out",
    "en": "English",
    "ar": "Arabic",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Mandarin",
}
"""Languages that the pages offer, as far as an engine of the server hears them; the API takes any."""

_TYPES: Final = {".js": "text/javascript", ".svg": "image/svg+xml"}
"""Endings of files whose media type depends on the machine otherwise."""

templates: Final = Jinja2Templates(_FOLDER / "templates")
"""The templates of all pages; what they are given is escaped."""

templates.env.globals["static"] = "/static/{}".format

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


class _Files(StaticFiles):
    """Files that a browser asks for again, so that it never mixes those of two versions."""

    def file_response(self, full_path: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a file as an answer."""
        response = super().file_response(full_path, *args, **kwargs)
        response.headers["Cache-Control"] = "no-cache"
        if media_type := _TYPES.get(Path(full_path).suffix):
            response.headers["Content-Type"] = media_type
        return response


def add_to(app: FastAPI) -> None:
    """Add the pages, and what they load, to an application."""
    app.include_router(router)
    app.mount("/static", _Files(directory=_FOLDER / "static"), name="static")


def show(request: Request, template: str, **values: Any) -> HTMLResponse:
    """Return a page.

    Args:
        request: Who asks, and for what.
        template: Its file in `templates/`, which extends `base.html`.
        values: What only this page shows.
    """
    service = service_of(request)
    answered = {getattr(route, "path", "") for route in router.routes} | ({"/calls"} if service.calls else set())
    shared = {
        "service": service,
        "navigation": {path: name for path, name in _NAVIGATION.items() if path in answered},
        "emotions": EMOTIONS,
        "feelings": feelings(),
        "languages": _languages(service),
    }
    return templates.TemplateResponse(request, template, shared | values)


def _languages(service: Service) -> dict[str, str]:
    """Return the languages that can be chosen, by code; none if there is but one."""
    heard = {}
    for code, name in _LANGUAGES.items():
        with suppress(EngineMissing, UnknownName):
            service.pipeline.engines.check("asr", language=code)
            heard[code] = name
    return heard if len(heard) > 1 else {}


def _voices(service: Service) -> tuple[str, ...]:
    """Return the voices that can be chosen: those of the engine, or the presets as long as it loads."""
    if service.engines["synthesis"]["status"] != "ready":
        return VOICE_PRESETS
    names = (voice.name for voice in service.pipeline.synthesiser.voices())
    return tuple(dict.fromkeys((*VOICE_PRESETS, *names)))


@router.get("/")
async def speech(request: Request) -> HTMLResponse:
    """Show how and what was said in a recording."""
    return show(request, "speech.html")


@router.get("/again")
async def again(request: Request) -> HTMLResponse:
    """Say a recording again, in other words, emotions and voices."""
    return show(request, "again.html", voices=_voices(service_of(request)))


@router.get("/text")
async def text(request: Request) -> HTMLResponse:
    """Show the emotion of words that somebody types."""
    return show(request, "text.html")


@router.get("/both")
async def both(request: Request) -> HTMLResponse:
    """Show the emotion of a voice, of its words, and of both together."""
    return show(request, "both.html")


@router.get("/live")
async def live(request: Request) -> HTMLResponse:
    """Show what is said while it is said."""
    return show(request, "live.html")
