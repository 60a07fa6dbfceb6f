# One image for all processes: the command says which one a container is.
#   node dist/apps/api/main.js      node dist/apps/dialer/main.js
#   node dist/apps/carrier/main.js  node dist/apps/cli/main.js migrate
# It writes nothing: run it with a read-only root file system, without capabilities, and give it no more than the settings.

ARG NODE_IMAGE=node:24.22.3-trixie-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /ringfence
COPY package.json package-lock.json .npmrc ./
# The optional packages are the embedded stores of npm start; containers have real ones. No other needs its install script.
RUN npm ci --omit=optional --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY apps apps
COPY libs libs
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json \
  && cp -r apps/api/console/page dist/apps/api/console/ \
  && rm -r dist/apps/start dist/.tsbuildinfo \
  && npm prune --omit=dev --omit=optional --ignore-scripts

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Ringfence" \
  org.opencontainers.image.description="Outbound campaign calls, placed inside the fence" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# Nothing here installs anything: what could is gone.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
  /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
ENV NODE_ENV=production
WORKDIR /ringfence
COPY --from=build /ringfence/package.json ./
COPY --from=build /ringfence/node_modules node_modules
COPY --from=build /ringfence/dist dist
# By its number, which is `node` in the base image: whoever runs it can see that it is not root.
USER 1000:1000
EXPOSE 3000 3001
STOPSIGNAL SIGTERM
# Of api and dialer. The carrier and commands have no admin port: switch it off there.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ADMIN_PORT || 3001}/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
