import {
  createParamDecorator,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Scope } from '#store/token.entity.js';
import type { Caller } from '#store/tokens.store.js';
import { errors } from './http-errors.js';

/** Where a route's scope is kept. */
export const SCOPE = 'scope';

/** The scope a token needs for a route; 'none' for the few that take no token. A route without it is refused. */
export const NeedsScope = (scope: Scope | 'none') => SetMetadata(SCOPE, scope);

/** The environment of the token: every query of a request is scoped by it. */
export const EnvironmentId = createParamDecorator(
  (_, context: ExecutionContext): string => callerOf(context).environmentId,
);

/** Refuses a token without the route's scope. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const scope = this.reflector.getAllAndOverride<Scope | 'none' | undefined>(SCOPE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (scope === 'none') return true;
    if (scope === undefined || !hasScope(callerOf(context), scope)) throw errors.forbidden();
    return true;
  }
}

export function hasScope(caller: Caller, scope: Scope): boolean {
  return caller.scopes.includes(scope);
}

function callerOf(context: ExecutionContext): Caller {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (caller === undefined) throw errors.unauthenticated();
  return caller;
}

/** Who asks, for a route that checks its scope itself, after what it looks for was found. */
export const CurrentCaller = createParamDecorator((_, context: ExecutionContext): Caller =>
  callerOf(context),
);
