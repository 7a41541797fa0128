# syntax=docker/dockerfile:1

FROM python:3.12-slim AS build
WORKDIR /app
ENV SALESDASH_DATA_DIR=/tmp/build STATIC_ROOT=/app/staticfiles
COPY requirements.txt requirements-node.txt ./
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir uv==0.13.9 \
    && .venv/bin/uv pip install --no-cache --compile-bytecode --python .venv/bin/python \
        -r requirements.txt
COPY . .
RUN .venv/bin/python -m salesdash.frontend \
    && .venv/bin/python manage.py messages --compile \
    && .venv/bin/python manage.py collectstatic --noinput \
    && rm -rf node_modules

FROM python:3.12-slim
RUN useradd --system --uid 1000 --create-home salesdash \
    && install -d -o salesdash /data
WORKDIR /app
COPY --from=build --chown=root:root /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SALESDASH_DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles \
    LOG_JSON=1
USER salesdash
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz/')"]
CMD ["uvicorn", "salesdash.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
    "--workers", "2", "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "8"]
