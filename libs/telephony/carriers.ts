import { Injectable } from '@nestjs/common';
import type { SentAttempt, TelephonyProvider } from './telephony-provider.js';

/** The carriers of a house, each under the name of the trunk that calls go over. */
@Injectable()
export class Carriers {
  private readonly byName: ReadonlyMap<string, TelephonyProvider>;

  /** @param all at least one, the first of which is that of attempts that name no trunk */
  constructor(readonly all: readonly TelephonyProvider[]) {
    this.byName = new Map(all.map((provider) => [provider.name, provider]));
  }

  /** By the name of a trunk; null: none is set up by that name. */
  named(trunk: string): TelephonyProvider | null {
    return this.byName.get(trunk) ?? null;
  }

  /** That of an attempt; null: its trunk is set up no more, and nobody can be asked about it. */
  of({ trunk }: { trunk: string | null }): TelephonyProvider | null {
    return trunk === null ? (this.all[0] ?? null) : this.named(trunk);
  }

  /** That of an attempt that was claimed by the settings of this process, which name its trunk. */
  ofNew(attempt: { trunk: string | null }): TelephonyProvider {
    const provider = this.of(attempt);
    if (provider === null) throw new Error(`No trunk is set up by the name of ${attempt.trunk}`);
    return provider;
  }

  /** Asks the carrier of an attempt to end its call. Best effort, and never rejects. */
  async hangUp(
    attempt: Pick<SentAttempt, 'attemptId' | 'providerCallId'> & { trunk: string | null },
  ): Promise<void> {
    const { attemptId, providerCallId } = attempt;
    await this.of(attempt)?.hangUp({ attemptId, providerCallId });
  }
}
