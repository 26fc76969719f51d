/** How long the text of a mail may be when its files travel in other requests. */
import { FreightError } from "../base/errors.ts";
import { formatBytes } from "../shared/format.ts";
import { t } from "../shared/l10n.ts";

/**
 * @param request the text as it is sent, with recipients and formatting
 * @param maxBytes limit of the whole request
 * @throws FreightError `message-too-large` that names both sizes
 */
export function assertTextFits(request: string, maxBytes: number, service: string): void {
  const bytes = Buffer.byteLength(request);
  if (bytes <= maxBytes) return;
  throw new FreightError(
    "message-too-large",
    t(
      "The text of the mail is {0} with its formatting; {1} accepts at most {2}. Shorten it, or attach it as a file.",
      formatBytes(bytes),
      service,
      formatBytes(maxBytes),
    ),
  );
}
