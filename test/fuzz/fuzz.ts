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

const REFILL_EVERY = 200;

/** Faults that are told; more of them are more of the same. */
const MOST_FAULTS = 20;

/** Sends requests drawn from the description of the api, and holds every answer against it. */
export class Fuzz {
  readonly figures: FuzzFigures = { requests: 0, statuses: {}, routesThatTook: [], faults: [] };
  private own: Ids = {};
  private readonly took = new Set<string>();
  /** Of a thing: what its path goes through. */
  private readonly ownerOf = new Map<string, string>();

  /**
   * @param theirs ids of another environment, none of which may ever come back
   * @param refill makes one of everything: what was there before has been deleted, paused and unpublished by then
   */
  constructor(
    private readonly house: House,
    private readonly token: string,
    private readonly theirs: Ids,
    private readonly refill: () => Promise<Ids>,
  ) {}

  async run(requests: number, seed: number): Promise<FuzzFigures> {
    const planned = fc.sample(aRequest, { numRuns: requests, seed });
    const next = planned.values();
    const work = async () => {
      for (const request of next) {
        if (this.figures.requests % REFILL_EVERY === 0) this.own = { ...this.own, ...(await this.refill()) };
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
      await this.noteTaken(planned, sent, isJson(response) ? JSON.parse(answered) : null);
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
    // A path that is too long is refused before anybody asks who it is.
    if (!planned.hasToken && !isOpen(planned) && status !== 401 && status !== 414)
      return 'no 401 without a token';
    const { method } = sent;
    const path = withDescribedQuery(planned, sent.path);
    try {
      // What is handed out as a file has no body in JSON to be judged.
      const body: unknown = answered === '' || !isJson(response) ? null : JSON.parse(answered);
      judge({ method, path, sent: status < 300 ? readable(sent) : sent.body, status, headers, body });
      return null;
    } catch (error) {
      return (error as Error).message.slice(0, 600);
    }
  }

  private resolved(planned: PlannedRequest): Sent {
    const [method = '', pattern = ''] = planned.route.route.split(' ');
    const values = this.pathOf(planned, pattern);
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
        ...(text === undefined ? {} : { 'content-type': planned.contentType }),
        ...headersThatCanBeSent(planned.headers),
      },
      body,
      text,
    };
  }

  /** A right request asks for a thing where it is: under the one it belongs to. */
  private pathOf({ kind, pathValues }: PlannedRequest, pattern: string): string[] {
    const values = pathValues.map((value) => (typeof value === 'string' ? value : this.idOf(value, pattern)));
    if (kind !== 'valid') return values;
    for (let place = values.length - 2; place >= 0; place -= 1) {
      values[place] = this.ownerOf.get(values[place + 1] ?? '') ?? values[place] ?? '';
    }
    return values;
  }

  private withIds(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.withIds(item));
    if (typeof value !== 'object' || value === null) return value;
    if ('$wanted' in value) return this.idOf(value as Wanted);
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.withIds(inner)]));
  }

  private idOf({ $wanted, whose, pick }: Wanted, pattern = ''): string {
    const ids = whose === 'nobodys' ? [] : (this[whose][poolOf($wanted, pattern)] ?? []);
    return ids[pick % Math.max(1, ids.length)] ?? `00000000-0000-4000-8000-${String(pick).padStart(12, '0')}`;
  }

  /** What is made is asked about by later requests, what is deleted no more; a kill switch is lifted. */
  private async noteTaken({ route }: PlannedRequest, { method, path }: Sent, body: any): Promise<void> {
    const { operationId } = route.operation;
    const passed = path.split('?')[0]?.split('/').filter(isId) ?? [];
    const kind = MAKES[operationId];
    const id = body?.campaign_call?.id ?? body?.data?.id;
    if (kind !== undefined && typeof id === 'string') this.keep(poolOf(kind, route.route), id, passed.at(-1));
    if (operationId.endsWith('WebhookLogs')) {
      for (const log of body.data as { id: string }[])
        this.keep(poolOf('log_id', route.route), log.id, passed.at(-1));
    }
    if (method === 'DELETE') this.forget(passed.at(-1) ?? '');
    if (operationId === 'changeEnvironment' || operationId === 'stopEnvironment') {
      await this.house.as(this.token)('PATCH', '/environment', { kill_switch: false });
    }
  }

  private keep(pool: string, id: string, owner: string | undefined): void {
    const ids = (this.own[pool] ??= []);
    if (!ids.includes(id)) ids.push(id);
    if (owner !== undefined) this.ownerOf.set(id, owner);
  }

  /** The last of a kind stays, so that it is asked for where it is no more. */
  private forget(id: string): void {
    for (const ids of Object.values(this.own)) {
      if (ids.length > 1 && ids.includes(id)) ids.splice(ids.indexOf(id), 1);
    }
  }
}

/** Agents' and campaigns' webhooks are two kinds, whose ids have one name. */
export function poolOf(kind: string, pattern: string): string {
  if (kind !== 'webhook_id' && kind !== 'log_id') return kind;
  return `${pattern.includes('/campaigns/') ? 'campaigns' : 'agents'} ${kind}`;
}

function isId(piece: string): boolean {
  return /^[0-9a-f]{8}-/.test(piece);
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

/** As the server reads it: without the mark that some write before UTF-8. */
function readable({ text, headers }: Sent): unknown {
  if (headers['content-type'] === 'text/csv') return text;
  return text === undefined ? undefined : (JSON.parse(text.replace(/^\ufeff/, '')) as unknown);
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

function isJson({ headers }: Response): boolean {
  return (
    headers.get('content-type')?.includes('json') === true && !headers.get('content-type')?.includes('ndjson')
  );
}
