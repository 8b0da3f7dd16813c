# The production image: the same locks as everywhere else, no compiler, an ordinary user.

FROM node:24-bookworm-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-progress --loglevel=error

FROM python:3.11-slim-bookworm AS packages
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
# Pango draws the PDFs; the package versions follow the base image's Debian release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home bryggan
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY --from=front-end /app/node_modules node_modules
COPY . .
# Collecting files needs settings but no secret: these values never leave this line.
RUN pybabel compile -D django -d locale \
    && SECRET_KEY=build DATABASE_URL=postgresql:///build REDIS_URL=redis://build BRYGGAN_BASE_URL=https://build.example \
       ALLOWED_HOSTS=build EMAIL_URL=console: DEFAULT_FROM_EMAIL=build@build.example \
       python manage.py collectstatic --noinput \
    && mkdir -p var && chown -R bryggan var
USER 10001
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8"]
