/**
 * How long the answer to a statement is waited for. The server cuts the statement short before that: one that says nothing
 * is gone, or the way to it is, and the connection is given up. TCP alone would take a quarter of an hour to find out, and
 * whatever shares the connection's transaction would stand still for as long.
 * @param statementTimeoutMs longest statement by the server; 0: as long as it takes
 * @returns milliseconds; undefined: for ever
 */
export function answerWithinMs(statementTimeoutMs: number): number | undefined {
  return statementTimeoutMs === 0 ? undefined : statementTimeoutMs + SLACK_MS;
}

/** For the way there and back, for a process that is busy when the answer comes, and for the statements sent before in one piece. */
const SLACK_MS = 3_000;
