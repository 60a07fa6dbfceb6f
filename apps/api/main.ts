import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { startAdminServer } from '#admin/admin-server.js';
import { OpenPort } from '#admin/open-port.js';
import { armFaultPoint } from '#environment/fault-point.js';
import { createLog, errorFields } from '#environment/log.js';
import { settingsOrExit } from '#environment/settings.js';
import { exitOnFailedStart, shutDownOnSignals, surviveBrokenConnections } from '#environment/shutdown.js';
import { Stopping } from '#environment/stopping.js';
import { Vitals } from '#environment/vitals.js';
import { JobQueue } from '#jobs/job-queue.js';
import { Metrics } from '#metrics/metrics.js';
import { Scrape } from '#metrics/scrape.js';
import { zoneDataFaults } from '#policy/zone-canaries.js';
import { zoneDataVersion } from '#policy/zone-offsets.js';
import { AdminLoginsStore } from '#store/admin-logins.store.js';
import { ConsoleStores } from '#store/console-stores.js';
import { DatabaseHealth } from '#store/database-health.js';
import { databaseToAnswer } from '#store/database-to-answer.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { HouseFactsStore } from '#store/house-facts.store.js';
import { Pools } from '#store/pools.js';
import { openTracing } from '#tracing/open-tracing.js';
import { ChangeCall } from './calls/change-call.js';
import { ConsolePage } from './console/console-page.js';
import { endListening } from './end-listening.js';
import { httpServer } from './http-server.js';

const settings = settingsOrExit(zoneDataFaults());
const log = createLog(settings, 'api');
armFaultPoint(settings.FAULT_POINT);
surviveBrokenConnections((error) => log.error(error));

/** What is to be ended, as far as the start has come. */
let close = () => Promise.resolve();
shutDownOnSignals(
  () => close(),
  (error) => log.error(error),
);

await exitOnFailedStart(async () => {
  const port = await OpenPort.on(settings.ADMIN_PORT);
  await databaseToAnswer(settings.DATABASE_URL, (error) =>
    log.warn({ waitsFor: 'database', ...errorFields(error) }),
  );
  const tracing = await openTracing(settings, 'api', log);
  const app = await httpServer(settings, log, tracing);
  const jobs = app.get(JobQueue);
  await jobs.connected();
  const health = app.get(DatabaseHealth);
  const sources = {
    facts: () => app.get(HouseFactsStore).read(),
    queueDepths: () => jobs.depths(),
    pools: () => app.get(Pools).use(),
    isLeading: () => false,
  };
  const scrape = new Scrape(app.get(Metrics), sources, () => performance.now());
  const stopping = app.get(Stopping);
  const consolePage = new ConsolePage({
    stores: app.get(ConsoleStores),
    environments: app.get(EnvironmentsStore),
    calls: app.get(ChangeCall),
    mayChange: settings.ADMIN_QUEUES_WRITABLE,
    log,
  });
  await startAdminServer({
    port,
    settings,
    logins: app.get(AdminLoginsStore),
    queues: jobs.all(),
    metrics: { contentType: scrape.contentType, text: () => scrape.text() },
    checks: {
      database: () => health.reached(),
      migrations: () => health.migrations(),
      queue: () => jobs.state(),
      clock: () => health.clock(Date.now),
      zone_data: () => Promise.resolve(zoneDataVersion),
    },
    vitals: app.get(Vitals),
    stopping,
    pages: [consolePage],
    report: (error) => log.error(error),
  });
  await app.listen(settings.PORT, '0.0.0.0');
  log.log({ listening: true, port: settings.PORT, adminPort: port.port });

  close = async () => {
    stopping.begin();
    await pause(settings.DRAIN_SECONDS * 1000);
    await consolePage.close();
    await endListening(app.getHttpServer());
    await app.close();
    await tracing.close();
    // Last: until then it says what this process is doing.
    await port.close();
  };
});
