import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
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
import { DatabaseHealth } from '#store/database-health.js';
import { databaseToAnswer } from '#store/database-to-answer.js';
import { HouseFactsStore } from '#store/house-facts.store.js';
import { Pools } from '#store/pools.js';
import { openTracing } from '#tracing/open-tracing.js';
import { Dialer } from './dialer.js';
import { DialerModule } from './dialer.module.js';
import { Leader } from './leader.js';

const settings = settingsOrExit(zoneDataFaults());
const log = createLog(settings, 'dialer');
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
  const tracing = await openTracing(settings, 'dialer', log);
  const app = await NestFactory.createApplicationContext(DialerModule.for(settings, tracing), {
    logger: log,
    abortOnError: false,
  });
  await app.init();
  const dialer = app.get(Dialer);
  const stopping = app.get(Stopping);
  close = async () => {
    stopping.begin();
    await dialer.stop();
    await app.close();
    await tracing.close();
    // Last: until then it says what this process is doing.
    await port.close();
  };
  await dialer.start();

  const jobs = app.get(JobQueue);
  const health = app.get(DatabaseHealth);
  const sources = {
    facts: () => app.get(HouseFactsStore).read(),
    queueDepths: () => jobs.depths(),
    pools: () => app.get(Pools).use(),
    isLeading: () => app.get(Leader).isLeading,
  };
  const scrape = new Scrape(app.get(Metrics), sources, () => performance.now());
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
    report: (error) => log.error(error),
  });
  log.log({ dialing: true, adminPort: port.port });
});
