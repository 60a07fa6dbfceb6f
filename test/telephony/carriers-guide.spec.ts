import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AriProvider } from '#telephony/ari/ari.provider.js';
import { LiveKitProvider } from '#telephony/livekit/livekit.provider.js';
import { SimulatedProvider } from '#telephony/simulated.provider.js';
import type { Capabilities } from '#telephony/telephony-provider.js';
import { TwilioProvider } from '#telephony/twilio/twilio.provider.js';

const guide = readFileSync(resolve('docs/carriers.md'), 'utf8');
const publicUrl = 'https://calls.example.com';

const COLUMNS: Record<string, Capabilities> = {
  simulated: new SimulatedProvider({ url: publicUrl, secret: 's', publicUrl }).capabilities,
  Twilio: new TwilioProvider({
    ...{ accountSid: `AC${'0a'.repeat(16)}`, authToken: 't', from: '+12025550188' },
    ...{ baseUrl: null, publicUrl, detectsMachines: true },
  }).capabilities,
  Asterisk: new AriProvider(
    { url: publicUrl, user: 'u', password: 'p' },
    { app: 'ringfence', endpoint: 'PJSIP/{to}@trunk', from: '+12025550188' },
  ).capabilities,
  LiveKit: new LiveKitProvider({
    url: publicUrl,
    apiKey: 'k',
    apiSecret: 's',
    sipTrunkId: 'ST_trunk',
    agentName: null,
  }).capabilities,
};

describe('the guide to carriers', () => {
  it('says of each what its adapter declares', () => {
    const rows = guide
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const head = rows.find((cells) => cells[1] === '' && cells[2] === 'simulated') ?? [];
    for (const [carrier, capabilities] of Object.entries(COLUMNS)) {
      const column = head.indexOf(carrier);
      const said = Object.fromEntries(
        Object.keys(capabilities).map((name) => {
          const cell = rows.find((cells) => cells[1]?.includes(`(\`${name}\`)`))?.[column] ?? '';
          return [name, cell === 'yes' ? true : cell === 'no' ? false : cell.replaceAll('`', '')];
        }),
      );
      expect(said, carrier).toEqual(capabilities);
    }
  });
});
