"""Who may ask: hosts, origins, the key, how large and how slow a request may be, and what a browser may do.

A server on this machine alone is reached by every page that its person opens, so pages of others are refused:
by the name of the host (which DNS can point here), by the origin, and by what browsers say of where a request is from.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import ipaddress
import logging
import re
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.core.errors import ResayError, UsageError
from pipeline.core.failures import debugging, explained
from pipeline.core.messages import in_words
from pipeline.core.options import ServerOptions
from pipeline.web.errors import Ending, Forbidden, HeadersTooLarge, KeyNeeded, UploadTooLarge, answer
from pipeline.web.uploads import Upload, Uploads
from pipeline.web.work import Work

__all__ = ["Guard", "is_loopback", "require_key", "split_list"]

logger = logging.getLogger(__name__)

_OWN_NAMES: Final = frozenset(("localhost", "127.0.0.1", "::1"))
"""Names of this machine for itself."""

_WITHOUT_KEY: Final = frozenset(("/health",))
"""Addresses that tell nothing about anybody."""

_TEXT_BYTES: Final = 1 << 20
"""Bytes of a request that brings no file: more than a book's chapter. Set by hand."""

_HEADER_BYTES: Final = 32 * 1024
"""Bytes of the headers of a request: twice what other servers take at most. Set by hand."""

_COOKIE: Final = "resay-session"
"""What a browser keeps after it brought the key once: with it WebSockets and sounds are fetched."""

_SESSION: Final = 12 * 3600
"""Seconds for which it is good: a working day. Set by hand."""

_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s@/\\?#:\[\]]+))(?::[0-9]{1,5})?")
"""`Host`: an address of IPv6 in brackets, or a name, and perhaps a port."""

_DIGITS: Final = 18
"""Digits of a length that is looked at; more is too much anyway."""

