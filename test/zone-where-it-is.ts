/** A zone whose clock shows this hour now, whatever the hour is here. */
export function zoneWhereItIs(hour: number): string {
  const ahead = (hour - new Date().getUTCHours() + 36) % 24;
  // Of these names, those west of Greenwich have a plus.
  const west = 12 - ahead;
  return west === 0 ? 'Etc/GMT' : `Etc/GMT${west > 0 ? '+' : ''}${west}`;
}
