/** A number that may be called, E.164, a different one for each place up to eight million. */
export function numberAt(place: number): string {
  return `+1201${2_000_000 + place}`;
}
