import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_NAMES, type QueueName } from './job-catalog.js';
import { JobQueue } from './job-queue.js';
import { queueOptions, redisPulse, type QueueAccess } from './queue-connection.js';

/** Injection token of our own Redis client; null where the queue lives in PostgreSQL. */
export const REDIS = Symbol('redis');

/** The queues of the catalog, and JobQueue to offer tickets. */
@Module({})
export class JobsModule implements OnApplicationShutdown {
  static for(access: QueueAccess): DynamicModule {
    return {
      module: JobsModule,
      global: true,
      imports: [
        BullModule.forRoot(queueOptions(access)),
        BullModule.registerQueue(...QUEUE_NAMES.map((name) => ({ name }))),
      ],
      providers: [
        { provide: REDIS, useFactory: () => redisPulse(access) },
        {
          provide: JobQueue,
          inject: [REDIS, ...QUEUE_NAMES.map((name) => getQueueToken(name))],
          useFactory: (redis: Redis | null, ...queues: Queue[]) => {
            const named = Object.fromEntries(queues.map((queue) => [queue.name, queue]));
            // A queue that is away reports it here over and over; whoever offers learns it from the answer.
            for (const queue of queues) queue.on('error', () => undefined);
            return new JobQueue(named as Record<QueueName, Queue>, redis, access.prefix);
          },
        },
      ],
      exports: [JobQueue, REDIS],
    };
  }

  constructor(@Inject(REDIS) private readonly redis: Redis | null) {}

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}
