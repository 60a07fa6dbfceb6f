import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA_FOLDER } from '#environment/kept-secret.js';

/** A word that a test puts where a client's own data go, and that nobody but client and carrier is to see. */
export const UNSAYABLE = 'Nebuchadnezzar';

/** What must be in no log, no metric and no job, in whatever test: numbers as tests have them, tokens, keys of webhooks. */
const NEVER_TOLD: Record<string, RegExp> = {
  'a phone number': /(?:(?<![\w+=])\+|%2B)[1-9]\d{6,14}(?!\w)/,
  'a phone number without its plus': /(?<![\w.+/=-])1?[2-9]\d{2}555\d{4}(?![\w.])/,
  'a token': /talq_[0-9A-Za-z]{20}/,
  'a secret of a webhook': /whsec_[0-9A-Za-z+/=]{8}/,
  'a payload or a context': new RegExp(UNSAYABLE, 'i'),
};

/** Settings that are secrets. */
const SECRET_SETTING = /(?:SECRET|PASSWORD|TOKEN|ENCRYPTION_KEY)$/;

/** Something that is read by people who are not to know it. */
export interface Told {
  where: string;
  text: string;
}

/**
 * What was told that must not be, a line each: where, what kind, and the beginning of the line it is in.
 * @param settings of the processes that told it: those that are secrets are looked for too
 */
export function leaksIn(told: Told[], settings: Record<string, string | undefined>): string[] {
  const secrets = [...secretsOf(settings), ...keptSecrets()];
  return told.flatMap(({ where, text }) => {
    const found = Object.entries(NEVER_TOLD).flatMap(([what, pattern]): [string, number][] => {
      const at = text.search(pattern);
      return at < 0 ? [] : [[what, at]];
    });
    const known = secrets.flatMap(([what, secret]): [string, number][] => {
      const at = text.indexOf(secret);
      return at < 0 ? [] : [[what, at]];
    });
    return [...found, ...known].map(([what, at]) => `${where} tells ${what}: ${lineAt(text, at)}`);
  });
}

/**
 * What metrics say, without the numbers that they measure: bytes of memory or seconds since 1970 may well look like a phone
 * number. Their names and labels are what could tell of somebody.
 */
export function namesAndLabelsOf(scrape: string): string {
  return scrape.replace(/^([^#\n].*) \S+$/gm, '$1');
}

function secretsOf(settings: Record<string, string | undefined>): [string, string][] {
  return Object.entries(settings).flatMap(([name, value]): [string, string][] =>
    SECRET_SETTING.test(name) && value ? [[name, value]] : [],
  );
}

/** Those that processes have made for themselves in this folder. */
function keptSecrets(): [string, string][] {
  const folder = join(DATA_FOLDER, 'secrets');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name): [string, string][] => {
    const secret = readFileSync(join(folder, name), 'utf8').trim();
    return secret === '' ? [] : [[name.toUpperCase(), secret]];
  });
}

function lineAt(text: string, at: number): string {
  const begins = text.lastIndexOf('\n', at) + 1;
  return text.slice(Math.max(begins, at - 200), at + 60).split('\n')[0] ?? '';
}
