import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { CallIntake, type Verdict } from '../../apps/carrier/call-intake.js';
import type { Call } from '../../apps/carrier/call.js';
import {
  addFaultRoutes,
  addLedgerRoute,
  emptyServer,
  type Carrier,
} from '../../apps/carrier/carrier-server.js';
import { FaultSwitches } from '../../apps/carrier/faults.js';
import { Ledger } from '../../apps/carrier/ledger.js';
import { LiveCalls } from '../../apps/carrier/live-calls.js';
import { callResource, idOfSid } from './call-resource.js';
import { TwilioDescription } from './description.js';
import { TwinCallbacks, type CallAddresses } from './twin-callbacks.js';

export interface TwinSettings {
  accountSid: string;
  authToken: string;
  /** Virtual seconds that pass in a real one. */
  speed: number;
  seed: number;
  ledgerFile: string;
}

/** A call that was created, and with what. */
interface Created {
  call: Call;
  addresses: CallAddresses;
  createdAt: Date;
}

type Form = Record<string, string | string[]>;

const BASE = '/2010-04-01/Accounts/:accountSid';

/**
 * A twin of Twilio: its Calls resource over real HTTP, requests and answers held against its own description, callbacks
 * signed as the SDK's validator wants them. Behind it are the scripts, faults and ledger of the simulated carrier, so that
 * the last two digits of a number decide here too. It reads the attempt's id from the address it is given, which Twilio does
 * not: the ledger is kept under it, so that the judge of the fault harness can read it.
 */
export async function buildTwin(settings: TwinSettings, log: Logger): Promise<Carrier> {
  const { accountSid, authToken, seed, speed } = settings;
  const ledger = await Ledger.open(settings.ledgerFile);
  const faults = new FaultSwitches();
  const created = new Map<string, Created>();
  const addressesOf = (call: Call) => created.get(call.providerCallId)?.addresses;
  const callbacks = new TwinCallbacks({ accountSid, authToken, seed, ledger, faults, addressesOf });
  const calls = new LiveCalls({ seed, speed, ledger, callbacks, faults });
  const intake = new CallIntake({ seed, ledger, calls, faults });
  const twin = new Twin({ settings, intake, calls, faults, ledger, created });

  ledger.on('line', ({ kind, id, provider_call_id: callId }) => {
    const of = kind === 'answer' ? created.get(callId as string) : undefined;
    if (of === undefined) return;
    void callbacks.ask(of.call).then((document) => {
      ledger.record({ kind: 'callback', id, to: of.call.to, type: 'question', document });
      // What cannot be carried out ends the call, as a document that says so does.
      if (document === null || /^[^]*<Response>\s*<Hangup\s*\/>/.test(document)) calls.hangUp(of.call);
    });
  });

  const http = emptyServer(log);
  http.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, formOf(body as string)),
  );
  twin.addRoutes(http);
  addFaultRoutes(http, faults);
  addLedgerRoute(http, ledger);
  http.get('/health', () => ({ status: 'ok' }));
  const close = async () => {
    calls.close();
    callbacks.close();
    await http.close();
    await ledger.close();
  };
  return { http, ledger, close };
}

class Twin {
  private readonly description = new TwilioDescription();

  constructor(
    private readonly house: {
      settings: TwinSettings;
      intake: CallIntake;
      calls: LiveCalls;
      faults: FaultSwitches;
      ledger: Ledger;
      created: Map<string, Created>;
    },
  ) {}

  addRoutes(http: FastifyInstance): void {
    http.addHook('onRequest', async (request, reply) => {
      if (request.url.startsWith('/2010-04-01/') && !this.isKnown(request))
        return refuse(reply, 401, 20003, 'Authenticate');
    });
    http.post<{ Body: Form }>(`${BASE}/Calls.json`, (request, reply) => this.create(request.body, reply));
    http.get<{ Querystring: Form }>(`${BASE}/Calls.json`, (request, reply) =>
      this.list(request.query, reply),
    );
    http.get<{ Params: { sid: string } }>(`${BASE}/Calls/:sid.json`, (request, reply) =>
      this.show(request.params, reply),
    );
    http.post<{ Params: { sid: string }; Body: Form }>(`${BASE}/Calls/:sid.json`, (request, reply) =>
      this.update(request.params, request.body, reply),
    );
  }

  private async create(form: Form, reply: FastifyReply): Promise<unknown> {
    const { created, intake } = this.house;
    const mistakes = this.description.mistakes('create', form);
    if (mistakes.length > 0) {
      intake.refuseUnreadable({ id: null, to: one(form.To) });
      return refuse(reply, 400, 21205, mistakes.join('; '));
    }
    const statusCallback = one(form.StatusCallback);
    const createdAt = new Date();
    const verdict = intake.receive({
      id: attemptIn(statusCallback) ?? randomUUID(),
      to: one(form.To) ?? '',
      from: one(form.From),
      callback_url: statusCallback ?? '',
      ring_timeout_seconds: Number(one(form.Timeout) ?? 60),
      max_duration_seconds: Number(one(form.TimeLimit) ?? 14_400),
    });
    if (verdict.call !== null) {
      const addresses = addressesIn(form);
      created.set(verdict.call.providerCallId, { call: verdict.call, addresses, createdAt });
    }
    return this.answerCreation(verdict, reply);
  }

