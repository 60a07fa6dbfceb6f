import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Locator, Page } from 'playwright-core';
import { DataSource } from 'typeorm';
import { askFrom, isBrowserHere, logIn, openBrowser } from '../browser.js';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

const LOGIN = { username: 'ada', password: 'of the admin port' };

let house: House;
let browser: Browser;
let page: Page;
/** What the page or the browser itself complained of. */
const complaints: string[] = [];

beforeAll(async () => {
  if (!isBrowserHere) return;
  house = await House.open({
    speed: 40,
    settings: {
      ADMIN_USER: LOGIN.username,
      ADMIN_PASSWORD: LOGIN.password,
      ADMIN_QUEUES_WRITABLE: 'true',
      UNSAFE_RECONCILE_HORIZON_SECONDS: '3',
    },
  });
  browser = await openBrowser();
  const context = await browser.newContext();
  context.setDefaultTimeout(20_000);
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`http://127.0.0.1:${house.apiAdminPort}/console`);
  await logIn(page, LOGIN);
  await sees(page.locator('#live'), 'Live');
});

afterAll(async () => {
  await browser?.close();
  await house?.close();
});

function campaignNamed(name: string): Locator {
  return page.locator('#campaigns tbody').filter({ has: page.getByRole('button', { name }) });
}

async function sees(where: Locator, words: string | RegExp): Promise<void> {
  await where.filter({ hasText: words }).first().waitFor();
}

/** Dials that came to an outcome, as the page shows them: those that began before a full hour are in another cell. */
async function dialsShown(outcome: string): Promise<number> {
  const row = page.locator('#hours tbody tr').filter({ hasText: outcome });
  const cells = await row.locator('td').allTextContents();
  return cells.filter((text) => text !== '·').reduce((sum, text) => sum + Number(text), 0);
}

/** All that was done by the console, in the order in which it was, as the audit log has it. */
async function audited(): Promise<string[]> {
  const source = await new DataSource({ type: 'postgres', url: house.databaseUrl }).initialize();
  const entries = await source.query<{ actor: string; action: string }[]>(
    `SELECT actor, action FROM audit_log WHERE actor LIKE 'admin:%' AND NOT starts_with(action, 'admin.') ORDER BY id`,
  );
  await source.destroy();
  return entries.map(({ actor, action }) => `${actor} ${action}`);
}

/** Throws the kill switch, as the page's own program asks, but for what is said otherwise. */
function throwSwitch(path: string, token?: string): Promise<number> {
  const asked = { method: 'POST', path: `/console/${path}`, body: { kill_switch: true } } as const;
  return askFrom(page, token === undefined ? asked : { ...asked, token });
}

/** What keeps some people from using the page as it stands, in the light and in the dark. */
async function faults(): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await page.evaluate(faultsOfPage)).map((fault) => `${colorScheme}: ${fault}`));
  }
  return found;
}

