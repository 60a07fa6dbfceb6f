import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { armFaultPoint } from '#environment/fault-point.js';
import { createLog } from '#environment/log.js';
import { settingsOrExit } from '#environment/settings.js';
import { exitOnFailedStart, shutDownOnSignals, surviveBrokenConnections } from '#environment/shutdown.js';
import { startAdminServer } from '#jobs/admin-server.js';
import { JobQueue } from '#jobs/job-queue.js';
import { Metrics } from '#metrics/metrics.js';
import { Scrape } from '#metrics/scrape.js';
import { zoneDataFaults } from '#policy/zone-canaries.js';
import { zoneDataVersion } from '#policy/zone-offsets.js';
import { DatabaseHealth } from '#store/database-health.js';
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

await exitOnFailedStart(async () => {
  const tracing = await openTracing(settings, 'dialer', log);
  const app = await NestFactory.createApplicationContext(DialerModule.for(settings, tracing), {
    logger: log,
    abortOnError: false,
  });
  await app.init();
  const dialer = app.get(Dialer);
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
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    user: settings.ADMIN_USER,
    password: settings.ADMIN_PASSWORD,
    queues: jobs.all(),
    metrics: {
      contentType: scrape.contentType,
      text: () => scrape.text(),
      token: settings.METRICS_TOKEN,
    },
    checks: {
      database: () => health.reached(),
      queue: () => jobs.state(),
      clock: () => health.clock(Date.now),
      zone_data: () => Promise.resolve(zoneDataVersion),
    },
  });
  log.log({ dialing: true, adminPort: admin.port });

  shutDownOnSignals(
    async () => {
      await dialer.stop();
      await admin.close();
      await app.close();
      await tracing.close();
    },
    (error) => log.error(error),
  );
});
