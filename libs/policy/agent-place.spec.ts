import { describe, expect, it } from 'vitest';
import { agentPlace } from './agent-place.js';

describe('the address of an agent', () => {
  it.each([
    ['wss://voice.example.com/agent', 'stream'],
    ['sip:agent@voice.example.com', 'sip'],
    ['sips:agent@voice.example.com;transport=tls', 'sip'],
    ['https://voice.example.com/twiml?agent=1', 'document'],
    ['stasis:voice-agent', 'application'],
    ['dialplan:agents', 'context'],
    ['dialplan:agents,reminder', 'context'],
    ['audiosocket://10.0.0.7:9092', 'audio_socket'],
    ['stasis:', null],
    ['stasis:voice,agent', null],
    ['stasis://voice-agent', null],
    ['dialplan:agents,reminder,1', null],
    ['dialplan:agents?x=1', null],
    ['audiosocket://10.0.0.7', null],
    ['audiosocket://user:password@10.0.0.7:9092', null],
    ['audiosocket://10.0.0.7:9092/path', null],
    ['ws://voice.example.com/agent', null],
    ['http://voice.example.com/twiml', null],
    ['https://user:password@voice.example.com/', null],
    ['sip:', null],
    ['sip:a b@voice.example.com', null],
    ['tel:+12025550100', null],
    ['voice.example.com', null],
    [`https://voice.example.com/${'a'.repeat(500)}`, null],
  ])('%s is %s', (address, place) => {
    expect(agentPlace(address)).toBe(place);
  });
});
