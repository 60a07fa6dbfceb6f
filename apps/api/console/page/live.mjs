/** Whoever has heard nothing for so long is not connected any more, whatever the browser believes. */
const SILENCE_MS = 45_000;

/**
 * What the server shows, part by part, kept up to date. `onParts` is told of all parts, `onState` of how it stands: `live`,
 * `trouble` (the server cannot read), `lost` (it is tried again) or `refused` (it is not).
 */
export function connect({ onParts, onState }) {
  let parts = new Map();
  let source;
  let silence;

  const open = () => {
    source = new EventSource('events');
    source.addEventListener('state', ({ data }) => {
      parts = new Map();
      take(JSON.parse(data));
    });
    source.addEventListener('change', ({ data }) => take(JSON.parse(data)));
    source.addEventListener('beat', () => heard('live'));
    source.addEventListener('trouble', () => heard('trouble'));
    source.addEventListener('again', again);
    source.addEventListener('error', () => {
      clearTimeout(silence);
      // The browser tries again by itself, but not where the answer was no stream: a login that is over, an api that is starting.
      if (source.readyState !== EventSource.CLOSED) return onState('lost');
      onState('refused');
      silence = setTimeout(open, 5_000);
    });
  };

  const take = ({ set, gone }) => {
    for (const key of gone) parts.delete(key);
    for (const [key, value] of Object.entries(set)) parts.set(key, value);
    heard('live');
    onParts(parts);
  };

  const heard = (state) => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      onState('lost');
      again();
    }, SILENCE_MS);
    onState(state);
  };

  const again = () => {
    source.close();
    open();
  };

  open();
}

/** The parts of a kind: `campaign`, `environment`, `hours`. By id. */
export function ofKind(parts, kind) {
  const prefix = `${kind}:`;
  const found = [...parts].filter(([key]) => key.startsWith(prefix));
  return new Map(found.map(([key, value]) => [key.slice(prefix.length), value]));
}
