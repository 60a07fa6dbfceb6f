import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { SealedSecrets } from '#environment/sealed-secret.js';
import { Settings } from '#environment/settings.js';
import { Stopping } from '#environment/stopping.js';
import { Vitals } from '#environment/vitals.js';
import { Metrics } from '#metrics/metrics.js';
import { JobsModule } from '#jobs/jobs.module.js';
import { queueAccess } from '#jobs/queue-connection.js';
import { API_LIMITS } from '#store/database.js';
import { DialingSettings } from '#store/dialing-settings.js';
import { StoreModule } from '#store/store.module.js';
import { TelephonyModule } from '#telephony/telephony.module.js';
import { Tracing } from '#tracing/tracing.js';
import { WebhookReach } from '#webhooks/webhook-reach.js';
import { WebhookSender } from '#webhooks/webhook-sender.js';
import { ActionIntegrationsController, ActionsController } from './agents/actions.controller.js';
import { AgentsController } from './agents/agents.controller.js';
import { ChangeAgent } from './agents/change-agent.js';
import { TrainingsController } from './agents/trainings.controller.js';
import { AgentCallsController } from './calls/agent-calls.controller.js';
import { CallsController } from './calls/calls.controller.js';
import { ChangeCall } from './calls/change-call.js';
import { MakeCall } from './calls/make-call.js';
import { MakeCallController } from './calls/make-call.controller.js';
import { NewCallTickets } from './calls/made-call.js';
import { ScopeGuard } from './caller.js';
import { CampaignCallsController } from './campaign-calls/campaign-calls.controller.js';
import { MakeCampaignCall } from './campaign-calls/make-campaign-call.js';
import { CallableCampaign } from './campaign-calls/callable-campaign.js';
import { ContactErrors } from './contacts/contact-errors.js';
import { ContactsController } from './contacts/contacts.controller.js';
import { ImportContacts } from './contacts/import-contacts.js';
import { CampaignsController } from './campaigns/campaigns.controller.js';
import { ChangeCampaign } from './campaigns/change-campaign.js';
import { CreditsController } from './credits/credits.controller.js';
import { DoNotCallController } from './do-not-call/do-not-call.controller.js';
import { ImportDoNotCall } from './do-not-call/import-do-not-call.js';
import { NumberFilesController } from './do-not-call/number-files.controller.js';
import { ScrubNumbers } from './do-not-call/scrub-numbers.js';
import { EnvironmentController } from './environment/environment.controller.js';
import { FileUploads } from './file-uploads.js';
import { HealthController } from './health.controller.js';
import { ErrorFilter } from './http-errors.js';
import { DescriptionPage } from './openapi/description-page.js';
import { openApiText } from './openapi/document.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { PhoneNumbersController } from './phone-numbers/phone-numbers.controller.js';
import { AnswerCall } from './provider-callbacks/answer-call.js';
import { CallbackGate } from './provider-callbacks/callback-gate.js';
import { ProviderCallbacksController } from './provider-callbacks/provider-callbacks.controller.js';
import { Limiters } from './limiters.js';
import { RateLimit } from './rate-limit.js';
import { TokensController } from './tokens/tokens.controller.js';
import { RequestGate } from './request-gate.js';
import { AgentWebhooksController } from './webhooks/agent-webhooks.controller.js';
import { CampaignWebhooksController } from './webhooks/campaign-webhooks.controller.js';
import { WrongTokens } from './wrong-tokens.js';
import { WhyController } from './why.controller.js';
import { WebhookEndpoints } from './webhooks/webhook-endpoints.js';
import { WebhookTries } from './webhooks/webhook-tries.js';

/** Everything that answers HTTP. */
export const CONTROLLERS: Type[] = [
  ActionIntegrationsController,
  ActionsController,
  AgentCallsController,
  AgentsController,
  AgentWebhooksController,
  CallsController,
  CampaignCallsController,
  CampaignsController,
  CampaignWebhooksController,
  ContactsController,
  CreditsController,
  DoNotCallController,
  EnvironmentController,
  HealthController,
  MakeCallController,
  NumberFilesController,
  OpenApiController,
  PhoneNumbersController,
  ProviderCallbacksController,
  TokensController,
  TrainingsController,
  WhyController,
];

/** What the api process is made of. */
@Module({})
export class ApiModule {
  static for(settings: Settings, tracing: Tracing): DynamicModule {
    const metrics = new Metrics();
    return {
      module: ApiModule,
      imports: [
        StoreModule.forApi(settings.DATABASE_URL, API_LIMITS, DialingSettings.of(settings)),
        JobsModule.for(queueAccess(settings)),
        TelephonyModule.for(settings, metrics),
      ],
      controllers: CONTROLLERS,
      providers: [
        { provide: Settings, useValue: settings },
        { provide: Metrics, useValue: metrics },
        { provide: Tracing, useValue: tracing },
        { provide: Stopping, useValue: new Stopping() },
        { provide: Vitals, useValue: new Vitals(() => performance.now()) },
        { provide: SealedSecrets, useValue: new SealedSecrets(settings.ENCRYPTION_KEY) },
        { provide: WebhookReach, useValue: WebhookReach.of(settings) },
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_GUARD, useClass: ScopeGuard },
        { provide: DescriptionPage, useFactory: () => new DescriptionPage(openApiText(CONTROLLERS)) },
        AnswerCall,
        CallableCampaign,
        CallbackGate,
        ChangeAgent,
        ChangeCall,
        ChangeCampaign,
        ContactErrors,
        FileUploads,
        ImportContacts,
        ImportDoNotCall,
        MakeCall,
        MakeCampaignCall,
        NewCallTickets,
        Limiters,
        RateLimit,
        WrongTokens,
        RequestGate,
        ScrubNumbers,
        WebhookEndpoints,
        WebhookSender,
        WebhookTries,
      ],
    };
  }
}
