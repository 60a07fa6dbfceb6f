import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { DescriptionPage } from './description-page.js';
import { Operation, Section } from './operation.js';
import { ANY_OBJECT, TEXT } from './schema.js';

/** The description of the api: for programs, and to read. It names no environment and needs no token. */
@Section('Service')
@Controller()
@NeedsScope('none')
export class OpenApiController {
  constructor(private readonly page: DescriptionPage) {}

  @Operation({ id: 'getDescription', does: 'This description, as OpenAPI 3.1.', answer: ANY_OBJECT })
  @Get('openapi.json')
  @Header('content-type', 'application/json; charset=utf-8')
  description(): string {
    return this.page.document;
  }

  @Operation({
    id: 'readDescription',
    does: 'This description, to read.',
    answer: TEXT,
    produces: ['text/html'],
  })
  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', DescriptionPage.contentSecurityPolicy)
  read(): string {
    return this.page.html;
  }

  @Operation({
    id: 'getDescriptionFile',
    does: 'What the page is made of.',
    answer: TEXT,
    produces: ['text/*'],
    refuses: ['notFound'],
  })
  @Get('docs/:file')
  file(
    @Param('file') name: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Buffer {
    const file = this.page.file(name);
    if (file === null) throw errors.notFound();
    reply
      .header('content-type', file.type)
      .header('cache-control', 'public, max-age=3600')
      .header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return file.bytes;
    reply.header('content-encoding', 'gzip');
    return file.zipped;
  }
}
