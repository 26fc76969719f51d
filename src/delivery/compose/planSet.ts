/** Distributes the files of a mail among several, and makes the records of those. Pure. */

import { nameKey } from "../../files/portableName.ts";
import type { OutgoingMessage } from "../../shared/message.ts";
import { cutUp, type Slice, shareOut } from "../../shared/summary/mailsNeeded.ts";
import type { AttachmentRecord, DeliveryRecord } from "../record/delivery.ts";
import type { MailSet } from "../record/mailSet.ts";
import { type PlannedCut, partsIn, plainName } from "./cutFiles.ts";
import { copyOf } from "./sendAgain.ts";

export interface SetPlan extends Omit<MailSet, "cut"> {
  readonly cut: readonly PlannedCut[];
}

type Item = AttachmentRecord & { readonly slice?: Slice };

/**
 * @param most bytes of a whole mail as it travels
 * @param inParts whether files that fit in no mail are cut
 * @returns undefined if one mail is enough, or no number of mails is
 */
export function planSet(
  { id, form, attachments }: Pick<DeliveryRecord, "id" | "form" | "attachments">,
  most: number,
  newId: () => string,
  inParts = false,
): SetPlan | undefined {
  // Images belong to the text, and files that go as links are in no mail.
  const files = attachments.filter(({ inline, asLink }) => inline === null && !asLink);
  const first = {
    text: Buffer.byteLength(form.body),
    images: attachments.flatMap(({ inline, size }) => (inline === null ? [] : [size])),
  };
  const items: Item[] = inParts ? cutUp(files, most, first) : files;
  const named = nameParts(items);
  const mails = shareOut(named, most, first)?.map((mail) =>
    mail.map((item) => (item.slice === undefined ? item : { ...item, id: newId() })),
  );
  if (mails === undefined) return undefined;
  const placed = mails.flatMap((mail, at) => mail.map((item) => ({ item, mail: at })));
  return {
    mails: [id, ...mails.slice(1).map(() => newId())],
    at: 0,
    files: placed.map(({ item: { name, size }, mail }) => ({ name, size, mail })),
    moving: mails.slice(1).map((mail) => mail.map((item) => item.id)),
    answers: null,
    cut: files.flatMap((file) => {
      const parts = placed
        .filter(({ item }) => item.slice !== undefined && item.of === file.id)
        .map(({ item, mail }) => ({
          id: item.id,
          name: item.name,
          mail,
          start: item.slice?.start ?? 0,
          size: item.size,
        }))
        .sort((one, other) => one.start - other.start);
      const joined = named.find(({ of }) => of === file.id)?.joined ?? file.name;
      return parts.length === 0 ? [] : [{ file, joined, parts }];
    }),
  };
}

/** Names parts "film.mp4.001" and so on: without quotes on a command line, and unlike other files' names. */
function nameParts(items: readonly Item[]): (Item & { readonly of: string; readonly joined: string })[] {
  const taken = new Set(items.filter(({ slice }) => slice === undefined).map(({ name }) => nameKey(name)));
  const joinedBy = new Map<string, string>();
  for (const { id, name, slice } of items) {
    if (slice?.number !== 1) continue;
    const plain = plainName(name);
    let joined = plain;
    const isTaken = (each: string) => each === nameKey(joined) || each.startsWith(`${nameKey(joined)}.`);
    for (let number = 2; [...taken].some(isTaken); number++) joined = `${number}_${plain}`;
    taken.add(nameKey(joined));
    joinedBy.set(id, joined);
  }
  return items.map((item) => {
    const { id, name, slice } = item;
    const joined = joinedBy.get(id) ?? name;
    const partName = slice === undefined ? name : `${joined}.${String(slice.number).padStart(3, "0")}`;
    return { ...item, of: id, joined, name: partName };
  });
}

/**
 * Makes one of the other mails of a set whose first mail waits to be sent.
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
    // A little older, so that it is listed below the first one.
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

/** This short is enough: the engine uploads a file again if its session ends before the mail can leave. */
const ENDS_SOON_MS = 60_000;

/** See `CopyOptions`: a file in the draft of one mail, or in the mail itself, cannot be used by another. */
export function reuseMargin({ draft, inMail }: DeliveryRecord): number | undefined {
  return draft === null && inMail === null ? ENDS_SOON_MS : undefined;
}

function filesOf({ set, attachments }: DeliveryRecord, at: number): AttachmentRecord[] {
  const ids = set?.moving[at - 1] ?? [];
  return attachments.flatMap((file) =>
    ids.includes(file.id) ? [file] : partsIn(at, set?.cut ?? [], [file]),
  );
}
