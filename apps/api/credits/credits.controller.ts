import { Controller, Get } from '@nestjs/common';
import { CreditsStore } from '#store/credits.store.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { Operation, Section } from '../openapi/operation.js';
import { always, BOOLEAN, INSTANT, named, NUMBER, object, orNull } from '../openapi/schema.js';
import { answerOf } from '../openapi/answers.js';

const balanceSchema = named(
  'CreditsBalance',
  object({
    balance: orNull(NUMBER),
    unlimited: BOOLEAN,
    reserved: { ...NUMBER, minimum: 0 },
    rate_per_second: { ...NUMBER, minimum: 0 },
    currency: always('USD'),
    auto_topup_enabled: always(false),
    as_of: INSTANT,
  }),
);

@Section('Environment')
@Controller('credits')
@NeedsScope('environment')
export class CreditsController {
  constructor(private readonly credits: CreditsStore) {}

  /** What may still be spent; `balance` is null where the operator has set no limit. */
  @Operation({
    id: 'getCreditsBalance',
    does: 'Shows what may still be spent, reservations taken off; null where there is no limit.',
    answer: answerOf(balanceSchema),
  })
  @Get('balance')
  async balance(@EnvironmentId() environmentId: string) {
    const { balance, reserved, ratePerSecond, asOf } = await this.credits.balance(environmentId);
    const data = {
      balance,
      unlimited: balance === null,
      reserved,
      rate_per_second: ratePerSecond,
      currency: 'USD',
      auto_topup_enabled: false,
      as_of: asOf.toISOString(),
    };
    return { success: true, data };
  }
}
