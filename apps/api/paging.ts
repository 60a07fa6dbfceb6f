import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import type { Page, PageOf } from '#store/page.js';

const asNumber = Transform(({ value }: { value: unknown }) =>
  typeof value === 'string' ? Number(value) : value,
);

/** `page` and `per_page`, as documented: 1 and 20, at most 100. */
export class PageQuery {
  @IsOptional()
  @asNumber
  @IsInt({ message: 'The page field must be a whole number.' })
  @Min(1, { message: 'The page field must be at least 1.' })
  @Max(1_000_000, { message: 'The page field must be at most 1000000.' })
  page?: number;

  @IsOptional()
  @asNumber
  @IsInt({ message: 'The per_page field must be a whole number.' })
  @Min(1, { message: 'The per_page field must be at least 1.' })
  @Max(100, { message: 'The per_page field must be at most 100.' })
  per_page?: number;
}

/** With a cursor beside them: the `next_cursor` of the page before, which new items cannot shift. */
export class CursorPageQuery extends PageQuery {
  @IsOptional()
  @IsUUID(undefined, { message: 'The cursor field must be the next_cursor of an earlier answer.' })
  cursor?: string;
}

export function pageOf({ page, per_page, cursor }: PageQuery & { cursor?: string }, defaultSize = 20): Page {
  return { number: page ?? 1, size: per_page ?? defaultSize, after: cursor };
}

/** The `pagination` key of a log: how its documented form differs from that of a list is its missing bounds. */
export function logPaginationView(page: PageOf<unknown>): Record<string, number> {
  const { from: _from, to: _to, ...view } = paginationView(page);
  return view;
}

/** The `pagination` key of a list. */
export function paginationView({ items, total, page }: PageOf<unknown>): Record<string, number> {
  const from = items.length === 0 ? 0 : (page.number - 1) * page.size + 1;
  return {
    current_page: page.number,
    last_page: Math.max(1, Math.ceil(total / page.size)),
    per_page: page.size,
    total,
    from,
    to: items.length === 0 ? 0 : from + items.length - 1,
  };
}

/**
 * The same for a list that may go on by cursor: a page so asked for has no number. `lastId` is the id of its last item;
 * after a page that is not full there is nothing more.
 */
export function cursorPaginationView(
  page: PageOf<unknown>,
  lastId: string | undefined,
): Record<string, number | string | null> {
  const numbered = paginationView(page);
  const next_cursor = page.items.length < page.page.size ? null : (lastId ?? null);
  return page.page.after === undefined
    ? { ...numbered, next_cursor }
    : { ...numbered, current_page: null, from: null, to: null, next_cursor };
}
