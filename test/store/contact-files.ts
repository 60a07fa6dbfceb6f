import type { DataSource } from 'typeorm';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import type { ContactError } from '#store/contact-import-rows.js';
import { ContactImportStepsStore } from '#store/contact-import-steps.store.js';
import {
  ContactImportsStore,
  type ContactImport,
  type ContactOrder,
  type NewContact,
} from '#store/contact-imports.store.js';
import { API_LIMITS, COMMAND_LIMITS, database } from '#store/database.js';
import { freshDatabase } from '../database.js';
import {
  aCampaign,
  anEnvironment,
  aNumber,
  asApi,
  asDialer,
  asOperator,
  dialingSettings,
} from '../factories.js';

let rows = 1;

/** A row of a file, each of its own line. */
export function contact(to = aNumber(), overrides: Partial<NewContact> = {}): NewContact {
  rows += 1;
  return {
    ...{
      row: rows,
      to,
      timezone: null,
      payload: '{}',
      context: '{}',
      isTesting: false,
      allowDuplicates: false,
    },
    ...{ notBefore: null, expiresAt: null, priority: null, ...overrides },
  };
}

export function orderOf(
  { id: campaignId, environmentId }: Campaign,
  idempotencyKey: string | null = null,
): ContactOrder {
  return { environmentId, campaignId, filename: 'contacts.csv', idempotencyKey };
}

export const batchOf = (batch: NewContact[]) => ({ rows: batch, rejected: 0, duplicates: 0, errors: [] });

/** Files of contacts in a database of their own, and all who have to do with them. */
export class ContactFiles {
  readonly imports: ContactImportsStore;
  /** As two dialers have it, and the command line. */
  readonly steps: ContactImportStepsStore[];
  readonly claims: ClaimStore;

  private constructor(
    readonly source: DataSource,
    readonly other: DataSource,
  ) {
    this.imports = new ContactImportsStore(asApi(source));
    this.steps = [asDialer(source), asDialer(other), asOperator(other)].map(
      (scoped) => new ContactImportStepsStore(scoped, dialingSettings()),
    );
    this.claims = new ClaimStore(asDialer(source), dialingSettings());
  }

  static async open(): Promise<ContactFiles> {
    const url = await freshDatabase();
    return new ContactFiles(
      await database(url, COMMAND_LIMITS).initialize(),
      await database(url, API_LIMITS).initialize(),
    );
  }

  async close(): Promise<void> {
    await this.source.destroy();
    await this.other.destroy();
  }

  async begun(campaign: Campaign, key: string | null = null): Promise<string> {
    const result = await this.imports.begin('test', orderOf(campaign, key));
    if (result.kind !== 'begun') throw new Error(result.kind);
    return result.id;
  }

  /** Reads batches of contacts as a file would be read. */
  async sealed(campaign: Campaign, batches: NewContact[][], key: string | null = null): Promise<string> {
    const id = await this.begun(campaign, key);
    for (const batch of batches) await this.imports.keep(campaign.environmentId, id, batchOf(batch));
    await this.imports.seal(campaign.environmentId, 'test', id, null);
    return id;
  }

  /** Carries an import on to its end, each step by another process. */
  async completed(id: string): Promise<ContactImport> {
    for (let nth = 0; ; nth += 1) {
      const { state, isWaiting } = await this.steps[nth % this.steps.length]!.advance(id);
      if (state.completedAt !== null) return state;
      if (isWaiting) throw new Error('It waits.');
    }
  }

  async aCampaignOf(overrides: Partial<Campaign> = {}): Promise<Campaign> {
    return aCampaign(this.source, (await anEnvironment(this.source)).id, overrides);
  }

  callsOf({ id: campaignId }: Campaign): Promise<Call[]> {
    return this.source.manager.find(Call, { where: { campaignId }, order: { id: 'ASC' } });
  }

  async errorsOf({ environmentId, id }: ContactImport): Promise<ContactError[]> {
    const errors: ContactError[] = [];
    for await (const some of this.imports.everyErrorOf(environmentId, id)) errors.push(...some);
    return errors;
  }
}
