import { setTimeout as pause } from 'node:timers/promises';

type Query = (text: string) => Promise<{ id?: unknown }[]>;

/** What a process that just died, or stands still, had sent to the database is carried out within this. */
const IN_FLIGHT_MS = 300;

/** The database itself may be what was harmed. Far below the horizon, so nothing is parked before it is seen. */
const PATIENCE_MS = 5_000;

/**
 * The attempts that injected faults may have orphaned: past their fence and not yet placed when a dialer died, stood
 * still, or lost the database. Any other attempt that ends as unknown is the house's own doing.
 */
export class Ambiguity {
  private readonly ids = new Set<string>();
  private readonly looks: Promise<void>[] = [];

  constructor(private readonly query: Query) {}

  /** Call right after a fault has hit a dialer or its database. Waits for nothing. */
  note(): void {
    this.looks.push(this.look());
  }

  /** All that were noted. */
  async attempts(): Promise<ReadonlySet<string>> {
    await Promise.all(this.looks);
    return this.ids;
  }

  private async look(): Promise<void> {
    await this.sending();
    await pause(IN_FLIGHT_MS);
    await this.sending();
  }

  private async sending(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      try {
        for (const { id } of await this.query(`SELECT id FROM attempts WHERE status = 'sending'`)) {
          this.ids.add(id as string);
        }
        return;
      } catch {
        await pause(100);
      }
    }
  }
}
