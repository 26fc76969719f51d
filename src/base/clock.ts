/** The engine's two clocks: the time of day, which can jump, and one that does not. Tests play both. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a clock that does not jump. */
  monotonic(): number;
}
