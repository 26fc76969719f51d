import * as z from "zod";
import { JsonEscapes } from "../base/jsonText.ts";

/** What is documented in several ways, or not settled about the real service; tests switch it. */
export const NylasBehaviour = z.strictObject({
  /** Where the answer to a mail that is to wait has its schedule: beside `data`, or inside it. */
  scheduledAnswer: z.enum(["top", "data"]),
  /** A list of schedules: bare, in `data`, or in `data.schedules`. */
  scheduleList: z.enum(["bare", "data", "schedules"]),
  /** The API reference says 60, the guide 120. */
  leastWaitSeconds: z.literal([60, 120]),
  /** Whether a draft tells the metadata that it was given. */
  draftMetadata: z.enum(["told", "kept"]),
  /** Whether a list of drafts leaves out what has no such `metadata_pair`. */
  metadataPair: z.enum(["honoured", "ignored", "refused"]),
  /** Whether a list of drafts tells only what `select` names. */
  select: z.enum(["honoured", "ignored"]),
  /** Whether the answer to a mail or a draft repeats its text. */
  echo: z.enum(["whole", "none"]),
  escapes: JsonEscapes,
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
};
