# syntax=docker/dockerfile:1
# The site: docker build -f docker/web.Dockerfile -t kafka-restaurants/web:0.1.0 .

# The same for all images, so that the packages are installed once.
FROM node:24-bookworm-slim AS packages
RUN --mount=type=cache,target=/root/.npm npm install --global pnpm@12.21.0
WORKDIR /src
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY patches patches
RUN --mount=type=cache,target=/root/.local/share/pnpm pnpm fetch
COPY . .
RUN --mount=type=cache,target=/root/.local/share/pnpm pnpm install --frozen-lockfile --prefer-offline

FROM packages AS build
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1
RUN pnpm --filter kafka-restaurants-web build

FROM gcr.io/distroless/nodejs24-debian12:nonroot
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kafka-restaurants/web" \
      org.opencontainers.image.description="The site of Kafka Restaurants" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=build /src/apps/web/.next/standalone ./
# Idle connections are kept longer than NGINX keeps them, as with our services.
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 HOSTNAME=0.0.0.0 PORT=3000 KEEP_ALIVE_TIMEOUT=75000
USER 65532:65532
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then(answer => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node"]
CMD ["apps/web/server.js"]
