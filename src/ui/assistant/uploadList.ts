/** What a language model is told about uploads: those from open folders, and none in Restricted Mode. */
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { describeAttachment } from "../../delivery/words/describeAttachment.ts";
import { isInside } from "../../files/workspaceFile.ts";
import { formatBytes } from "../../shared/format.ts";
import { plain } from "../notices/plain.ts";
import { type OfferedFilesOptions, quoted } from "./offeredFiles.ts";

/** More of the history is of no use to a model, and none of its business. */
const LISTED = 50;

export interface UploadListOptions extends Pick<OfferedFilesOptions, "folders" | "isTrusted"> {
  readonly deliveries: { list(): readonly DeliveryRecord[] };
  readonly now: () => number;
}

/** Only files in open folders: other mail is none of a model's business. @throws Error in Restricted Mode */
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

/** `“build.zip” (12 MB): ready · expires in 58 min`. Without the service's words, which could be a prompt. */
export function uploadSentence(
  delivery: DeliveryRecord,
  attachment: DeliveryRecord["attachments"][number],
  now: number,
): string {
  const { summary } = describeAttachment(delivery, attachment, now);
  return `${quoted(plain(attachment.name))} (${formatBytes(attachment.size)}): ${summary}`;
}
