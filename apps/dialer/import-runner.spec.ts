import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JobQueue } from '#jobs/job-queue.js';
import type { ContactImportStepsStore } from '#store/contact-import-steps.store.js';
import type { ContactImportsStore } from '#store/contact-imports.store.js';
import type { DoNotCallImportStepsStore } from '#store/do-not-call-import-steps.store.js';
import type { DoNotCallImportsStore } from '#store/do-not-call-imports.store.js';
import { ImportRunner } from './import-runner.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a turn ends in the middle of many imports, says each time that it has got on, and the next goes on behind it', async () => {
  const steps: string[] = [];
  const ofKind = (ids: string[]) => ({
    unfinished: () => Promise.resolve(ids),
    advance: (id: string) => {
      steps.push(id);
      vi.advanceTimersByTime(600);
      return Promise.resolve({ state: { completedAt: null }, deliveryIds: [] });
    },
  });
  const files = { failAbandoned: () => Promise.resolve() };
  const runner = new ImportRunner(
    files as unknown as DoNotCallImportsStore,
    files as unknown as ContactImportsStore,
    ofKind(['a']) as unknown as DoNotCallImportStepsStore,
    ofKind(['b', 'c']) as unknown as ContactImportStepsStore,
    { deliverWebhooks: () => Promise.resolve() } as unknown as JobQueue,
  );
  const goesOn = vi.fn();
  for (let turn = 0; turn < 3; turn += 1) await runner.run(goesOn);
  expect(steps.join('')).toBe('abcabc');
  expect(goesOn).toHaveBeenCalledTimes(6);
});
