import { DateTime } from 'luxon';
import type { CallingSchedule } from '#policy/calling-window.js';

/** The next opening as it is commonly written with Luxon: each edge of a range is made an instant. */
export function nextOpeningWithLuxon(schedule: CallingSchedule, from: Date): Date | null {
  const now = DateTime.fromJSDate(from, { zone: schedule.timezone });
  const ranges = schedule.callTimeRanges.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  for (let ahead = 0; ahead < 400; ahead++) {
    const day = now.startOf('day').plus({ days: ahead });
    const date = day.toISODate() ?? '';
    if (schedule.endDate !== null && date > schedule.endDate) return null;
    if (date < schedule.startDate || schedule.holidays?.includes(date)) continue;
    if (!schedule.daysOfWeek.includes(day.weekday)) continue;
    for (const { start, end } of ranges) {
      if (at(day, end) > now) return DateTime.max(at(day, start), now).toJSDate();
    }
  }
  return null;
}

function at(day: DateTime, time: string): DateTime {
  const [hour, minute] = time.split(':').map(Number);
  return hour === 24 ? day.plus({ days: 1 }) : day.set({ hour, minute });
}
