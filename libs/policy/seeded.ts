/** A number in [0, 1) that is always the same for the same id (a UUID), so that a replay agrees with itself. */
export function fractionOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(-8), 16) / 2 ** 32;
}
