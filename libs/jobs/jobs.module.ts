import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { QUEUE_NAMES, type QueueName } from './job-catalog.js';
import { JobQueue } from './job-queue.js';
import { QueueConnection, redisPulse, type QueueAccess } from './queue-connection.js';
import { queueShards } from './queue-shard.js';

/** Injection token of our own Redis client; null where the queue lives in PostgreSQL. */
export const REDIS = Symbol('redis');

/** The queues of the catalog, and JobQueue to offer tickets. */
@Module({})
export class JobsModule implements OnApplicationShutdown {
  static for(access: QueueAccess): DynamicModule {
    const connection = new QueueConnection(access);
    const [first] = connection.shards;
    return {
      module: JobsModule,
      global: true,
      // Nest makes the workers of the first shard, and needs its queues for that.
      imports: [
        BullModule.forRoot(first),
        BullModule.registerQueue(...QUEUE_NAMES.map((name) => ({ name }))),
      ],
      providers: [
        { provide: QueueConnection, useValue: connection },
        { provide: REDIS, useFactory: () => redisPulse(access) },
        {
          provide: JobQueue,
          inject: [REDIS, ...QUEUE_NAMES.map((name) => getQueueToken(name))],
          useFactory: (redis: Redis | Cluster | null, ...queues: Queue[]) => {
            const named = Object.fromEntries(queues.map((queue) => [queue.name, queue]));
            return new JobQueue(queueShards(connection, redis, named as Record<QueueName, Queue>), redis);
          },
        },
      ],
      exports: [JobQueue, QueueConnection, REDIS],
    };
  }

  constructor(
    @Inject(REDIS) private readonly redis: Redis | Cluster | null,
    private readonly jobs: JobQueue,
    private readonly connection: QueueConnection,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.jobs.close();
    this.redis?.disconnect();
    this.connection.disconnect();
  }
}
