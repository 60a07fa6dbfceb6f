import { Injectable, Logger } from '@nestjs/common';
import { JobQueue } from '#jobs/job-queue.js';
import { ContactImportStepsStore } from '#store/contact-import-steps.store.js';
import { ContactImportsStore } from '#store/contact-imports.store.js';
import { DoNotCallImportStepsStore } from '#store/do-not-call-import-steps.store.js';
import { DoNotCallImportsStore } from '#store/do-not-call-imports.store.js';

/** A turn is no longer than this, and a step beyond: a dialer that is to end does not finish ten million numbers first. */
const TURN_MS = 1_000;

/** A step of an import, whatever it brings where. */
interface Step {
  state: { completedAt: Date | null };
  /** Nothing can be done for now. */
  isWaiting?: boolean;
  deliveryIds: string[];
}

interface Steps {
  unfinished: () => Promise<string[]>;
  advance: (id: string) => Promise<Step>;
}

/** Carries on what files brought, whoever read them: numbers onto lists, contacts into campaigns. */
@Injectable()
export class ImportRunner {
  private readonly log = new Logger('import');
  private readonly kinds: Steps[];
  /** Whose step was the last: a turn that ends before all have had one leaves it to the next to go on behind it. */
  private latest: string | null = null;

  constructor(
    private readonly numbers: DoNotCallImportsStore,
    private readonly contacts: ContactImportsStore,
    numberSteps: DoNotCallImportStepsStore,
    contactSteps: ContactImportStepsStore,
    private readonly jobs: JobQueue,
  ) {
    this.kinds = [numberSteps, contactSteps];
  }

  /**
   * A step of each import, one after the other, as often as a turn lets: a small file waits for no large one.
   * @param goesOn to be called before each step
   */
  async run(goesOn: () => void): Promise<void> {
    const endsAt = performance.now() + TURN_MS;
    await this.numbers.failAbandoned();
    await this.contacts.failAbandoned();
    let open = after(this.latest, (await Promise.all(this.kinds.map(unfinished))).flat());
    while (open.length > 0) {
      const left: Import[] = [];
      for (const one of open) {
        if (performance.now() >= endsAt) return;
        goesOn();
        this.latest = one.id;
        if (await this.isLeft(one)) left.push(one);
      }
      open = left;
    }
  }

  /** Takes a step. @returns whether there is another one to take */
  private async isLeft({ steps, id }: Import): Promise<boolean> {
    try {
      const { state, isWaiting = false, deliveryIds } = await steps.advance(id);
      await this.jobs.deliverWebhooks(deliveryIds);
      return !isWaiting && state.completedAt === null;
    } catch (error) {
      // One that cannot go on, such as while a dial cannot be waited out, must not keep the others waiting.
      this.log.warn({ importId: id, error: (error as Error).message });
      return false;
    }
  }
}

interface Import {
  steps: Steps;
  id: string;
}

function after(id: string | null, all: Import[]): Import[] {
  const place = all.findIndex((one) => one.id === id) + 1;
  return [...all.slice(place), ...all.slice(0, place)];
}

async function unfinished(steps: Steps): Promise<Import[]> {
  return (await steps.unfinished()).map((id) => ({ steps, id }));
}
