/** What a person at the terminal needs to know of the running house. */
export interface Introduction {
  apiUrl: string;
  /** Where people log in. */
  adminUrl: string;
  adminUser: string;
  adminPassword: string;
  carrierUrl: string;
  /** In words. */
  stores: string;
  token: string;
  campaignId: string;
  logFolder: string;
}

export function banner(house: Introduction): string {
  return `
Ringfence is running.

  API         ${house.apiUrl}/api/v1
  token       ${house.token}
  console     ${house.adminUrl}/console   user ${house.adminUser}, password ${house.adminPassword}
  Bull Board  ${house.adminUrl}/queues    the same
  carrier     ${house.carrierUrl}   simulated; what rang: ${house.carrierUrl}/ledger
  stores      ${house.stores}
  logs        ${house.logFolder}/

The carrier rings nobody, so the demo's environment has its legal guard off. Real calls need it on.

Place a call. The last two digits decide: 00 is answered, 70 busy, 80 a machine, 88 no such number.

curl -X POST ${house.apiUrl}/api/v1/campaigns/${house.campaignId}/call \\
  -H 'Authorization: Bearer ${house.token}' -H 'Content-Type: application/json' \\
  -d '{"to": "+12025550101", "payload": {"name": "Ana"}, "context": {"order": "A-17"}}'

For the commands of the pages, such as docs/quick-start.md:

export API=${house.apiUrl}/api/v1 TOKEN=${house.token} CAMPAIGN_ID=${house.campaignId}

Below, calls as they move and webhooks as they arrive. Ctrl-C stops everything.
`;
}
