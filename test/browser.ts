import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

/** As Debian's package has it. */
export const CHROMIUM = '/usr/bin/chromium';

/** Whether there is a browser to look with. */
export const isBrowserHere = existsSync(CHROMIUM);

/** No test may ask anybody on the network for anything. */
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS });
}

/** Fills in the form of the login that a page shows; until it is answered. */
export async function logIn(page: Page, { username, password }: Record<'username' | 'password', string>) {
  await page.getByLabel('User').fill(username);
  await page.getByLabel('Password').fill(password);
  const answered = page.waitForResponse((response) => response.url().endsWith('/login'));
  await page.getByRole('button', { name: 'Log in' }).click();
  await (await answered).finished();
  await page.waitForLoadState();
}

/** What a page's own program could ask its server for. */
export interface Asked {
  method: 'POST' | 'PUT';
  path: string;
  body?: object;
  /** Instead of the one that the page can read. */
  token?: string;
}

/** Asks from within a page: with its cookies, and the token in one of them. Resolves with the status. */
export function askFrom(page: Page, asked: Asked): Promise<number> {
  return page.evaluate(async ({ method, path, body, token }) => {
    const { document } = globalThis as unknown as { document: { cookie: string } };
    const [, own = ''] = /XSRF-TOKEN=([^;]+)/.exec(document.cookie) ?? [];
    const { status } = await fetch(path, {
      method,
      headers: { 'x-xsrf-token': token ?? own, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return status;
  }, asked);
}
