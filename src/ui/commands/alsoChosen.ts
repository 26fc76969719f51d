/** Rows that are selected together with the one that a menu was opened on. */
import * as z from "zod";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { describeAttachment } from "../../delivery/words/describeAttachment.ts";
import type { AttachmentAction } from "../../shared/contract/snapshot.ts";
import type { CommandName } from "./commandNames.ts";

/** Any extension can run a command with any arguments: even those of menus and the tree are validated. */
export const FileRow = z.object({ deliveryId: z.string(), attachmentId: z.string() });
export type FileRow = z.infer<typeof FileRow>;

/** The commands that work on several files at once, and what offers them; what copies, shows or shares something takes one. */
const ACTIONS: Readonly<Partial<Record<CommandName, AttachmentAction | "asks">>> = {
  pause: "pause",
  resume: "resume",
  retry: "retry",
  cancel: "cancel",
  removeFile: "remove",
  keepVersion: "keepVersion",
  uploadNewVersion: "asks",
  sendAsItIs: "asks",
};

/**
 * The other files to run a command on: those selected that offer it as well.
 * @param rows all selected rows
 * @param now milliseconds since the epoch
 */
export function alsoChosen(
  name: CommandName,
  clicked: unknown,
  rows: readonly unknown[],
  find: (deliveryId: string) => DeliveryRecord | undefined,
  now: number,
): readonly FileRow[] {
  const action = ACTIONS[name];
  if (action === undefined) return [];
  return rows.flatMap((row) => {
    const { data } = FileRow.safeParse(row);
    const delivery = data && find(data.deliveryId);
    const file = delivery?.attachments.find(({ id }) => id === data?.attachmentId);
    if (row === clicked || data === undefined || delivery === undefined || file === undefined) return [];
    const { actions, asks } = describeAttachment(delivery, file, now);
    return (action === "asks" ? asks : actions.includes(action)) ? [data] : [];
  });
}
