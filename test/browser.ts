import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

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
