import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import type { Settings } from './settings.js';

/**
 * The log of a process: one JSON line an event, on standard output. Ids and words only: numbers, payloads, contexts,
 * tokens and secrets never go in. Errors are reduced to their name, message and code, since those of a database driver
 * carry the parameters of the statement.
 */
export class Log implements LoggerService {
  constructor(private readonly pino: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.pino.info(fieldsOf(message, context));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.pino.error(fieldsOf(message, rest.at(-1)));
  }

  warn(message: unknown, context?: unknown): void {
    this.pino.warn(fieldsOf(message, context));
  }

  debug(message: unknown, context?: unknown): void {
    this.pino.debug(fieldsOf(message, context));
  }

  verbose(message: unknown, context?: unknown): void {
    this.pino.trace(fieldsOf(message, context));
  }
}

export function createLog(settings: Pick<Settings, 'LOG_LEVEL'>, processName: string): Log {
  return new Log(pino({ level: settings.LOG_LEVEL, base: { process: processName, pid: process.pid } }));
}

/** What may be told of an error. */
export function errorFields(error: unknown): { name: string; message: string; code?: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, code } = error as Error & { code?: unknown };
  return { name, message, ...(typeof code === 'string' ? { code } : {}) };
}

function fieldsOf(message: unknown, context: unknown): Record<string, unknown> {
  const from = typeof context === 'string' ? { context } : {};
  if (message instanceof Error) return { ...from, error: errorFields(message) };
  if (typeof message === 'object' && message !== null) return { ...from, ...message };
  return { ...from, msg: String(message) };
}
