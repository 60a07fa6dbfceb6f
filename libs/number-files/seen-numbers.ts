/** Which numbers have been seen already: sixteen bytes each at most, where a set of texts takes a hundred. */
export class SeenNumbers {
  /** Digits of numbers, as a number: fifteen of them are exact. 0: free. */
  private slots = new Float64Array(1 << 12);
  private size = 0;

  /**
   * @param to E.164
   * @returns whether it was there before
   */
  add(to: string): boolean {
    const digits = Number(to.slice(1));
    const slot = this.slotOf(digits);
    if (this.slots[slot] === digits) return true;
    this.slots[slot] = digits;
    this.size += 1;
    if (this.size * 2 > this.slots.length) this.grow();
    return false;
  }

  private slotOf(digits: number): number {
    const last = this.slots.length - 1;
    const mixed = Math.imul(digits % 4_294_967_291, 2_654_435_761) ^ Math.imul(digits / 65_536, 40_503);
    let slot = (mixed ^ (mixed >>> 15)) & last;
    while (this.slots[slot] !== 0 && this.slots[slot] !== digits) slot = (slot + 1) & last;
    return slot;
  }

  private grow(): void {
    const kept = this.slots;
    this.slots = new Float64Array(kept.length * 2);
    for (const digits of kept) if (digits !== 0) this.slots[this.slotOf(digits)] = digits;
  }
}
