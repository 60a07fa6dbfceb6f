import fc from 'fast-check';
import { judge } from '../described-api.js';
import type { House } from '../house.js';
import { aRequest, type PlannedRequest } from './requests.js';
import type { Wanted } from './values.js';

/** Ids by kind, as the parameters of paths name them: `agent_id`. */
export type Ids = Record<string, string[]>;

export interface FuzzFigures {
  requests: number;
  /** How many were answered with each status. */
  statuses: Record<string, number>;
  /** Routes that took something, of all that were asked. */
  routesThatTook: string[];
  faults: string[];
}

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
  text: string | undefined;
}

/** Requests under way at once: what one deletes, another may be changing. */
const AT_ONCE = 8;

/** Faults that are told; more of them are more of the same. */
const MOST_FAULTS = 20;

/** Sends requests drawn from the description of the api, and holds every answer against it. */
export class Fuzz {
  readonly figures: FuzzFigures = { requests: 0, statuses: {}, routesThatTook: [], faults: [] };
  private readonly took = new Set<string>();

  /** @param theirs ids of another environment, none of which may ever come back */
  constructor(
    private readonly house: House,
    private readonly token: string,
    private readonly own: Ids,
    private readonly theirs: Ids,
  ) {}

  async run(requests: number, seed: number): Promise<FuzzFigures> {
    const planned = fc.sample(aRequest, { numRuns: requests, seed });
    const next = planned.values();
    const work = async () => {
      for (const request of next) {
        if (this.figures.faults.length >= MOST_FAULTS) return;
        await this.ask(request);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    this.figures.routesThatTook = [...this.took].sort();
    return this.figures;
  }

  private async ask(planned: PlannedRequest): Promise<void> {
    const sent = this.resolved(planned);
    const { method, path, headers, text } = sent;
    const response = await fetch(this.house.url(`/api/v1${path}`), {
      method,
      headers,
      ...(text === undefined ? {} : { body: text }),
    });
    const answered = await response.text();
    const { status } = response;
    this.figures.requests += 1;
    this.figures.statuses[status] = (this.figures.statuses[status] ?? 0) + 1;
    const fault = this.faultOf(planned, sent, response, answered);
    if (fault !== null) {
      const told = [
        method,
        path.slice(0, 300),
        text?.slice(0, 400) ?? '',
        '→',
        status,
        answered.slice(0, 300),
      ];
      this.figures.faults.push(`${fault.slice(0, 300)}: ${told.join(' ')}`);
    }
    if (status < 300) {
      this.took.add(planned.route.route);
      await this.noteTaken(planned, JSON.parse(answered));
    }
  }

  private faultOf(planned: PlannedRequest, sent: Sent, response: Response, answered: string): string | null {
    const { status, headers } = response;
    if (status >= 500) return 'a failure of the server';
    const asked = decodeURIComponent(sent.path) + (sent.text ?? '');
    const leaked = Object.values(this.theirs)
      .flat()
      .find((id) => answered.includes(id) && !asked.includes(id));
    if (leaked !== undefined) return `the id ${leaked} of another environment`;
    if (!planned.hasToken && !isOpen(planned) && status !== 401) return 'no 401 without a token';
    const { method } = sent;
    const path = withDescribedQuery(planned, sent.path);
    try {
      const body: unknown = answered === '' ? null : JSON.parse(answered);
      judge({ method, path, sent: status < 300 ? readable(sent) : sent.body, status, headers, body });
      return null;
    } catch (error) {
      return (error as Error).message.slice(0, 600);
    }
  }

  private resolved(planned: PlannedRequest): Sent {
    const [method = '', pattern = ''] = planned.route.route.split(' ');
    const values = planned.pathValues.map((value) => (typeof value === 'string' ? value : this.idOf(value)));
    const path = pattern.replaceAll('{}', () => encodeSafely(values.shift() ?? ''));
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(planned.query)) {
      const asked = this.withIds(value);
      query.append(name, typeof asked === 'string' ? asked : JSON.stringify(asked));
    }
    const body = stillFast(this.withIds(planned.body));
    const text = planned.rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    return {
      method,
      path: query.size === 0 ? path : `${path}?${query.toString()}`,
      headers: {
        ...(planned.hasToken ? { authorization: `Bearer ${this.token}` } : {}),
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...headersThatCanBeSent(planned.headers),
      },
      body,
      text,
    };
  }

  private withIds(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.withIds(item));
    if (typeof value !== 'object' || value === null) return value;
    if ('$wanted' in value) return this.idOf(value as Wanted);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.withIds(inner)]));
  }

  private idOf({ $wanted, whose, pick }: Wanted): string {
    const ids = whose === 'nobodys' ? [] : (this[whose][$wanted] ?? []);
    return ids[pick % Math.max(1, ids.length)] ?? `00000000-0000-4000-8000-${String(pick).padStart(12, '0')}`;
  }

  /** What is made is asked about by later requests; a kill switch is lifted. */
  private async noteTaken({ route }: PlannedRequest, body: any): Promise<void> {
    const kind = MAKES[route.operation.operationId];
    const id = body?.campaign_call?.id ?? body?.data?.id;
    if (kind !== undefined && typeof id === 'string') (this.own[kind] ??= []).push(id);
    if (route.operation.operationId.endsWith('WebhookLogs')) {
      this.own['log_id'] = body.data.map((log: { id: string }) => log.id).concat(this.own['log_id'] ?? []);
    }
    if (
      route.operation.operationId === 'changeEnvironment' ||
      route.operation.operationId === 'stopEnvironment'
    ) {
      await this.house.as(this.token)('PATCH', '/environment', { kill_switch: false });
    }
  }
}

/** By the operation: the kind of what it makes. */
const MAKES: Record<string, string> = {
  createAgent: 'agent_id',
  createCampaign: 'campaign_id',
  createAgentWebhook: 'webhook_id',
  createCampaignWebhook: 'webhook_id',
  createToken: 'token_id',
  makeCall: 'call_id',
  makeCallByBody: 'call_id',
  makeCampaignCall: 'call_id',
  putAction: 'action_id',
  putTraining: 'training_id',
  requestRelease: 'release_request_id',
  rotateToken: 'token_id',
};

/** An environment that may ask ten times a minute is the end of asking. */
function stillFast(body: unknown): unknown {
  const rate = (body as { rate_limit_per_minute?: unknown } | undefined)?.rate_limit_per_minute;
  if (typeof rate !== 'number' || !Number.isInteger(rate) || rate < 1) return body;
  return { ...(body as object), rate_limit_per_minute: Math.max(rate, 1_000_000) };
}

function isOpen({ route }: PlannedRequest): boolean {
  return route.route === 'GET /health';
}

/** What else is in a query is left aside, and no fault. */
function withDescribedQuery({ route }: PlannedRequest, path: string): string {
  const [bare = '', query] = path.split('?');
  const names = route.operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
  const kept = [...new URLSearchParams(query)].filter(([name]) => names.includes(name));
  return kept.length === 0 ? bare : `${bare}?${new URLSearchParams(kept).toString()}`;
}

function readable({ text }: Sent): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** Half of a surrogate pair has no encoding; a client that has one sends the mark for what cannot be read. */
function encodeSafely(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}

/** What fetch refuses to send tests nothing but fetch. */
function headersThatCanBeSent(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([, value]) => /^[\x20-\x7e\x80-\xff]*$/.test(value)),
  );
}
