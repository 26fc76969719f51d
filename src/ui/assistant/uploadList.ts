/** What a language model is told of uploads: those of the open folders, and nothing in Restricted Mode. */
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { describeAttachment } from "../../delivery/words/describeAttachment.ts";
import { isInside } from "../../files/workspaceFile.ts";
import { formatBytes } from "../../shared/format.ts";
import { plain } from "../notices/plain.ts";
import { type OfferedFilesOptions, quoted } from "./offeredFiles.ts";

/** Of the history more is of no use to a model, and none of its business. */
const LISTED = 50;

export interface UploadListOptions extends Pick<OfferedFilesOptions, "folders" | "isTrusted"> {
  readonly deliveries: { list(): readonly DeliveryRecord[] };
  readonly now: () => number;
}

/** Of files inside the open folders only: what else this person mails is none of a model's business. @throws Error */
export function listUploads({ now, folders, isTrusted, deliveries }: UploadListOptions): string {
  if (!isTrusted())
    throw new Error("The folder is open in Restricted Mode: no tool may see what is sent from it.");
  const rows = deliveries
    .list()
    .flatMap((delivery) =>
      delivery.attachments
        .filter(({ path, madeFrom = path }) => folders().some((root) => isInside(madeFrom, root)))
        .map((attachment) => uploadSentence(delivery, attachment, now())),
    );
  if (rows.length === 0) return "Nothing was uploaded from the open folders yet.";
  const more = rows.length > LISTED ? [`and ${rows.length - LISTED} older ones`] : [];
  return [...rows.slice(0, LISTED), ...more].join("\n");
}

/** `“build.zip” (12 MB): ready · expires in 58 min`. What the service has said is left out: it would speak to the model. */
export function uploadSentence(
  delivery: DeliveryRecord,
  attachment: DeliveryRecord["attachments"][number],
  now: number,
): string {
  const { summary } = describeAttachment(delivery, attachment, now);
  return `${quoted(plain(attachment.name))} (${formatBytes(attachment.size)}): ${summary}`;
}
