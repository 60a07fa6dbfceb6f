/** Why a process is not fit to work, in words for whoever runs it; they may be shown to anybody. */
export class NotReady extends Error {}
