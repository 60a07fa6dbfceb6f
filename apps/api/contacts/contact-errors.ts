import { Injectable } from '@nestjs/common';
import { errorHeading, errorLines, type ErrorFormat } from '#number-files/error-file.js';
import { ContactImportsStore } from '#store/contact-imports.store.js';

/** Hands out what was wrong with the rows of a file, to whoever sent it. */
@Injectable()
export class ContactErrors {
  constructor(private readonly imports: ContactImportsStore) {}

  /** Some lines at a time: a file of a million bad rows is never in memory as a whole. */
  async *lines(environmentId: string, importId: string, format: ErrorFormat): AsyncGenerator<string> {
    yield errorHeading(format);
    for await (const errors of this.imports.everyErrorOf(environmentId, importId))
      yield errorLines(errors, format);
  }
}
