/** A file that cannot be read at all; none of it is taken. Its message is for people, and holds no number. */
export class NumberFileFault extends Error {
  override name = 'NumberFileFault';

  /** @param columns what is wrong with some of its columns, by their headings */
  constructor(
    message: string,
    readonly columns: Record<string, string> | null = null,
  ) {
    super(message);
  }
}
