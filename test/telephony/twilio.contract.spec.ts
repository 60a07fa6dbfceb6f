import { pino } from 'pino';
import { TwilioProvider } from '#telephony/twilio/twilio.provider.js';
import { buildTwin } from '../twilio-twin/twin-server.js';
import { CarrierOnTrial } from './carrier-on-trial.js';
import { describeProvider, requestTo } from './provider-contract.js';

const ACCOUNT = { accountSid: `AC${'0a'.repeat(16)}`, authToken: 'a token' };

describeProvider('Twilio', async (speed) => {
  const settings = { ...ACCOUNT, speed, seed: 1, ledgerFile: '/dev/null' };
  const twin = await buildTwin(settings, pino({ level: 'silent' }));
  const { agent, from } = requestTo('00');
  const connection = { callId: agent.id, attemptId: agent.id, agent, from, maxDurationSeconds: 60 };
  return CarrierOnTrial.start(
    twin,
    (baseUrl, publicUrl) =>
      new TwilioProvider({ ...ACCOUNT, from: '+12025550188', baseUrl, publicUrl, detectsMachines: true }),
    connection,
  );
});
