// Loaded before a process by NODE_OPTIONS: names that hostile name servers answer for. $ALLOWED_ADDRESS is where any
// receiver is, $DENIED_ADDRESS where webhooks may not go.
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';

const { ALLOWED_ADDRESS: allowed, DENIED_ADDRESS: denied } = process.env;
const real = dns.lookup;
let asked = 0;

const answers = {
  'inside.example.com': () => [denied],
  'outside-and-inside.example.com': () => [allowed, denied],
  // Another answer each time: the second that is asked for within one try would be the denied one.
  'rebinding.example.com': () => [asked++ % 2 === 0 ? allowed : denied],
};

dns.lookup = async (name, options) => {
  const answer = answers[name];
  if (answer === undefined) return real(name, options);
  const addresses = answer().map((address) => ({ address, family: 4 }));
  return options?.all ? addresses : addresses[0];
};
syncBuiltinESMExports();
