/** How the files of a mail are shared out among several, and the mails that come of it. Pure. */
import type { OutgoingMessage } from "../../shared/message.ts";
import { shareOut } from "../../shared/summary/mailsNeeded.ts";
import type { MailSet } from "../arrival/mailSet.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import { copyOf } from "./sendAgain.ts";

/**
 * @param most bytes of a whole mail as it travels
 * @returns undefined where one mail is enough, or no number of mails is
 */
export function planSet(
  { id, form, attachments }: Pick<DeliveryRecord, "id" | "form" | "attachments">,
  most: number,
  newId: () => string,
): MailSet | undefined {
  // Images belong to the text, and what goes as a link is in no mail.
  const files = attachments.filter(({ inline, asLink }) => inline === null && !asLink);
  const mails = shareOut(files, most, {
    text: Buffer.byteLength(form.body),
    images: attachments.flatMap(({ inline, size }) => (inline === null ? [] : [size])),
  });
  if (mails === undefined) return undefined;
  return {
    mails: [id, ...mails.slice(1).map(() => newId())],
    at: 0,
    files: mails.flatMap((mail, at) => mail.map(({ name, size }) => ({ name, size, mail: at }))),
    moving: mails.slice(1).map((mail) => mail.map((file) => file.id)),
    answers: null,
  };
}

/**
 * One of the others of a set whose first mail waits to be sent.
 * @param at which of them, from 1
 */
export function mailOfSet(
  first: DeliveryRecord & { readonly set: MailSet; readonly message: OutgoingMessage },
  at: number,
  newId: () => string,
): DeliveryRecord {
  const { set, form, message, purpose, provider, inMail, hasLinks } = first;
  const text = { body: "", format: "text" } as const;
  const copy = copyOf(
    { ...first, attachments: filesOf(first, at) },
    // Below the first one, in a list with the newest on top.
    { newId, now: first.createdAt - at, reuseMarginMs: reuseMargin(first), provider, inMail, hasLinks },
  );
  return {
    ...copy,
    id: set.mails[at] ?? copy.id,
    form: { ...form, ...text, revision: 0 },
    fillsIn: false,
    marks: null,
    imageFolders: null,
    message: { ...message, ...text },
    phase: "waiting",
    purpose,
    set: { ...set, at, moving: [] },
  };
}

/** The engine uploads again what ends before its mail can leave. */
const ENDS_SOON_MS = 60_000;

/** See `CopyOptions`: what is in the draft of one mail is in no other. */
export function reuseMargin({ draft, inMail }: DeliveryRecord): number | undefined {
  return draft === null && inMail === null ? ENDS_SOON_MS : undefined;
}

function filesOf({ set, attachments }: DeliveryRecord, at: number): AttachmentRecord[] {
  const ids = set?.moving[at - 1] ?? [];
  return attachments.filter(({ id }) => ids.includes(id));
}
