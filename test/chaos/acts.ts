/** What somebody, or the machine, does while a mail is under way. */
import fc from "fast-check";

export const deeds = [
  // To the machine and its windows.
  "kill",
  "close",
  "stop",
  "sleep",
  "jump",
  "full disk",
  "busy files",
  // To the files on the disk.
  "rewrite",
  "scribble",
  // In the panel.
  "edit",
  "attach",
  "pause",
  "resume",
  "cancel",
  "detach",
  "replace",
  "rename",
  "new version",
  "keep version",
  "choose account",
  "withdraw",
  "send",
  "draft",
  "later",
  "cancel scheduled",
  "send again",
  "send again to",
  "discard",
] as const;
/** What somebody does about files that go as links. */
export const linkDeeds = [
  "as link",
  "as attachment",
  "choose links",
  "extend link",
  "stop sharing",
  "delete linked",
] as const;
export type LinkDeed = (typeof linkDeeds)[number];
export type Deed = (typeof deeds)[number] | LinkDeed;

export interface Act {
  /** After how many changes of the record; earlier when nothing goes on by itself. */
  readonly after: number;
  /** Earlier, too, when the engine waits before it tries something again. */
  readonly inWait: boolean;
  readonly deed: Deed;
  /** Which of the files; counted round. */
  readonly file: number;
  /** In which of the two windows. */
  readonly window: number;
  /** Somebody waits until it is done before anything else is done. */
  readonly isAwaited: boolean;
  /** Of a sleep, or a jump of the clock, in seconds. */
  readonly seconds: number;
}

const weights: Partial<Record<Deed, number>> = {
  kill: 6,
  send: 4,
  edit: 4,
  stop: 3,
  sleep: 2,
  discard: 2,
  "as link": 3,
  "choose links": 2,
};

/** @param wanted the deeds that there are */
export function anyAct(wanted: readonly Deed[], windows: number, mayOverlap: boolean): fc.Arbitrary<Act> {
  const deed = fc.oneof(...wanted.map((one) => ({ arbitrary: fc.constant(one), weight: weights[one] ?? 1 })));
  return fc.record({
    after: fc.integer({ min: 0, max: 12 }),
    inWait: fc.boolean(),
    deed,
    file: fc.nat(2),
    window: fc.nat(windows - 1),
    isAwaited: mayOverlap ? fc.boolean() : fc.constant(true),
    seconds: fc.constantFrom(30, 90, 3_000, 3_900, 60 * 3_600, -90, -3_900),
  });
}