_REFUSED: Final = 1008
"""Code of a WebSocket that is refused by a rule (RFC 6455)."""

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""A page may load from this server alone, runs no code of its mark-up, and is shown in no other page."""

_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
"""What every answer says to browsers."""


def split_list(text: str) -> tuple[str, ...]:
    """Return the entries of a list such as `a, b`."""
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    with suppress(ValueError):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host.casefold() == "localhost"


def _is_ambiguous(headers: Headers) -> bool:
    """Return whether a request tells its length in two ways."""
    return "content-length" in headers and "transfer-encoding" in headers


def require_key(options: ServerOptions) -> None:
    """Refuse to listen to other machines without a key.

    Raises:
        UsageError: The options do so.
    """
    if not is_loopback(options.host) and not options.api_key:
        raise UsageError(
            f"On {options.host} other machines could use the server, and there is no key.",
            hint="Set RESAY_API_KEY to at least 16 characters, or leave --host out.",
        )


class Guard:
    """Lets only those requests through that may be answered, and adds the headers that protect pages.

    Args:
        app: What answers.
        options: Hosts, origins, key and limits.
        work: Refuses uploads while too much waits.
        with_files: Addresses of the routes that take a file.
    """

    def __init__(self, app: ASGIApp, options: ServerOptions, work: Work, with_files: Collection[str] = ()) -> None:
        self._app = app
        self._options = options
        self._uploads = Uploads(work)
        self._with_files = frozenset(with_files)
        self._key = options.api_key.encode()
        self._secret = secrets.token_bytes(32)
        self._is_local = is_loopback(options.host)
        self._names = {*_OWN_NAMES, *map(str.casefold, (options.host.strip("[]"), *split_list(options.allowed_hosts)))}
        self._origins = frozenset(map(str.casefold, split_list(options.allowed_origins)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        browser = MutableHeaders()
        begun = False

        async def protected(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                answered = MutableHeaders(scope=message)
                for name, value in (*_HEADERS.items(), *browser.items()):
                    answered.setdefault(name, value)
                if _is_ambiguous(headers):
                    answered["Connection"] = "close"  # What follows may be the body, or the next request.
                if scope["path"].startswith("/v1/") or scope["path"] == "/metrics":
                    answered.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            self._check_headers(headers)
            self._check_host(headers)
            self._check_origin(scope, headers)
            if self._check_key(scope, headers):
                browser["Set-Cookie"] = self._cookie(scope, headers)
            self._check_length(scope, headers)
        except ResayError as error:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": _REFUSED})
            else:
                await answer(error)(scope, receive, protected)
            return
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(scope, headers, receive, protected)
        except ResayError as error:
            await answer(error)(scope, receive, protected)
        except asyncio.CancelledError:
            # A body that never came to its end; what has begun to be answered breaks off.
            if not begun:
                await answer(Ending("The server ends.", hint="Try again later."))(scope, receive, protected)
        except Exception as error:
            if begun:
                raise  # The connection is closed, so that nobody takes what was sent for the whole.
            told = explained(error)
            logger.error("%s %s: %s", scope["method"], scope["path"], told, exc_info=error if debugging() else None)
            await answer(told)(scope, receive, protected)

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        """Answer a request whose body is neither too large nor too slow; one for work only if there is room.

        Raises:
            Busy: There is none.
        """
        upload, more = Upload(), True
        if scope["method"] == "POST" and scope["path"].startswith("/v1/"):
            self._uploads.add(upload)

        async def limited() -> Message:
            nonlocal more
            if not more:
                return await receive()
            more = False
            message = await upload.next(receive)
            if upload.received > self._most(scope, headers):
                raise self._too_large(scope, headers)
            more = message["type"] == "http.request" and message.get("more_body", False)
            if not more:
                self._uploads.remove(upload)
            return message

        try:
            await self._app(scope, limited, send)
        finally:
            self._uploads.remove(upload)

    def _check_headers(self, headers: Headers) -> None:
        if sum(len(name) + len(value) + len(": \r\n") for name, value in headers.raw) > _HEADER_BYTES:
            raise HeadersTooLarge("The headers of the request are too large.", hint="Send fewer cookies.")

    def _check_host(self, headers: Headers) -> None:
        """Refuse a name that is not ours: DNS of somebody else may point here."""
        found = _HOST.fullmatch(headers.get("host", ""))
        name = (found[1] or found[2]).casefold() if found else ""
        if name in self._names or (is_loopback(name) and self._is_local):
            return
        with suppress(ValueError):
            ipaddress.ip_address(name)
            if not self._is_local:
                return  # A number needs no DNS.
        raise Forbidden(
            f"This server is not called '{in_words(name or headers.get('host', ''))}'.",
            hint="Add the name to --allowed-hosts if it is.",
        )

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        """Refuse what a page of somebody else asks for."""
        origin = headers.get("origin")
        if origin is not None:
            if origin.casefold() in self._origins:
                return
            # A proxy may speak TLS for us.
            host = headers.get("host", "").casefold()
            if origin.casefold() in (f"http://{host}", f"https://{host}"):
                return
            raise Forbidden(
                f"Pages of {in_words(origin)} may not use this server.",
                hint="Add the origin to --allowed-origins if they may.",
            )
        if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
            return
        follows_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        if follows_link and scope.get("method") == "GET" and not scope["path"].startswith("/v1/"):
            return
        raise Forbidden("Pages of others may not use this server.", hint="Open it by itself.")

    def _check_key(self, scope: Scope, headers: Headers) -> bool:
        """Refuse a request without the key; return whether a browser has brought it, and should get a cookie."""
        if not self._key or scope["path"] in _WITHOUT_KEY:
            return False
        kind, _, value = headers.get("authorization", "").partition(" ")
        is_browser = kind.casefold() == "basic"
        if is_browser:
            with suppress(binascii.Error, ValueError):
                value = base64.b64decode(value.strip(), validate=True).decode().partition(":")[2]
        given = (value if value else headers.get("x-api-key", "")).strip().encode()
        if secrets.compare_digest(given, self._key):
            return is_browser
        if self._is_ours(cookie_parser(headers.get("cookie", "")).get(_COOKIE, "")):
            return False
        raise KeyNeeded("This server needs its key.", hint="Send it as Authorization: Bearer KEY.")

    def _cookie(self, scope: Scope, headers: Headers) -> str:
        """Return the cookie for a browser that brought the key."""
        end = str(int(time.time()) + _SESSION)
        is_safe = scope["scheme"] == "https" or headers.get("x-forwarded-proto", "").casefold() == "https"
        rest = f"Max-Age={_SESSION}; HttpOnly; SameSite=Strict; Path=/{'; Secure' if is_safe else ''}"
        return f"{_COOKIE}={end}.{self._signed(end)}; {rest}"

    def _signed(self, end: str) -> str:
        return hmac.new(self._secret, end.encode(), hashlib.sha256).hexdigest()

    def _is_ours(self, cookie: str) -> bool:
        """Return whether a cookie was given by this server, and is still good."""
        end, _, signature = cookie.partition(".")
        is_signed = secrets.compare_digest(signature.encode(), self._signed(end).encode())
        return is_signed and int(end) > time.time()

    def _check_length(self, scope: Scope, headers: Headers) -> None:
        length = headers.get("content-length", "")
        if _is_ambiguous(headers):
            raise UsageError("A request has either a Content-Length or a Transfer-Encoding.")
        if length.isdecimal() and (len(length) > _DIGITS or int(length) > self._most(scope, headers)):
            raise self._too_large(scope, headers)

    def _most(self, scope: Scope, headers: Headers) -> int:
        """Return how many bytes a body may have."""
        is_form = headers.get("content-type", "").casefold().startswith("multipart/form-data")
        takes_files = is_form and scope["path"] in self._with_files
        return self._options.max_upload_bytes if takes_files else min(_TEXT_BYTES, self._options.max_upload_bytes)

    def _too_large(self, scope: Scope, headers: Headers) -> UploadTooLarge:
        return UploadTooLarge(
            f"The request has more than {self._most(scope, headers) / 1e6:,.6g} MB.",
            hint="Send recordings as multipart/form-data, and shorter, or raise --max-upload-bytes.",
        )
