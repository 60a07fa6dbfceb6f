// Made of docs/openapi.json by npm run openapi.
export interface paths {
    "/api/v1/action-integrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what actions can be integrated with: nothing yet. */
        get: operations["listActionIntegrations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists agents, newest first. */
        get: operations["listAgents"];
        put?: never;
        /** Creates an agent, as a draft. */
        post: operations["createAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows an agent. */
        get: operations["getAgent"];
        put?: never;
        post?: never;
        /** Deletes an agent that nothing uses. */
        delete: operations["deleteAgent"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/actions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what an agent may do. */
        get: operations["listActions"];
        put?: never;
        /** Stores something that an agent may do; it is then a draft. */
        post: operations["putAction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/actions/{action_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes something that an agent could do; it is then a draft. */
        delete: operations["deleteAction"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/active-call/{phone}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the call of an agent that is under way to a number. */
        get: operations["getActiveCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/call": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes one call of an agent, outside any campaign. */
        post: operations["makeCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/calling": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes the numbers an agent calls from, and where it runs; it is then a draft. */
        put: operations["changeAgentCalling"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the calls of an agent, newest first. */
        get: operations["listCallsOfAgent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/end-call": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hangs up a call that is under way. */
        post: operations["endCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/knowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes what an agent says; it is then a draft. */
        put: operations["changeAgentKnowledge"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Publishes an agent: its calls may be dialled. */
        post: operations["publishAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/trainings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what an agent knows. */
        get: operations["listTrainings"];
        put?: never;
        /** Stores something that an agent knows; it is then a draft. */
        post: operations["putTraining"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/trainings/{training_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Deletes something that an agent knew; it is then a draft. */
        delete: operations["deleteTraining"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/unpublish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes an agent a draft again: no new dial of its calls begins. */
        post: operations["unpublishAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/voice": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes how an agent sounds; it is then a draft. */
        put: operations["changeAgentVoice"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the webhooks of the agent, and the events there are. */
        get: operations["listAgentWebhooks"];
        put?: never;
        /** Makes a webhook of the agent. */
        post: operations["createAgentWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a webhook of the agent. */
        get: operations["getAgentWebhook"];
        /** Changes what the body names; what it leaves out stays. */
        put: operations["updateAgentWebhook"];
        post?: never;
        /** Deletes a webhook of the agent; its logs stay for thirty days. */
        delete: operations["deleteAgentWebhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/webhooks/{webhook_id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the tries to tell the webhook something, newest first, for thirty days. */
        get: operations["listAgentWebhookLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/webhooks/{webhook_id}/logs/{log_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a delivery again, once, with the settings of now. */
        post: operations["retryAgentWebhookLog"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/webhooks/{webhook_id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells the webhook again, under the same ids, what happened in a time and it has not taken. */
        post: operations["replayAgentWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/webhooks/{webhook_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends an event that did not happen, and tells what came of it. */
        post: operations["testAgentWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{agent_id}/webhooks/{webhook_id}/toggle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Switches a webhook off that is on, and on that is off. */
        patch: operations["toggleAgentWebhook"];
        trace?: never;
    };
    "/api/v1/calls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists calls, newest first. */
        get: operations["listCalls"];
        put?: never;
        /** The same, with the agent in the body. */
        post: operations["makeCallByBody"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls/{call_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a call with its attempts and with what the rules said. */
        get: operations["getCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Reports that a call reached its goal. */
        patch: operations["updateCall"];
        trace?: never;
    };
    "/api/v1/calls/{call_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels a call: once this has answered, no new dial of it begins. */
        post: operations["cancelCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls/{call_id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a call of unknown outcome the one that somebody found out. */
        post: operations["resolveCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/calls/{call_id}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells why a call is, or is not, dialled. */
        get: operations["whyCall"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists campaigns, newest first. */
        get: operations["listCampaigns"];
        put?: never;
        /** Creates a campaign, as a draft. */
        post: operations["createCampaign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a campaign with its latest calls and files. */
        get: operations["getCampaign"];
        /** Changes the fields that are sent; the others stay. */
        put: operations["updateCampaign"];
        post?: never;
        /** Deletes a campaign that is not active, with its calls. */
        delete: operations["deleteCampaign"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/call": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes one call of a campaign in. */
        post: operations["makeCampaignCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads a file of contacts to its end; from then on its rows become calls of the campaign, each as a single call would. */
        post: operations["importContacts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/contacts/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the imports of a campaign, newest first. */
        get: operations["listContactImports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/contacts/imports/{import_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows how far an import has come. */
        get: operations["getContactImport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/contacts/imports/{import_id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends an import that is not over: what has become a call stays, what has not does not. */
        post: operations["cancelContactImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/contacts/imports/{import_id}/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Hands out what was wrong with rows, as a file: row, column, code, message and value. Kept for thirty days. */
        get: operations["getContactImportErrors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/contacts/imports/{import_id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes all calls of an import back, where none was dialled: once this has answered, no dial to them begins. */
        post: operations["undoContactImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what a campaign came to, by days or hours of its zone where asked for. */
        get: operations["getCampaignStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Starts, pauses, completes or cancels a campaign. */
        patch: operations["changeCampaignStatus"];
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the webhooks of the campaign, and the events there are. */
        get: operations["listCampaignWebhooks"];
        put?: never;
        /** Makes a webhook of the campaign. */
        post: operations["createCampaignWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/webhooks/{webhook_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a webhook of the campaign. */
        get: operations["getCampaignWebhook"];
        /** Changes what the body names; what it leaves out stays. */
        put: operations["updateCampaignWebhook"];
        post?: never;
        /** Deletes a webhook of the campaign; its logs stay for thirty days. */
        delete: operations["deleteCampaignWebhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/webhooks/{webhook_id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the tries to tell the webhook something, newest first, for thirty days. */
        get: operations["listCampaignWebhookLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/webhooks/{webhook_id}/logs/{log_id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a delivery again, once, with the settings of now. */
        post: operations["retryCampaignWebhookLog"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/webhooks/{webhook_id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells the webhook again, under the same ids, what happened in a time and it has not taken. */
        post: operations["replayCampaignWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/webhooks/{webhook_id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends an event that did not happen, and tells what came of it. */
        post: operations["testCampaignWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/webhooks/{webhook_id}/toggle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Switches a webhook off that is on, and on that is off. */
        patch: operations["toggleCampaignWebhook"];
        trace?: never;
    };
    "/api/v1/campaigns/{campaign_id}/why": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells why a campaign is idle, or slow. */
        get: operations["whyCampaign"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/credits/balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what may still be spent, reservations taken off; null where there is no limit. */
        get: operations["getCreditsBalance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/do-not-call": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the entries of the environment and of its campaigns, newest first. */
        get: operations["listDoNotCall"];
        put?: never;
        /** Lists numbers, as opt-outs unless told otherwise: once this has answered, no new dial to them begins that the list stops. */
        post: operations["addDoNotCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/do-not-call/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reads a file of numbers to its end, to be listed from then on: once the import is completed, no new dial to them begins that the list stops. */
        post: operations["importDoNotCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/do-not-call/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists imports, newest first. */
        get: operations["listDoNotCallImports"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/do-not-call/imports/{import_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows how far an import has come. */
        get: operations["getDoNotCallImport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/do-not-call/registries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the registries that the environment is to obey, with the age of each. */
        get: operations["listDoNotCallRegistries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/do-not-call/scrub": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells which of up to a million numbers may not be called, before they become calls. */
        post: operations["scrubNumbers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/do-not-call/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows where a number stands, registries and the global list included, and whose calls that stops. */
        get: operations["lookUpDoNotCall"];
        put?: never;
        post?: never;
        /** Takes a number off the list of the environment, or of one campaign, and says where it stands all the same. */
        delete: operations["removeDoNotCall"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the environment of the token. */
        get: operations["getEnvironment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes settings of the environment; with the kill switch thrown, tells what may still ring. */
        patch: operations["changeEnvironment"];
        trace?: never;
    };
    "/api/v1/environment/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Throws the kill switch: once this has answered, no new dial begins. */
        post: operations["stopEnvironment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells whether the service answers. */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone-numbers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the numbers that the environment calls from. */
        get: operations["listPhoneNumbers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone-numbers/release-requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists what was asked to be given back. */
        get: operations["listReleaseRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone-numbers/release-requests/{release_request_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Withdraws such a request. */
        delete: operations["cancelReleaseRequest"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone-numbers/{phone_number_id}/request-release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks the operator to take a number back. */
        post: operations["requestRelease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the tokens of the environment. */
        get: operations["listTokens"];
        put?: never;
        /** Makes a token with at most the rights of the asking one; its secret is shown this once. */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{token_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a token at once. */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{token_id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a new secret with the same rights; the old one stays valid for the overlap. */
        post: operations["rotateToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/callbacks/{trunk}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes what the carrier tells of a call, signed by the carrier. */
        post: operations["receiveCallback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/callbacks/{trunk}/answer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what a call that was answered is connected to, in the carrier’s own language. */
        post: operations["answerCall"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description, to read. */
        get: operations["readDescription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the page is made of. */
        get: operations["getDescriptionFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This description, as OpenAPI 3.1. */
        get: operations["getDescription"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Action: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            agent_id: string;
            node_id: string;
            name: string;
            description: string;
            /** @enum {string} */
            type: "webhook" | "transfer" | "hold" | "external";
            inputs: {
                [key: string]: unknown;
            }[];
            integration: null;
            url: string | null;
            authorization_url: string | null;
            /** @enum {string} */
            authorization_scheme: "none" | "bearer" | "basic" | "api_key" | "custom";
            has_authorization_credential: boolean;
            custom_headers: {
                key: string;
                value: null;
            }[];
            speak_on_send: boolean;
            speak_on_receive: boolean;
            /** @enum {string} */
            execution_mode: "during_call" | "post_call";
            hold_duration: number | null;
            transfer_to: string | null;
            /** @enum {string} */
            current_status: "active" | "inactive";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        ActionNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "ACTION_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        ActiveCall: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            agent_id: string;
            to: string;
            /** @enum {string} */
            status: "initiated" | "ringing" | "answered";
            /** Format: date-time */
            started_at: string | null;
            duration_seconds: number;
        };
        AddDoNotCallBody: {
            /** @example +12025550123 */
            to?: string;
            numbers?: string[];
            /** @enum {string|null} */
            kind?: "opt_out" | "list" | null;
            /** Format: uuid */
            campaign_id?: string | null;
            reason?: string | null;
            source?: string | null;
            /** @example 2026-01-31T09:00:00Z */
            expires_at?: string | null;
        } | unknown | unknown;
        Agent: {
            /** Format: uuid */
            id: string;
            name: string;
            label: string;
            description: string | null;
            language: string;
            voice: components["schemas"]["Voice"] | null;
            initial_message: string | null;
            /** @enum {string} */
            interrupt_sensitivity: "low" | "medium" | "high";
            endpointing_sensitivity: string;
            ivr_navigation_mode: string;
            conversation_speed: number;
            initial_message_delay: number;
            ask_if_human_present_on_idle: boolean;
            idle_time_seconds: number;
            llm_temperature: number;
            enable_recording: boolean;
            /** @enum {string} */
            direction: "inbound" | "outbound";
            /** @enum {string} */
            who_speaks_first: "agent" | "user";
            max_idle_check_count: number | null;
            max_call_duration_seconds: number;
            say_goodbye_on_max_duration: boolean | null;
            user_inactivity_timeout_seconds: number | null;
            initial_idle_time_seconds: number | null;
            initial_max_idle_check_count: number | null;
            connect_to: string | null;
            /** @enum {string} */
            current_status: "draft" | "published";
            is_sandbox: boolean;
            is_ready_to_publish: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            trainings: components["schemas"]["Training"][];
            actions: components["schemas"]["Action"][];
            phone_numbers: components["schemas"]["PhoneNumber"][];
        };
        /** @enum {string} */
        AgentEventName: "event_phone_call_started" | "event_phone_call_connected" | "event_voicemail_detected" | "event_conversation_started" | "event_conversation_ended" | "event_phone_call_disconnected" | "event_phone_call_ended" | "event_phone_call_did_not_connect" | "event_phone_call_error" | "event_participant_joined" | "event_participant_left" | "event_voicemail_message_left" | "event_action" | "event_action_failed" | "event_recording" | "event_connection_established" | "event_connection_closed" | "event_connection_error" | "event_user_connected" | "event_user_disconnected" | "event_client_connected" | "event_client_disconnected";
        AgentHasActiveCallsError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "AGENT_HAS_ACTIVE_CALLS";
            /** Format: uuid */
            request_id: string;
        };
        AgentInactiveNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "AGENT_INACTIVE";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        AgentIsPublishedError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "AGENT_IS_PUBLISHED";
            /** Format: uuid */
            request_id: string;
        };
        AgentNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "AGENT_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        AgentNotFoundNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "AGENT_NOT_FOUND";
                message: string;
                details: {
                    agent_id: string;
                };
            };
            /** Format: uuid */
            request_id: string;
        };
        AgentSummary: {
            /** Format: uuid */
            id: string;
            name: string;
            label: string;
        };
        AgentWebhook: {
            /** Format: uuid */
            id: string;
            name: string;
            webhook_url: string;
            timeout: number;
            max_retries: number;
            max_concurrent_deliveries: number;
            enabled: boolean;
            /** @enum {string} */
            status: "active" | "disabled" | "error";
            health: components["schemas"]["WebhookHealth"];
            /** @enum {string} */
            http_method: "POST" | "PUT" | "PATCH";
            has_secret: boolean;
            /** Format: date-time */
            previous_secret_until: string | null;
            /** @enum {string} */
            authorization_scheme: "none" | "bearer" | "basic" | "api_key" | "custom";
            has_authorization_credential: boolean;
            custom_headers: {
                key: string;
                value: null;
            }[];
            payload_templates: {
                [key: string]: Record<string, never> | string;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: uuid */
            agent_id: string;
            events: components["schemas"]["AgentEventName"][];
            events_count: number;
        };
        Attempt: {
            /** Format: uuid */
            id: string;
            number: number;
            /** @enum {string} */
            status: "claimed" | "sending" | "placed" | "ended" | "released" | "unknown";
            /** @enum {string|null} */
            outcome: "answered" | "voicemail" | "no_answer" | "busy" | "rejected" | "invalid_number" | "unreachable" | "blocked_by_carrier" | "carrier_limit" | "carrier_failure" | "our_fault" | "cancelled" | "unknown" | null;
            reason: string | null;
            from: string | null;
            provider_call_id: string | null;
            /** Format: date-time */
            claimed_at: string;
            /** Format: date-time */
            started_at: string | null;
            /** Format: date-time */
            answered_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
            duration: number;
            sip_code: number | null;
            q850: number | null;
            evidence: components["schemas"]["Evidence"];
        };
        Call: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            sid: string;
            /** Format: uuid */
            campaign_id: string | null;
            to: string;
            to_formatted: string;
            from: string | null;
            from_formatted: string | null;
            is_testing: boolean;
            /** @constant */
            direction: "outbound";
            /** @enum {string} */
            status: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
            /** @enum {string|null} */
            outcome: "answered" | "voicemail" | "no_answer" | "busy" | "rejected" | "invalid_number" | "unreachable" | "blocked_by_carrier" | "carrier_limit" | "carrier_failure" | "our_fault" | "cancelled" | "unknown" | null;
            reason: string | null;
            duration: number;
            converted: boolean;
            /** Format: date-time */
            scheduled_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            ended_at: string | null;
            agent: components["schemas"]["AgentSummary"] | null;
        };
        CallAlreadyEndedError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "CALL_ALREADY_ENDED";
            /** Format: uuid */
            request_id: string;
        };
        CallNotActiveError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "CALL_NOT_ACTIVE";
            /** Format: uuid */
            request_id: string;
        };
        CallNotDialledError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "CALL_NOT_DIALLED";
            /** Format: uuid */
            request_id: string;
        };
        CallNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "CALL_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        CallOfAgent: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            sid: string;
            /** Format: uuid */
            campaign_id: string | null;
            to: string;
            to_formatted: string;
            from: string | null;
            from_formatted: string | null;
            is_testing: boolean;
            /** @constant */
            direction: "outbound";
            /** @enum {string} */
            status: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
            /** @enum {string|null} */
            outcome: "answered" | "voicemail" | "no_answer" | "busy" | "rejected" | "invalid_number" | "unreachable" | "blocked_by_carrier" | "carrier_limit" | "carrier_failure" | "our_fault" | "cancelled" | "unknown" | null;
            reason: string | null;
            duration: number;
            converted: boolean;
            /** Format: date-time */
            scheduled_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            ended_at: string | null;
        };
        CallReason: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
            reason: string | null;
            rule: string | null;
            sentence: string | null;
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            next_at: string | null;
            evidence: components["schemas"]["Evidence"] | null;
        };
        Campaign: {
            /** Format: uuid */
            id: string;
            name: string;
            description: string | null;
            /** @enum {string} */
            campaign_type: "sales" | "follow_up" | "reminder" | "custom";
            /** @enum {string} */
            status: "draft" | "active" | "paused" | "completed" | "cancelled";
            pause_reason: string | null;
            /** Format: uuid */
            agent_id: string;
            /** Format: date */
            start_date: string;
            /** Format: date */
            end_date: string | null;
            days_of_week: number[];
            call_time_ranges: {
                start: string;
                end: string;
            }[];
            earliest_call_time: string;
            latest_call_time: string;
            timezone: string;
            holidays: string[];
            /** @enum {string|null} */
            legal_guard: "off" | "warn" | "auto" | "enforce" | null;
            initial_call_delay: number;
            max_retries: number;
            retry_cooldown_hours: number;
            success_cooldown_hours: number | null;
            voicemail_cooldown_hours: number | null;
            no_answer_cooldown_hours: number | null;
            busy_cooldown_hours: number | null;
            failed_cooldown_hours: number | null;
            auto_complete: boolean;
            retry_on_no_conversion: boolean;
            retry_time_of_day_rotation: boolean;
            enable_post_completion_cooldown: boolean;
            post_completion_cooldown_hours: number;
            do_not_call_enabled: boolean;
            /** @enum {string} */
            do_not_call_list_source: "environment" | "global" | "custom";
            do_not_call_custom_list: string[];
            auto_add_to_dnc_enabled: boolean;
            auto_dnc_trigger_statuses: ("completed" | "voicemail")[];
            auto_dnc_trigger_errors: ("invalid_number" | "disconnected")[];
            max_concurrent_calls: number | null;
            max_calls_per_minute: number | null;
            ramp_seconds: number | null;
            total_budget: number | null;
            daily_budget: number | null;
            priority: number;
            caller_ids: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** @enum {string} */
        CampaignEventName: "campaign.created" | "campaign.started" | "campaign.paused" | "campaign.resumed" | "campaign.completed" | "campaign.cancelled" | "campaign.updated" | "campaign_call.queued" | "campaign_call.started" | "campaign_call.completed" | "campaign_call.retry_scheduled" | "campaign_call.failed" | "campaign_call.blocked" | "campaign_call.cancelled" | "campaign_call.expired" | "event_call_transcript" | "event_call_report" | "event_phone_call_started" | "event_phone_call_connected" | "event_voicemail_detected" | "event_conversation_started" | "event_conversation_ended" | "event_phone_call_disconnected" | "event_phone_call_ended" | "event_phone_call_did_not_connect" | "event_phone_call_error" | "event_participant_joined" | "event_participant_left" | "event_voicemail_message_left" | "event_action" | "event_action_failed" | "event_recording" | "event_connection_established" | "event_connection_closed" | "event_connection_error" | "event_user_connected" | "event_user_disconnected" | "event_client_connected" | "event_client_disconnected";
        CampaignFigures: {
            total_calls: number;
            completed_calls: number;
            failed_calls: number;
            finished_calls: number;
            completion_rate: number;
            by_status: {
                completed: number;
                voicemail: number;
                "no-answer": number;
                busy: number;
                failed: number;
                blocked: number;
                cancelled: number;
                expired: number;
            };
            attempts: number;
            by_outcome: {
                answered: number;
                voicemail: number;
                no_answer: number;
                busy: number;
                rejected: number;
                invalid_number: number;
                unreachable: number;
                blocked_by_carrier: number;
                carrier_limit: number;
                carrier_failure: number;
                our_fault: number;
                cancelled: number;
                unknown: number;
            };
            connect_rate: number;
            average_duration: number;
            talk_seconds: number;
        };
        CampaignFile: {
            /** Format: uuid */
            id: string;
            original_filename: string | null;
            processed_filename: string | null;
            /** @enum {string} */
            status: "uploading" | "processing" | "processed" | "failed";
            total_records: number;
            processed_records: number;
        };
        CampaignHasActiveCallsError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "CAMPAIGN_HAS_ACTIVE_CALLS";
            /** Format: uuid */
            request_id: string;
        };
        CampaignNotActiveError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "CAMPAIGN_NOT_ACTIVE";
            /** Format: uuid */
            request_id: string;
        };
        CampaignNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "CAMPAIGN_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        CampaignPeriod: {
            /** Format: date-time */
            starts_at: string;
            /** Format: date */
            date: string;
            hour: number | null;
            total_calls: number;
            completed_calls: number;
            failed_calls: number;
            finished_calls: number;
            completion_rate: number;
            by_status: {
                completed: number;
                voicemail: number;
                "no-answer": number;
                busy: number;
                failed: number;
                blocked: number;
                cancelled: number;
                expired: number;
            };
            attempts: number;
            by_outcome: {
                answered: number;
                voicemail: number;
                no_answer: number;
                busy: number;
                rejected: number;
                invalid_number: number;
                unreachable: number;
                blocked_by_carrier: number;
                carrier_limit: number;
                carrier_failure: number;
                our_fault: number;
                cancelled: number;
                unknown: number;
            };
            connect_rate: number;
            average_duration: number;
            talk_seconds: number;
        };
        CampaignReasons: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "draft" | "active" | "paused" | "completed" | "cancelled";
            is_idle: boolean;
            is_slow: boolean;
            reasons: {
                reason: string;
                /** @enum {string} */
                effect: "stops" | "slows";
                sentence: string;
                /** Format: date-time */
                until: string | null;
            }[];
            due: number;
            later: number;
            /** Format: date-time */
            next_due_at: string | null;
            slots: {
                campaign: {
                    in_use: number;
                    limit: number | null;
                    reserved: number;
                };
                environment: {
                    in_use: number;
                    limit: number | null;
                    reserved: number;
                };
            };
            pace: {
                calls_per_second: number;
                current_calls_per_second: number;
                /** Format: date-time */
                next_start_at: string | null;
                campaign_calls_per_minute: number | null;
            };
            credits: {
                balance: number | null;
            };
            provider: {
                minutes: number;
                taken: number;
                turned_away: number;
                unknown: number;
            };
            held_by: {
                reason: string;
                count: number;
                /** Format: date-time */
                next_at: string | null;
            }[];
        };
        CampaignStats: {
            /** Format: uuid */
            campaign_id: string;
            timezone: string;
            /** Format: date */
            from: string | null;
            /** Format: date */
            to: string | null;
            /** @enum {string|null} */
            by: "day" | "hour" | null;
            success_rate: number | null;
            totals: components["schemas"]["CampaignFigures"];
            test_calls: components["schemas"]["CampaignFigures"];
            periods: components["schemas"]["CampaignPeriod"][];
        };
        CampaignStatusReceipt: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "draft" | "active" | "paused" | "completed" | "cancelled";
            /** Format: date-time */
            updated_at: string;
            in_flight: {
                count: number;
                attempt_ids: string[];
            };
            unknown: number;
            stopped: number;
        };
        CampaignWebhook: {
            /** Format: uuid */
            id: string;
            name: string;
            webhook_url: string;
            timeout: number;
            max_retries: number;
            max_concurrent_deliveries: number;
            enabled: boolean;
            /** @enum {string} */
            status: "active" | "disabled" | "error";
            health: components["schemas"]["WebhookHealth"];
            /** @enum {string} */
            http_method: "POST" | "PUT" | "PATCH";
            has_secret: boolean;
            /** Format: date-time */
            previous_secret_until: string | null;
            /** @enum {string} */
            authorization_scheme: "none" | "bearer" | "basic" | "api_key" | "custom";
            has_authorization_credential: boolean;
            custom_headers: {
                key: string;
                value: null;
            }[];
            payload_templates: {
                [key: string]: Record<string, never> | string;
            };
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: uuid */
            campaign_id: string;
            events: components["schemas"]["CampaignEventName"][];
            include_call_events: boolean;
        };
        CancelledCall: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
            in_flight: {
                count: number;
                attempt_ids: string[];
            };
            unknown: number;
            stopped: number;
        };
        ChangeAgentWebhookBody: {
            events?: ("event_phone_call_started" | "event_phone_call_connected" | "event_voicemail_detected" | "event_conversation_started" | "event_conversation_ended" | "event_phone_call_disconnected" | "event_phone_call_ended" | "event_phone_call_did_not_connect" | "event_phone_call_error" | "event_participant_joined" | "event_participant_left" | "event_voicemail_message_left" | "event_action" | "event_action_failed" | "event_recording" | "event_connection_established" | "event_connection_closed" | "event_connection_error" | "event_user_connected" | "event_user_disconnected" | "event_client_connected" | "event_client_disconnected")[];
            payload_templates?: {
                [key: string]: Record<string, never> | string;
            };
            webhook_secret?: string | null;
            timeout?: number;
            max_retries?: number;
            max_concurrent_deliveries?: number;
            enabled?: boolean;
            /** @enum {string} */
            http_method?: "POST" | "PUT" | "PATCH";
            /** @enum {string} */
            authorization_scheme?: "none" | "bearer" | "basic" | "api_key" | "custom";
            authorization_credential?: string | null;
            custom_headers?: components["schemas"]["CustomHeader"][];
            name?: string;
            /** Format: uri */
            webhook_url?: string;
            webhook_secret_overlap_seconds?: number;
        };
        ChangeCallingBody: {
            /** @enum {string} */
            direction: "inbound" | "outbound";
            phone_number_ids?: string[];
            /** @example wss://voice.example.com/agent */
            connect_to?: string | null;
        };
        ChangeCampaignWebhookBody: {
            events?: ("campaign.created" | "campaign.started" | "campaign.paused" | "campaign.resumed" | "campaign.completed" | "campaign.cancelled" | "campaign.updated" | "campaign_call.queued" | "campaign_call.started" | "campaign_call.completed" | "campaign_call.retry_scheduled" | "campaign_call.failed" | "campaign_call.blocked" | "campaign_call.cancelled" | "campaign_call.expired" | "event_call_transcript" | "event_call_report" | "event_phone_call_started" | "event_phone_call_connected" | "event_voicemail_detected" | "event_conversation_started" | "event_conversation_ended" | "event_phone_call_disconnected" | "event_phone_call_ended" | "event_phone_call_did_not_connect" | "event_phone_call_error" | "event_participant_joined" | "event_participant_left" | "event_voicemail_message_left" | "event_action" | "event_action_failed" | "event_recording" | "event_connection_established" | "event_connection_closed" | "event_connection_error" | "event_user_connected" | "event_user_disconnected" | "event_client_connected" | "event_client_disconnected")[];
            payload_templates?: {
                [key: string]: Record<string, never> | string;
            };
            include_call_events?: boolean;
            webhook_secret?: string | null;
            timeout?: number;
            max_retries?: number;
            max_concurrent_deliveries?: number;
            enabled?: boolean;
            /** @enum {string} */
            http_method?: "POST" | "PUT" | "PATCH";
            /** @enum {string} */
            authorization_scheme?: "none" | "bearer" | "basic" | "api_key" | "custom";
            authorization_credential?: string | null;
            custom_headers?: components["schemas"]["CustomHeader"][];
            name?: string;
            /** Format: uri */
            webhook_url?: string;
            webhook_secret_overlap_seconds?: number;
        };
        ChangeEnvironmentBody: {
            rate_limit_per_minute?: number;
            max_concurrent_calls?: number;
            /** @enum {string} */
            legal_guard?: "off" | "warn" | "auto" | "enforce";
            kill_switch?: boolean;
            max_attempts_per_number_day?: number | null;
            max_attempts_per_number_week?: number | null;
            min_attempt_gap_minutes?: number | null;
            success_cooldown_hours?: number | null;
            max_calls_per_caller_id_second?: number | null;
            max_calls_per_caller_id_day?: number | null;
            /** @example America/New_York */
            caller_id_timezone?: string;
            call_data_retention_days?: number | null;
            webhook_log_retention_days?: number;
            import_error_retention_days?: number;
        };
        ChangeKnowledgeBody: {
            description: string;
            initial_message?: string | null;
            /** @enum {string} */
            interrupt_sensitivity: "low" | "medium" | "high";
            ask_if_human_present_on_idle: boolean;
            llm_temperature: number;
            initial_message_delay: number;
        };
        ChangeStatusBody: {
            /** @enum {string} */
            status: "draft" | "active" | "paused" | "completed" | "cancelled";
        };
        ChangeVoiceBody: {
            voice_id: string;
            conversation_speed: number;
            /** @enum {string} */
            who_speaks_first: "agent" | "user";
            ambient_background?: string | null;
            ambient_volume?: number;
            /** @enum {string} */
            language?: "pt-BR" | "pt-PT" | "en-US" | "en-CA" | "es-ES" | "fr-FR" | "de-DE" | "it-IT" | "nl-NL" | "ja-JP" | "ko-KR" | "zh-TW";
            similarity?: number | null;
            stability?: number | null;
        };
        ChangedEnvironment: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            legal_guard: "off" | "warn" | "auto" | "enforce";
            trust_call_timezone: boolean;
            legal_dates: string[];
            kill_switch: boolean;
            rate_limit_per_minute: number;
            max_concurrent_calls: number;
            max_attempts_per_number_day: number | null;
            max_attempts_per_number_week: number | null;
            min_attempt_gap_minutes: number | null;
            success_cooldown_hours: number | null;
            max_calls_per_caller_id_second: number | null;
            max_calls_per_caller_id_day: number | null;
            caller_id_timezone: string;
            call_data_retention_days: number | null;
            webhook_log_retention_days: number;
            import_error_retention_days: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            in_flight?: {
                count: number;
                attempt_ids: string[];
            };
            unknown?: number;
            stopped?: number;
        };
        ConflictError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "CONFLICT";
            /** Format: uuid */
            request_id: string;
        };
        ContactImport: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            campaign_id: string;
            filename: string | null;
            /** @enum {string} */
            status: "uploading" | "processing" | "processed" | "failed" | "cancelled" | "undoing" | "undone";
            failure: string | null;
            /** @enum {string|null} */
            waits_for: "campaign_to_be_active" | null;
            progress: number;
            total_rows: number;
            processed_rows: number;
            accepted: number;
            blocked: number;
            duplicates: number;
            rejected: number;
            withdrawn: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            completed_at: string | null;
        };
        CreateAgentBody: {
            label: string;
            name: string;
            description?: string | null;
            initial_message?: string | null;
            /** @enum {string} */
            language: "pt-BR" | "pt-PT" | "en-US" | "en-CA" | "es-ES" | "fr-FR" | "de-DE" | "it-IT" | "nl-NL" | "ja-JP" | "ko-KR" | "zh-TW";
            /** @enum {string} */
            interrupt_sensitivity: "low" | "medium" | "high";
            endpointing_sensitivity: string;
            ivr_navigation_mode: string;
            conversation_speed: number;
            initial_message_delay: number;
            ask_if_human_present_on_idle: boolean;
            idle_time_seconds: number;
            llm_temperature: number;
            enable_recording: boolean;
            /** @enum {string} */
            direction: "inbound" | "outbound";
            /** @enum {string} */
            who_speaks_first: "agent" | "user";
            max_idle_check_count?: number | null;
            max_call_duration_seconds?: number | null;
            say_goodbye_on_max_duration?: boolean | null;
            user_inactivity_timeout_seconds?: number | null;
            initial_idle_time_seconds?: number | null;
            initial_max_idle_check_count?: number | null;
            phone_number_ids?: string[];
            /** @example wss://voice.example.com/agent */
            connect_to?: string | null;
        };
        CreateAgentWebhookBody: {
            events: ("event_phone_call_started" | "event_phone_call_connected" | "event_voicemail_detected" | "event_conversation_started" | "event_conversation_ended" | "event_phone_call_disconnected" | "event_phone_call_ended" | "event_phone_call_did_not_connect" | "event_phone_call_error" | "event_participant_joined" | "event_participant_left" | "event_voicemail_message_left" | "event_action" | "event_action_failed" | "event_recording" | "event_connection_established" | "event_connection_closed" | "event_connection_error" | "event_user_connected" | "event_user_disconnected" | "event_client_connected" | "event_client_disconnected")[];
            payload_templates?: {
                [key: string]: Record<string, never> | string;
            };
            webhook_secret?: string | null;
            timeout?: number;
            max_retries?: number;
            max_concurrent_deliveries?: number;
            enabled?: boolean;
            /** @enum {string} */
            http_method?: "POST" | "PUT" | "PATCH";
            /** @enum {string} */
            authorization_scheme?: "none" | "bearer" | "basic" | "api_key" | "custom";
            authorization_credential?: string | null;
            custom_headers?: components["schemas"]["CustomHeader"][];
            name: string;
            /** Format: uri */
            webhook_url: string;
        };
        CreateCampaignBody: {
            name: string;
            /** @enum {string} */
            campaign_type: "sales" | "follow_up" | "reminder" | "custom";
            /** Format: uuid */
            agent_id: string;
            /** Format: date */
            start_date: string;
            days_of_week: number[];
            call_time_ranges: {
                start: string;
                end: string;
            }[];
            /** @example America/New_York */
            timezone: string;
            description?: string | null;
            /** Format: date */
            end_date?: string | null;
            initial_call_delay?: number;
            max_retries?: number;
            retry_cooldown_hours?: number;
            auto_complete?: boolean;
            retry_on_no_conversion?: boolean;
            retry_time_of_day_rotation?: boolean;
            enable_post_completion_cooldown?: boolean;
            post_completion_cooldown_hours?: number;
            success_cooldown_hours?: number | null;
            voicemail_cooldown_hours?: number | null;
            no_answer_cooldown_hours?: number | null;
            busy_cooldown_hours?: number | null;
            failed_cooldown_hours?: number | null;
            do_not_call_enabled?: boolean;
            /** @enum {string} */
            do_not_call_list_source?: "environment" | "global" | "custom";
            do_not_call_custom_list?: string[];
            auto_add_to_dnc_enabled?: boolean;
            auto_dnc_trigger_statuses?: ("completed" | "voicemail")[];
            auto_dnc_trigger_errors?: ("invalid_number" | "disconnected")[];
            max_concurrent_calls?: number | null;
            max_calls_per_minute?: number | null;
            ramp_seconds?: number | null;
            total_budget?: number | null;
            daily_budget?: number | null;
            priority?: number;
            caller_ids?: string[];
            holidays?: string[];
            /** @enum {string|null} */
            legal_guard?: "off" | "warn" | "auto" | "enforce" | null;
        };
        CreateCampaignWebhookBody: {
            events: ("campaign.created" | "campaign.started" | "campaign.paused" | "campaign.resumed" | "campaign.completed" | "campaign.cancelled" | "campaign.updated" | "campaign_call.queued" | "campaign_call.started" | "campaign_call.completed" | "campaign_call.retry_scheduled" | "campaign_call.failed" | "campaign_call.blocked" | "campaign_call.cancelled" | "campaign_call.expired" | "event_call_transcript" | "event_call_report" | "event_phone_call_started" | "event_phone_call_connected" | "event_voicemail_detected" | "event_conversation_started" | "event_conversation_ended" | "event_phone_call_disconnected" | "event_phone_call_ended" | "event_phone_call_did_not_connect" | "event_phone_call_error" | "event_participant_joined" | "event_participant_left" | "event_voicemail_message_left" | "event_action" | "event_action_failed" | "event_recording" | "event_connection_established" | "event_connection_closed" | "event_connection_error" | "event_user_connected" | "event_user_disconnected" | "event_client_connected" | "event_client_disconnected")[];
            payload_templates?: {
                [key: string]: Record<string, never> | string;
            };
            include_call_events?: boolean;
            webhook_secret?: string | null;
            timeout?: number;
            max_retries?: number;
            max_concurrent_deliveries?: number;
            enabled?: boolean;
            /** @enum {string} */
            http_method?: "POST" | "PUT" | "PATCH";
            /** @enum {string} */
            authorization_scheme?: "none" | "bearer" | "basic" | "api_key" | "custom";
            authorization_credential?: string | null;
            custom_headers?: components["schemas"]["CustomHeader"][];
            name: string;
            /** Format: uri */
            webhook_url: string;
        };
        CreateTokenBody: {
            name?: string | null;
            scopes?: ("calls" | "campaigns" | "agents" | "webhooks" | "do_not_call" | "environment" | "tokens")[];
            /** @example 2026-01-31T09:00:00Z */
            expires_at?: string | null;
        };
        CreditsBalance: {
            balance: number | null;
            unlimited: boolean;
            reserved: number;
            rate_per_second: number;
            /** @constant */
            currency: "USD";
            /** @constant */
            auto_topup_enabled: false;
            /** Format: date-time */
            as_of: string;
        };
        CustomHeader: {
            key: string;
            value?: string | null;
        };
        DoNotCallEntry: {
            /** Format: uuid */
            id: string;
            to: string;
            /** @enum {string} */
            kind: "opt_out" | "list";
            /** @enum {string} */
            list: "environment" | "campaign" | "global";
            /** Format: uuid */
            campaign_id: string | null;
            reason: string | null;
            source: string | null;
            /** Format: uuid */
            import_id: string | null;
            /** Format: date-time */
            expires_at: string | null;
            /** Format: date-time */
            created_at: string;
        };
        DoNotCallImport: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            status: "reading" | "listing" | "confirming" | "withdrawing" | "completed" | "failed";
            failure: string | null;
            progress: number;
            /** @enum {string} */
            kind: "opt_out" | "list";
            /** Format: uuid */
            campaign_id: string | null;
            reason: string | null;
            source: string | null;
            /** Format: date-time */
            expires_at: string | null;
            read: number;
            added: number;
            already_listed: number;
            duplicates: number;
            rejected: number;
            rejects: components["schemas"]["RejectedRow"][];
            stopped: number;
            in_flight: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            completed_at: string | null;
        };
        DoNotCallReceipt: {
            added: number;
            already_listed: number;
            in_flight: {
                count: number;
                attempt_ids: string[];
            };
            unknown: number;
            stopped: number;
        };
        DoNotCallRegistry: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            list: "environment" | "global";
            /** Format: date */
            snapshot_date: string | null;
            age_days: number | null;
            max_age_days: number | null;
            out_of_date: boolean;
        };
        DoNotCallRemoval: {
            removed: components["schemas"]["DoNotCallEntry"][];
            left: components["schemas"]["DoNotCallStanding"];
        };
        DoNotCallStanding: {
            to: string;
            /** @description Campaigns whose calls it stops, by the list they read: off, where do_not_call_enabled is false, else their do_not_call_list_source. Of the own list of a campaign: that campaign. */
            stops: ("off" | "environment" | "global" | "custom")[];
            entries: components["schemas"]["StandingDoNotCallEntry"][];
            registries: components["schemas"]["RegistryFinding"][];
        };
        DuplicateCallError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "DUPLICATE_CALL";
            existing_call: components["schemas"]["ExistingCall"];
            /** Format: uuid */
            request_id: string;
        };
        EndCallBody: {
            call_sid: string;
        };
        EndedCall: {
            /** Format: uuid */
            id: string;
            /** @constant */
            status: "completed";
            /** Format: date-time */
            ended_at: string;
            /** @constant */
            ended_reason: "ended_by_api";
        };
        Environment: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            legal_guard: "off" | "warn" | "auto" | "enforce";
            trust_call_timezone: boolean;
            legal_dates: string[];
            kill_switch: boolean;
            rate_limit_per_minute: number;
            max_concurrent_calls: number;
            max_attempts_per_number_day: number | null;
            max_attempts_per_number_week: number | null;
            min_attempt_gap_minutes: number | null;
            success_cooldown_hours: number | null;
            max_calls_per_caller_id_second: number | null;
            max_calls_per_caller_id_day: number | null;
            caller_id_timezone: string;
            call_data_retention_days: number | null;
            webhook_log_retention_days: number;
            import_error_retention_days: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        Evidence: {
            policyVersion: string;
            zoneData: string;
            /** Format: date-time */
            decidedAt: string;
            rules: {
                rule: string;
                passed: boolean;
                inputs: {
                    [key: string]: unknown;
                };
            }[];
        };
        ExistingCall: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            campaign_id: string;
            to: string;
            /** @enum {string} */
            status: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
            /** Format: date-time */
            created_at: string;
        };
        ForbiddenError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "FORBIDDEN";
            /** Format: uuid */
            request_id: string;
        };
        ForbiddenNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "FORBIDDEN";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        IdempotencyKeyReusedError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "IDEMPOTENCY_KEY_REUSED";
            /** Format: uuid */
            request_id: string;
        };
        IdempotencyKeyReusedNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "IDEMPOTENCY_KEY_REUSED";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        ImportAlreadyDialledError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "IMPORT_ALREADY_DIALLED";
            /** Format: uuid */
            request_id: string;
        };
        ImportEndedError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "IMPORT_ENDED";
            /** Format: uuid */
            request_id: string;
        };
        ImportNotCancellableError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "IMPORT_NOT_CANCELLABLE";
            /** Format: uuid */
            request_id: string;
        };
        ImportNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "IMPORT_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        ImportNotUndoableError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "IMPORT_NOT_UNDOABLE";
            /** Format: uuid */
            request_id: string;
        };
        InsufficientCreditsNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "INSUFFICIENT_CREDITS";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        Integration: {
            id: string;
        };
        InvalidJsonError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "INVALID_JSON";
            /** Format: uuid */
            request_id: string;
        };
        InvalidJsonNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "INVALID_JSON";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        InvalidPhoneNumberNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "INVALID_PHONE_NUMBER";
                message: string;
                details: {
                    field: string;
                    value: string | null;
                };
            };
            /** Format: uuid */
            request_id: string;
        };
        InvalidSignatureError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "INVALID_SIGNATURE";
            /** Format: uuid */
            request_id: string;
        };
        InvalidTokenError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "INVALID_TOKEN";
            /** Format: uuid */
            request_id: string;
        };
        InvalidTokenNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "INVALID_TOKEN";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        InvalidTransitionError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "INVALID_TRANSITION";
            /** Format: uuid */
            request_id: string;
        };
        InvalidUrlError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "INVALID_URL";
            /** Format: uuid */
            request_id: string;
        };
        ListedCampaign: {
            /** Format: uuid */
            id: string;
            name: string;
            description: string | null;
            /** @enum {string} */
            campaign_type: "sales" | "follow_up" | "reminder" | "custom";
            /** @enum {string} */
            status: "draft" | "active" | "paused" | "completed" | "cancelled";
            pause_reason: string | null;
            /** Format: uuid */
            agent_id: string;
            /** Format: date */
            start_date: string;
            /** Format: date */
            end_date: string | null;
            days_of_week: number[];
            call_time_ranges: {
                start: string;
                end: string;
            }[];
            earliest_call_time: string;
            latest_call_time: string;
            timezone: string;
            holidays: string[];
            /** @enum {string|null} */
            legal_guard: "off" | "warn" | "auto" | "enforce" | null;
            initial_call_delay: number;
            max_retries: number;
            retry_cooldown_hours: number;
            success_cooldown_hours: number | null;
            voicemail_cooldown_hours: number | null;
            no_answer_cooldown_hours: number | null;
            busy_cooldown_hours: number | null;
            failed_cooldown_hours: number | null;
            auto_complete: boolean;
            retry_on_no_conversion: boolean;
            retry_time_of_day_rotation: boolean;
            enable_post_completion_cooldown: boolean;
            post_completion_cooldown_hours: number;
            do_not_call_enabled: boolean;
            /** @enum {string} */
            do_not_call_list_source: "environment" | "global" | "custom";
            do_not_call_custom_list: string[];
            auto_add_to_dnc_enabled: boolean;
            auto_dnc_trigger_statuses: ("completed" | "voicemail")[];
            auto_dnc_trigger_errors: ("invalid_number" | "disconnected")[];
            max_concurrent_calls: number | null;
            max_calls_per_minute: number | null;
            ramp_seconds: number | null;
            total_budget: number | null;
            daily_budget: number | null;
            priority: number;
            caller_ids: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            agent: components["schemas"]["AgentSummary"] | null;
            stats: {
                total_calls: number;
                completed_calls: number;
                failed_calls: number;
                success_rate: number;
            };
        };
        LogNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "LOG_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        LogNotRetriableError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "LOG_NOT_RETRIABLE";
            details: {
                reason: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        MakeCallBody: {
            /** @example +12025550123 */
            to: string;
            payload?: {
                [key: string]: unknown;
            } | null;
            context?: {
                [key: string]: unknown;
            } | null;
            is_testing?: boolean;
            delay_seconds?: number;
            /** @example America/New_York */
            timezone?: string | null;
        };
        MakeCallOfAgentBody: {
            agent_id: string;
            /** @example +12025550123 */
            to: string;
            payload?: {
                [key: string]: unknown;
            } | null;
            context?: {
                [key: string]: unknown;
            } | null;
            is_testing?: boolean;
            delay_seconds?: number;
            /** @example America/New_York */
            timezone?: string | null;
        };
        MakeCampaignCallBody: {
            /** @example +12025550123 */
            to: string;
            payload?: {
                [key: string]: unknown;
            } | null;
            context?: {
                [key: string]: unknown;
            } | null;
            is_testing?: boolean;
            allow_duplicates?: boolean;
            /** @example America/New_York */
            timezone?: string | null;
            /** @example 2026-01-31T09:00:00Z */
            not_before?: string | null;
            /** @example 2026-01-31T09:00:00Z */
            expires_at?: string | null;
            priority?: number;
        };
        MalformedCallbackError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "MALFORMED_CALLBACK";
            /** Format: uuid */
            request_id: string;
        };
        MissingPhoneNumberNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "MISSING_PHONE_NUMBER";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        NewCall: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            agent_id: string;
            to: string;
            /** @enum {string} */
            status: "initiated" | "blocked";
            /** Format: date-time */
            scheduled_at: string | null;
            /** Format: date-time */
            created_at: string;
            blocked_reason?: string;
        };
        NewCampaignCall: {
            campaign_call: {
                /** Format: uuid */
                id: string;
                /** Format: uuid */
                campaign_id: string;
                to: string;
                /** @enum {string} */
                status: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                scheduled_at: string | null;
                blocked_reason?: string;
            };
            campaign: {
                /** Format: uuid */
                id: string;
                name: string;
                /** @enum {string} */
                status: "draft" | "active" | "paused" | "completed" | "cancelled";
            };
        };
        NewToken: {
            /** Format: uuid */
            id: string;
            name: string | null;
            last_four: string;
            scopes: ("calls" | "campaigns" | "agents" | "webhooks" | "do_not_call" | "environment" | "tokens")[];
            /** Format: date-time */
            expires_at: string | null;
            /** Format: date-time */
            revoked_at: string | null;
            /** Format: uuid */
            replaced_by: string | null;
            /** Format: date-time */
            last_used_at: string | null;
            /** Format: date-time */
            created_at: string;
            token: string;
        };
        NotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        OutcomeNotUnknownError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "OUTCOME_NOT_UNKNOWN";
            /** Format: uuid */
            request_id: string;
        };
        PayloadTooLargeError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "PAYLOAD_TOO_LARGE";
            /** Format: uuid */
            request_id: string;
        };
        PayloadTooLargeNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "PAYLOAD_TOO_LARGE";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        PhoneNumber: {
            /** Format: uuid */
            id: string;
            number: string;
            country_code: string | null;
            formatted_number: string;
            international_number: string;
            /** @enum {string} */
            type: "voice" | "sms" | "whatsapp" | "mms" | "fax";
            has_voice: boolean;
            has_sms: boolean;
            has_mms: boolean;
            has_fax: boolean;
            has_whatsapp: boolean;
            /** @enum {string} */
            current_status: "active" | "inactive" | "pending" | "suspended";
            is_sandbox: boolean;
            current_price: null;
            currency: null;
            renewal_date: null;
            auto_renewal: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            monthly_renewal_cost: null;
            days_until_monthly_renewal: null;
            is_due_for_monthly_renewal: boolean;
        };
        PhoneNumberInUseError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "PHONE_NUMBER_IN_USE";
            /** Format: uuid */
            request_id: string;
        };
        PhoneNumberNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "PHONE_NUMBER_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        PutActionBody: {
            node_id: string;
            name: string;
            description: string;
            /** @enum {string} */
            type: "webhook" | "transfer" | "hold" | "external";
            inputs?: {
                [key: string]: unknown;
            }[];
            integration?: components["schemas"]["Integration"] | null;
            /** Format: uri */
            url?: string | null;
            /** Format: uri */
            authorization_url?: string | null;
            /** @enum {string} */
            authorization_scheme?: "none" | "bearer" | "basic" | "api_key" | "custom";
            authorization_credential?: string | null;
            custom_headers?: components["schemas"]["CustomHeader"][];
            speak_on_send?: boolean;
            speak_on_receive?: boolean;
            /** @enum {string} */
            execution_mode?: "during_call" | "post_call";
            hold_duration?: number | null;
            /** @example +12025550123 */
            transfer_to?: string | null;
            /** @enum {string} */
            current_status?: "active" | "inactive";
        };
        PutTrainingBody: {
            node_id?: string | null;
            subject: string;
            instructions: string;
            /** @enum {string} */
            current_status?: "active" | "inactive";
        };
        RateLimitExceededError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "RATE_LIMIT_EXCEEDED";
            details: {
                retry_after: number;
            };
            /** Format: uuid */
            request_id: string;
        };
        RateLimitExceededNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "RATE_LIMIT_EXCEEDED";
                message: string;
                details: {
                    retry_after: number;
                };
            };
            /** Format: uuid */
            request_id: string;
        };
        RegistryFinding: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            list: "environment" | "global";
            /** Format: date */
            snapshot_date: string | null;
            age_days: number | null;
            max_age_days: number | null;
            out_of_date: boolean;
            listed: boolean;
            /** @description Campaigns whose calls it stops, by the list they read: off, where do_not_call_enabled is false, else their do_not_call_list_source. Of the own list of a campaign: that campaign. */
            stops: ("off" | "environment" | "global" | "custom")[];
        };
        RejectedRow: {
            line: number;
            reason: string;
        };
        ReleaseAlreadyPendingError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "RELEASE_ALREADY_PENDING";
            /** Format: uuid */
            request_id: string;
        };
        ReleaseAlreadyResolvedError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "RELEASE_ALREADY_RESOLVED";
            /** Format: uuid */
            request_id: string;
        };
        ReleaseRequest: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            phone_number_id: string;
            number: string;
            reason: string;
            /** @enum {string} */
            status: "pending" | "approved" | "rejected" | "cancelled";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            resolved_at: string | null;
        };
        ReleaseRequestNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "RELEASE_REQUEST_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        ReplayBody: {
            /** @example 2026-01-31T09:00:00Z */
            since: string;
            /** @example 2026-01-31T09:00:00Z */
            until?: string | null;
        };
        RequestReleaseBody: {
            reason: string;
        };
        ResolveCallBody: {
            /** @enum {string} */
            outcome: "answered" | "voicemail" | "no_answer" | "busy" | "rejected" | "invalid_number" | "unreachable" | "carrier_failure" | "cancelled";
            note?: string | null;
        };
        RotateTokenBody: {
            overlap_seconds?: number;
        };
        ScrubbedNumbers: {
            read: number;
            callable: number;
            listed: number;
            duplicates: number;
            rejected: number;
            rejects: components["schemas"]["RejectedRow"][];
            by: {
                [key: string]: number;
            };
            out_of_date: {
                registry: string;
                finding: string;
            }[];
            numbers: {
                to: string;
                /** @enum {string} */
                kind: "opt_out" | "list";
                /** @enum {string} */
                list: "environment" | "campaign" | "global" | "custom";
                registry: string | null;
            }[];
        };
        ServerError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "SERVER_ERROR";
            /** Format: uuid */
            request_id: string;
        };
        ServerNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "SERVER_ERROR";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        ServiceStoppingError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "SERVICE_STOPPING";
            /** Format: uuid */
            request_id: string;
        };
        StandingDoNotCallEntry: {
            /** Format: uuid */
            id: string;
            to: string;
            /** @enum {string} */
            kind: "opt_out" | "list";
            /** @enum {string} */
            list: "environment" | "campaign" | "global";
            /** Format: uuid */
            campaign_id: string | null;
            reason: string | null;
            source: string | null;
            /** Format: uuid */
            import_id: string | null;
            /** Format: date-time */
            expires_at: string | null;
            /** Format: date-time */
            created_at: string;
            expired: boolean;
            /** @description Campaigns whose calls it stops, by the list they read: off, where do_not_call_enabled is false, else their do_not_call_list_source. Of the own list of a campaign: that campaign. */
            stops: ("off" | "environment" | "global" | "custom")[];
        };
        StopNotConfirmedError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "STOP_NOT_CONFIRMED";
            /** Format: uuid */
            request_id: string;
        };
        StoppedEnvironment: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            legal_guard: "off" | "warn" | "auto" | "enforce";
            trust_call_timezone: boolean;
            legal_dates: string[];
            kill_switch: boolean;
            rate_limit_per_minute: number;
            max_concurrent_calls: number;
            max_attempts_per_number_day: number | null;
            max_attempts_per_number_week: number | null;
            min_attempt_gap_minutes: number | null;
            success_cooldown_hours: number | null;
            max_calls_per_caller_id_second: number | null;
            max_calls_per_caller_id_day: number | null;
            caller_id_timezone: string;
            call_data_retention_days: number | null;
            webhook_log_retention_days: number;
            import_error_retention_days: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            in_flight: {
                count: number;
                attempt_ids: string[];
            };
            unknown: number;
            stopped: number;
        };
        StoreUnavailableError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "STORE_UNAVAILABLE";
            /** Format: uuid */
            request_id: string;
        };
        StoreUnavailableNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "STORE_UNAVAILABLE";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        Token: {
            /** Format: uuid */
            id: string;
            name: string | null;
            last_four: string;
            scopes: ("calls" | "campaigns" | "agents" | "webhooks" | "do_not_call" | "environment" | "tokens")[];
            /** Format: date-time */
            expires_at: string | null;
            /** Format: date-time */
            revoked_at: string | null;
            /** Format: uuid */
            replaced_by: string | null;
            /** Format: date-time */
            last_used_at: string | null;
            /** Format: date-time */
            created_at: string;
        };
        TokenExpiredError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "TOKEN_EXPIRED";
            /** Format: uuid */
            request_id: string;
        };
        TokenExpiredNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "TOKEN_EXPIRED";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        TokenNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "TOKEN_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        TokenNotInUseError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "TOKEN_NOT_IN_USE";
            /** Format: uuid */
            request_id: string;
        };
        Training: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            agent_id: string;
            node_id: string | null;
            subject: string;
            instructions: string;
            /** @enum {string} */
            current_status: "active" | "inactive";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        TrainingNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "TRAINING_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        UnsupportedMediaTypeError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "UNSUPPORTED_MEDIA_TYPE";
            /** Format: uuid */
            request_id: string;
        };
        UnsupportedMediaTypeNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "UNSUPPORTED_MEDIA_TYPE";
                message: string;
            };
            /** Format: uuid */
            request_id: string;
        };
        UpdateCallBody: {
            /** @enum {boolean} */
            converted: true;
        };
        UpdateCampaignBody: {
            name?: string;
            /** @enum {string} */
            campaign_type?: "sales" | "follow_up" | "reminder" | "custom";
            /** Format: uuid */
            agent_id?: string;
            /** Format: date */
            start_date?: string;
            days_of_week?: number[];
            call_time_ranges?: {
                start: string;
                end: string;
            }[];
            /** @example America/New_York */
            timezone?: string;
            description?: string | null;
            /** Format: date */
            end_date?: string | null;
            initial_call_delay?: number;
            max_retries?: number;
            retry_cooldown_hours?: number;
            auto_complete?: boolean;
            retry_on_no_conversion?: boolean;
            retry_time_of_day_rotation?: boolean;
            enable_post_completion_cooldown?: boolean;
            post_completion_cooldown_hours?: number;
            success_cooldown_hours?: number | null;
            voicemail_cooldown_hours?: number | null;
            no_answer_cooldown_hours?: number | null;
            busy_cooldown_hours?: number | null;
            failed_cooldown_hours?: number | null;
            do_not_call_enabled?: boolean;
            /** @enum {string} */
            do_not_call_list_source?: "environment" | "global" | "custom";
            do_not_call_custom_list?: string[];
            auto_add_to_dnc_enabled?: boolean;
            auto_dnc_trigger_statuses?: ("completed" | "voicemail")[];
            auto_dnc_trigger_errors?: ("invalid_number" | "disconnected")[];
            max_concurrent_calls?: number | null;
            max_calls_per_minute?: number | null;
            ramp_seconds?: number | null;
            total_budget?: number | null;
            daily_budget?: number | null;
            priority?: number;
            caller_ids?: string[];
            holidays?: string[];
            /** @enum {string|null} */
            legal_guard?: "off" | "warn" | "auto" | "enforce" | null;
        };
        UriTooLongError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "URI_TOO_LONG";
            /** Format: uuid */
            request_id: string;
        };
        ValidationError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "VALIDATION_ERROR";
            errors: {
                [key: string]: string[];
            };
            /** Format: uuid */
            request_id: string;
        };
        ValidationNestedError: {
            /** @constant */
            success: false;
            error: {
                /** @constant */
                code: "VALIDATION_ERROR";
                message: string;
                details: {
                    errors: {
                        [key: string]: string[];
                    };
                };
            };
            /** Format: uuid */
            request_id: string;
        };
        Voice: {
            id: string;
            name: string;
            label: string;
            stability: number | null;
            similarity_boost: number | null;
            ambient_background: string | null;
            ambient_volume: number;
            template: {
                id: string;
                name: string;
            };
        };
        WebhookDisabledError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "WEBHOOK_DISABLED";
            /** Format: uuid */
            request_id: string;
        };
        WebhookHealth: {
            consecutive_failures: number;
            /** Format: date-time */
            failing_since: string | null;
            /** Format: date-time */
            paused_until: string | null;
            /** @enum {string|null} */
            disabled_because: "gone" | "failing" | null;
        };
        WebhookLog: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            webhook_id: string;
            event: string;
            attempt: number;
            /** @enum {string} */
            status: "pending" | "success" | "failed" | "retrying";
            http_status: number | null;
            request_payload: Record<string, never> | unknown[];
            response_body: string | null;
            response_headers: {
                [key: string]: string;
            } | null;
            error: string | null;
            /** @description Milliseconds. */
            duration_ms: number | null;
            /** Format: date-time */
            delivered_at: string | null;
            /** Format: date-time */
            created_at: string;
        };
        WebhookNotFoundError: {
            /** @constant */
            success: false;
            message: string;
            /** @constant */
            code: "WEBHOOK_NOT_FOUND";
            /** Format: uuid */
            request_id: string;
        };
        WholeCall: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            sid: string;
            /** Format: uuid */
            campaign_id: string | null;
            to: string;
            to_formatted: string;
            from: string | null;
            from_formatted: string | null;
            is_testing: boolean;
            /** @constant */
            direction: "outbound";
            /** @enum {string} */
            status: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
            /** @enum {string|null} */
            outcome: "answered" | "voicemail" | "no_answer" | "busy" | "rejected" | "invalid_number" | "unreachable" | "blocked_by_carrier" | "carrier_limit" | "carrier_failure" | "our_fault" | "cancelled" | "unknown" | null;
            reason: string | null;
            duration: number;
            converted: boolean;
            /** Format: date-time */
            scheduled_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            ended_at: string | null;
            agent: components["schemas"]["AgentSummary"] | null;
            timezone: string | null;
            payload: {
                [key: string]: unknown;
            };
            context: {
                [key: string]: unknown;
            };
            allow_duplicates: boolean;
            priority: number;
            /** Format: date-time */
            not_before: string | null;
            /** Format: date-time */
            expires_at: string | null;
            missing_placeholders: string[];
            evidence: components["schemas"]["Evidence"] | null;
            /** Format: date-time */
            erased_at: string | null;
            attempts: components["schemas"]["Attempt"][];
        };
        WholeCampaign: {
            /** Format: uuid */
            id: string;
            name: string;
            description: string | null;
            /** @enum {string} */
            campaign_type: "sales" | "follow_up" | "reminder" | "custom";
            /** @enum {string} */
            status: "draft" | "active" | "paused" | "completed" | "cancelled";
            pause_reason: string | null;
            /** Format: uuid */
            agent_id: string;
            /** Format: date */
            start_date: string;
            /** Format: date */
            end_date: string | null;
            days_of_week: number[];
            call_time_ranges: {
                start: string;
                end: string;
            }[];
            earliest_call_time: string;
            latest_call_time: string;
            timezone: string;
            holidays: string[];
            /** @enum {string|null} */
            legal_guard: "off" | "warn" | "auto" | "enforce" | null;
            initial_call_delay: number;
            max_retries: number;
            retry_cooldown_hours: number;
            success_cooldown_hours: number | null;
            voicemail_cooldown_hours: number | null;
            no_answer_cooldown_hours: number | null;
            busy_cooldown_hours: number | null;
            failed_cooldown_hours: number | null;
            auto_complete: boolean;
            retry_on_no_conversion: boolean;
            retry_time_of_day_rotation: boolean;
            enable_post_completion_cooldown: boolean;
            post_completion_cooldown_hours: number;
            do_not_call_enabled: boolean;
            /** @enum {string} */
            do_not_call_list_source: "environment" | "global" | "custom";
            do_not_call_custom_list: string[];
            auto_add_to_dnc_enabled: boolean;
            auto_dnc_trigger_statuses: ("completed" | "voicemail")[];
            auto_dnc_trigger_errors: ("invalid_number" | "disconnected")[];
            max_concurrent_calls: number | null;
            max_calls_per_minute: number | null;
            ramp_seconds: number | null;
            total_budget: number | null;
            daily_budget: number | null;
            priority: number;
            caller_ids: string[];
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            agent: components["schemas"]["AgentSummary"] | null;
            calls: {
                /** Format: uuid */
                id: string;
                to: string;
                /** @enum {string} */
                status: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
                retries: number;
                /** Format: date-time */
                created_at: string;
            }[];
            files: components["schemas"]["CampaignFile"][];
            stats: {
                total_calls: number;
                completed_calls: number;
                failed_calls: number;
                success_rate: number;
                average_duration: number;
            };
        };
    };
    responses: {
        /** @description The agent is published: unpublish it to delete it. Or: The agent has calls that are not over, or a campaign that is not closed uses it. */
        agentIsPublishedOragentHasActiveCalls: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AgentIsPublishedError"] | components["schemas"]["AgentHasActiveCallsError"];
            };
        };
        /** @description There is no such agent. */
        agentNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AgentNotFoundError"];
            };
        };
        /** @description There is no such agent. */
        agentNotFoundNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AgentNotFoundNestedError"];
            };
        };
        /** @description There is no such agent. Or: The agent has no such action. */
        agentNotFoundOractionNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AgentNotFoundError"] | components["schemas"]["ActionNotFoundError"];
            };
        };
        /** @description There is no such agent. Or: There is no such call. */
        agentNotFoundOrcallNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AgentNotFoundError"] | components["schemas"]["CallNotFoundError"];
            };
        };
        /** @description There is no such agent. Or: The agent has no such training. */
        agentNotFoundOrtrainingNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AgentNotFoundError"] | components["schemas"]["TrainingNotFoundError"];
            };
        };
        /** @description There is no such agent. Or: There is no such webhook. */
        agentNotFoundOrwebhookNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AgentNotFoundError"] | components["schemas"]["WebhookNotFoundError"];
            };
        };
        /** @description There is no such agent. Or: There is no such webhook. Or: The webhook has no such log. */
        agentNotFoundOrwebhookNotFoundOrwebhookLogNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["AgentNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["LogNotFoundError"];
            };
        };
        /** @description The agent of this campaign is not published. Or: The token does not have the right to do this. */
        agentNotPublishedOrforbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ForbiddenError"];
            };
        };
        /** @description The path is not percent-encoded UTF-8. */
        badUrl: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["InvalidUrlError"];
            };
        };
        /** @description The path is not percent-encoded UTF-8. Or: The body is not valid JSON. */
        badUrlOrinvalidJson: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["InvalidUrlError"] | components["schemas"]["InvalidJsonError"];
            };
        };
        /** @description The call is completed already. */
        callAlreadyEnded: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CallAlreadyEndedError"];
            };
        };
        /** @description The call is queued; only one under way can be ended. Or: The call is completed already. */
        callNotActiveOrcallAlreadyEnded: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CallNotActiveError"] | components["schemas"]["CallAlreadyEndedError"];
            };
        };
        /** @description No attempt of this call was made yet. */
        callNotDialled: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CallNotDialledError"];
            };
        };
        /** @description There is no such call. */
        callNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CallNotFoundError"];
            };
        };
        /** @description The carrier did not sign this callback. */
        callbackNotSigned: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["InvalidSignatureError"];
            };
        };
        /** @description Calls wait for this schedule: pause the campaign to change it. */
        campaignHasActiveCalls: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CampaignHasActiveCallsError"];
            };
        };
        /** @description Calls of the campaign are in progress, or its stop is not confirmed yet. */
        campaignHasCallsInProgress: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ConflictError"];
            };
        };
        /** @description The campaign is active: pause, complete or cancel it to delete it. Or: The token does not have the right to do this. */
        campaignIsActiveOrforbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ForbiddenError"];
            };
        };
        /** @description The campaign is paused; only an active one takes calls. Or: The path is not percent-encoded UTF-8. Or: The body is not valid JSON. */
        campaignNotActiveOrbadUrlOrinvalidJson: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CampaignNotActiveError"] | components["schemas"]["InvalidUrlError"] | components["schemas"]["InvalidJsonError"];
            };
        };
        /** @description There is no such campaign. */
        campaignNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CampaignNotFoundError"];
            };
        };
        /** @description There is no such campaign. Or: There is no such import. */
        campaignNotFoundOrimportNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CampaignNotFoundError"] | components["schemas"]["ImportNotFoundError"];
            };
        };
        /** @description There is no such campaign. Or: There is no such webhook. */
        campaignNotFoundOrwebhookNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CampaignNotFoundError"] | components["schemas"]["WebhookNotFoundError"];
            };
        };
        /** @description There is no such campaign. Or: There is no such webhook. Or: The webhook has no such log. */
        campaignNotFoundOrwebhookNotFoundOrwebhookLogNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CampaignNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["LogNotFoundError"];
            };
        };
        /** @description This number already has a live call in this campaign. */
        duplicateCall: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["DuplicateCallError"];
            };
        };
        /** @description The token does not have the right to do this. */
        forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ForbiddenError"];
            };
        };
        /** @description The token does not have the right to do this. */
        forbiddenNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ForbiddenNestedError"];
            };
        };
        /** @description This Idempotency-Key stands for a request with another body. Or: The to field must be a phone number in E.164, with a leading +. */
        idempotencyKeyReusedNestedOrinvalidNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["IdempotencyKeyReusedNestedError"] | components["schemas"]["ValidationNestedError"];
            };
        };
        /** @description This Idempotency-Key stands for a request with another body. Or: The to field must be a phone number in E.164, with a leading +. */
        idempotencyKeyReusedOrinvalid: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["IdempotencyKeyReusedError"] | components["schemas"]["ValidationError"];
            };
        };
        /** @description The import was cancelled, or the file was sent again, while it arrived. */
        importEnded: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ImportEndedError"];
            };
        };
        /** @description The import is undefined: nothing is left to cancel. */
        importNotCancellable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ImportNotCancellableError"];
            };
        };
        /** @description There is no such import. */
        importNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ImportNotFoundError"];
            };
        };
        /** @description The import is undefined; only one that is processed or cancelled can be undone. Or: A call of the import was dialled, or is about to be. */
        importNotUndoableOrimportAlreadyDialled: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ImportNotUndoableError"] | components["schemas"]["ImportAlreadyDialledError"];
            };
        };
        /** @description The credits of this environment are used up. */
        insufficientCreditsNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["InsufficientCreditsNestedError"];
            };
        };
        /** @description The to field must be a phone number in E.164, with a leading +. */
        invalid: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ValidationError"];
            };
        };
        /** @description The body is not valid JSON. */
        invalidJson: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["InvalidJsonError"];
            };
        };
        /** @description A campaign that is completed cannot become active. Or: The path is not percent-encoded UTF-8. Or: The body is not valid JSON. */
        invalidTransitionOrbadUrlOrinvalidJson: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["InvalidTransitionError"] | components["schemas"]["InvalidUrlError"] | components["schemas"]["InvalidJsonError"];
            };
        };
        /** @description This delivery cannot be made again. */
        logNotRetriable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["LogNotRetriableError"];
            };
        };
        /** @description The callback is not of the carrier’s form. */
        malformedCallback: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["MalformedCallbackError"];
            };
        };
        /** @description The to field is required. Or: The to field must be a phone number in E.164, with a leading +. Or: The agent is not published. Or: The path is not percent-encoded UTF-8. Or: The body is not valid JSON. */
        missingPhoneNumberNestedOrinvalidPhoneNumberNestedOragentInactiveNestedOrbadUrlOrinvalidJsonNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["MissingPhoneNumberNestedError"] | components["schemas"]["InvalidPhoneNumberNestedError"] | components["schemas"]["AgentInactiveNestedError"] | components["schemas"]["InvalidUrlError"] | components["schemas"]["InvalidJsonNestedError"];
            };
        };
        /** @description The to field is required. Or: The to field must be a phone number in E.164, with a leading +. Or: The agent is not published. Or: The body is not valid JSON. */
        missingPhoneNumberNestedOrinvalidPhoneNumberNestedOragentInactiveNestedOrinvalidJsonNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["MissingPhoneNumberNestedError"] | components["schemas"]["InvalidPhoneNumberNestedError"] | components["schemas"]["AgentInactiveNestedError"] | components["schemas"]["InvalidJsonNestedError"];
            };
        };
        /** @description There is nothing here. */
        notFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["NotFoundError"];
            };
        };
        /** @description Only a call whose outcome is unknown can be given one. */
        outcomeNotUnknown: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["OutcomeNotUnknownError"];
            };
        };
        /** @description The body is too large. */
        payloadTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["PayloadTooLargeError"];
            };
        };
        /** @description The body is too large. */
        payloadTooLargeNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["PayloadTooLargeNestedError"];
            };
        };
        /** @description An agent, or a campaign that is not closed, calls from this number. Or: The to field must be a phone number in E.164, with a leading +. */
        phoneNumberInUseOrinvalid: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["PhoneNumberInUseError"] | components["schemas"]["ValidationError"];
            };
        };
        /** @description There is no such phone number. */
        phoneNumberNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["PhoneNumberNotFoundError"];
            };
        };
        /** @description The release of this number is asked for already. */
        releaseAlreadyPending: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReleaseAlreadyPendingError"];
            };
        };
        /** @description The release request is no longer pending. */
        releaseAlreadyResolved: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReleaseAlreadyResolvedError"];
            };
        };
        /** @description There is no such release request. */
        releaseRequestNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ReleaseRequestNotFoundError"];
            };
        };
        /** @description Something went wrong here. */
        serverError: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ServerError"];
            };
        };
        /** @description Something went wrong here. */
        serverErrorNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ServerNestedError"];
            };
        };
        /** @description The change is stored, but a dial that had begun could not be waited out. Ask again. Or: The service is away for a moment. Please try again. */
        stopNotConfirmedOrstoreUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["StopNotConfirmedError"] | components["schemas"]["StoreUnavailableError"];
            };
        };
        /** @description This process is stopping. Please ask another one. Or: The service is away for a moment. Please try again. */
        stoppingOrstoreUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ServiceStoppingError"] | components["schemas"]["StoreUnavailableError"];
            };
        };
        /** @description The service is away for a moment. Please try again. */
        storeUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["StoreUnavailableError"];
            };
        };
        /** @description The service is away for a moment. Please try again. */
        storeUnavailableNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["StoreUnavailableNestedError"];
            };
        };
        /** @description There is no such token. */
        tokenNotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TokenNotFoundError"];
            };
        };
        /** @description The token is revoked, expired or replaced already. */
        tokenNotInUse: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TokenNotInUseError"];
            };
        };
        /** @description Too many requests. */
        tooManyRequests: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["RateLimitExceededError"];
            };
        };
        /** @description Too many requests. */
        tooManyRequestsNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["RateLimitExceededNestedError"];
            };
        };
        /** @description The bearer token is missing or not valid. Or: The bearer token has expired. */
        unauthenticatedNestedOrtokenExpiredNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["InvalidTokenNestedError"] | components["schemas"]["TokenExpiredNestedError"];
            };
        };
        /** @description The bearer token is missing or not valid. Or: The bearer token has expired. */
        unauthenticatedOrtokenExpired: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["InvalidTokenError"] | components["schemas"]["TokenExpiredError"];
            };
        };
        /** @description The content type must be one of text/csv, text/plain, application/gzip. */
        unsupportedFileType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["UnsupportedMediaTypeError"];
            };
        };
        /** @description The content type must be application/json. */
        unsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["UnsupportedMediaTypeError"];
            };
        };
        /** @description The content type must be application/json. */
        unsupportedMediaTypeNested: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["UnsupportedMediaTypeNestedError"];
            };
        };
        /** @description The path is too long. */
        uriTooLong: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["UriTooLongError"];
            };
        };
        /** @description The webhook is switched off: enable it to replay to it. */
        webhookDisabled: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["WebhookDisabledError"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description The id that the request has in the log. */
        "X-Request-Id": string;
        /** @description Requests that the token may make in a minute. */
        "X-RateLimit-Limit": number;
        /** @description How many of them are left. */
        "X-RateLimit-Remaining": number;
        /** @description When the minute ends, in epoch seconds. */
        "X-RateLimit-Reset": number;
        /** @description Seconds to wait before asking again. */
        "Retry-After": number;
        /** @description How to ask: with a bearer token; as a carrier, with a signature. */
        "WWW-Authenticate": string;
        /** @description There, and `true`, when the answer was given before to the same Idempotency-Key. */
        "Idempotent-Replayed": "true";
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listActionIntegrations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: {
                            [key: string]: unknown;
                        }[];
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listAgents: {
        parameters: {
            query?: {
                status?: "draft" | "published";
                direction?: "inbound" | "outbound";
                search?: string;
                page?: number;
                per_page?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Agent"][];
                        meta: {
                            current_page: number;
                            per_page: number;
                            total: number;
                            last_page: number;
                        };
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    createAgent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "label": "reminder",
                 *       "name": "Reminder",
                 *       "description": "You remind {{name}} of an appointment.",
                 *       "initial_message": "Hello {{name}}!",
                 *       "language": "en-US",
                 *       "interrupt_sensitivity": "medium",
                 *       "endpointing_sensitivity": "auto",
                 *       "ivr_navigation_mode": "off",
                 *       "conversation_speed": 1,
                 *       "initial_message_delay": 0,
                 *       "ask_if_human_present_on_idle": false,
                 *       "idle_time_seconds": 10,
                 *       "llm_temperature": 0.3,
                 *       "enable_recording": false,
                 *       "direction": "outbound",
                 *       "who_speaks_first": "agent"
                 *     }
                 */
                "application/json": components["schemas"]["CreateAgentBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
            400: components["responses"]["invalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["payloadTooLarge"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    deleteAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            409: components["responses"]["agentIsPublishedOragentHasActiveCalls"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listActions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Action"][];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    putAction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "node_id": "book",
                 *       "name": "Book",
                 *       "description": "Books a slot.",
                 *       "type": "webhook",
                 *       "url": "https://example.com/book"
                 *     }
                 */
                "application/json": components["schemas"]["PutActionBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["Action"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    deleteAction: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                action_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOractionNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    getActiveCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                phone: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ActiveCall"][];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrcallNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    makeCall: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body within a day give the answer that was given before. */
                "Idempotency-Key"?: string;
            };
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "+12025550100",
                 *       "payload": {
                 *         "name": "Ana"
                 *       },
                 *       "delay_seconds": 0
                 *     }
                 */
                "application/json": components["schemas"]["MakeCallBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["NewCall"];
                    };
                };
            };
            400: components["responses"]["missingPhoneNumberNestedOrinvalidPhoneNumberNestedOragentInactiveNestedOrbadUrlOrinvalidJsonNested"];
            401: components["responses"]["unauthenticatedNestedOrtokenExpiredNested"];
            402: components["responses"]["insufficientCreditsNested"];
            403: components["responses"]["forbiddenNested"];
            404: components["responses"]["agentNotFoundNested"];
            413: components["responses"]["payloadTooLargeNested"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaTypeNested"];
            422: components["responses"]["idempotencyKeyReusedNestedOrinvalidNested"];
            429: components["responses"]["tooManyRequestsNested"];
            500: components["responses"]["serverErrorNested"];
            503: components["responses"]["storeUnavailableNested"];
        };
    };
    changeAgentCalling: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "direction": "outbound",
                 *       "phone_number_ids": []
                 *     }
                 */
                "application/json": components["schemas"]["ChangeCallingBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    listCallsOfAgent: {
        parameters: {
            query?: {
                status?: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
                direction?: "inbound" | "outbound";
                date_from?: string;
                date_to?: string;
                search?: string;
                page?: number;
                per_page?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CallOfAgent"][];
                        pagination: {
                            current_page: number | null;
                            last_page: number;
                            per_page: number;
                            total: number;
                            from: number | null;
                            to: number | null;
                            /** Format: uuid */
                            next_cursor: string | null;
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    endCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "call_sid": "7b8a1f0e-5d1c-4c39-9a55-0f8f3a1b2c3d"
                 *     }
                 */
                "application/json": components["schemas"]["EndCallBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EndedCall"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrcallNotFound"];
            409: components["responses"]["callNotActiveOrcallAlreadyEnded"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    changeAgentKnowledge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "description": "You remind {{name}} of an appointment.",
                 *       "initial_message": "Hello {{name}}!",
                 *       "interrupt_sensitivity": "medium",
                 *       "ask_if_human_present_on_idle": false,
                 *       "llm_temperature": 0.3,
                 *       "initial_message_delay": 0
                 *     }
                 */
                "application/json": components["schemas"]["ChangeKnowledgeBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    publishAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listTrainings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Training"][];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    putTraining: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "subject": "Opening hours",
                 *       "instructions": "Nine to five, on weekdays."
                 *     }
                 */
                "application/json": components["schemas"]["PutTrainingBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["Training"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    deleteTraining: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                training_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrtrainingNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    unpublishAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    changeAgentVoice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "voice_id": "alloy",
                 *       "conversation_speed": 1.5,
                 *       "who_speaks_first": "agent"
                 *     }
                 */
                "application/json": components["schemas"]["ChangeVoiceBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["Agent"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    listAgentWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: {
                            webhooks: components["schemas"]["AgentWebhook"][];
                            available_events: {
                                event_phone_call_started: string;
                                event_phone_call_connected: string;
                                event_voicemail_detected: string;
                                event_conversation_started: string;
                                event_conversation_ended: string;
                                event_phone_call_disconnected: string;
                                event_phone_call_ended: string;
                                event_phone_call_did_not_connect: string;
                                event_phone_call_error: string;
                                event_participant_joined: string;
                                event_participant_left: string;
                                event_voicemail_message_left: string;
                                event_action: string;
                                event_action_failed: string;
                                event_recording: string;
                                event_connection_established: string;
                                event_connection_closed: string;
                                event_connection_error: string;
                                event_user_connected: string;
                                event_user_disconnected: string;
                                event_client_connected: string;
                                event_client_disconnected: string;
                            };
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    createAgentWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Calls",
                 *       "webhook_url": "https://example.com/calls",
                 *       "webhook_secret": "a secret of yours",
                 *       "events": [
                 *         "event_phone_call_ended"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["CreateAgentWebhookBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["AgentWebhook"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getAgentWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AgentWebhook"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    updateAgentWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "webhook_url": "https://example.com/calls",
                 *       "max_retries": 5
                 *     }
                 */
                "application/json": components["schemas"]["ChangeAgentWebhookBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["AgentWebhook"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrwebhookNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    deleteAgentWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listAgentWebhookLogs: {
        parameters: {
            query?: {
                page?: number;
                per_page?: number;
            };
            header?: never;
            path: {
                agent_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["WebhookLog"][];
                        pagination: {
                            current_page: number;
                            last_page: number;
                            per_page: number;
                            total: number;
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    retryAgentWebhookLog: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                webhook_id: string;
                log_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: {
                            /** Format: uuid */
                            log_id: string;
                            /** Format: uuid */
                            original_log_id: string;
                            /** Format: date-time */
                            queued_at: string;
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrwebhookNotFoundOrwebhookLogNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["logNotRetriable"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    replayAgentWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "since": "2026-11-24T08:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["ReplayBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: {
                            replayed: number;
                            missed: number;
                            more: boolean;
                        };
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrwebhookNotFound"];
            409: components["responses"]["webhookDisabled"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    testAgentWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        success: boolean;
                        message: string;
                        data: {
                            status_code: number | null;
                            /** @description Milliseconds. */
                            response_time: number | null;
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    toggleAgentWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                agent_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["AgentWebhook"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["agentNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listCalls: {
        parameters: {
            query?: {
                agent_id?: string;
                campaign_id?: string;
                to?: string;
                page?: number;
                per_page?: number;
                cursor?: string;
                status?: "queued" | "scheduled" | "initiated" | "ringing" | "answered" | "completed" | "voicemail" | "no-answer" | "busy" | "failed" | "blocked" | "cancelled" | "expired" | "outcome_unknown";
                direction?: "inbound" | "outbound";
                date_from?: string;
                date_to?: string;
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Call"][];
                        pagination: {
                            current_page: number | null;
                            last_page: number;
                            per_page: number;
                            total: number;
                            from: number | null;
                            to: number | null;
                            /** Format: uuid */
                            next_cursor: string | null;
                        };
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    makeCallByBody: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body within a day give the answer that was given before. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "agent_id": "3f0e8f9c-6a53-4a0e-9c7e-0d5f3f1b2a10",
                 *       "to": "+12025550100",
                 *       "payload": {
                 *         "name": "Ana"
                 *       },
                 *       "delay_seconds": 0
                 *     }
                 */
                "application/json": components["schemas"]["MakeCallOfAgentBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["NewCall"];
                    };
                };
            };
            400: components["responses"]["missingPhoneNumberNestedOrinvalidPhoneNumberNestedOragentInactiveNestedOrinvalidJsonNested"];
            401: components["responses"]["unauthenticatedNestedOrtokenExpiredNested"];
            402: components["responses"]["insufficientCreditsNested"];
            403: components["responses"]["forbiddenNested"];
            404: components["responses"]["agentNotFoundNested"];
            413: components["responses"]["payloadTooLargeNested"];
            415: components["responses"]["unsupportedMediaTypeNested"];
            422: components["responses"]["idempotencyKeyReusedNestedOrinvalidNested"];
            429: components["responses"]["tooManyRequestsNested"];
            500: components["responses"]["serverErrorNested"];
            503: components["responses"]["storeUnavailableNested"];
        };
    };
    getCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["WholeCall"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["callNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    updateCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "converted": true
                 *     }
                 */
                "application/json": components["schemas"]["UpdateCallBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["WholeCall"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["callNotFound"];
            409: components["responses"]["callNotDialled"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    cancelCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["CancelledCall"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["callNotFound"];
            409: components["responses"]["callAlreadyEnded"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    resolveCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "outcome": "no_answer",
                 *       "note": "The carrier’s own record says so."
                 *     }
                 */
                "application/json": components["schemas"]["ResolveCallBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["WholeCall"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["callNotFound"];
            409: components["responses"]["outcomeNotUnknown"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    whyCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                call_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CallReason"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["callNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listCampaigns: {
        parameters: {
            query?: {
                status?: "draft" | "active" | "paused" | "completed" | "cancelled";
                campaign_type?: "sales" | "follow_up" | "reminder" | "custom";
                agent_id?: string;
                date_from?: string;
                date_to?: string;
                search?: string;
                page?: number;
                per_page?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ListedCampaign"][];
                        pagination: {
                            current_page: number | null;
                            last_page: number;
                            per_page: number;
                            total: number;
                            from: number | null;
                            to: number | null;
                            /** Format: uuid */
                            next_cursor: string | null;
                        };
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    createCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Reminders",
                 *       "campaign_type": "reminder",
                 *       "agent_id": "3f0e8f9c-6a53-4a0e-9c7e-0d5f3f1b2a10",
                 *       "start_date": "2026-01-01",
                 *       "days_of_week": [
                 *         1,
                 *         2,
                 *         3,
                 *         4,
                 *         5
                 *       ],
                 *       "call_time_ranges": [
                 *         {
                 *           "start": "09:00",
                 *           "end": "12:00"
                 *         },
                 *         {
                 *           "start": "13:00",
                 *           "end": "18:00"
                 *         }
                 *       ],
                 *       "timezone": "America/New_York",
                 *       "max_retries": 3
                 *     }
                 */
                "application/json": components["schemas"]["CreateCampaignBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Campaign"];
                    };
                };
            };
            400: components["responses"]["invalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["payloadTooLarge"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["WholeCampaign"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    updateCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "end_date": null,
                 *       "max_retries": 5
                 *     }
                 */
                "application/json": components["schemas"]["UpdateCampaignBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Campaign"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            409: components["responses"]["campaignHasActiveCalls"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    deleteCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["campaignIsActiveOrforbidden"];
            404: components["responses"]["campaignNotFound"];
            409: components["responses"]["campaignHasCallsInProgress"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    makeCampaignCall: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same key and body within a day give the answer that was given before. */
                "Idempotency-Key"?: string;
            };
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "+12025550100",
                 *       "payload": {
                 *         "name": "Ana"
                 *       },
                 *       "context": {
                 *         "order": "A-17"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["MakeCampaignCallBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewCampaignCall"];
                };
            };
            400: components["responses"]["campaignNotActiveOrbadUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["agentNotPublishedOrforbidden"];
            404: components["responses"]["campaignNotFound"];
            409: components["responses"]["duplicateCall"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["idempotencyKeyReusedOrinvalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    importContacts: {
        parameters: {
            query?: {
                filename?: string;
                column?: string;
                default_country?: string;
                allow_duplicates?: "true" | "false";
            };
            header?: {
                /** @description The same key and body within a day give the answer that was given before. */
                "Idempotency-Key"?: string;
            };
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
                "text/plain": string;
                "application/gzip": string;
                "application/x-ndjson": string;
                "application/json": Record<string, never>[];
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ContactImport"];
                    };
                };
            };
            400: components["responses"]["campaignNotActiveOrbadUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["agentNotPublishedOrforbidden"];
            404: components["responses"]["campaignNotFound"];
            409: components["responses"]["importEnded"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedFileType"];
            422: components["responses"]["idempotencyKeyReusedOrinvalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listContactImports: {
        parameters: {
            query?: {
                cursor?: string;
                page?: number;
                per_page?: number;
            };
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ContactImport"][];
                        pagination: {
                            current_page: number | null;
                            last_page: number;
                            per_page: number;
                            total: number;
                            from: number | null;
                            to: number | null;
                            /** Format: uuid */
                            next_cursor: string | null;
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getContactImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ContactImport"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrimportNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    cancelContactImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ContactImport"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrimportNotFound"];
            409: components["responses"]["importNotCancellable"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getContactImportErrors: {
        parameters: {
            query?: {
                format?: "csv" | "ndjson";
            };
            header?: never;
            path: {
                campaign_id: string;
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrimportNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    undoContactImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ContactImport"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrimportNotFound"];
            409: components["responses"]["importNotUndoableOrimportAlreadyDialled"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getCampaignStats: {
        parameters: {
            query?: {
                from?: string;
                to?: string;
                by?: "day" | "hour";
            };
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CampaignStats"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    changeCampaignStatus: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "active"
                 *     }
                 */
                "application/json": components["schemas"]["ChangeStatusBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["CampaignStatusReceipt"];
                    };
                };
            };
            400: components["responses"]["invalidTransitionOrbadUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    listCampaignWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: {
                            webhooks: components["schemas"]["CampaignWebhook"][];
                            available_events: components["schemas"]["CampaignEventName"][];
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    createCampaignWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Results",
                 *       "webhook_url": "https://example.com/results",
                 *       "events": [
                 *         "campaign_call.completed",
                 *         "campaign_call.failed"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["CreateCampaignWebhookBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["CampaignWebhook"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getCampaignWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CampaignWebhook"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    updateCampaignWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "events": [
                 *         "campaign_call.completed"
                 *       ],
                 *       "include_call_events": true
                 *     }
                 */
                "application/json": components["schemas"]["ChangeCampaignWebhookBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["CampaignWebhook"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrwebhookNotFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    deleteCampaignWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listCampaignWebhookLogs: {
        parameters: {
            query?: {
                page?: number;
                per_page?: number;
            };
            header?: never;
            path: {
                campaign_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["WebhookLog"][];
                        pagination: {
                            current_page: number;
                            last_page: number;
                            per_page: number;
                            total: number;
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    retryCampaignWebhookLog: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                webhook_id: string;
                log_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: {
                            /** Format: uuid */
                            log_id: string;
                            /** Format: uuid */
                            original_log_id: string;
                        };
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrwebhookNotFoundOrwebhookLogNotFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["logNotRetriable"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    replayCampaignWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "since": "2026-11-24T08:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["ReplayBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: {
                            replayed: number;
                            missed: number;
                            more: boolean;
                        };
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrwebhookNotFound"];
            409: components["responses"]["webhookDisabled"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    testCampaignWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        success: boolean;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    toggleCampaignWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
                webhook_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["CampaignWebhook"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFoundOrwebhookNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    whyCampaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                campaign_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CampaignReasons"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getCreditsBalance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CreditsBalance"];
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listDoNotCall: {
        parameters: {
            query?: {
                kind?: "opt_out" | "list";
                list?: "environment" | "campaign";
                campaign_id?: string;
                source?: string;
                page?: number;
                per_page?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DoNotCallEntry"][];
                        pagination: {
                            current_page: number | null;
                            last_page: number;
                            per_page: number;
                            total: number;
                            from: number | null;
                            to: number | null;
                            /** Format: uuid */
                            next_cursor: string | null;
                        };
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    addDoNotCall: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "+12025550100",
                 *       "reason": "Asked for on the phone."
                 *     }
                 */
                "application/json": components["schemas"]["AddDoNotCallBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DoNotCallReceipt"];
                    };
                };
            };
            400: components["responses"]["invalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            413: components["responses"]["payloadTooLarge"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    importDoNotCall: {
        parameters: {
            query?: {
                kind?: "opt_out" | "list";
                campaign_id?: string;
                reason?: string;
                source?: string;
                expires_at?: string;
                column?: string;
                default_country?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
                "text/plain": string;
                "application/gzip": string;
            };
        };
        responses: {
            /** @description Done. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DoNotCallImport"];
                    };
                };
            };
            400: components["responses"]["invalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            409: components["responses"]["importEnded"];
            413: components["responses"]["payloadTooLarge"];
            415: components["responses"]["unsupportedFileType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listDoNotCallImports: {
        parameters: {
            query?: {
                cursor?: string;
                page?: number;
                per_page?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DoNotCallImport"][];
                        pagination: {
                            current_page: number | null;
                            last_page: number;
                            per_page: number;
                            total: number;
                            from: number | null;
                            to: number | null;
                            /** Format: uuid */
                            next_cursor: string | null;
                        };
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getDoNotCallImport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                import_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DoNotCallImport"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["importNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listDoNotCallRegistries: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DoNotCallRegistry"][];
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    scrubNumbers: {
        parameters: {
            query?: {
                campaign_id?: string;
                list?: "environment" | "global";
                column?: string;
                default_country?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
                "text/plain": string;
                "application/gzip": string;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ScrubbedNumbers"];
                    };
                };
            };
            400: components["responses"]["invalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["campaignNotFound"];
            413: components["responses"]["payloadTooLarge"];
            415: components["responses"]["unsupportedFileType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    lookUpDoNotCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DoNotCallStanding"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["notFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    removeDoNotCall: {
        parameters: {
            query?: {
                kind?: "opt_out" | "list";
                campaign_id?: string;
            };
            header?: never;
            path: {
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["DoNotCallRemoval"];
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["notFound"];
            414: components["responses"]["uriTooLong"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Environment"];
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    changeEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "max_concurrent_calls": 50,
                 *       "kill_switch": false
                 *     }
                 */
                "application/json": components["schemas"]["ChangeEnvironmentBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ChangedEnvironment"];
                    };
                };
            };
            400: components["responses"]["invalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["payloadTooLarge"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    stopEnvironment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["StoppedEnvironment"];
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["stopNotConfirmedOrstoreUnavailable"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
            500: components["responses"]["serverError"];
            503: components["responses"]["stoppingOrstoreUnavailable"];
        };
    };
    listPhoneNumbers: {
        parameters: {
            query?: {
                type?: "voice" | "sms" | "whatsapp" | "mms" | "fax";
                has_voice?: true | false | 1 | 0;
                has_whatsapp?: true | false | 1 | 0;
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["PhoneNumber"][];
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listReleaseRequests: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ReleaseRequest"][];
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    cancelReleaseRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                release_request_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["releaseRequestNotFound"];
            409: components["responses"]["releaseAlreadyResolved"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    requestRelease: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                phone_number_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "It is not needed any more."
                 *     }
                 */
                "application/json": components["schemas"]["RequestReleaseBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["ReleaseRequest"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["phoneNumberNotFound"];
            409: components["responses"]["releaseAlreadyPending"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["phoneNumberInUseOrinvalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    listTokens: {
        parameters: {
            query?: {
                page?: number;
                per_page?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Token"][];
                        pagination: {
                            current_page: number;
                            last_page: number;
                            per_page: number;
                            total: number;
                            from: number;
                            to: number;
                        };
                    };
                };
            };
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Imports",
                 *       "scopes": [
                 *         "calls",
                 *         "campaigns"
                 *       ],
                 *       "expires_at": null
                 *     }
                 */
                "application/json": components["schemas"]["CreateTokenBody"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["NewToken"];
                    };
                };
            };
            400: components["responses"]["invalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            413: components["responses"]["payloadTooLarge"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                    };
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["tokenNotFound"];
            414: components["responses"]["uriTooLong"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    rotateToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token_id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "overlap_seconds": 3600
                 *     }
                 */
                "application/json": components["schemas"]["RotateTokenBody"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        message: string;
                        data: components["schemas"]["NewToken"];
                    };
                };
            };
            400: components["responses"]["badUrlOrinvalidJson"];
            401: components["responses"]["unauthenticatedOrtokenExpired"];
            403: components["responses"]["forbidden"];
            404: components["responses"]["tokenNotFound"];
            409: components["responses"]["tokenNotInUse"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["invalid"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    receiveCallback: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                trunk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["callbackNotSigned"];
            404: components["responses"]["notFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["malformedCallback"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    answerCall: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                trunk: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/xml": string;
                };
            };
            400: components["responses"]["badUrl"];
            401: components["responses"]["callbackNotSigned"];
            404: components["responses"]["notFound"];
            413: components["responses"]["payloadTooLarge"];
            414: components["responses"]["uriTooLong"];
            415: components["responses"]["unsupportedMediaType"];
            422: components["responses"]["malformedCallback"];
            429: components["responses"]["tooManyRequests"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    readDescription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getDescriptionFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/*": string;
                };
            };
            400: components["responses"]["badUrl"];
            404: components["responses"]["notFound"];
            414: components["responses"]["uriTooLong"];
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
    getDescription: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            500: components["responses"]["serverError"];
            503: components["responses"]["storeUnavailable"];
        };
    };
}
