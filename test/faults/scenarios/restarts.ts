import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../../apps/start/free-port.js';
import { Balancer } from '../balancer.js';
import type { Trial } from '../trial.js';

/** Longest that an api may take to stop: it drains for a second, waits another for what is on its way, and answers what it has. */
const API_STOP_MS = 5_000;

/** Longest that a dialer may take: a request to the carrier, and what has to be written down of it. */
const DIALER_STOP_MS = 15_000;

const PATIENCE_MS = 60_000;

/**
 * A new version is rolled out again and again: two apis behind a balancer and two dialers, each in turn asked to stop and
 * started anew, while calls are made and the carrier calls back through the same balancer. No request may be dropped or
 * answered with an error, and whoever is asked to stop ends with 0.
 */
export async function restarts(trial: Trial): Promise<void> {
  const { house } = trial;
  const ports = [Number(house.variables.PORT), await freePort()];
  const apis = new Map([[ports[0], house.apiProcess]]);
  const balancer = new Balancer(ports);
  const direct = house.variables.PUBLIC_URL as string;
  try {
    const url = await balancer.open();
    apis.set(ports[1], await anApi(trial, ports[1]!));
    house.variables.PUBLIC_URL = url;
    trial.keepDialer();
    trial.keepDialer();
    await trial.disturb(trial.killEveryMs, async (turn) => {
      if (turn % 2 === 1) return stopDialer(trial);
      const port = ports[(turn / 2) % 2]!;
      await stop(trial, apis.get(port)!, 'an api stops', API_STOP_MS);
      apis.set(port, await anApi(trial, port));
    });
    await trial.settle();
  } finally {
    house.variables.PUBLIC_URL = direct;
    await balancer.close();
  }
  const { requests, turnedAway, dropped } = balancer;
  trial.timings.push(`${requests} requests through the balancer, ${turnedAway} of them past a stopped api`);
  for (const { method, path, because } of dropped)
    trial.breaches.push(`${method} ${path} was dropped: ${because}`);
}

/** An api at a port, once it answers there. */
async function anApi(trial: Trial, port: number): Promise<ChildProcess> {
  const api = trial.house.spawnApi({ PORT: port.toString(), ADMIN_PORT: '0' });
  await trial.comes('an api answers again', PATIENCE_MS, () =>
    fetch(`http://127.0.0.1:${port}/api/v1/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return api;
}

async function stopDialer(trial: Trial): Promise<void> {
  const dialer = trial.someDialer();
  if (dialer !== undefined) await stop(trial, dialer, 'a dialer stops', DIALER_STOP_MS);
}

async function stop(trial: Trial, process: ChildProcess, what: string, limitMs: number): Promise<void> {
  const begunAt = performance.now();
  const exited = once(process, 'exit');
  process.kill('SIGTERM');
  const [code] = (await exited) as [number | null];
  trial.timed(what, performance.now() - begunAt, limitMs);
  if (code !== 0) trial.breaches.push(`${what}, and ends with ${code}`);
}
