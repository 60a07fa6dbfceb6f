import { pino } from 'pino';
import { SimulatedProvider } from '#telephony/simulated.provider.js';
import { buildCarrier } from '../../apps/carrier/carrier-server.js';
import { CarrierOnTrial } from './carrier-on-trial.js';
import { describeProvider } from './provider-contract.js';

const SECRET = 'a secret of carrier and house';

describeProvider('The simulated carrier', async (speed) => {
  const settings = { CARRIER_SECRET: SECRET, SPEED: speed, SEED: 1, LEDGER_FILE: '/dev/null' };
  const carrier = await buildCarrier(settings, pino({ level: 'silent' }));
  return CarrierOnTrial.start(
    carrier,
    (url, publicUrl) => new SimulatedProvider({ url, secret: SECRET, publicUrl }),
  );
});
