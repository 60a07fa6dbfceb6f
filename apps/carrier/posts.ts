/** What came back: a status and what was said, or one word for why nothing did. */
export type Posted = { status: number; text: string } | { status: null; error: string };

/** Sends what a carrier tells, so that all of it can be given up at once. */
export class Posts {
  private readonly underWay = new Set<AbortController>();

  /** @param timeoutMs longest a receiver may take, in real milliseconds. Never rejects. */
  constructor(private readonly timeoutMs: number) {}

  async post(url: string, headers: Record<string, string>, body: string | Buffer): Promise<Posted> {
    const abort = new AbortController();
    const timeout = setTimeout(() => abort.abort(), this.timeoutMs);
    this.underWay.add(abort);
    try {
      const { signal } = abort;
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
      // An unread body would keep the connection from being used again.
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return { status: null, error: failureWord(error) };
    } finally {
      clearTimeout(timeout);
      this.underWay.delete(abort);
    }
  }

  /** Gives up what is under way. */
  close(): void {
    for (const abort of this.underWay) abort.abort();
  }
}

/** What the ledger says of it. */
export function postedInLedger(posted: Posted): { http_status: number } | { error: string } {
  return posted.status === null ? { error: posted.error } : { http_status: posted.status };
}

/** One word for why nothing came back: the system's error code where there is one. */
function failureWord(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return cause?.code ?? name ?? 'error';
}