describe.skipIf(!isBrowserHere)('the console, in a browser (where there is /usr/bin/chromium)', () => {
  it('shows a campaign, and its progress as a call is placed, without being loaded again', async () => {
    const id = await house.campaign({ name: 'Autumn offer' });
    const autumn = campaignNamed('Autumn offer');
    await sees(autumn, '0 of 0 done');
    await page.evaluate(() => ((globalThis as any).stillThisPage = true));
    await house.settled([await house.call(id, aNumber('00')), await house.call(id, aNumber('70'))]);
    await sees(autumn, '2 of 2 done');
    await autumn.getByRole('button', { name: 'Autumn offer' }).press('Enter');
    await sees(autumn.locator('[data-part="calls"] > div'), 'Completed150 %');
    await house.until('the busy one is in its hour', async () => (await dialsShown('Busy')) === 1);
    await sees(autumn.getByRole('cell').filter({ hasText: 'To the end' }), 'Nothing waits');
    expect(await page.evaluate(() => (globalThis as any).stillThisPage)).toBe(true);
  });

  it('tells the end of what waits by the pace of the calls before, and what those came to by the hour', async () => {
    const id = await house.campaign({ name: 'Paced' });
    await house.settled([await house.call(id, aNumber('00'))]);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    for (let nth = 0; nth < 9; nth += 1) await house.call(id, aNumber('00'), { not_before: tomorrow });
    const end = campaignNamed('Paced').getByRole('cell').filter({ hasText: 'To the end' });
    await sees(end, /To the end(9|1\d) minof open hours; [\w :]+ at the earliest/);
    const row = (outcome: string) => page.locator('#hours tbody tr').filter({ hasText: outcome });
    // Two answered of three, and one busy; or fewer, where a full hour lies between them.
    await row('Answered')
      .locator('td[class*="shade-"]')
      .filter({ hasText: /^[12]$/ })
      .first()
      .waitFor();
    await row('Busy').locator('td[class*="shade-"]').filter({ hasText: /^1$/ }).waitFor();
  });

  it('says in words why a campaign does not dial', async () => {
    const day = ((new Date().getUTCDay() + 1) % 7) + 1;
    await house.campaign({ name: 'Closed today', days_of_week: [day] });
    const closed = campaignNamed('Closed today');
    await sees(closed, /Not dialling Its hours are closed\. Until \w{3} 00:00\./);
    await sees(closed, 'No call of it waits.');
  });

  it('lets an unknown outcome be resolved by who found out, and keeps who that was', async () => {
    const before = { busy: await dialsShown('Busy'), audited: await audited() };
    const id = await house.call(await house.campaign({ name: 'Lost word', max_retries: 0 }), aNumber('92'));
    await house.settled([id]);
    await page.locator('#unknown tr').filter({ hasText: 'Lost word' }).getByRole('button').click();
    const dialog = page.getByRole('dialog', { name: 'What did the call come to?' });
    expect(await faults()).toEqual([]);
    await dialog.getByLabel('Outcome').selectOption('busy');
    await dialog.getByLabel('Note').fill('The carrier says so');
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await sees(page.locator('#said'), 'The call is resolved: busy.');
    expect(await house.readCall(id)).toMatchObject({ status: 'busy', outcome: 'busy' });
    await page.locator('#unknown tr').filter({ hasText: 'Lost word' }).waitFor({ state: 'detached' });
    await page.locator('#unknown-heading:focus').waitFor();
    await house.until('it is in its hour', async () => (await dialsShown('Busy')) === before.busy + 1);
    expect(await audited()).toEqual([...before.audited, 'admin:ada unknown.resolved']);
  });

  it('stops an environment once that is confirmed, lets it dial again, and keeps who did both', async () => {
    const before = await audited();
    const row = page.locator('#environments tbody tr');
    const stop = row.getByRole('button', { name: 'Stop dialling' });
    const dialog = page.getByRole('dialog', { name: /Stop all dialling of/ });
    await stop.press('Enter');
    await dialog.locator(':focus').waitFor();
    expect(await faults()).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).press('Enter');
    await stop.and(page.locator(':focus')).waitFor();
    expect((await house.must('GET', '/environment')).data.kill_switch).toBe(false);
    await stop.click();
    await dialog.getByRole('button', { name: 'Stop dialling' }).click();
    await sees(page.locator('#said'), 'is stopped: 9 calls held, 0 in flight, 0 unknown.');
    await sees(page.locator('#notices'), 'The kill switch of');
    const to = aNumber('00');
    const id = await house.call(await house.campaign({ name: 'Held' }), to);
    await sees(campaignNamed('Held'), 'The kill switch of the environment is on.');
    expect((await house.ledger()).some((line) => line.to === to)).toBe(false);
    await row.getByRole('button', { name: 'Dial again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Dial again' }).click();
    expect((await house.settled([id])).get(id).status).toBe('completed');
    const changed = 'admin:ada environment.changed';
    expect(await audited()).toEqual([...before, changed, changed]);
  });

  it('takes no change but from itself, and of what there is', async () => {
    const before = await audited();
    const path = `environments/${house.environmentId}/kill-switch`;
    const unknown = path.replace(house.environmentId, randomUUID());
    expect(await throwSwitch(path, 'guessed')).toBe(403);
    expect(await throwSwitch('environments/production/kill-switch')).toBe(400);
    expect(await throwSwitch(unknown)).toBe(404);
    const script = await fetch(`http://127.0.0.1:${house.apiAdminPort}/console/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(Object.values(LOGIN).join(':')).toString('base64')}`,
      },
      body: '{"kill_switch":true}',
    });
    expect(script.status).toBe(401);
    expect((await house.must('GET', '/environment')).data.kill_switch).toBe(false);
    expect(await audited()).toEqual(before);
  });

  it('can be read by everybody, with what a campaign has in its details', async () => {
    await campaignNamed('Autumn offer').getByText('Dials for each call so far').waitFor();
    expect(await faults()).toEqual([]);
  });

  it('ends with its process, and comes again by itself: there where nothing may be changed', async () => {
    const exited = once(house.apiProcess, 'exit');
    house.apiProcess.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    await sees(page.locator('#live'), 'Connection lost');
    await house.startApi({ ADMIN_QUEUES_WRITABLE: 'false' });
    await page.locator('#read-only').waitFor();
    await sees(page.locator('#live'), 'Live');
    expect(await page.getByRole('button', { name: /Stop dialling/ }).count()).toBe(0);
    const path = `environments/${house.environmentId}/kill-switch`;
    expect(await throwSwitch(path)).toBe(405);
    expect(complaints.filter((text) => !/ERR_|status of (40[0-5]|503)/.test(text))).toEqual([]);
  });
});

