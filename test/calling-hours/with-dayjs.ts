import dayjs from 'dayjs';
import isoWeek from 'dayjs/plugin/isoWeek.js';
import timezone from 'dayjs/plugin/timezone.js';
import utc from 'dayjs/plugin/utc.js';
import type { CallingSchedule } from '#policy/calling-window.js';

dayjs.extend(utc);
dayjs.extend(timezone);
dayjs.extend(isoWeek);

/** The next opening as it is commonly written with Day.js and its plugins: each edge of a range is made an instant. */
export function nextOpeningWithDayjs(schedule: CallingSchedule, from: Date): Date | null {
  const now = dayjs(from).tz(schedule.timezone);
  const ranges = schedule.callTimeRanges.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  for (let ahead = 0; ahead < 400; ahead++) {
    const day = now.add(ahead, 'day');
    const date = day.format('YYYY-MM-DD');
    if (schedule.endDate !== null && date > schedule.endDate) return null;
    if (date < schedule.startDate || schedule.holidays?.includes(date)) continue;
    if (!schedule.daysOfWeek.includes(day.isoWeekday())) continue;
    for (const { start, end } of ranges) {
      if (!at(date, end, schedule.timezone).isAfter(now)) continue;
      const opens = at(date, start, schedule.timezone);
      return opens.isAfter(now) ? opens.toDate() : from;
    }
  }
  return null;
}

function at(date: string, time: string, zone: string): dayjs.Dayjs {
  return time === '24:00' ? dayjs.tz(`${date} 00:00`, zone).add(1, 'day') : dayjs.tz(`${date} ${time}`, zone);
}
