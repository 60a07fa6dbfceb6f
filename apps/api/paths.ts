/** Where the routes of the api are; others stand beside it. */
export const API_PREFIX = '/api/v1';

/** First pieces of the paths that are not of the api: what carriers call, and the description of the api. */
const BESIDE_THE_API = ['callbacks', 'openapi.json', 'docs'];

/** The same, in the words of Nest. */
export const EXCLUDED_FROM_PREFIX = BESIDE_THE_API.flatMap((piece) => [piece, `${piece}/{*path}`]);

const OPEN_PATHS = new Set([`${API_PREFIX}/health`]);

/** Whether a request of this path is asked for its token, and counted. */
export function needsToken(path: string): boolean {
  return path.startsWith(`${API_PREFIX}/`) && !OPEN_PATHS.has(path);
}

/** The route by which a carrier tells what happens to a call. */
const CALLBACK_PATTERN = '/callbacks/:trunk';

/** The route by which a carrier asks what to do with a call that was answered. */
export const ANSWER_PATTERN = '/callbacks/:trunk/answer';

/** Whether carriers call a route: its body is bytes until its signature is verified. */
export function isCalledByCarriers(pattern: string | undefined): boolean {
  return pattern === CALLBACK_PATTERN || pattern === ANSWER_PATTERN;
}

/** The whole path of a route, from what its controller and its method say. */
export function wholePath(ofController: string, ofMethod: string): string {
  const pieces = [ofController, ofMethod].flatMap((path) => path.split('/')).filter((piece) => piece !== '');
  return `${BESIDE_THE_API.includes(pieces[0] ?? '') ? '' : API_PREFIX}/${pieces.join('/')}`;
}
