import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WEBHOOK_BACKOFF_SECONDS } from '#policy/webhook-plan.js';
import { callEventBody, type ToldCall } from '#store/event-bodies.js';
import { WebhookReach } from '#webhooks/webhook-reach.js';
import { sendWebhook } from '#webhooks/webhook-request.js';
import { webhookHeaders } from '#webhooks/webhook-signature.js';
import { freePort } from '../apps/start/free-port.js';
import { component } from './described-api.js';

/** The page for receivers. Every command of the project runs in its top folder. */
const guide = readFileSync(resolve('docs/webhooks.md'), 'utf8');

const NEWEST = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
const OLD = 'the old one, which is its own bytes';
const OTHER = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const BODY = '{"type":"campaign_call.completed","context":{"name":"José 🙂"}}';

/** Whatever a receiver may need to be there: a Java that starts while everything else runs. */
const PATIENCE_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'rf-guide-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The code on the page whose first lines name this file. */
function codeOf(file: string): string {
  const blocks = [...guide.matchAll(/^```[a-z]+\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
  const code = blocks.find((block) => block.split('\n', 2).some((line) => line.includes(`${file}:`)));
  if (code === undefined) throw new Error(`There is no ${file} in the guide.`);
  return code;
}

function isThere(command: string, ...words: string[]): boolean {
  return spawnSync(command, words, { stdio: 'ignore' }).status === 0;
}

interface Message {
  headers: Record<string, string>;
  body: string;
}

/** A delivery as it is sent, with two valid secrets. */
function message(secrets = [NEWEST, OLD], ageSeconds = 0): Message {
  return {
    headers: webhookHeaders(randomUUID(), new Date(Date.now() - ageSeconds * 1000), BODY, secrets),
    body: BODY,
  };
}

/** What must not pass, with what is wrong about it. */
const FORGERIES: [string, () => Message][] = [
  ['with a changed body', () => ({ ...message(), body: BODY.replace('José', 'Jose') })],
  ['with a space more in its body', () => ({ ...message(), body: `${BODY} ` })],
  ['that is six minutes old', () => message([NEWEST, OLD], 360)],
  ['that is six minutes early', () => message([NEWEST, OLD], -360)],
  ['signed with another secret', () => message([OTHER])],
  ['that is not signed', () => message([])],
  ['under another id', () => changed('webhook-id', randomUUID())],
  ['with another time', () => changed('webhook-timestamp', `${Math.floor(Date.now() / 1000) - 1}`)],
  ['with a time that is no number', () => changed('webhook-timestamp', 'now')],
  [
    'with half a signature',
    () => changed('webhook-signature', message().headers['webhook-signature']!.slice(0, 20)),
  ],
  ['of another version', () => changed('webhook-signature', 'v1a,AAAA v2,AAAA')],
];

function changed(header: string, value: string): Message {
  const { headers, body } = message();
  return { headers: { ...headers, [header]: value }, body };
}

const RECEIVERS = [
  { language: 'Node', file: 'receiver.mjs', command: process.execPath, isHere: true },
  { language: 'Python', file: 'receiver.py', command: 'python3', isHere: isThere('python3', '--version') },
  { language: 'Java', file: 'Receiver.java', command: 'java', isHere: isThere('javac', '-version') },
];

for (const { language, file, command, isHere } of RECEIVERS) {
  const named = isHere ? language : `${language} (skipped: there is no ${command} here)`;
  describe.skipIf(!isHere)(`the receiver of the guide in ${named}`, () => {
    const receivers: Receiver[] = [];

    beforeAll(async () => {
      writeFileSync(join(folder, file), codeOf(file));
      for (const secret of [NEWEST, OLD]) receivers.push(await Receiver.start(command, file, secret));
    }, 2 * PATIENCE_MS);

    afterAll(() => Promise.all(receivers.map((receiver) => receiver.stop())));

    it('takes a delivery by either of two secrets, and once of those that come again', async () => {
      const sent = message();
      for (const receiver of receivers) {
        expect([await receiver.told(sent), await receiver.told(sent)]).toEqual([204, 204]);
        const id = sent.headers['webhook-id']!;
        const again = webhookHeaders(id, new Date(), BODY, [NEWEST, OLD]);
        expect(await receiver.told({ headers: again, body: BODY })).toBe(204);
        await receiver.saying(id);
        expect(receiver.output.split(id)).toHaveLength(2);
      }
    });

    it.each(FORGERIES)('refuses one %s', async (_, forged) => {
      for (const receiver of receivers) expect(await receiver.told(forged())).toBe(401);
    });

    it('refuses more than it reads, and goes on', async () => {
      const [receiver] = receivers as [Receiver];
      const large = 'x'.repeat(300 * 1024);
      const headers = webhookHeaders(randomUUID(), new Date(), large, [NEWEST]);
      // Some end the connection before all of it has left.
      expect([413, 'EPIPE', 'ECONNRESET']).toContain(await receiver.told({ headers, body: large }));
      expect(await receiver.told(message())).toBe(204);
    });
  });
}

const HAS_SHELL = isThere('sh', '-c', 'command -v openssl && command -v od');

describe.skipIf(!HAS_SHELL)(
  `the check of the guide by a shell${HAS_SHELL ? '' : ' (skipped: there is no openssl here)'}`,
  () => {
    beforeAll(() => writeFileSync(join(folder, 'check.sh'), codeOf('check.sh')));

    function check({ headers, body }: Message, secret: string): number | null {
      const words = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
        (name) => headers[name] ?? '',
      );
      const ran = spawnSync('sh', [join(folder, 'check.sh'), ...words], {
        input: body,
        env: { ...process.env, WEBHOOK_SECRET: secret },
      });
      return ran.status;
    }

    it('finds a delivery genuine by either of two secrets', () => {
      const sent = message();
      expect([check(sent, NEWEST), check(sent, OLD), check(sent, OTHER)]).toEqual([0, 0, 1]);
    });

    it.each(FORGERIES)('does not find one genuine %s', (_, forged) => {
      for (const secret of [NEWEST, OLD]) expect(check(forged(), secret)).not.toBe(0);
    });
  },
);

describe('the guide for receivers', () => {
  it('names every event there is, and no other', () => {
    const names = ['AgentEventName', 'CampaignEventName'].flatMap(
      (name) => (component(`#/components/schemas/${name}`) as { enum: string[] }).enum,
    );
    const named = guide.match(/`(campaign|campaign_call)\.[a-z_]+`|`event_[a-z_]+`/g) ?? [];
    expect(new Set(named.map((name) => name.slice(1, -1)))).toEqual(new Set(names));
  });

  it('shows a body as it is sent, key by key', () => {
    const [, shown = ''] = /^```json\n(.*?)^```$/ms.exec(guide) ?? [];
    const at = new Date('2026-11-24T15:04:05.678Z');
    const call: ToldCall = {
      id: 'b2a5f8f0-0c1d-4a57-9a0e-3a5f8e8f1f1a',
      campaignId: '0d7f2c66-7a39-4c0e-8f0a-5c1d5b0f6c11',
      agentId: 'f3b1a0de-5f4c-4d0c-9a52-2f8f2d4f6b7e',
      isDirect: false,
      to: '+12025550143',
      from: '+12025550199',
      status: 'completed',
      outcome: 'answered',
      attemptsSpent: 1,
      durationSeconds: 42,
      isTesting: false,
      nextAttemptAt: null,
      finishedAt: at,
      context: { order: 'A-17' },
    };
    const sent = {
      id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
      ...callEventBody('campaign_call.completed', call, 3, at, null),
    };
    expect(shown).toBe(`${withInlineContext(sent)}\n`);
  });

  it('says when a delivery is tried again', () => {
    const said = WEBHOOK_BACKOFF_SECONDS.map((seconds) =>
      seconds < 60 ? `${seconds} s` : seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`,
    );
    expect(guide).toContain(said.join(', '));
  });
});

function withInlineContext(body: object): string {
  return JSON.stringify(body, null, 2).replace(/"context": \{\s+(.*?)\s+\}/s, '"context": { $1 }');
}

/** A program of the guide that receives webhooks. */
class Receiver {
  output = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => (this.output += String(chunk)));
  }

  static async start(command: string, file: string, secret: string): Promise<Receiver> {
    const port = await freePort();
    const child = spawn(command, [join(folder, file)], {
      env: { ...process.env, PORT: port.toString(), WEBHOOK_SECRET: secret },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const receiver = new Receiver(child, port);
    await receiver.until('it listens', () => answers(port));
    return receiver;
  }

  /** The status that it answers with, or a word for why it did not. */
  async told({ headers, body }: Message): Promise<number | string | null> {
    const delivery = {
      url: `http://127.0.0.1:${this.port}/ringfence`,
      method: 'POST',
      customHeaders: {},
      headers: { 'content-type': 'application/json', ...headers },
      body,
      timeoutSeconds: 20,
      secrets: [],
    };
    const { httpStatus, error } = await sendWebhook(delivery, new WebhookReach({ allowPrivate: true }));
    return httpStatus ?? error;
  }

  async saying(words: string): Promise<void> {
    await this.until(`it says ${words}`, async () => this.output.includes(words));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  private async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (Date.now() > deadline || this.child.exitCode !== null)
        throw new Error(`Never: ${what}\n${this.output}`);
      await pause(50);
    }
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const [word] = await Promise.race([
    once(socket, 'connect').then(() => [true]),
    once(socket, 'close').then(() => [false]),
  ]).catch(() => [false]);
  socket.destroy();
  return word as boolean;
}
