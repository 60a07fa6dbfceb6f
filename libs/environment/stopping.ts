/** Whether this process has been asked to end: it finishes what it is asked to do, and nobody is to ask it for more. */
export class Stopping {
  private hasBegun = false;

  get isStopping(): boolean {
    return this.hasBegun;
  }

  begin(): void {
    this.hasBegun = true;
  }
}
