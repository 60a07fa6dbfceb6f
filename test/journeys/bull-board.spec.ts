import { Queue } from 'bullmq';
import type { Browser, Page } from 'playwright-core';
import { afterEach, expect, inject, it } from 'vitest';
import { QueueConnection } from '#jobs/queue-connection.js';
import { CHROMIUM, isBrowserHere, openBrowser } from '../browser.js';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

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

afterEach(async () => {
  await browser?.close();
  await queue?.close();
  await house?.close();
});

it(
  'whatever an admin presses in Bull Board, nobody is rung twice and no call is lost',
  { timeout: 120_000 },
  async ({ skip }) => {
    if (!isBrowserHere) skip(`There is no ${CHROMIUM}.`);
    house = await House.open({
      settings: { ADMIN_USER: 'ada', ADMIN_PASSWORD: 'correct horse', ADMIN_QUEUES_WRITABLE: 'true' },
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
    for (let tries = 0; tries < 5; tries += 1) await logIn(page, 'wrong horse');
    await logIn(page, 'correct horse');
    expect(await page.getByRole('alert').textContent()).toMatch(/^Too many tries/);
    await house.cli(['admin', 'unlock']);
    await logIn(page, 'correct horse');

    await press(page, 'Promote all');
    expect(await queue.getDelayedCount()).toBe(0);
    await early;
    await page.goto('/queues/queue/dial?status=completed');
    await press(page, 'Retry all');
    await house.until('one is done again', async () => (await queue?.getCompletedCount()) !== 0);
    await press(page, 'Clean all');
    await queue.add('dial', { callId: ids[1], attempt: 1, offer: 98 }, { jobId: 'again' });
    await house.until('another is done', async () => (await queue?.getJob('again'))?.finishedOn);
    for (const [path, body] of otherButtons('again'))
      expect(await page.evaluate(pressed, { path, body }), path).toBeLessThan(300);
    await page.goto('/logout');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL('**/login');
    expect((await page.goto('/queues'))?.status()).toBe(401);

    const settled = await house.settled(ids);
    for (const id of ids) expect(settled.get(id).status).toBe('completed');
    const rang = (await house.ledger()).filter(({ kind, to }) => kind === 'ring' && numbers.includes(to));
    expect(rang.map(({ to }) => to).sort()).toEqual([...numbers].sort());
  },
);

function queueOf({ databaseUrl, prefix }: House): Queue {
  const redisUrl = inject('redisUrl') ?? undefined;
  const access = { redisUrl, databaseUrl, prefix, isCluster: false, shards: 1 };
  return new Queue('dial', new QueueConnection(access).shards[0]);
}

async function logIn(page: Page, password: string): Promise<void> {
  await page.getByLabel('User').fill('ada');
  await page.getByLabel('Password').fill(password);
  const answered = page.waitForResponse((response) => response.url().endsWith('/login'));
  await page.getByRole('button', { name: 'Log in' }).click();
  await (await answered).finished();
  await page.waitForLoadState();
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

/** In the page: with its cookies, as its own program asks. */
async function pressed({ path, body }: { path: string; body: object | undefined }): Promise<number> {
  const { document } = globalThis as unknown as { document: { cookie: string } };
  const [, token = ''] = /XSRF-TOKEN=([^;]+)/.exec(document.cookie) ?? [];
  const sent = body === undefined ? {} : { body: JSON.stringify(body), type: 'application/json' };
  const { status } = await fetch(`/queues/api/queues/${path}`, {
    method: 'PUT',
    headers: { 'x-xsrf-token': token, ...('type' in sent && { 'content-type': sent.type }) },
    ...('body' in sent && { body: sent.body }),
  });
  return status;
}
