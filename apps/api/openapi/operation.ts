import { SetMetadata } from '@nestjs/common';
import type { Scope } from '#store/token.entity.js';
import type { ErrorName } from '../http-errors.js';
import type { Schema } from './schema.js';

/** A class whose rules a body or query is judged by. */
export interface RequestShape {
  new (): object;
  /** A body that is right as it is, for the description. */
  example?: object;
}

/** What the code of a route cannot say by itself; the rest is read from Nest's own decorators. */
export interface OperationDescription {
  /** Never changed: clients name their methods by it. */
  id: string;
  /** One sentence. */
  does: string;
  /** Shape of the JSON body. */
  body?: RequestShape;
  /** Media types of a body that is a file of lines, where it is one. */
  file?: readonly string[];
  /** The body may be left out. */
  isBodyOptional?: boolean;
  query?: RequestShape;
  /** Its success; null where that has no body. */
  answer: Schema | null;
  /** Media types of the answer, where it is not JSON. */
  produces?: readonly string[];
  /** Errors beyond those that any such route has. */
  refuses?: ErrorName[];
  /** The scope, where the use case asks for it itself. */
  scope?: Scope;
  takesIdempotencyKey?: boolean;
}

export const OPERATION = 'openapi:operation';
export const SECTION = 'openapi:section';

/** Describes a route. A route without it is missing in the description, which a test sees. */
export const Operation = (description: OperationDescription) => SetMetadata(OPERATION, description);

/** The heading that a controller's routes stand under. */
export const Section = (name: SectionName) => SetMetadata(SECTION, name);

export const SECTIONS = {
  Campaigns: 'Hours, retries and lists for many calls.',
  'Campaign calls': 'Calls of a campaign.',
  Calls: 'Calls of all kinds, and those outside any campaign.',
  Agents: 'Voice agents: what they say, how they sound, what they may do.',
  'Phone numbers': 'The numbers an environment calls from.',
  'Do not call': 'Numbers that must not be called.',
  Webhooks: 'Where a customer hears about calls and campaigns.',
  Environment: 'Settings, the kill switch and credits of the environment that the token belongs to.',
  Tokens: 'The bearer tokens of the environment.',
  Carrier: 'What the carrier calls; not for customers.',
  Service: 'The service itself.',
} as const;

export type SectionName = keyof typeof SECTIONS;
