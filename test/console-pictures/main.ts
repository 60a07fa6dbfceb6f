import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { A_CAMPAIGN, AN_AGENT, WAY_TO } from '../bodies.js';
import { logIn, openBrowser } from '../browser.js';
import { House } from '../house.js';

/**
 * Takes the pictures in docs/console, on a PostgreSQL and a Redis that are given by DATABASE_URL (as a superuser) and REDIS_URL.
 * What its campaigns did until a quarter of an hour ago is written into the house's counters, and what waits into its calls; what
 * the pictures show of the last minutes has been dialled.
 */
const { DATABASE_URL: adminUrl = '', REDIS_URL: redisUrl = '' } = process.env;
const name = `pictures_${process.pid}`;
const LOGIN = { username: 'ada', password: 'of the admin port' };

/** How long the house dials before it is looked at. */
const DIALLING_MS = 160_000;

/** In one of these it is about noon, and in another night, at whatever hour pictures are taken. */
const ZONES = [
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
  'Pacific/Auckland',
  'Asia/Tokyo',
  'Asia/Kolkata',
];
const noon = ZONES.find((zone) => hourIn(zone) >= 11 && hourIn(zone) <= 16)!;
const night = ZONES.find((zone) => hourIn(zone) >= 20 || hourIn(zone) <= 6)!;

interface Pictured {
  name: string;
  waiting: number;
  /** Dials of each quarter of an hour that it was open. */
  dials: number;
  status?: string;
  settings?: Record<string, unknown>;
}

const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

const ENVIRONMENTS: Record<string, Pictured[]> = {
  Production: [
    { name: 'Appointment reminders', waiting: 2_600, dials: 110, settings: { max_calls_per_minute: 40 } },
    { name: 'Autumn renewals', waiting: 31_000, dials: 190, settings: { max_concurrent_calls: 40 } },
    { name: 'Payment call-back', waiting: 940, dials: 8, status: 'paused' },
    { name: 'Service survey, north', waiting: 12_800, dials: 80, settings: { timezone: night } },
    {
      name: 'Vaccination call-back',
      waiting: 44_000,
      dials: 55,
      settings: { max_calls_per_minute: 30, end_date: tomorrow },
    },
  ],
  Nordic: [{ name: 'Vinterkampanj', waiting: 6_300, dials: 50 }],
  Staging: [{ name: 'Script trial', waiting: 0, dials: 1, status: 'completed' }],
};

/** What dials came to, the state of those calls that they finished, and how many in a hundred dials each were. */
const HISTORY = `(VALUES
  ('answered', 'completed', 40, 40), ('voicemail', 'voicemail', 16, 6), ('no_answer', 'no-answer', 27, 9),
  ('busy', 'busy', 10, 3), ('rejected', 'failed', 3, 2), ('unreachable', 'failed', 4, 3)) AS told (outcome, state, dials, calls)`;

await takePictures();

