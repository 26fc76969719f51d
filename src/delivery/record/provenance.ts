/** Who has filled a mail that no person has written: it says so until somebody edits it, and uploads nothing before. Pure. */
import * as z from "zod";
import { lasting } from "../../shared/lasting.ts";

/** command: a task, a keybinding, another extension */
export const Filler = z.enum(["command", "assistant"]);
export type Filler = z.infer<typeof Filler>;

export const Provenance = lasting({
  who: Filler,
  /** A person has done something in the mail, if only clicked into it: its uploads may begin. */
  touched: z.boolean(),
});
export type Provenance = z.infer<typeof Provenance>;

const FILLERS: Readonly<Record<Filler, string>> = {
  command: "Filled by a command, a task or another extension.",
  assistant: "Filled by an assistant.",
};

/** What stands above Send. */
export function provenanceWords({ who }: Provenance): string {
  return `${FILLERS[who]} Check the recipients, the text and the files before you send it.`;
}

/** True while nobody has looked at the mail: none of it may leave this machine. */
export function isUnseen({ filledBy }: { readonly filledBy: Provenance | null }): boolean {
  return filledBy !== null && !filledBy.touched;
}
