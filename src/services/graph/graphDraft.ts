/** Writes a letter with exactly its files into a draft, which is then sent, or kept. */
import { FreightError } from "../../base/errors.ts";
import { parseAnswer } from "../../net/answers.ts";
import type { HttpAnswer } from "../../net/http.ts";
import { t } from "../../shared/l10n.ts";
import type { Draft } from "../drafts.ts";
import type { Receipt } from "../mailService.ts";
import { matchFiles, type WantedFile } from "./attachedFile.ts";
import { graphError } from "./graphErrors.ts";
import { thaw } from "./graphLetter.ts";
import { type GraphMessages, Message, messagePath } from "./graphMessages.ts";

/**
 * @returns `isDraft` is false when somebody has sent the draft meanwhile
 * @throws FreightError `draft-lost` when a file is missing
 */
export async function writeDraft(
  messages: GraphMessages,
  draft: Draft,
  body: string,
  signal: AbortSignal,
  gate?: () => void,
): Promise<{ readonly isDraft: boolean; readonly receipt: Receipt }> {
  const { message, attachmentIds, files } = thaw(body);
  const answer = await messages.call("PATCH", messagePath(draft.id), signal, {
    body: JSON.stringify(message),
    isMinimal: true,
    gate,
  });
  if (answer.status !== 200 && answer.status !== 204) throw graphError(answer, "write the mail", "message");
  // An empty answer does not say whether somebody has sent the draft meanwhile.
  const written = isEmptyAsAsked(answer)
    ? await messages.look(draft.id, signal)
    : parseAnswer(Message, answer, "draft");
  const isDraft = written?.isDraft !== false;
  if (isDraft)
    await reconcile(
      messages,
      draft,
      attachmentIds.map((id, index) => ({ id, ...files[index] })),
      signal,
    );
  return { isDraft, receipt: receiptOf(draft, answer) };
}

/** Leaves exactly these files in the draft. @throws FreightError `draft-lost` when one is missing */
async function reconcile(
  messages: GraphMessages,
  draft: Draft,
  wanted: readonly WantedFile[],
  signal: AbortSignal,
): Promise<void> {
  const there = await messages.attachments(draft, signal);
  const matched = matchFiles(wanted, there);
  if (matched.includes(undefined))
    throw new FreightError("draft-lost", t("A file is missing from the draft of the mail."), {
      remedy: "retry",
    });
  for (const one of there) if (!matched.includes(one)) await messages.deleteAttachment(draft, one.id, signal);
}

/** A 204, or an empty 200 that confirms `return=minimal`; a sign-in page of the network is neither. */
function isEmptyAsAsked({ status, headers, text }: HttpAnswer): boolean {
  return status === 204 || (text === "" && /\breturn=minimal\b/.test(headers["preference-applied"] ?? ""));
}

export function receiptOf({ id }: Draft, { requestId }: HttpAnswer): Receipt {
  return { messageId: id, requestId: requestId ?? null };
}
