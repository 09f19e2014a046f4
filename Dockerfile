# Two images from one file. compose.yaml builds both:
#   rasa  understands and decides; private, on Rasa's own old pins
#   app   gateway, console, actions and courier: everything that faces people
# Neither holds a compiler, a test library or a secret; both run as an unprivileged user on a read-only file system.

FROM python:3.11-slim AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/passerelle

FROM base AS tools
RUN pip install --no-cache-dir "uv>=0.9,<1"
# multidict of Rasa's pins has no wheel for 3.11; it builds in plain Python, without a compiler.
ENV UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never MULTIDICT_NO_EXTENSIONS=1
COPY pyproject.toml uv.lock ./

FROM tools AS app-environment
RUN UV_PROJECT_ENVIRONMENT=/srv/passerelle/.venv uv sync --frozen --no-default-groups --group app

FROM tools AS rasa-environment
RUN UV_PROJECT_ENVIRONMENT=/srv/passerelle/.venv-rasa uv sync --frozen --no-default-groups --group rasa

FROM app-environment AS catalogues
COPY scripts scripts
COPY locales locales
COPY bot/__init__.py bot/
COPY bot/i18n bot/i18n
RUN .venv/bin/python scripts/locales.py compile

FROM rasa-environment AS model
COPY scripts/prepare.py scripts/prepare.py
COPY config.yml ./
COPY nlu_data nlu_data
COPY bot bot
# Their language.yml: which languages there are.
COPY locales locales
RUN python scripts/prepare.py model || { tail -n 40 var/log/train.log; exit 1; }

FROM base AS rasa
RUN useradd --system --uid 10001 --no-create-home passerelle
COPY LICENSE NOTICE endpoints.yml credentials.yml ./
COPY --from=rasa-environment /srv/passerelle/.venv-rasa .venv-rasa
COPY --from=model /srv/passerelle/models/passerelle.tar.gz models/passerelle.tar.gz
COPY --from=catalogues /srv/passerelle/locales locales
# Only what Rasa loads: none of the gateway, the console or the store.
COPY bot/__init__.py bot/contract.py bot/
COPY bot/domain bot/domain
COPY bot/i18n bot/i18n
COPY bot/knowledge bot/knowledge
COPY bot/rasa_ext bot/rasa_ext
ENV PATH=/srv/passerelle/.venv-rasa/bin:$PATH HOME=/tmp MPLCONFIGDIR=/tmp OMP_NUM_THREADS=1 \
    RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 PYTHONWARNINGS=ignore
USER 10001
EXPOSE 5005
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import json, urllib.request as r; exit(not json.load(r.urlopen('http://127.0.0.1:5005/webhooks/passerelle/', timeout=4))['is_ready'])"]
CMD ["python", "-m", "bot.rasa_ext.without_tensorflow", "run", "--interface", "0.0.0.0", "--port", "5005", \
     "--model", "models/passerelle.tar.gz", "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]

FROM base AS app
RUN useradd --system --uid 10001 --no-create-home passerelle && install -d -o 10001 /var/lib/passerelle
COPY LICENSE NOTICE ./
COPY --from=app-environment /srv/passerelle/.venv .venv
COPY --from=catalogues /srv/passerelle/locales locales
COPY bot bot
COPY actions actions
# Rasa reaches the actions at 5055; only the public port is ever published.
ENV PATH=/srv/passerelle/.venv/bin:$PATH \
    PASSERELLE_HOST=0.0.0.0 PASSERELLE_PORT=8080 PASSERELLE_ACTIONS_HOST=0.0.0.0 PASSERELLE_ACTIONS_PORT=5055 \
    PASSERELLE_VAR=/var/lib/passerelle
USER 10001
EXPOSE 8080 5055
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PASSERELLE_PORT']}/health\", timeout=4)"]
CMD ["python", "-m", "bot", "serve"]
