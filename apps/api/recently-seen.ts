/** Addresses or tokens remembered, of a kind. */
const MOST_REMEMBERED = 10_000;

/** Something about those who were seen lately. However many come, it does not grow: the oldest are forgotten first. */
export class RecentlySeen<V> {
  private readonly kept = new Map<string, V>();

  get(key: string): V | undefined {
    return this.kept.get(key);
  }

  set(key: string, value: V): void {
    this.kept.delete(key);
    this.kept.set(key, value);
    if (this.kept.size <= MOST_REMEMBERED) return;
    const [oldest] = this.kept.keys();
    if (oldest !== undefined) this.kept.delete(oldest);
  }
}
