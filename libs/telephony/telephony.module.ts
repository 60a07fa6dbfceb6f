import { Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '#environment/settings.js';
import type { TrunkSettings } from '#environment/trunk-settings.js';
import type { Metrics } from '#metrics/metrics.js';
import { Carriers } from './carriers.js';
import { MeasuredProvider } from './measured.provider.js';
import { SimulatedProvider } from './simulated.provider.js';
import type { TelephonyProvider } from './telephony-provider.js';

/** Opens the line to the carrier of each trunk, by the adapter that the settings name, and measures it. */
@Module({})
export class TelephonyModule {
  static for(settings: Settings, metrics: Metrics): DynamicModule {
    const carriers = async () => {
      const providers = await Promise.all(
        settings.trunks.map((trunk) => providerOf(trunk, settings.PUBLIC_URL)),
      );
      return new Carriers(providers.map((provider) => new MeasuredProvider(provider, metrics)));
    };
    return {
      module: TelephonyModule,
      providers: [{ provide: Carriers, useFactory: carriers }],
      exports: [Carriers],
    };
  }
}

async function providerOf(trunk: TrunkSettings, publicUrl: string): Promise<TelephonyProvider> {
  const { name } = trunk;
  switch (trunk.TELEPHONY_PROVIDER) {
    case 'simulated':
      return new SimulatedProvider({ url: trunk.CARRIER_URL, secret: trunk.CARRIER_SECRET, publicUrl }, name);
    case 'twilio': {
      // Only where it is used: the SDK takes a quarter of a second and 24 MB.
      const { TwilioProvider } = await import('./twilio/twilio.provider.js');
      return new TwilioProvider(
        {
          accountSid: needed(trunk, 'TWILIO_ACCOUNT_SID'),
          authToken: needed(trunk, 'TWILIO_AUTH_TOKEN'),
          from: needed(trunk, 'TWILIO_FROM'),
          baseUrl: trunk.TWILIO_BASE_URL ?? null,
          publicUrl,
          detectsMachines: trunk.TWILIO_MACHINE_DETECTION,
        },
        name,
      );
    }
    case 'asterisk': {
      const { AriProvider } = await import('./ari/ari.provider.js');
      return new AriProvider(
        {
          url: needed(trunk, 'ARI_URL'),
          user: needed(trunk, 'ARI_USER'),
          password: needed(trunk, 'ARI_PASSWORD'),
        },
        {
          app: trunk.ARI_APP,
          endpoint: needed(trunk, 'ARI_ENDPOINT'),
          from: needed(trunk, 'ARI_FROM'),
        },
        name,
      );
    }
    case 'livekit': {
      // Only where it is used: the SDK takes a seventh of a second.
      const { LiveKitProvider } = await import('./livekit/livekit.provider.js');
      return new LiveKitProvider(
        {
          url: needed(trunk, 'LIVEKIT_URL'),
          apiKey: needed(trunk, 'LIVEKIT_API_KEY'),
          apiSecret: needed(trunk, 'LIVEKIT_API_SECRET'),
          sipTrunkId: needed(trunk, 'LIVEKIT_SIP_TRUNK'),
          agentName: trunk.LIVEKIT_AGENT_NAME ?? null,
        },
        name,
      );
    }
  }
}

type Needed =
  | 'TWILIO_ACCOUNT_SID'
  | 'TWILIO_AUTH_TOKEN'
  | 'TWILIO_FROM'
  | 'ARI_URL'
  | 'ARI_USER'
  | 'ARI_PASSWORD'
  | 'ARI_ENDPOINT'
  | 'ARI_FROM'
  | 'LIVEKIT_URL'
  | 'LIVEKIT_API_KEY'
  | 'LIVEKIT_API_SECRET'
  | 'LIVEKIT_SIP_TRUNK';

/** The settings were refused without it. */
function needed(trunk: TrunkSettings, name: Needed): string {
  const value = trunk[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
