import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { JobQueue } from '#jobs/job-queue.js';
import type { PageOf } from '#store/page.js';
import type { Caller } from '#store/tokens.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { WebhookEndpointsStore, type WebhookOwner } from '#store/webhook-endpoints.store.js';
import { WebhookLogsStore, type ReadLog, type RetryRequest } from '#store/webhook-logs.store.js';
import { WebhookReplaysStore, type ReplayResult } from '#store/webhook-replays.store.js';
import { WebhookSender } from '#webhooks/webhook-sender.js';
import type { WebhookAnswer } from '#webhooks/webhook-request.js';
import { errors } from '../http-errors.js';
import { Limiters } from '../limiters.js';
import { pageOf, type PageQuery } from '../paging.js';
import { pathId } from '../path-id.js';
import type { ReplayBody } from './webhook-endpoint.dto.js';

/** Whoever tests sends requests through us to where they like: so many a minute to one endpoint, and no more. */
const TESTS_PER_MINUTE = 10;

/** Each makes thousands of deliveries due; with more than that, it is asked again and again. */
const REPLAYS_PER_MINUTE = 10;

/** A test is waited for by the one who asked for it. */
const LONGEST_TEST_SECONDS = 30;

const LOGS_PER_PAGE = 25;

/** What was tried to tell endpoints, and what is tried because somebody asks for it. */
@Injectable()
export class WebhookTries {
  private readonly tests: RateLimiterAbstract;
  private readonly replayLimiter: RateLimiterAbstract;

  constructor(
    private readonly endpoints: WebhookEndpointsStore,
    private readonly logs: WebhookLogsStore,
    private readonly replays: WebhookReplaysStore,
    private readonly sender: WebhookSender,
    private readonly jobs: JobQueue,
    limiters: Limiters,
  ) {
    this.tests = limiters.make({ name: 'webhook-tests', points: TESTS_PER_MINUTE, windowSeconds: 60 });
    this.replayLimiter = limiters.make({
      name: 'webhook-replays',
      points: REPLAYS_PER_MINUTE,
      windowSeconds: 60,
    });
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
    await count(this.tests, endpoint.id);
    const id = randomUUID();
    const body = bodyOf(id, new Date());
    const timeoutSeconds = Math.min(endpoint.timeoutSeconds, LONGEST_TEST_SECONDS);
    const sealedSecrets = await this.endpoints.signingSecrets(endpoint.environmentId, endpoint.id);
    const answer = await this.sender.send({ ...endpoint, sealedSecrets, timeoutSeconds }, { id, body });
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
    await this.jobs.deliverWebhooks([request.deliveryId], request.attempt);
    return request;
  }

  /** Tells an endpoint again what it has not taken, as it is set now. */
  async replay(
    who: Caller,
    endpoint: WebhookEndpoint,
    { since, until }: ReplayBody,
  ): Promise<Extract<ReplayResult, { kind: 'queued' }>> {
    await count(this.replayLimiter, endpoint.id);
    const time = { since: new Date(since), until: until == null ? null : new Date(until) };
    const result = await this.replays.replay(who, endpoint.id, time);
    if (result.kind === 'not_found') throw errors.webhookNotFound();
    if (result.kind === 'disabled') throw errors.webhookDisabled();
    // They are all of one endpoint: one ticket has it looked at.
    await this.jobs.deliverWebhooks(result.deliveryIds.slice(0, 1), Date.now());
    return result;
  }

  private async webhookId(environmentId: string, owner: WebhookOwner, id: string): Promise<string> {
    const webhookId = pathId(id, errors.webhookNotFound);
    if (!(await this.endpoints.wasThere(environmentId, owner, webhookId))) throw errors.webhookNotFound();
    return webhookId;
  }
}

async function count(limiter: RateLimiterAbstract, endpointId: string): Promise<void> {
  try {
    await limiter.consume(endpointId, 1);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    throw errors.tooManyRequests(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
  }
}
