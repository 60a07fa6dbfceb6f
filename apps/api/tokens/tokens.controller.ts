import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { TokensStore, type Caller, type MadeToken } from '#store/tokens.store.js';
import type { Scope } from '#store/token.entity.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { pageOf, PageQuery, paginationView } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { validated, validatedQuery } from '../validated.js';
import { CreateTokenBody, RotateTokenBody } from './token.dto.js';
import { newTokenSchema, tokenSchema, tokenView } from './token-view.js';
import { Operation, Section } from '../openapi/operation.js';
import { DONE, pageOfThese, toldAnswerOf } from '../openapi/answers.js';

const DEFAULT_OVERLAP_SECONDS = 86_400;

/** The environment's tokens. None hands on more than it has: neither a scope nor a day. */
@Section('Tokens')
@Controller('tokens')
@NeedsScope('tokens')
export class TokensController {
  constructor(private readonly tokens: TokensStore) {}

  @Operation({
    id: 'listTokens',
    does: 'Lists the tokens of the environment.',
    query: PageQuery,
    answer: pageOfThese(tokenSchema),
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const page = await this.tokens.list(environmentId, pageOf(validatedQuery(PageQuery, parameters)));
    return { success: true, data: page.items.map(tokenView), pagination: paginationView(page) };
  }

  @Operation({
    id: 'createToken',
    does: 'Makes a token with at most the rights of the asking one; its secret is shown this once.',
    body: CreateTokenBody,
    answer: toldAnswerOf(newTokenSchema),
  })
  @Post()
  async create(@CurrentCaller() caller: Caller, @Body() body: unknown) {
    const { name = null, scopes = caller.scopes, expires_at } = validated(CreateTokenBody, body);
    const expiresAt = typeof expires_at === 'string' ? new Date(expires_at) : caller.expiresAt;
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
      throw errors.invalid({ expires_at: ['The expires_at field must lie in the future.'] });
    }
    refuseMore(caller, scopes, expiresAt);
    const settings = { name, scopes, expiresAt };
    const { environmentId, actor, tokenId } = caller;
    const made = await this.tokens.create(environmentId, actor, settings, tokenId);
    if (made === null) throw errors.unauthenticated();
    return this.shownOnce(caller, made);
  }

  /** A new secret with the same rights. The old one stays valid for the overlap, so that clients can change over. */
  @Operation({
    id: 'rotateToken',
    does: 'Makes a new secret with the same rights; the old one stays valid for the overlap.',
    body: RotateTokenBody,
    isBodyOptional: true,
    answer: toldAnswerOf(newTokenSchema),
    refuses: ['tokenNotFound', 'tokenNotInUse'],
  })
  @Post(':id/rotate')
  @HttpCode(200)
  async rotate(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: unknown) {
    const { environmentId, actor } = caller;
    const tokenId = pathId(id, errors.tokenNotFound);
    const { scopes, expiresAt } = found(await this.tokens.find(environmentId, tokenId), errors.tokenNotFound);
    const { overlap_seconds = DEFAULT_OVERLAP_SECONDS } = validated(
      RotateTokenBody,
      body === undefined ? {} : body,
    );
    refuseMore(caller, scopes, expiresAt);
    const made = await this.tokens.rotate(environmentId, actor, tokenId, overlap_seconds, caller.tokenId);
    if (made === 'grantor_ended') throw errors.unauthenticated();
    if (made === null) throw errors.tokenNotInUse();
    return this.shownOnce(caller, made);
  }

  @Operation({
    id: 'revokeToken',
    does: 'Revokes a token at once.',
    answer: DONE,
    refuses: ['tokenNotFound'],
  })
  @Delete(':id')
  async revoke(@CurrentCaller() { environmentId, actor }: Caller, @Param('id') id: string) {
    const tokenId = pathId(id, errors.tokenNotFound);
    found(await this.tokens.find(environmentId, tokenId), errors.tokenNotFound);
    await this.tokens.revoke(environmentId, actor, tokenId);
    return { success: true, message: 'The token is revoked.' };
  }

  private async shownOnce({ environmentId }: Caller, { id, token }: MadeToken) {
    const made = found(await this.tokens.find(environmentId, id), errors.tokenNotFound);
    return { success: true, message: 'The token is shown this once.', data: { ...tokenView(made), token } };
  }
}

/** A token that could hand on what it has not, or beyond its own end, would be as good as one that has everything. */
function refuseMore(caller: Caller, scopes: Scope[], expiresAt: Date | null): void {
  const beyond = scopes.find((scope) => !caller.scopes.includes(scope));
  if (beyond !== undefined) throw errors.forbidden(`This token does not have the scope ${beyond} itself.`);
  if (caller.expiresAt !== null && (expiresAt === null || expiresAt > caller.expiresAt)) {
    throw errors.forbidden('A token cannot make one that outlives it.');
  }
}