/** Run in the page: what of WCAG 2.2 AA can be told by looking at its elements. Its text must be of contrast enough, all that is pressed named. */
function faultsOfPage(): string[] {
  const faults: string[] = [];
  const { document, getComputedStyle } = globalThis as any;
  const all = (selector: string): any[] =>
    [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const named = (one: any) =>
    one.getAttribute('aria-label') ?? (one.textContent.trim() || one.labels?.[0]?.textContent.trim()) ?? '';
  for (const one of all('button, select, input, a'))
    if (!named(one)) faults.push(`no name: ${one.outerHTML}`);
  for (const table of all('table')) {
    if (![...table.querySelectorAll('thead th')].every((head: any) => head.scope === 'col'))
      faults.push(`heads: ${table.id}`);
    for (const row of table.querySelectorAll('tbody tr')) {
      const isLine = row.cells.length > 1 && !row.querySelector('th[scope="row"]');
      if (isLine) faults.push(`row without a head: ${row.outerHTML}`);
    }
  }
  const levels = all('h1, h2, h3').map((heading) => Number(heading.tagName[1]));
  if (levels[0] !== 1 || levels.some((level, nth) => level - (levels[nth - 1] ?? 0) > 1))
    faults.push(`headings: ${levels.join()}`);
  for (const landmark of ['header', 'main', 'nav'])
    if (all(landmark).length !== 1) faults.push(`landmark: ${landmark}`);
  const ids = [...document.querySelectorAll('[id]')].map((one: any) => one.id);
  if (new Set(ids).size !== ids.length) faults.push('ids that are there twice');

  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const channels = (color: string): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color: number[]) =>
    color.slice(0, 3).reduce((sum, channel, nth) => {
      const share = channel / 255;
      const linear = share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      return sum + linear * [0.2126, 0.7152, 0.0722][nth]!;
    }, 0);
  const ground = (one: any): number[] => {
    const color = channels(getComputedStyle(one).backgroundColor);
    return color[3] === 255 || one.parentElement === null ? color : ground(one.parentElement);
  };
  for (const one of all('main *, header *, dialog *')) {
    if (![...one.childNodes].some((node: any) => node.nodeType === 3 && node.data.trim() !== '')) continue;
    if (one.closest('.unseen, option, :disabled')) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(one).color)), luminance(ground(one))].sort(
      (a, b) => b - a,
    );
    const contrast = (light! + 0.05) / (dark! + 0.05);
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)}: ${one.outerHTML.slice(0, 120)}`);
  }
  return faults;
}
