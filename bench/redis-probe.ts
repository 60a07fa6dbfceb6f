import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

/**
 * Asks Redis for nothing, over and over, and keeps how long the slowest answer took since `begin` was said: while a script
 * runs, nobody is answered. A process of its own, before others where the system lets it, so that it is not itself late.
 */
try {
  setPriority(-10);
} catch {
  // Only an administrator may. The figure then includes what this process waited for a processor.
}
const redis = new Redis(process.env.REDIS_URL ?? '');
let longestMs = 0;

process.on('message', (word) => {
  if (word === 'begin') longestMs = 0;
  else process.send?.(longestMs);
});
process.on('disconnect', () => process.exit());

for (;;) {
  const askedAt = performance.now();
  await redis.ping();
  longestMs = Math.max(longestMs, performance.now() - askedAt);
  await pause(1);
}
