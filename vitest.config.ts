import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Node gets these too: naming 'import' or 'module' here would make require() load ES modules.
const conditions = ['ringfence-source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['apps/**/*.spec.ts', 'libs/**/*.spec.ts', 'test/**/*.spec.ts'],
    // Journeys wait on other processes as much as they compute. The default is a core less, which leaves one of two idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: ['test/global-stores.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
