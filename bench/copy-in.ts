import type pg from 'pg';

/** The connection of the driver, as far as COPY needs it. */
interface Wire {
  query: (text: string) => void;
  sendCopyFromChunk: (chunk: Buffer) => void;
  endCopyFrom: () => void;
}

/** Sends rows by COPY … FROM STDIN, on a connection that nothing else uses meanwhile. */
export async function copyIn(client: pg.Client, text: string, rows: Iterable<Buffer>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let failure: Error | null = null;
    const copy = {
      submit: (wire: Wire) => wire.query(text),
      handleCopyInResponse: (wire: Wire) => {
        for (const chunk of rows) wire.sendCopyFromChunk(chunk);
        wire.endCopyFrom();
      },
      handleCommandComplete: () => undefined,
      handleError: (error: Error) => {
        failure = error;
        reject(error);
      },
      handleReadyForQuery: () => (failure === null ? resolve() : undefined),
    };
    client.query(copy as unknown as pg.Submittable);
  });
}
