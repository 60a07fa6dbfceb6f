import type { DataSource } from 'typeorm';
import { SealedSecrets } from '#environment/sealed-secret.js';
import type { Campaign } from '#store/campaign.entity.js';
import { DENIED_ADDRESS, DeniedPlace } from '../test/denied-place.js';
import { aCampaign, anEnvironment, aWebhook } from '../test/factories.js';
import { Receivers, SECRET, type Manner } from '../test/receivers.js';

/** Who hears of a campaign beside its healthy webhook. */
interface Company {
  name: string;
  manner: Manner;
  /** Takes whatever it is told in the end, and so must have heard everything. */
  takesAll: boolean;
  /** What its tries are noted down with, where none of them may come to anything else. */
  error?: string;
  /** Where it is, if not at the receivers' address. */
  host?: string;
}

/** A campaign with its webhooks, by their names. */
export interface CrowdCampaign {
  campaign: Campaign;
  webhooks: string[];
}

/** One campaign for each; each has a healthy webhook too, which the company must cost nothing. */
const COMPANY: Company[] = [
  { name: 'healthy', manner: 'takes', takesAll: true },
  { name: 'falters', manner: 'falters', takesAll: true },
  { name: 'answer without end', manner: 'does not end', takesAll: true },
  { name: 'decompression bomb', manner: 'is a bomb', takesAll: true },
  { name: 'dawdles', manner: 'dawdles', takesAll: false },
  { name: 'drips', manner: 'drips', takesAll: false, error: 'timeout' },
  { name: 'fails', manner: 'fails', takesAll: false },
  { name: 'hangs up', manner: 'hangs up', takesAll: false, error: 'ECONNRESET' },
  { name: 'closed port', manner: 'takes', takesAll: false, error: 'ECONNREFUSED', host: '127.0.0.3' },
  { name: 'busy', manner: 'is busy', takesAll: false },
  { name: 'gone', manner: 'is gone', takesAll: false },
  { name: 'redirects inside', manner: 'redirects', takesAll: false, error: 'redirect_not_followed' },
  ...[
    ['denied address', DENIED_ADDRESS],
    ['link-local address', '169.254.169.254'],
    ['name that leads inside', 'inside.example.com'],
    ['name that leads inside too', 'outside-and-inside.example.com'],
  ].map(([name = '', host = '']): Company => {
    return { name, manner: 'takes', takesAll: false, error: 'address_not_allowed', host };
  }),
  { name: 'name that changes', manner: 'takes', takesAll: false, host: 'rebinding.example.com' },
];

const ENVIRONMENTS = 4;

/** Receivers of every kind, something inside that nobody is to reach, and the campaigns whose webhooks they are. */
export class WebhookCrowd {
  readonly campaigns: CrowdCampaign[] = [];
  /** At the receivers' port. */
  inside: DeniedPlace;
  readonly receivers = new Receivers(() => this.inside.url);

  private constructor() {}

  static async open(source: DataSource, encryptionKey: string): Promise<WebhookCrowd> {
    const crowd = new WebhookCrowd();
    await crowd.receivers.listen();
    crowd.inside = await DeniedPlace.at(crowd.receivers.port);
    await crowd.settle(source, new SealedSecrets(encryptionKey));
    return crowd;
  }

  /** Webhooks that take everything that they are told, at once or in the end. */
  get mustHear(): Set<string> {
    const company = COMPANY.filter(({ takesAll }) => takesAll).map(({ name }) => name);
    return new Set([...company, ...COMPANY.map(({ name }) => besideOf(name))]);
  }

  /** How many events the healthy webhooks have heard, one for each of them. */
  get heard(): number {
    return COMPANY.reduce((sum, { name }) => sum + (this.receivers.counts.get(besideOf(name)) ?? 0), 0);
  }

  /** Words that the tries of a webhook are noted down with, where there is one alone that they may be. */
  get errorOf(): Map<string, string> {
    return new Map(COMPANY.flatMap(({ name, error }) => (error === undefined ? [] : [[name, error]])));
  }

  get names(): string[] {
    return COMPANY.map(({ name }) => name);
  }

  async close(): Promise<void> {
    await this.receivers.leave();
    await this.inside.close();
  }

  private async settle(source: DataSource, secrets: SealedSecrets): Promise<void> {
    const environments = [];
    for (let nth = 0; nth < ENVIRONMENTS; nth += 1) environments.push(await anEnvironment(source));
    for (const [nth, { name, manner, host }] of COMPANY.entries()) {
      const campaign = await aCampaign(source, environments[nth % ENVIRONMENTS]!.id);
      const webhook = (named: string, webhookUrl: string) =>
        aWebhook(source, campaign, {
          name: named,
          webhookUrl,
          events: TOLD_EVENTS,
          sealedSecret: secrets.seal(SECRET),
          // One that drips to an end does so within it, and one that does not is waited for as long.
          timeoutSeconds: 10,
        });
      await webhook(besideOf(name), this.receivers.url('takes', besideOf(name)));
      await webhook(name, this.receivers.url(manner, name, host));
      this.campaigns.push({ campaign, webhooks: [besideOf(name), name] });
    }
  }
}

/** What a call with one retry is told of: ten events. */
export const TOLD_EVENTS = [
  'campaign_call.queued',
  'campaign_call.started',
  'event_phone_call_started',
  'campaign_call.retry_scheduled',
  'event_phone_call_connected',
  'event_conversation_started',
  'event_conversation_ended',
  'event_phone_call_disconnected',
  'event_phone_call_ended',
  'campaign_call.completed',
];

function besideOf(name: string): string {
  return `beside ${name}`;
}
