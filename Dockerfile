# The bot alone: no sandbox, no build tools, no root.
FROM python:3.11-slim-bookworm AS made
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.txt /made/
RUN python -m venv /opt/bot && /opt/bot/bin/pip install --no-deps --require-hashes --requirement /made/requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin bot
COPY --from=made /opt/bot /opt/bot
WORKDIR /srv/bot
COPY bot bot
COPY handlers handlers
COPY gitops gitops
ENV PATH=/opt/bot/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 IDENTITY_BOT_HOST=0.0.0.0 IDENTITY_BOT_PORT=8080
USER 10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
