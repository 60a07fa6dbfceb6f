import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DATA_FOLDER } from '#environment/kept-secret.js';
import { banner } from './banner.js';
import { seedDemo, type Demo } from './demo.js';
import { chooseAddresses, houseSettings, type Addresses, type HouseSettings } from './house-settings.js';
import { Processes, type Program, type Running } from './processes.js';
import { showProgress, webhookLine } from './progress.js';
import { removeStores, startStores, type Stores } from './stores.js';
import { whenReady } from './when-ready.js';

export interface LaunchOptions {
  /** Forget what earlier starts have kept. */
  fresh: boolean;
  /** False: the queue lives in PostgreSQL, even where there is a Redis. */
  redis: boolean;
  /** How much faster than life the carrier is. */
  speed: number;
}

export interface Launch {
  options: LaunchOptions;
  processes: Processes;
  /** Aborted when everything is to end. */
  signal: AbortSignal;
  /** A line for the person at the terminal. */
  say: (line: string) => void;
}

/** Which processes run now, for the next start. */
export const RECORD_FILE = join(DATA_FOLDER, 'processes.json');
/** How to reach what runs now, for other commands in this folder. */
export const RUNNING_FILE = join(DATA_FOLDER, 'running.json');

const START_TIMEOUT_SECONDS = 60;

/**
 * Brings up the house on this machine and shows its calls until the signal is aborted. Throws, with what to say, when
 * something does not start or ends by itself; whatever runs then is the caller's to stop.
 */
export async function launch(started: Launch): Promise<void> {
  const { processes } = started;
  await Promise.race([bringUpAndShow(started), processes.unexpectedEnd]);
}

async function bringUpAndShow({ options, processes, signal, say }: Launch): Promise<void> {
  for (const name of await Processes.stopLeftBehind(RECORD_FILE)) {
    say(`Stopped ${name}, which an earlier start had left behind.`);
  }
  rmSync(RUNNING_FILE, { force: true });
  const asked = process.env;
  if (options.fresh) await beginAnew(asked, say);
  const addresses = await chooseAddresses(asked);

  say('Starting the stores …');
  const isRedisWanted = options.redis && asked.RINGFENCE_NO_REDIS !== '1';
  const stores = await startStores({ folder: DATA_FOLDER, processes, asked, isRedisWanted });
  const settings = houseSettings({ ...stores, asked, addresses, speed: options.speed });
  say('Applying migrations …');
  await processes.run(app('migrate', 'cli', ['migrate'], settings.everybody));
  say('Starting carrier, api and dialer …');
  await startApps(processes, addresses, settings);
  writeRunningFile(stores, addresses, settings);

  say('Seeding the demo …');
  // The first webhooks arrive while the demo is still being seeded.
  let introduce = () => {};
  const introduced = new Promise<void>((resolve) => (introduce = resolve));
  const demo = await seedDemo({
    apiUrl: apiUrl(addresses),
    file: join(DATA_FOLDER, 'demo.json'),
    cli: (words) => processes.run(app(words[0] ?? 'cli', 'cli', [...words, '--json'], settings.everybody)),
    onWebhook: (arrival) => void introduced.then(() => say(withTime(webhookLine(arrival)))),
  });
  signal.addEventListener('abort', () => void demo.receiver.close());
  say(introduction(demo, stores, addresses, settings));
  introduce();
  await showProgress(demo.watcher, (line) => say(withTime(line)), signal);
}

async function beginAnew(asked: NodeJS.ProcessEnv, say: (line: string) => void): Promise<void> {
  if (asked.DATABASE_URL)
    throw new Error('--fresh forgets the embedded stores; with DATABASE_URL set there are none.');
  say('Beginning anew: forgetting what earlier starts have kept.');
  await removeStores(DATA_FOLDER);
}

async function startApps(processes: Processes, addresses: Addresses, settings: HouseSettings): Promise<void> {
  const { carrierUrl, isOwnCarrier, dialerAdminPort } = addresses;
  const starting: Promise<void>[] = [];
  const start = (name: string, variables: NodeJS.ProcessEnv, readyUrl: string) => {
    const running = processes.start(app(name, name, [], variables));
    processes.require(running);
    starting.push(readyAt(running, readyUrl));
  };
  // Stopping is the reverse of this order: nobody is left calling a process that is gone.
  if (isOwnCarrier) start('carrier', settings.carrier, `${carrierUrl}/health`);
  start('api', settings.api, `${apiUrl(addresses)}/api/v1/health`);
  start('dialer', settings.dialer, `http://127.0.0.1:${dialerAdminPort}/ready`);
  await Promise.all(starting);
}

function readyAt(running: Running, url: string): Promise<void> {
  const answers = () =>
    fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  return whenReady(running, answers, START_TIMEOUT_SECONDS);
}

/** A built program of this house, beside this one. */
function app(name: string, folder: string, args: string[], variables: NodeJS.ProcessEnv): Program {
  const file = resolve(import.meta.dirname, '..', folder, 'main.js');
  const logFile = join(DATA_FOLDER, 'logs', `${name}.log`);
  return { name, command: process.execPath, args: [file, ...args], variables, logFile };
}

/** Holds passwords: for its owner's eyes only. */
function writeRunningFile(stores: Stores, addresses: Addresses, { everybody }: HouseSettings): void {
  const running = {
    pid: process.pid,
    databaseUrl: stores.databaseUrl,
    redisUrl: stores.redisUrl,
    isRedisCluster: everybody.REDIS_CLUSTER === 'true',
    queuePrefix: everybody.QUEUE_PREFIX,
    queueShards: Number(everybody.QUEUE_SHARDS) || undefined,
    apiUrl: apiUrl(addresses),
    adminUrl: adminUrl(addresses),
    carrierUrl: addresses.carrierUrl,
  };
  rmSync(RUNNING_FILE, { force: true });
  writeFileSync(RUNNING_FILE, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
}

function introduction(
  demo: Demo,
  stores: Stores,
  addresses: Addresses,
  { everybody }: HouseSettings,
): string {
  return banner({
    apiUrl: apiUrl(addresses),
    adminUrl: adminUrl(addresses),
    adminUser: everybody.ADMIN_USER ?? '',
    adminPassword: everybody.ADMIN_PASSWORD ?? '',
    carrierUrl: addresses.carrierUrl,
    stores: stores.description,
    token: demo.api.token,
    campaignId: demo.campaignId,
    logFolder: join(DATA_FOLDER, 'logs'),
  });
}

function apiUrl({ apiPort }: Addresses): string {
  return `http://127.0.0.1:${apiPort}`;
}

function adminUrl({ apiAdminPort }: Addresses): string {
  return `http://127.0.0.1:${apiAdminPort}`;
}

function withTime(line: string): string {
  return `${new Date().toTimeString().slice(0, 8)}  ${line}`;
}
