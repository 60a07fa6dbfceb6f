import type { Room } from '@livekit/protocol';
import { AccessToken, type SIPGrant, type VideoGrant } from 'livekit-server-sdk';
import type { FailedRequest } from '../failed-request.js';
import { sendSingle } from '../single-request.js';

/** A message of LiveKit's as JSON. */
export type MessageJson = ReturnType<Room['toJson']>;

/** What became of a request to LiveKit. */
export type LiveKitAnswer<Message> = { kind: 'answered'; message: Message } | LiveKitFailure;

/** `code` is Twirp's word; null: the answer is not one of LiveKit's own services, but of something before them. */
export type LiveKitFailure = Exclude<FailedRequest<string>, { kind: 'refused' }> | LiveKitRefusal;

export type LiveKitRefusal = Extract<FailedRequest<string>, { kind: 'refused' }> & {
  /** Of a call that the network ended while LiveKit was asked to wait for it. */
  sipCode: number | null;
};

/** A method of one of LiveKit's services, and who may call it. */
export interface LiveKitMethod<Message> {
  /** Service and method, as in `SIP/CreateSIPParticipant`. */
  path: string;
  body: { toJson(): MessageJson };
  answer: { fromJson(json: MessageJson, options: { ignoreUnknownFields: boolean }): Message };
  grants: { video?: VideoGrant; sip?: SIPGrant };
  timeoutSeconds: number;
}

/** A token is made for one request, and the clocks of both sides may differ. */
const TOKEN_LIFE = '5m';

/**
 * LiveKit's services, spoken to as the SDK does it (Twirp, its messages as JSON), each request sent by `sendSingle`: at
 * LiveKit Cloud the SDK itself sends a request that failed once more to another region, and a repeated creation of a
 * participant rings twice.
 */
export class LiveKitServices {
  private readonly base: string;

  /** @param url LIVEKIT_URL, of a socket or of the web: they are the same server */
  constructor(
    url: string,
    private readonly apiKey: string,
    private readonly apiSecret: string,
  ) {
    this.base = url.replace(/^ws/, 'http').replace(/\/+$/, '');
  }

  /** Calls a method, once. Never rejects. */
  async call<Message>(method: LiveKitMethod<Message>): Promise<LiveKitAnswer<Message>> {
    const answer = await sendSingle({
      url: new URL(`${this.base}/twirp/livekit.${method.path}`),
      method: 'POST',
      headers: { authorization: `Bearer ${await this.tokenFor(method.grants)}` },
      body: method.body.toJson(),
      timeoutSeconds: method.timeoutSeconds,
    });
    if (answer.kind !== 'answered') return answer;
    const { status, body, headers } = answer;
    if (status < 200 || status > 299) return { kind: 'refused', status, headers, ...wordsIn(body) };
    try {
      return {
        kind: 'answered',
        message: method.answer.fromJson(body as MessageJson, { ignoreUnknownFields: true }),
      };
    } catch {
      // Somebody took the request, and so there may be a call.
      return { kind: 'no_answer', because: 'unreadable_answer' };
    }
  }

  private tokenFor({ video, sip }: LiveKitMethod<unknown>['grants']): Promise<string> {
    const token = new AccessToken(this.apiKey, this.apiSecret, { ttl: TOKEN_LIFE });
    if (video !== undefined) token.addGrant(video);
    if (sip !== undefined) token.addSIPGrant(sip);
    return token.toJwt();
  }
}

/** Twirp's error. Its text may hold a number, so it is left where it is. */
function wordsIn(body: unknown): { code: string | null; sipCode: number | null } {
  const { code, meta } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof code !== 'string' || !/^[a-z][a-z_]{1,39}$/.test(code)) return { code: null, sipCode: null };
  const sipCode = Number((meta as Record<string, unknown> | null | undefined)?.sip_status_code);
  return { code, sipCode: Number.isInteger(sipCode) && sipCode >= 300 && sipCode <= 699 ? sipCode : null };
}
