# One image for all processes: the command says which one a container is.
#   node dist/apps/api/main.js      node dist/apps/dialer/main.js
#   node dist/apps/carrier/main.js  node dist/apps/cli/main.js migrate

FROM node:24-bookworm-slim AS build
WORKDIR /ringfence
COPY package.json package-lock.json .npmrc ./
# The optional packages are the embedded stores of npm start; containers have real ones.
RUN npm ci --omit=optional
COPY tsconfig.json tsconfig.build.json ./
COPY apps apps
COPY libs libs
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json \
  && rm -r dist/apps/start dist/.tsbuildinfo \
  && npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /ringfence
COPY --from=build /ringfence/package.json ./
COPY --from=build /ringfence/node_modules node_modules
COPY --from=build /ringfence/dist dist
# Where the simulated carrier writes its ledger; nothing else is written to disk.
RUN install --directory --owner=node --group=node .ringfence
USER node
EXPOSE 3000 3001
