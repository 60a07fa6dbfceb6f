/** Hours that opened with the current minute, and stay open for a good while: in a zone where it is not nearly midnight. */
export function openedThisMinute(now = new Date()): {
  timezone: string;
  ranges: { start: string; end: string }[];
} {
  const timezone = now.getUTCHours() === 23 ? 'Asia/Tokyo' : 'UTC';
  const start = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'short' }).format(now);
  return { timezone, ranges: [{ start, end: '24:00' }] };
}
