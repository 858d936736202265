"""The page Calls, on servers that keep calls."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from pipeline.web.pages import show
from pipeline.web.service import service_of

__all__ = ["router"]

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/calls")
async def calls(request: Request) -> HTMLResponse:
    """Show the calls that were watched, a day of them, and one with its reasons and its sound."""
    known = service_of(request).calls
    return show(request, "calls.html", keep_days=known.keep_days if known else 0)
