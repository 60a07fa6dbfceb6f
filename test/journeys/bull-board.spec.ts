import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Queue } from 'bullmq';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DataSource } from 'typeorm';
import { afterEach, expect, inject, it } from 'vitest';
import { QueueConnection } from '#jobs/queue-connection.js';
import { askFrom, CHROMIUM, isBrowserHere, logIn, openBrowser } from '../browser.js';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

const LOGIN = { username: 'ada', password: 'correct horse' };

/** Every other button that moves tickets, as Bull Board's program asks for it. */
const otherButtons = (ticket: string): [path: string, body?: object][] => [
  [`dial/${ticket}/retry`],
  ['dial/retry/failed'],
  ['carrier-events/retry/completed'],
  ['webhooks/retry/completed'],
  ['pause'],
  ['dial/empty'],
  ['dial/obliterate', { force: true }],
  ['carrier-events/obliterate', { force: true }],
  ['resume'],
];

let house: House | undefined;
let browser: Browser | undefined;
let queue: Queue | undefined;
let elsewhere: Server | undefined;

afterEach(async () => {
  await browser?.close();
  await queue?.close();
  await house?.close();
  elsewhere?.closeAllConnections();
  elsewhere?.close();
});

it(
  'whatever an admin presses in Bull Board, nobody is rung twice, no call is lost, and it is written down',
  { timeout: 120_000 },
  async ({ skip }) => {
    if (!isBrowserHere) skip(`There is no ${CHROMIUM}.`);
    house = await House.open({
      settings: { ADMIN_USER: LOGIN.username, ADMIN_PASSWORD: LOGIN.password, ADMIN_QUEUES_WRITABLE: 'true' },
    });
    const campaignId = await house.campaign({ max_concurrent_calls: 4 });
    const numbers = Array.from({ length: 24 }, () => aNumber());
    const ids = await Promise.all(numbers.map((to) => house!.call(campaignId, to)));
    const early = house.settled(ids.slice(0, 4));
    queue = queueOf(house);
    await queue.add('dial', { callId: ids[0], attempt: 1, offer: 99 }, { jobId: 'early', delay: 3_600_000 });

    browser = await openBrowser();
    const context = await browser.newContext({
      baseURL: `http://127.0.0.1:${house.apiAdminPort}`,
      locale: 'en-US',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);

    await page.goto('/queues/queue/dial?status=delayed');
    for (let tries = 0; tries < 5; tries += 1) await logIn(page, { ...LOGIN, password: 'wrong horse' });
    await logIn(page, LOGIN);
    expect(await page.getByRole('alert').textContent()).toMatch(/^Too many tries/);
    await house.cli(['admin', 'unlock']);
    await logIn(page, LOGIN);

    await press(page, 'Promote all');
    expect(await queue.getDelayedCount()).toBe(0);
    await early;
    await page.goto('/queues/queue/dial?status=completed');
    await press(page, 'Retry all');
    await house.until('one is done again', async () => (await queue?.getCompletedCount()) !== 0);
    await press(page, 'Clean all');
    await queue.add('dial', { callId: ids[1], attempt: 1, offer: 98 }, { jobId: 'again' });
    await house.until('another is done', async () => (await queue?.getJob('again'))?.finishedOn);
    const others = otherButtons('again');
    for (const [path, body] of others) {
      const asked = { method: 'PUT', path: `/queues/api/queues/${path}` } as const;
      expect(await askFrom(page, body ? { ...asked, body } : asked), path).toBeLessThan(300);
    }

    const theirs = await openElsewhere(context);
    const { origin } = new URL(page.url());
    await expect(theirs.evaluate(put, `${origin}/queues/api/queues/pause`)).rejects.toThrow();
    for (const path of ['/queues/api/queues/dial/add', '/logout']) {
      const [answer] = await Promise.all([
        theirs.waitForResponse(`${origin}${path}`),
        theirs.waitForEvent('load'),
        theirs.evaluate(postForm, `${origin}${path}`),
      ]);
      expect(answer.status(), path).toBe(403);
      await theirs.goBack();
    }
    expect(await queue.isPaused()).toBe(false);

    await page.goto('/logout');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL('**/login');
    expect((await page.goto('/queues'))?.status()).toBe(401);

    const settled = await house.settled(ids);
    for (const id of ids) expect(settled.get(id).status).toBe('completed');
    const rang = (await house.ledger()).filter(({ kind, to }) => kind === 'ring' && numbers.includes(to));
    expect(rang.map(({ to }) => to).sort()).toEqual([...numbers].sort());
    expect(await audited(house)).toEqual([
      ...Array.from({ length: 5 }, () => 'admin admin.login_failed'),
      'admin admin.locked_out',
      'cli admin.unlocked',
      'admin:ada admin.logged_in',
      ...[
        'dial/promote',
        'dial/retry/completed',
        'dial/clean/completed',
        ...others.map(([path]) => path),
      ].map((path) => `admin:ada admin.changed PUT /queues/api/queues/${path}`),
      'admin:ada admin.logged_out',
    ]);
  },
);

function queueOf({ databaseUrl, prefix }: House): Queue {
  const redisUrl = inject('redisUrl') ?? undefined;
  const access = { redisUrl, databaseUrl, prefix, isCluster: false, shards: 1 };
  return new Queue('dial', new QueueConnection(access).shards[0]);
}

/** A button of Bull Board, which asks whether one is sure; until it is done. */
async function press(page: Page, name: string): Promise<void> {
  const [done] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'PUT'),
    page
      .getByRole('button', { name })
      .click()
      .then(() => page.getByRole('button', { name: 'Confirm' }).click()),
  ]);
  expect(done.status(), name).toBeLessThan(300);
}

/** A page of somebody else at another port of the same host, where browsers send the cookies of ours along. */
async function openElsewhere(context: BrowserContext): Promise<Page> {
  elsewhere = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>Theirs'));
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`);
  return page;
}

/** In a page: all that one of another origin can send off without being asked whether it may. */
function postForm(to: string): void {
  const { document } = globalThis as any;
  const form = document.body.appendChild(document.createElement('form'));
  Object.assign(form, { method: 'post', action: to });
  form.submit();
}

/** In a page: what it has to be asked for first. */
async function put(to: string): Promise<void> {
  await fetch(to, { method: 'PUT', credentials: 'include' });
}

/** Who did what at the admin port, one after another; of a button, the very path that it asked for. */
async function audited({ databaseUrl }: House): Promise<string[]> {
  const source = await new DataSource({ type: 'postgres', url: databaseUrl }).initialize();
  const rows = await source.query<{ actor: string; action: string; detail: Record<string, string> }[]>(
    `SELECT actor, action, detail FROM audit_log WHERE starts_with(action, 'admin.') ORDER BY id`,
  );
  await source.destroy();
  return rows.map(({ actor, action, detail }) => {
    const path = detail.route?.replace(/:(\w+)/g, (_, name: string) => detail[name] ?? '');
    return [actor, action, ...(path === undefined ? [] : [path])].join(' ');
  });
}
