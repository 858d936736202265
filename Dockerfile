# The server, and the commands that watch calls, on the CPU. docs/alerts.md and docs/server.md tell how to run it.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY pyproject.toml README.md ./
COPY pipeline pipeline
COPY emotivoice emotivoice
COPY checkpoints checkpoints
COPY configs configs
RUN python -m venv /venv && /venv/bin/python -m pip install ".[web,alerts,postgresql]"

FROM python:3.11-slim-bookworm
# What is written goes to volumes: results and calls to /data, weights to /weights.
RUN groupadd --gid 10001 resay \
    && useradd --uid 10001 --gid resay --no-create-home --home-dir /data --shell /usr/sbin/nologin resay \
    && install --directory --owner resay --group resay /data /weights
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 RESAY_HOME=/weights XDG_CACHE_HOME=/tmp
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/weights"]
EXPOSE 8000
# Every address of the container; without RESAY_API_KEY the server refuses to start.
ENTRYPOINT ["resay"]
CMD ["serve", "--host", "0.0.0.0"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
