import { defineConfig } from 'vitest/config';

const conditions = ['ringfence-source', 'node'];

/** The specs of the rules alone: no stores, and nothing that takes longer than a second. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['libs/policy/**/*.spec.ts'],
    exclude: ['libs/policy/*.{calendar,properties}.spec.ts'],
    testTimeout: 30_000,
    setupFiles: ['test/mutation/fixed-seed.ts'],
  },
});
