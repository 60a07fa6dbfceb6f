import type { Report } from './report.js';

/** One thing that is measured beside what people would take instead, in one run. */
export interface Scenario {
  /** `S0` … `S10`. */
  name: string;
  /** The other name it goes by. */
  word: string;
  /** What is measured, in a line. */
  does: string;
  /** What its figures depend on: npm packages, and `postgres` and `redis`, which must be at DATABASE_URL and REDIS_URL then. */
  uses: string[];
  run: (bench: { quick: boolean; report: Report }) => Promise<void>;
}
