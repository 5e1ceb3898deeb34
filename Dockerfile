# The system as one image, for web, worker, beat and release alike; `docker-compose.yml` says which is which.

# The design system's files, as npm has them
FROM node:22-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

# The Python packages, exactly those of uv.lock
FROM python:3.11-slim-bookworm AS packages
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups --no-python-downloads

# What runs: no compiler, no npm, no root
FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent susi \
    && install -d -o susi -g susi /var/lib/susi/media
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY . .
COPY --from=assets /app/node_modules node_modules
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 MEDIA_ROOT=/var/lib/susi/media WEB_BIND=0.0.0.0:8000 \
    SUSI_BEAT_STATE=/tmp/susi-beat
# The static files are made once, here; none of these values is used when it runs.
RUN python scripts/build_assets.py && rm -rf node_modules \
    && SUSI_ENVIRONMENT=production ALLOWED_HOSTS=build DATABASE_URL=postgres://build/build \
    CELERY_BROKER_URL=redis://build SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q susi phases portfolio participants work assessments desk
USER susi
EXPOSE 8000
CMD ["gunicorn", "susi.wsgi", "--config", "deploy/gunicorn.py"]
