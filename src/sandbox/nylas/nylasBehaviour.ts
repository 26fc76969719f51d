/**
 * What is documented in several ways, or not known about the real Nylas: forms of answers, the largest message, how
 * long a token lasts. Tests switch it. The largest file: `attachmentUploads.ts`.
 */
import * as z from "zod";
import { JsonEscapes } from "../base/jsonText.ts";

export const NylasBehaviour = z.strictObject({
  /** Where the answer to a scheduled mail has its schedule: beside `data`, or inside it. */
  scheduledAnswer: z.enum(["top", "data"]),
  /** The form of a list of schedules: bare, in `data`, or in `data.schedules`. */
  scheduleList: z.enum(["bare", "data", "schedules"]),
  /** The API reference says 60, the guide 120. */
  leastWaitSeconds: z.literal([60, 120]),
  /** Whether a draft returns the metadata that it was given. */
  draftMetadata: z.enum(["told", "kept"]),
  /** Whether a list of drafts is filtered by `metadata_pair`. */
  metadataPair: z.enum(["honoured", "ignored", "refused"]),
  /** Whether a list of drafts has only the fields that `select` names. */
  select: z.enum(["honoured", "ignored"]),
  /** Whether the answer to a mail or a draft repeats its text. */
  echo: z.enum(["whole", "none"]),
  escapes: JsonEscapes,
  /** Answer to the request for an upload session, a beta feature: a session, or that there is none. */
  createStatus: z.literal([201, 200, 403, 404]),
  /** Whether `in=inbox` is accepted for the inbox; some providers' folders have ids only. */
  inbox: z.enum(["named", "refused"]),
  /** Limit of a message, as the bytes of all its attachments. */
  messageMaxBytes: z.int().min(1),
  /** How the provider's "too large" is passed on: its object, its whole answer, or a text. */
  tooLarge: z.enum(["flat", "nested", "text"]),
  tooLargeStatus: z.literal([400, 500]),
  /** Whether the provider has ended the mailbox's sign-in, so that it cannot send, and the grant shows it. */
  signInEnded: z.enum(["no", "unnoticed", "noticed"]),
  /** How many seconds the token of a sign-in is valid: an hour at the real service. */
  tokenSeconds: z.int().min(1).max(3600),
});
export type NylasBehaviour = z.infer<typeof NylasBehaviour>;

export const usualNylas: Readonly<NylasBehaviour> = {
  scheduledAnswer: "top",
  scheduleList: "data",
  leastWaitSeconds: 120,
  draftMetadata: "told",
  metadataPair: "honoured",
  select: "honoured",
  echo: "whole",
  escapes: "least",
  createStatus: 201,
  inbox: "named",
  messageMaxBytes: Number.MAX_SAFE_INTEGER,
  tooLarge: "flat",
  tooLargeStatus: 400,
  signInEnded: "no",
  tokenSeconds: 3600,
};