async function takePictures(): Promise<void> {
  if (adminUrl === '' || redisUrl === '') throw new Error('Set DATABASE_URL and REDIS_URL.');
  const databaseUrl = Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
  await query(adminUrl, `CREATE DATABASE ${name}`);
  try {
    const env = { ...process.env, DATABASE_URL: databaseUrl };
    await promisify(execFile)(process.execPath, [resolve('dist/apps/cli/main.js'), 'migrate'], { env });
    const settings = {
      ADMIN_USER: LOGIN.username,
      ADMIN_PASSWORD: LOGIN.password,
      CAMPAIGN_RAMP_SECONDS: '0',
      TRUNK_CALLS_PER_SECOND: '4',
      UNSAFE_COOLDOWN_HOUR_SECONDS: '3600',
    };
    const stores = { databaseUrl, redisUrl, prefix: name };
    const house = await House.on(stores, { speed: 1, environmentName: 'Production', settings });
    try {
      await fill(house);
      await pause(DIALLING_MS);
      await look(house);
    } finally {
      await house.close();
    }
  } finally {
    await query(adminUrl, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

async function fill(house: House): Promise<void> {
  for (const [environment, campaigns] of Object.entries(ENVIRONMENTS)) {
    const { id: environmentId } =
      environment === 'Production'
        ? { id: house.environmentId }
        : await house.cli(['environment', 'create', '--name', environment, '--legal-guard', 'off']);
    const ask = house.as(await house.newToken(environmentId as string));
    for (const campaign of campaigns) {
      const { data: agent } = (await ask('POST', '/agents', AN_AGENT)).body;
      await ask('POST', `/agents/${agent.id}/publish`);
      const hours = { call_time_ranges: [{ start: '08:00', end: '20:00' }], timezone: noon, max_retries: 2 };
      const body = { ...A_CAMPAIGN, ...hours, ...campaign.settings, name: campaign.name, agent_id: agent.id };
      const { data } = (await ask('POST', '/campaigns', body)).body;
      await writeHistory(house, data.id as string, campaign.dials);
      await writeWaiting(house, data.id as string, campaign.waiting);
      for (const status of WAY_TO[campaign.status ?? 'active']!)
        await ask('PATCH', `/campaigns/${data.id}/status`, { status });
    }
    if (environment === 'Nordic') await ask('PATCH', '/environment', { kill_switch: true });
  }
}

/** In the counters, as though it had been folded into them; before its calls, which add to them. */
async function writeHistory(house: House, id: string, dials: number): Promise<void> {
  await query(
    house.databaseUrl,
    `INSERT INTO stat_quarters (environment_id, campaign_id, is_testing, quarter, figure, amount)
     SELECT environment_id, id, false, quarter, 'attempts:' || told.outcome,
       ceil($2 * told.dials / 100.0 * (1 + 0.3 * sin(extract(epoch FROM quarter) / 7000)))
     FROM campaigns CROSS JOIN ${HISTORY} CROSS JOIN generate_series(
       date_bin('15 minutes', now(), 'epoch') - interval '1 day', now() - interval '30 minutes', '15 minutes') AS quarter
     WHERE id = $1 AND extract(hour FROM quarter AT TIME ZONE timezone) BETWEEN 8 AND 19`,
    [id, dials],
  );
  await query(
    house.databaseUrl,
    `WITH counted AS (SELECT quarters.*, told.state, told.calls::numeric / told.dials AS share
       FROM stat_quarters AS quarters JOIN ${HISTORY} ON figure = 'attempts:' || outcome WHERE campaign_id = $1)
     INSERT INTO stat_totals (environment_id, campaign_id, is_testing, figure, amount)
     SELECT environment_id, campaign_id, false, figures.figure, sum(figures.amount) FROM counted CROSS JOIN LATERAL (VALUES
       (counted.figure, counted.amount), ('calls:' || state, round(counted.amount * share)),
       ('calls', round(counted.amount * share))) AS figures (figure, amount) GROUP BY 1, 2, 4`,
    [id],
  );
}

/** Calls that are due, to numbers by which the carrier knows how they end; one of a hundred and fifty it is never heard of again. */
async function writeWaiting(house: House, id: string, waiting: number): Promise<void> {
  await query(
    house.databaseUrl,
    `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, ready_at, next_attempt_at)
     SELECT environment_id, id, agent_id, '+1' || 2020000000::bigint + $2 * 10000000 + nth * 100 + CASE nth % 150
       WHEN 7 THEN 92 ELSE (ARRAY[0, 12, 34, 45, 60, 65, 70, 80, 89, 99])[1 + nth % 10] END, 'waiting', now(), now()
     FROM campaigns CROSS JOIN generate_series(1, $3) AS nth WHERE id = $1`,
    [id, waiting % 97, waiting],
  );
}

async function look(house: House): Promise<void> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1360, height: 1300 }, timezoneId: noon });
    await page.goto(`http://127.0.0.1:${house.apiAdminPort}/console`);
    await logIn(page, LOGIN);
    await page.locator('#hours .shade-4').first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `docs/console/${colorScheme}.png` });
    }
  } finally {
    await browser.close();
  }
}

async function query(url: string, text: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(text, values).finally(() => client.end());
}

function hourIn(timeZone: string): number {
  return Number(new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit' }).format(new Date()));
}
