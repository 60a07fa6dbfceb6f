import { Controller, Get } from '@nestjs/common';
import { CreditsStore } from '#store/credits.store.js';
import { EnvironmentId, NeedsScope } from '../caller.js';

@Controller('credits')
@NeedsScope('environment')
export class CreditsController {
  constructor(private readonly credits: CreditsStore) {}

  /** What may still be spent; `balance` is null where the operator has set no limit. */
  @Get('balance')
  async balance(@EnvironmentId() environmentId: string) {
    const { balance, asOf } = await this.credits.balance(environmentId);
    const data = {
      balance,
      unlimited: balance === null,
      currency: 'USD',
      auto_topup_enabled: false,
      as_of: asOf.toISOString(),
    };
    return { success: true, data };
  }
}
