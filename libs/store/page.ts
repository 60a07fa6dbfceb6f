/** A page asked for: numbered from 1. */
export interface Page {
  number: number;
  size: number;
  /** Begins after the item of this id instead of at the page's number. */
  after?: string | undefined;
}

/** A page of a list, newest first. */
export interface PageOf<Item> {
  items: Item[];
  /** Of all pages together. */
  total: number;
  page: Page;
}
