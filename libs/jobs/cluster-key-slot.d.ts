declare module 'cluster-key-slot' {
  /** The slot of 16384 that a key has in a cluster, by its hash tag where it has one. */
  function slotOf(key: string): number;
  export = slotOf;
}
