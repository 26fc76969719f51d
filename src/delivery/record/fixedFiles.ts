/** Why the files of a mail that goes with others cannot be changed. */
import { FreightError } from "../../base/errors.ts";
import { t } from "../../shared/l10n.ts";
import type { AttachmentRecord, DeliveryRecord } from "./delivery.ts";
import { areShared } from "./queries.ts";

type File = Pick<AttachmentRecord, "name" | "part">;

/**
 * @param attachment the file to change; unset: one is to be added
 * @returns undefined if that is possible
 */
export function fixedFile(
  delivery: Pick<DeliveryRecord, "phase" | "set">,
  attachment?: File,
): FreightError | undefined {
  if (attachment?.part !== undefined) return fixedPart(attachment);
  return areShared(delivery)
    ? new FreightError(
        "send-late",
        t(
          "The files are shared out among {0} mails. Choose Keep Editing to change them.",
          delivery.set?.mails.length ?? 0,
        ),
      )
    : undefined;
}

/** @throws FreightError for a part of a file: another version of it does not fit the other parts */
export function assertWhole(attachment: File): void {
  if (attachment.part !== undefined) throw fixedPart(attachment);
}

function fixedPart({ name }: File): FreightError {
  return new FreightError(
    "send-late",
    t(
      "“{0}” is one part of a file, and the other parts are of no use without it. It can only go as it is.",
      name,
    ),
  );
}
