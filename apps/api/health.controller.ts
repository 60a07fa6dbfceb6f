import { Controller, Get } from '@nestjs/common';
import { Stopping } from '#environment/stopping.js';
import { NeedsScope } from './caller.js';
import { errors } from './http-errors.js';
import { Operation, Section } from './openapi/operation.js';
import { always, object } from './openapi/schema.js';

@Section('Service')
@Controller('health')
export class HealthController {
  constructor(private readonly stopping: Stopping) {}

  /**
   * Whether this process answers, and is to be asked; what it stands on is told by the admin port's /ready, and not to the
   * public.
   */
  @Operation({
    id: 'getHealth',
    does: 'Tells whether the service answers.',
    answer: object({ status: always('ok') }),
    refuses: ['stopping'],
  })
  @Get()
  @NeedsScope('none')
  health() {
    if (this.stopping.isStopping) throw errors.stopping();
    return { status: 'ok' };
  }
}
