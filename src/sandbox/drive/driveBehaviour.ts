/**
 * What an administrator decides about a drive (how far sharing goes, how long links last), or is not known about the
 * real one; and its limits: quota, files, ranges. Tests switch all of it.
 */
import * as z from "zod";

const bytes = z.int().min(0);

export const DriveBehaviour = z.strictObject({
  /**
   * How far the organization allows sharing: with "anyone" who has the link; with "guests" who sign in; only
   * inside the "organization"; with named "people" only, wherever they are; or "off".
   */
  sharing: z.enum(["anyone", "guests", "organization", "people", "off"]),
  /** Where such a refusal has its code: in `code` itself, or inside "accessDenied". */
  sharingRefusal: z.enum(["inner", "code"]),
  /** Whether a link for everybody needs a password. Only a personal drive accepts one. */
  passwords: z.enum(["free", "required"]),
  kind: z.enum(["business", "personal"]),
  /** Whether there is a drive, and how its absence is reported: public reports show four ways. */
  absent: z.enum(["no", "mysite", "address", "file", "license"]),
  /** How many days a link for everybody may last at most; null: forever. */
  longestDays: z.int().min(1).nullable(),
  /** What a second request for the same link returns: the existing one with 200, or another one. */
  secondLink: z.enum(["same", "another"]),
  /** Of everything in the drive together. */
  quotaBytes: bytes,
  maxFileBytes: bytes,
  /** A range must have fewer bytes than this. */
  rangeBytes: bytes,
  /** All ranges but the last must be multiples of this. */
  gridBytes: z.int().min(1),
  sessionLifeMs: z.int().min(0),
  /** Answer on the upload URL when the session is over. */
  gone: z.literal([404, 410]),
  /** Answer to the last range. */
  done: z.literal([201, 200]),
  /** How `nextExpectedRanges` says where to continue. */
  nextRange: z.enum(["N-", "N-M"]),
});
export type DriveBehaviour = z.infer<typeof DriveBehaviour>;

export const usualDrive: Readonly<DriveBehaviour> = {
  sharing: "anyone",
  sharingRefusal: "inner",
  passwords: "free",
  kind: "business",
  absent: "no",
  longestDays: null,
  secondLink: "same",
  quotaBytes: 1024 ** 4,
  maxFileBytes: 250 * 1024 ** 3,
  rangeBytes: 60 * 1024 * 1024,
  gridBytes: 327_680,
  sessionLifeMs: 7 * 24 * 3600 * 1000,
  gone: 404,
  done: 201,
  nextRange: "N-",
};
