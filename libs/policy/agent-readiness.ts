/** An agent must have something to say before it may call anybody. */
export function isReadyToPublish({
  description,
  initialMessage,
}: {
  description: string | null;
  initialMessage: string | null;
}): boolean {
  return [description, initialMessage].some((text) => (text ?? '').trim().length >= SHORTEST_TEXT);
}

const SHORTEST_TEXT = 5;
