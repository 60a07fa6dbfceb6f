import { Module, type DynamicModule } from '@nestjs/common';
import type { Settings } from '#environment/settings.js';
import { SimulatedProvider } from './simulated.provider.js';
import { TelephonyProvider } from './telephony-provider.js';

/** Chooses the adapter that the settings name. */
@Module({})
export class TelephonyModule {
  static for(settings: Settings): DynamicModule {
    return {
      module: TelephonyModule,
      providers: [{ provide: TelephonyProvider, useValue: providerOf(settings) }],
      exports: [TelephonyProvider],
    };
  }
}

function providerOf(settings: Settings): TelephonyProvider {
  switch (settings.TELEPHONY_PROVIDER) {
    case 'simulated':
      return new SimulatedProvider({
        url: settings.CARRIER_URL,
        secret: settings.CARRIER_SECRET,
        publicUrl: settings.PUBLIC_URL,
      });
  }
}
