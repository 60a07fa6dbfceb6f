import { defineConfig } from 'vitest/config';

// Node gets these too: naming 'import' or 'module' here would make require() load ES modules.
const conditions = ['ringfence-source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['apps/**/*.spec.ts', 'libs/**/*.spec.ts', 'test/**/*.spec.ts'],
    globalSetup: ['test/global-stores.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
