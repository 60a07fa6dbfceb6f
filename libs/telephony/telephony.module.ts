import { Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '#environment/settings.js';
import type { Metrics } from '#metrics/metrics.js';
import { MeasuredProvider } from './measured.provider.js';
import { SimulatedProvider } from './simulated.provider.js';
import { TelephonyProvider } from './telephony-provider.js';

/** Chooses the adapter that the settings name, and measures it. */
@Module({})
export class TelephonyModule {
  static for(settings: Settings, metrics: Metrics): DynamicModule {
    const measured = async () => new MeasuredProvider(await providerOf(settings), metrics);
    return {
      module: TelephonyModule,
      providers: [{ provide: TelephonyProvider, useFactory: measured }],
      exports: [TelephonyProvider],
    };
  }
}

async function providerOf(settings: Settings): Promise<TelephonyProvider> {
  const { PUBLIC_URL: publicUrl } = settings;
  switch (settings.TELEPHONY_PROVIDER) {
    case 'simulated':
      return new SimulatedProvider({ url: settings.CARRIER_URL, secret: settings.CARRIER_SECRET, publicUrl });
    case 'twilio': {
      // Only where it is used: the SDK takes a quarter of a second and 24 MB.
      const { TwilioProvider } = await import('./twilio/twilio.provider.js');
      return new TwilioProvider({
        accountSid: needed(settings, 'TWILIO_ACCOUNT_SID'),
        authToken: needed(settings, 'TWILIO_AUTH_TOKEN'),
        from: needed(settings, 'TWILIO_FROM'),
        baseUrl: settings.TWILIO_BASE_URL ?? null,
        publicUrl,
        detectsMachines: settings.TWILIO_MACHINE_DETECTION,
      });
    }
    case 'asterisk': {
      const { AriProvider } = await import('./ari/ari.provider.js');
      return new AriProvider(
        {
          url: needed(settings, 'ARI_URL'),
          user: needed(settings, 'ARI_USER'),
          password: needed(settings, 'ARI_PASSWORD'),
        },
        {
          app: settings.ARI_APP,
          endpoint: needed(settings, 'ARI_ENDPOINT'),
          from: needed(settings, 'ARI_FROM'),
        },
      );
    }
    case 'livekit': {
      // Only where it is used: the SDK takes a seventh of a second.
      const { LiveKitProvider } = await import('./livekit/livekit.provider.js');
      return new LiveKitProvider({
        url: needed(settings, 'LIVEKIT_URL'),
        apiKey: needed(settings, 'LIVEKIT_API_KEY'),
        apiSecret: needed(settings, 'LIVEKIT_API_SECRET'),
        sipTrunkId: needed(settings, 'LIVEKIT_SIP_TRUNK'),
        agentName: settings.LIVEKIT_AGENT_NAME ?? null,
      });
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
function needed(settings: Settings, name: Needed): string {
  const value = settings[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}
