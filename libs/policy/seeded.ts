/** A number in [0, 1) that is always the same for the same id (a UUID), so that a replay agrees with itself. */
export function fractionOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(-8), 16) / 2 ** 32;
}

/** The caller id for a callee: the same one at every attempt, so that a person sees one number. Null: none named. */
export function callerIdFor(to: string, callerIds: string[]): string | null {
  const digits = [...to].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 1_000_003, 7);
  return callerIds[digits % callerIds.length] ?? null;
}
