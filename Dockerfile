# Build: compile TypeScript and bundle the workflow code with the same @temporalio/worker that runs it.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY src ./src
COPY migrations ./migrations
COPY scripts ./scripts
COPY web ./web
RUN npm run build && npm prune --omit=dev

# Run: no compiler, no root, nothing writable.
FROM node:20-bookworm-slim
# A worker allocates in short bursts on many threads: few arenas and a small young generation keep what they leave behind
# from adding up. A NODE_OPTIONS of your own takes the place of this one.
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 NODE_OPTIONS=--max-semi-space-size=16
# For policies with gitops: commits go through the git program.
RUN apt-get update \
  && apt-get install -y --no-install-recommends git ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
ENTRYPOINT ["node", "/app/dist/src/cli.js"]
CMD ["worker"]