  private async answerCreation({ result, call, underWay }: Verdict, reply: FastifyReply): Promise<unknown> {
    switch (result) {
      case 'accepted':
      case 'replayed':
        return call === null ? undefined : this.answer(reply.code(201), call);
      case 'invalid_number':
        return refuse(reply, 400, 21217, 'Phone number does not appear to be valid');
      case 'rate_limited':
        return refuse(this.askPause(reply), 429, 20429, 'Too Many Requests');
      case 'overloaded':
      case 'too_late':
        return refuse(this.askPause(reply), 503, 20503, 'Service unavailable');
      case 'error':
        await underWay;
        return refuse(reply, 500, 20500, 'Internal Server Error');
      case 'dropped':
        await underWay;
        reply.hijack();
        reply.raw.destroy();
        return undefined;
      case 'hung':
        reply.hijack();
        return undefined;
    }
  }

  private list(query: Form, reply: FastifyReply): unknown {
    const mistakes = this.description.mistakes('list', query);
    if (mistakes.length > 0) return refuse(reply, 400, 20001, mistakes.join('; '));
    if (this.isDown()) return refuse(reply, 503, 20503, 'Service unavailable');
    const to = one(query.To);
    const from = one(query.From);
    const size = Number(one(query.PageSize) ?? 50);
    const alike = [...this.house.created.values()]
      .filter(
        ({ call, addresses }) =>
          (to === null || call.to === to) && (from === null || addresses.from === from),
      )
      .reverse()
      .slice(0, size);
    const body = {
      calls: alike.map(({ call }) => this.resource(call)),
      page: 0,
      page_size: size,
      start: 0,
      end: Math.max(0, alike.length - 1),
      uri: '/2010-04-01/Accounts/Calls.json',
      first_page_uri: '/2010-04-01/Accounts/Calls.json',
      next_page_uri: null,
      previous_page_uri: null,
    };
    return this.judged('calls', body);
  }

  private show({ sid }: { sid: string }, reply: FastifyReply): unknown {
    if (this.isDown()) return refuse(reply, 503, 20503, 'Service unavailable');
    const call = this.house.created.get(idOfSid(sid))?.call;
    return call === undefined
      ? refuse(reply, 404, 20404, 'The requested resource was not found')
      : this.answer(reply, call);
  }

  private update({ sid }: { sid: string }, form: Form, reply: FastifyReply): unknown {
    const mistakes = this.description.mistakes('update', form);
    if (mistakes.length > 0) return refuse(reply, 400, 20001, mistakes.join('; '));
    const call = this.house.created.get(idOfSid(sid))?.call;
    if (call === undefined) return refuse(reply, 404, 20404, 'The requested resource was not found');
    const isOver = call.hasEnded || (one(form.Status) === 'canceled' && call.answer !== undefined);
    if (isOver) return refuse(reply, 400, 21220, 'Call is not in-progress. Cannot redirect.');
    this.house.calls.hangUp(call);
    return this.answer(reply, call);
  }

  private isKnown({ headers }: FastifyRequest): boolean {
    const { accountSid, authToken } = this.house.settings;
    return headers.authorization === `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  }

  private isDown(): boolean {
    return Number(this.house.faults.current.lookup_down) >= 1;
  }

  private askPause(reply: FastifyReply): FastifyReply {
    const seconds = this.house.faults.current.retry_after_seconds;
    return seconds ? reply.header('retry-after', seconds.toString()) : reply;
  }

  private answer(reply: FastifyReply, call: Call): FastifyReply {
    return reply.send(this.judged('call', this.resource(call)));
  }

  private resource(call: Call): Record<string, unknown> {
    const of = this.house.created.get(call.providerCallId);
    return callResource(
      call,
      this.house.settings.accountSid,
      of?.addresses.from ?? '',
      of?.createdAt ?? new Date(),
    );
  }

  /** An answer that Twilio would not give proves nothing about its adapter. */
  private judged(of: 'call' | 'calls', body: object): object {
    const mistakes = this.description.mistakes(of, body);
    if (mistakes.length > 0) throw new Error(`The twin answers what Twilio does not: ${mistakes.join('; ')}`);
    return body;
  }
}

function addressesIn(form: Form): CallAddresses {
  const isDetected = one(form.MachineDetection) !== null && one(form.AsyncAmd) === 'true';
  return {
    from: one(form.From) ?? '',
    statusCallback: one(form.StatusCallback),
    statusCallbackEvents: [form.StatusCallbackEvent ?? 'completed'].flat(),
    verdictCallback: isDetected ? one(form.AsyncAmdStatusCallback) : null,
    answerUrl: one(form.Url) ?? '',
  };
}

function attemptIn(statusCallback: string | null): string | null {
  return statusCallback === null ? null : new URL(statusCallback).searchParams.get('attempt');
}

function one(value: string | string[] | undefined): string | null {
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function formOf(text: string): Form {
  const form: Form = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = form[name];
    form[name] = before === undefined ? value : [before, value].flat();
  }
  return form;
}

function refuse(reply: FastifyReply, status: number, code: number, message: string): FastifyReply {
  return reply.code(status).send({ code, message, more_info: 'https://www.twilio.com/docs/errors', status });
}
