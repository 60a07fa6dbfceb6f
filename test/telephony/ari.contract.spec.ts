import { pino } from 'pino';
import { AriProvider } from '#telephony/ari/ari.provider.js';
import { buildTwin } from '../ari-twin/twin-server.js';
import { CarrierOnTrial } from './carrier-on-trial.js';
import { describeProvider, requestTo } from './provider-contract.js';

const LOGIN = { user: 'ringfence', password: 'a password' };

const PLACE = 'stasis:voice-agent';

async function asterisk(speed: number): Promise<CarrierOnTrial> {
  const settings = { ...LOGIN, speed, seed: 1, ledgerFile: '/dev/null' };
  const twin = await buildTwin(settings, pino({ level: 'silent' }));
  const { agent, callId, attemptId, from } = requestTo('00');
  const connection = {
    ...{ callId, attemptId, from, maxDurationSeconds: 60 },
    agent: { ...agent, connectTo: PLACE },
  };
  const provider = (url: string) =>
    new AriProvider(
      { ...LOGIN, url },
      { app: 'ringfence', endpoint: 'PJSIP/{to}@trunk', from: '+12025550188' },
    );
  return CarrierOnTrial.start(twin, provider, connection);
}

describeProvider('Asterisk', asterisk, PLACE);
