/** The simulated carrier, and the twins of others. */
export type TestedCarrier = 'simulated' | 'twilio' | 'asterisk' | 'livekit';

/** Each carrier's program, where agents run with it, and the settings of a house whose carrier is at a port of this machine. */
export const CARRIERS: Record<
  TestedCarrier,
  { program: string; place: string | null; settings: (port: number) => Record<string, string> }
> = {
  simulated: { program: 'carrier', place: null, settings: () => ({}) },
  twilio: { program: 'twilio-twin', place: 'wss://voice.example.com/agent', settings: twilioSettings },
  asterisk: { program: 'ari-twin', place: 'stasis:voice-agent', settings: asteriskSettings },
  livekit: { program: 'livekit-twin', place: null, settings: livekitSettings },
};

/** Settings of a house whose Twilio is the twin at a port of this machine. */
function twilioSettings(port: number): Record<string, string> {
  return {
    TELEPHONY_PROVIDER: 'twilio',
    TWILIO_ACCOUNT_SID: `AC${'0a'.repeat(16)}`,
    TWILIO_AUTH_TOKEN: 'a token of the account and the house',
    TWILIO_FROM: '+12025550188',
    TWILIO_BASE_URL: `http://127.0.0.1:${port}`,
    TRUNK_CALLS_PER_SECOND: '50',
  };
}

/** Settings of a house whose Asterisk is the twin at a port of this machine. */
function asteriskSettings(port: number): Record<string, string> {
  return {
    TELEPHONY_PROVIDER: 'asterisk',
    ARI_URL: `http://127.0.0.1:${port}`,
    ARI_USER: 'ringfence',
    ARI_PASSWORD: 'a password of Asterisk and the house',
    ARI_ENDPOINT: 'PJSIP/{to}@trunk',
    ARI_FROM: '+12025550188',
    TRUNK_CALLS_PER_SECOND: '50',
  };
}

/** Settings of a house whose LiveKit is the twin at a port of this machine. */
function livekitSettings(port: number): Record<string, string> {
  return {
    TELEPHONY_PROVIDER: 'livekit',
    LIVEKIT_URL: `ws://127.0.0.1:${port}`,
    LIVEKIT_API_KEY: 'APIringfence',
    LIVEKIT_API_SECRET: 'a secret of LiveKit and the house',
    LIVEKIT_SIP_TRUNK: 'ST_trunk',
    LIVEKIT_AGENT_NAME: 'reminder',
    TRUNK_CALLS_PER_SECOND: '50',
  };
}
