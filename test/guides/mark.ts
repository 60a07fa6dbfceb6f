/**
 * How the block of a page is held to what is true. It stands in a comment right before the fence:
 *
 * - `run: house`: run by `test/journeys/guides.spec.ts` against a running house (`page-script.ts`);
 * - `prints`: what the block before it prints, `…` standing for anything;
 * - `run: FILE`: that file runs it: it reads the page, or holds every line of the block;
 * - `manual: 2026-11-28, why`: somebody ran it on that day, and why nothing runs it by itself. `manual: never here, why` where
 *   nobody could;
 * - `settings`: variables, which are read as a process reads them. `settings: part` where others are needed beside them;
 * - `given`: variables whose values the reader has from elsewhere, and a run of the page from the house.
 */
export type Mark =
  | { kind: 'house' | 'prints' | 'given' }
  | { kind: 'file'; file: string }
  | { kind: 'manual'; day: string | null; reason: string }
  | { kind: 'settings'; isWhole: boolean };

/** What a comment says of the block after it; null: nothing of this kind. */
export function markOf(comment: string): Mark | null {
  if (comment === 'run: house') return { kind: 'house' };
  if (comment === 'prints' || comment === 'given') return { kind: comment };
  if (comment === 'settings' || comment === 'settings: part')
    return { kind: 'settings', isWhole: comment === 'settings' };
  const file = /^run: (\S+\/\S+)$/.exec(comment)?.[1];
  if (file !== undefined) return { kind: 'file', file };
  const [, day, reason] = /^manual: (\d{4}-\d{2}-\d{2}|never here), (\S.*)$/s.exec(comment) ?? [];
  if (day === undefined || reason === undefined) return null;
  if (day === 'never here') return { kind: 'manual', day: null, reason };
  return isDay(day) ? { kind: 'manual', day, reason } : null;
}

function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
