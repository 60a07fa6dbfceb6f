import { createHash, type Hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { readContacts, type ContactFileOptions } from '#number-files/contact-file.js';
import { contactsInBatches } from '#number-files/in-batches.js';
import type { CampaignToCall } from '#store/campaigns.store.js';
import { CONTACT_BATCH_ROWS, ContactImportsStore, type ContactImport } from '#store/contact-imports.store.js';
import type { Caller } from '#store/tokens.store.js';
import { CallableCampaign } from '../campaign-calls/callable-campaign.js';
import { FileUploads, readWhole } from '../file-uploads.js';
import { errors } from '../http-errors.js';
import { piecesOf } from '../streamed-body.js';

const MOST_ROWS = 5_000_000;
const MOST_BYTES = 2 * 1024 ** 3;

/** How a file is to be read, and what it is called. */
export interface ContactUpload {
  filename: string | null;
  /** The client's own name for this file, so that it may be sent again. */
  idempotencyKey: string | null;
  reading: Pick<ContactFileOptions, 'column' | 'defaultCountry' | 'allowDuplicates'>;
}

/** Reads a file of contacts to its end. What follows is the dialer's: it goes on whatever becomes of this process. */
@Injectable()
export class ImportContacts {
  constructor(
    private readonly imports: ContactImportsStore,
    private readonly callableCampaign: CallableCampaign,
    private readonly uploads: FileUploads,
  ) {}

  async run(
    caller: Caller,
    campaignId: string,
    readUpload: () => ContactUpload,
    readFile: () => IncomingMessage,
  ): Promise<{ made: ContactImport; campaign: CampaignToCall; isReplay: boolean }> {
    const campaign = await this.callableCampaign.find(caller, campaignId);
    const upload = readUpload();
    return this.uploads.oneMore(async () => {
      const { filename, idempotencyKey } = upload;
      const { environmentId, actor } = caller;
      const order = { environmentId, campaignId, filename, idempotencyKey };
      const file = readFile();
      const begun = await this.imports.begin(actor, order);
      switch (begun.kind) {
        case 'not_found':
          throw errors.campaignNotFound();
        case 'not_active':
          throw errors.campaignNotActive(begun.status);
        case 'known':
          if ((await fingerprintOf(upload, file)) !== begun.import.fingerprint)
            throw errors.idempotencyKeyReused();
          return { made: begun.import, campaign, isReplay: true };
        case 'begun':
          await this.read(caller, begun.id, upload, file);
          return { made: (await this.imports.find(environmentId, begun.id))!, campaign, isReplay: false };
      }
    });
  }

  private async read(
    { environmentId, actor }: Caller,
    id: string,
    upload: ContactUpload,
    file: IncomingMessage,
  ): Promise<void> {
    const hash = hashOf(upload);
    const limits = { mostBytes: MOST_BYTES, mostRows: MOST_ROWS };
    const rows = readContacts(hashed(piecesOf(file), hash), { ...upload.reading, ...limits });
    await readWhole(contactsInBatches(rows, CONTACT_BATCH_ROWS), {
      keep: (batch) => this.imports.keep(environmentId, id, batch),
      seal: () => this.imports.seal(environmentId, actor, id, hash.digest('hex')),
      fail: (because) => this.imports.fail(environmentId, id, because),
    });
  }
}

/** What tells a file, and how it is read, from another one. */
function hashOf({ reading }: ContactUpload): Hash {
  const { column, defaultCountry, allowDuplicates } = reading;
  return createHash('sha256').update(
    JSON.stringify([column ?? null, defaultCountry ?? null, allowDuplicates]),
  );
}

async function* hashed(pieces: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

async function fingerprintOf(upload: ContactUpload, file: IncomingMessage): Promise<string> {
  const hash = hashOf(upload);
  let read = 0;
  for await (const { length } of hashed(piecesOf(file), hash)) {
    read += length;
    if (read > MOST_BYTES) throw errors.payloadTooLarge();
  }
  return hash.digest('hex');
}
