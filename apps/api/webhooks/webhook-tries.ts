import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { JobQueue } from '#jobs/job-queue.js';
import type { PageOf } from '#store/page.js';
import type { Caller } from '#store/tokens.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { WebhookEndpointsStore, type WebhookOwner } from '#store/webhook-endpoints.store.js';
import { WebhookLogsStore, type ReadLog, type RetryRequest } from '#store/webhook-logs.store.js';
import { WebhookSender } from '#webhooks/webhook-sender.js';
import type { WebhookAnswer } from '#webhooks/webhook-request.js';
import { errors } from '../http-errors.js';
import { Limiters } from '../limiters.js';
import { pageOf, type PageQuery } from '../paging.js';
import { pathId } from '../path-id.js';

/** Whoever tests sends requests through us to where they like: so many a minute to one endpoint, and no more. */
const TESTS_PER_MINUTE = 10;

/** A test is waited for by the one who asked for it. */
const LONGEST_TEST_SECONDS = 30;

const LOGS_PER_PAGE = 25;

/** What was tried to tell endpoints, and what is tried because somebody asks for it. */
@Injectable()
export class WebhookTries {
  private readonly limiter: RateLimiterAbstract;

  constructor(
    private readonly endpoints: WebhookEndpointsStore,
    private readonly logs: WebhookLogsStore,
    private readonly sender: WebhookSender,
    private readonly jobs: JobQueue,
    limiters: Limiters,
  ) {
    this.limiter = limiters.make({ name: 'webhook-tests', points: TESTS_PER_MINUTE, windowSeconds: 60 });
  }

  /**
   * Sends an event that did not happen, once, and logs it.
   * @param bodyOf the event, given its id and the instant of the test
   */
  async test(
    who: Caller,
    endpoint: WebhookEndpoint,
    event: string,
    bodyOf: (id: string, at: Date) => string,
  ): Promise<WebhookAnswer & { succeeded: boolean }> {
    await this.countTest(endpoint.id);
    const id = randomUUID();
    const body = bodyOf(id, new Date());
    const timeoutSeconds = Math.min(endpoint.timeoutSeconds, LONGEST_TEST_SECONDS);
    const answer = await this.sender.send({ ...endpoint, timeoutSeconds }, { id, body });
    const succeeded = answer.httpStatus !== null && answer.httpStatus >= 200 && answer.httpStatus < 300;
    await this.logs.addTest(who, endpoint.id, { event, body, succeeded }, answer);
    return { ...answer, succeeded };
  }

  /** The logs of an endpoint, of a deleted one too. */
  async list(
    environmentId: string,
    owner: WebhookOwner,
    id: string,
    query: PageQuery,
  ): Promise<PageOf<ReadLog>> {
    const webhookId = await this.webhookId(environmentId, owner, id);
    return this.logs.list(environmentId, webhookId, pageOf(query, LOGS_PER_PAGE));
  }

  /** Makes a delivery again at once, with the endpoint's settings of today. */
  async retry(
    who: Caller,
    owner: WebhookOwner,
    id: string,
    logId: string,
  ): Promise<Extract<RetryRequest, { kind: 'queued' }>> {
    const webhookId = await this.webhookId(who.environmentId, owner, id);
    const request = await this.logs.retry(who, webhookId, pathId(logId, errors.webhookLogNotFound));
    if (request.kind === 'not_found') throw errors.webhookLogNotFound();
    if (request.kind === 'not_retriable') throw errors.logNotRetriable(request.because);
    // The number of this try is new, and so is its ticket.
    await this.jobs.deliverDueWebhooks([request], 0);
    return request;
  }

  private async webhookId(environmentId: string, owner: WebhookOwner, id: string): Promise<string> {
    const webhookId = pathId(id, errors.webhookNotFound);
    if (!(await this.endpoints.wasThere(environmentId, owner, webhookId))) throw errors.webhookNotFound();
    return webhookId;
  }

  private async countTest(endpointId: string): Promise<void> {
    try {
      await this.limiter.consume(endpointId, 1);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw errors.tooManyRequests(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
    }
  }
}
