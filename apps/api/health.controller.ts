import { Controller, Get } from '@nestjs/common';
import { NeedsScope } from './caller.js';

@Controller('health')
export class HealthController {
  /** Whether this process answers; what it stands on is told by the admin port's /ready. */
  @Get()
  @NeedsScope('none')
  health() {
    return { status: 'ok' };
  }
}
