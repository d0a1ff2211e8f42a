# syntax=docker/dockerfile:1
# One service of ours, or the command dead-letters: docker build -f docker/service.Dockerfile --build-arg SERVICE=bank -t kafka-restaurants/bank:0.1.0 .

# The same for all images, so that the packages are installed once.
FROM node:24-bookworm-slim AS packages
RUN --mount=type=cache,target=/root/.npm npm install --global pnpm@12.21.0
WORKDIR /src
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY patches patches
RUN --mount=type=cache,target=/root/.local/share/pnpm pnpm fetch
COPY . .
RUN --mount=type=cache,target=/root/.local/share/pnpm pnpm install --frozen-lockfile --prefer-offline

FROM packages AS bundle
ARG SERVICE
RUN node docker/bundle.ts "$SERVICE" /app && mkdir /data

FROM gcr.io/distroless/nodejs24-debian12:nonroot
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kafka-restaurants/$SERVICE" \
      org.opencontainers.image.description="$SERVICE, a part of Kafka Restaurants" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=bundle /app ./
# Where a service may keep files, when it is told to.
COPY --from=bundle --chown=65532:65532 /data /data
ENV NODE_ENV=production
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_PORT || 9464}/metrics`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "main.mjs"]
