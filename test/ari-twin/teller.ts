import { isEnd, type Call, type CallEvent } from '../../apps/carrier/call.js';
import { stateAfter, type TwinChannel, type TwinChannels } from './channels.js';
import type { ModelName } from './description.js';
import type { TwinSocket } from './twin-socket.js';

/** Q.850 causes of ends for which the scripts know a SIP code alone, as Asterisk makes them of it. */
const CAUSES_OF_SIP: Record<number, number> = { 404: 1, 480: 19, 486: 17, 503: 34, 603: 21 };

/** Ends by which a channel is cleared in the ordinary way. */
const NORMAL_CLEARING = 16;

/** Tells of calls as Asterisk does: of their channels, over the socket of their application. */
export class Teller {
  constructor(
    private readonly channels: TwinChannels,
    private readonly socket: TwinSocket,
  ) {}

  /** What happens to a call. Of machines Asterisk tells nothing. */
  send(call: Call, event: CallEvent): Promise<void> {
    const channel = this.channels.of(call);
    if (channel !== undefined && event.type !== 'machine') this.tell(channel, call, event);
    return Promise.resolve();
  }

  of(channel: TwinChannel, type: ModelName, fields: Record<string, unknown>): void {
    this.socket.tell(channel.app, type, fields);
  }

  end(channel: TwinChannel, state: string, cause: number, techCause: number | null): void {
    this.of(channel, 'ChannelDestroyed', {
      cause,
      cause_txt: `Cause ${cause}`,
      ...(techCause === null ? {} : { tech_cause: techCause }),
      channel: channel.resource(state),
    });
  }

  private tell(channel: TwinChannel, call: Call, event: CallEvent): void {
    const state = stateAfter(call.events.filter(({ sequence }) => sequence <= event.sequence));
    if (event.type === 'initiated') {
      const peer = channel.resource(state);
      return this.of(channel, 'Dial', { peer, dialstring: channel.endpoint, dialstatus: '' });
    }
    if (!isEnd(event)) return this.of(channel, 'ChannelStateChange', { channel: channel.resource(state) });
    if (event.type === 'completed' || event.type === 'canceled')
      return this.end(channel, state, NORMAL_CLEARING, null);
    const sipCode = event.sipCode ?? 500;
    this.end(channel, state, event.q850 ?? CAUSES_OF_SIP[sipCode] ?? 127, sipCode);
  }
}
