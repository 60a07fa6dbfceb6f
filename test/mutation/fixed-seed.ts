import fc from 'fast-check';

/** Properties try the same cases in every run, so that a score is the tests' and not chance's. */
fc.configureGlobal({ seed: 2026 });
