import { setTimeout as pause } from 'node:timers/promises';
import { ASKING_HOSTILE_NAMES, DENIED_ADDRESS, DENIED_NETWORK, DeniedPlace } from '../../denied-place.js';
import { Receivers, SECRET, type Manner } from '../../receivers.js';
import type { Trial } from '../trial.js';
import {
  judgeWebhooks,
  OWED,
  type CallToTell,
  type OwedRow,
  type WebhookJudgement,
} from '../webhook-judge.js';

/** What is told of calls without a retry. */
const CALL_EVENTS = ['queued', 'started', 'completed', 'failed', 'blocked', 'cancelled', 'expired'].map(
  (word) => `campaign_call.${word}`,
);

/** Who listens to the trial's campaign, by the webhook's name. */
const COMPANY: Record<string, { manner: Manner; host?: string }> = {
  healthy: { manner: 'takes' },
  falters: { manner: 'falters' },
  'answer without end': { manner: 'does not end' },
  'decompression bomb': { manner: 'is a bomb' },
  drips: { manner: 'drips' },
  fails: { manner: 'fails' },
  'hangs up': { manner: 'hangs up' },
  busy: { manner: 'is busy' },
  gone: { manner: 'is gone' },
  'redirects inside': { manner: 'redirects' },
  'denied address': { manner: 'takes', host: DENIED_ADDRESS },
  'name that leads inside': { manner: 'takes', host: 'inside.example.com' },
  'name that changes': { manner: 'takes', host: 'rebinding.example.com' },
};

/** Take in the end whatever they are told. */
const TAKE_ALL = ['healthy', 'falters', 'answer without end', 'decompression bomb'];

/** Longest wait until those who take all have been told all. */
const TELL_MS = 60_000;

/** Receivers of every kind hear of the calls, are away, and come back; dialers die and Redis is emptied meanwhile. */
export async function webhooks(trial: Trial): Promise<void> {
  const { plan, random, servers } = trial;
  const receivers = new Receivers(() => inside.url);
  await receivers.listen();
  const inside = await DeniedPlace.at(receivers.port);
  try {
    const ids = await subscribe(trial, receivers);
    const variables = () => ({ ...ASKING_HOSTILE_NAMES, WEBHOOK_DENY_NETWORKS: DENIED_NETWORK });
    for (let nth = 0; nth < (plan.isQuick ? 2 : 3); nth += 1) trial.keepDialer(variables);
    const harm: (() => Promise<unknown>)[] = [
      async () => {
        await receivers.leave();
        await pause(random.between(500, 3_000));
        await receivers.listen();
      },
      async () => {
        const victim = trial.someDialer();
        if (victim !== undefined) trial.kill(victim);
      },
      () => servers.redis.ask('FLUSHALL'),
    ];
    await trial.disturb(trial.killEveryMs, async (turn) => {
      await harm[turn % harm.length]?.();
    });
    await trial.settle();
    await untilTold(trial, TAKE_ALL);
    await askAgain(trial, receivers, ids.get('gone') ?? '');
    await expectTruth(trial, receivers);
    if (inside.connections > 0) trial.breaches.push(`${inside.connections} connections to a denied address`);
    if (!(await inside.wouldSee())) trial.breaches.push('connections to the denied address are not seen');
  } finally {
    await receivers.leave();
    await inside.close();
  }
}

/** @returns the webhooks' ids, by name */
async function subscribe({ house, campaignId }: Trial, receivers: Receivers): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [name, { manner, host }] of Object.entries(COMPANY)) {
    const { data } = await house.must('POST', `/campaigns/${campaignId}/webhooks`, {
      name,
      webhook_url: receivers.url(manner, name, host),
      webhook_secret: SECRET,
      events: CALL_EVENTS,
      include_call_events: true,
      // A try that a dialer died with is due again after this and ten seconds more.
      timeout: 5,
      max_retries: 10,
    });
    ids.set(name, data.id as string);
  }
  return ids;
}

/** Lets the hours of the plan of tries go by at once, again and again, until these have been told what they are owed. */
async function untilTold(trial: Trial, names: string[]): Promise<void> {
  await trial.comes(`everything is told to ${names.join(', ')}`, TELL_MS, async () => {
    const owed = await trial.query(
      `SELECT owed.id FROM webhook_deliveries AS owed JOIN webhook_endpoints AS endpoint ON endpoint.id = endpoint_id
       WHERE endpoint.name = ANY ($1) AND next_attempt_at IS NOT NULL`,
      [names],
    );
    if (owed.length === 0) return true;
    await hasten(trial, names);
    return false;
  });
}

/** Lets the time until the next tries of these, and a pause of theirs, go by at once. */
async function hasten(trial: Trial, names: string[]): Promise<void> {
  await trial.query(
    `UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp()
     WHERE endpoint_id IN (SELECT id FROM webhook_endpoints WHERE name = ANY ($1))
       AND status = 'retrying' AND in_hand_until IS NULL AND next_attempt_at > clock_timestamp()`,
    [names],
  );
  await trial.query(`UPDATE webhook_endpoints SET paused_until = NULL WHERE name = ANY ($1)`, [names]);
  await pause(250);
}

/** One that said it was gone was switched off. Its owner mends it, switches it on and asks for what it has missed. */
async function askAgain(trial: Trial, receivers: Receivers, id: string): Promise<void> {
  const { house, campaignId } = trial;
  const path = `/campaigns/${campaignId}/webhooks/${id}`;
  // While its receiver was away it could not say so: then it is paused like any other, and hears of it later.
  const isOff = await trial.comes('a webhook that answered 410 is switched off', TELL_MS, async () => {
    if ((await house.must('GET', path)).data.enabled === false) return true;
    await hasten(trial, ['gone']);
    return false;
  });
  if (!isOff) return;
  await house.must('PUT', path, { webhook_url: receivers.url('takes', 'gone') });
  await house.must('PATCH', `${path}/toggle`);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  await house.must('POST', `${path}/replay`, { since });
  await untilTold(trial, ['gone']);
}

/** Those who take all, the one that came back among them, have heard all, by the receivers' own record. */
async function expectTruth(trial: Trial, receivers: Receivers): Promise<void> {
  const owed = await trial.query(OWED);
  const calls = await trial.query(`SELECT id, status, event_sequence AS events FROM calls`);
  const toTell = calls.map(({ id, status, events }): CallToTell => {
    return { id: id as string, events: events as number, once: toldOnce(status as string) };
  });
  const mustHear = new Map([...TAKE_ALL, 'gone'].map((name) => [name, toTell]));
  const found = judgeWebhooks(owed as unknown as OwedRow[], receivers.told, mustHear);
  for (const [what, keys] of Object.entries(found) as [keyof WebhookJudgement, string[]][]) {
    if (keys.length > 0) trial.breaches.push(`webhooks, ${what}: ${keys.length}, first ${keys[0]}`);
  }
  if (toTell.length === 0) trial.breaches.push('there was no call to tell of');
}

function toldOnce(status: string): string[] {
  if (status === 'completed' || status === 'voicemail')
    return ['campaign_call.queued', 'campaign_call.completed'];
  if (status === 'outcome_unknown') return ['campaign_call.queued'];
  return ['campaign_call.queued', 'campaign_call.failed'];
}
