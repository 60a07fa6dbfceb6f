import { pino } from 'pino';
import { LiveKitProvider } from '#telephony/livekit/livekit.provider.js';
import { buildTwin } from '../livekit-twin/twin-server.js';
import { CarrierOnTrial } from './carrier-on-trial.js';
import { describeProvider } from './provider-contract.js';

const ACCOUNT = { apiKey: 'APIringfence', apiSecret: 'a secret of LiveKit and the house' };
const TRUNK = 'ST_trunk';

/** LiveKit tells why a callee left in a few words, and nothing between its joining and its leaving. */
const COARSENESS = {
  events: 2,
  words: { busy: 'rejected', invalid_number: 'no_answer' },
} as const;

describeProvider(
  'LiveKit',
  async (speed) => {
    const heard: { at?: string } = {};
    const twin = await buildTwin(
      {
        ...ACCOUNT,
        ...{ trunkId: TRUNK, speed, seed: 1, ledgerFile: '/dev/null' },
        webhookUrl: () => heard.at ?? null,
      },
      pino({ level: 'silent' }),
    );
    const trial = await CarrierOnTrial.start(
      twin,
      (url) => new LiveKitProvider({ ...ACCOUNT, url, sipTrunkId: TRUNK, agentName: 'reminder' }),
    );
    heard.at = `${trial.publicUrl}/callbacks/livekit`;
    return trial;
  },
  undefined,
  COARSENESS,
);
