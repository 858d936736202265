"""The pages: a router, templates in `templates/`, and scripts, styles and pictures in `static/`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from pipeline.web.service import service_of

__all__ = ["add_to", "router", "templates"]

_FOLDER: Final = Path(__file__).parent

templates: Final = Jinja2Templates(_FOLDER / "templates")
"""The templates of all pages; what they are given is escaped."""

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def add_to(app: FastAPI) -> None:
    """Add the pages, and what they load, to an application."""
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=_FOLDER / "static"), name="static")


@router.get("/")
async def start(request: Request) -> HTMLResponse:
    """Show what is loaded."""
    return templates.TemplateResponse(request, "start.html", {"service": service_of(request)})
