/** A file that cannot be read as numbers at all; none of it is taken. Its message is for people, and holds no number. */
export class NumberFileFault extends Error {
  override name = 'NumberFileFault';
}
