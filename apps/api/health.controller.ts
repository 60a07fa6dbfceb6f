import { Controller, Get } from '@nestjs/common';
import { NeedsScope } from './caller.js';
import { Operation, Section } from './openapi/operation.js';
import { always, object } from './openapi/schema.js';

@Section('Service')
@Controller('health')
export class HealthController {
  /** Whether this process answers; what it stands on is told by the admin port's /ready. */
  @Operation({
    id: 'getHealth',
    does: 'Tells whether the service answers.',
    answer: object({ status: always('ok') }),
  })
  @Get()
  @NeedsScope('none')
  health() {
    return { status: 'ok' };
  }
}
