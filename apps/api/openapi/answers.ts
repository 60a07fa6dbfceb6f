import {
  always,
  COUNT,
  ID,
  INTEGER,
  list,
  object,
  orNull,
  TEXT,
  type Fields,
  type Schema,
} from './schema.js';

const SUCCESS = { success: always(true) };

/** The envelope of an answer that has something to show. */
export function answerOf(data: Schema): Schema {
  return object({ ...SUCCESS, data });
}

/** The same, with a sentence for people. */
export function toldAnswerOf(data: Schema): Schema {
  return object({ ...SUCCESS, message: TEXT, data });
}

/** The answer of a route that has nothing to show. */
export const DONE: Schema = object({ ...SUCCESS, message: TEXT });

const PAGE_SIZES = { last_page: INTEGER, per_page: INTEGER, total: COUNT };

/** A page of a list that is asked for by number. */
export function pageOfThese(item: Schema): Schema {
  const pagination = object({ current_page: INTEGER, ...PAGE_SIZES, from: COUNT, to: COUNT });
  return object({ ...SUCCESS, data: list(item), pagination });
}

/** A page of a list that may go on by cursor: a page so asked for has no number. */
export function cursorPageOfThese(item: Schema): Schema {
  const pagination = object({
    current_page: orNull(INTEGER),
    ...PAGE_SIZES,
    from: orNull(COUNT),
    to: orNull(COUNT),
    next_cursor: orNull(ID),
  });
  return object({ ...SUCCESS, data: list(item), pagination });
}

/** A page whose numbers stand under `meta`. */
export function metaPageOfThese(item: Schema): Schema {
  return object({
    ...SUCCESS,
    data: list(item),
    meta: object({ current_page: INTEGER, per_page: INTEGER, total: COUNT, last_page: INTEGER }),
  });
}

/** What a stop tells of what may still ring. */
export const STOP_FIELDS: Fields = {
  in_flight: object({ count: COUNT, attempt_ids: list(ID) }),
  unknown: COUNT,
  stopped: COUNT,
};
