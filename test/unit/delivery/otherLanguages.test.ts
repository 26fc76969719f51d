import assert from "node:assert/strict";
import { PRACTICE_ID } from "../../../src/accounts/accountBook.ts";
import { htmlWithSet, textWithSet } from "../../../src/delivery/body/setNote.ts";
import { htmlWithCards, textWithCards } from "../../../src/delivery/links/linkCards.ts";
import { linkCards, openWords } from "../../../src/delivery/links/linkWords.ts";
import {
  type AttachmentRecord,
  AttachmentStatus,
  Delivery,
  type DeliveryRecord,
} from "../../../src/delivery/record/delivery.ts";
import { mailName, mailSummary } from "../../../src/delivery/record/describeMail.ts";
import { fixedFile } from "../../../src/delivery/record/fixedFiles.ts";
import { MailSet } from "../../../src/delivery/record/mailSet.ts";
import { tooLate } from "../../../src/delivery/send/tooLateError.ts";
import { drivenElsewhere, ofAnotherVersion } from "../../../src/delivery/store/drivenElsewhere.ts";
import { panelSnapshot } from "../../../src/delivery/words/describe.ts";
import { discardQuestion } from "../../../src/delivery/words/discardWords.ts";
import { describeMailRow } from "../../../src/delivery/words/mailRow.ts";
import { remedyLabel } from "../../../src/delivery/words/problemWords.ts";
import { statusLine } from "../../../src/delivery/words/statusLine.ts";
import { AUDIENCES } from "../../../src/services/fileLinks.ts";
import { Remedy } from "../../../src/shared/contract/snapshot.ts";
import { speak } from "../../../src/shared/l10n.ts";
import { PSEUDO, pseudoTexts, WORDS } from "../../support/pseudo.ts";
import { attachment, delivery, emptyForm, minute, now, session } from "../../support/records.ts";

const until = now + 5 * minute;
const checkpoint = { bytes: 1000, sha256: "00" };
const file = (change: Partial<AttachmentRecord>) =>
  attachment({
    path: "/7/1",
    name: "1",
    contentType: "video/mp4",
    session: session({ expiresAt: until }),
    checkpoint,
    ...change,
  });

const part = { id: "1", name: "1", mail: 0, start: 0, size: 1, sha256: "0" };
const set = MailSet.parse({
  mails: ["a", "b"],
  at: 0,
  files: [{ name: "1", size: 1000, mail: 1 }],
  cut: [
    {
      ...{ file: "f", name: "2", joined: "2", contentType: "video/mp4", size: 9 },
      ...{ mtimeMs: 0, ctimeMs: null, ino: null, sha256: "0", parts: [part, part] },
    },
  ],
});
const event = { id: "e", subject: "5", startsAt: now };

/** What a mail can be besides its phase. */
const KINDS: readonly Partial<DeliveryRecord>[] = [
  {},
  { accountId: null },
  { accountId: PRACTICE_ID },
  { form: { ...emptyForm, subject: "3", to: "1@2.3, 4@5.6, 7@8.9, 1@1.1, 2@2.2, 3@3.3" } },
  { event },
  { set },
  { set: { ...set, at: 1 } },
  { savedDraft: { accountId: "account", id: "1", internetMessageId: null, links: [] } },
  { leavesAt: until },
  { sendWait: { until, reason: "offline" } },
  { inMail: "sendOnly", hasLinks: true },
  { inMail: "sendOnly" },
  { inMail: "chosen" },
  { schedule: { sendAt: until, id: "1", keeper: "service" } },
  { trouble: { code: "journal-unwritable", message: "7.", remedy: null, requestId: null } },
  ...(["command", "assistant", "link"] as const).map((who) => ({ filledBy: { who, touched: false } })),
  { purpose: { type: "draft" } },
  { purpose: { type: "later", at: until } },
];

/** What a person reads of what the engine tells the panel. */
function read(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(read);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, of]) =>
    WORDS.has(key) && (typeof of === "string" || Array.isArray(of)) ? [of].flat().map(String) : read(of),
  );
}

/** A text without its marks, addresses and commands. */
const plain = (html: string) => html.replace(/<[^>]*>|https:\S+|SHA-256|cmd \/c copy \/b|\bcat /g, "");

describe("A mail in another language", () => {
  before(() => speak(PSEUDO, pseudoTexts));
  after(() => speak("en", undefined));

  const isEnglish = (text: string) => /[A-Za-z]/.test(plain(text));
  const noEnglish = (texts: readonly string[]) => assert.deepEqual(texts.filter(isEnglish), []);

  for (const phase of Delivery.shape.phase.options)
    it(`that is ${phase} has no word of English`, () => {
      for (const kind of KINDS)
        for (const status of AttachmentStatus.options) {
          const mail = delivery({
            ...{ phase, finishedAt: now, ...kind },
            attachments: [file({ status }), file({ id: "2", name: "2", status })],
          });
          const line = statusLine([mail], now);
          noEnglish([
            ...read(panelSnapshot(mail, { accounts: [], notice: null, now })),
            ...Object.values(describeMailRow(mail, now)).slice(0, 2).map(String),
            ...Object.values(discardQuestion(mail)),
            ...(line === undefined ? [] : [line.text, ...line.lines]),
            ...[mailName(mail), mailSummary(mail)],
          ]);
        }
    });

  it("has none in its buttons, and in why it is left alone", () => {
    noEnglish([
      ...Remedy.options.map(remedyLabel),
      ...[ofAnotherVersion(), drivenElsewhere(), drivenElsewhere("7")].map(({ message }) => message),
      ...[undefined, file({ part: { of: "2", start: 0, whole: 9 } })].map(
        (one) => fixedFile({ phase: "waiting", set }, one)?.message ?? "",
      ),
      ...Delivery.shape.phase.options.map((phase) => tooLate(delivery({ phase })).message),
    ]);
  });

  it("has none in what it says to its recipients of links and of other mails", () => {
    for (const audience of AUDIENCES)
      for (const kind of [{ event }, { event: null }]) {
        const link = { url: "https://files.example/1", audience, people: [], until };
        const mail = delivery({ ...kind, attachments: [file({ asLink: true, link })] });
        const cards = linkCards(mail);
        noEnglish([textWithCards("", cards), htmlWithCards("", cards)]);
        noEnglish([openWords(mail, { link }) ?? ""]);
      }
    const mail = delivery({ set, attachments: [file({})] });
    noEnglish([textWithSet("", mail), htmlWithSet("", mail)]);
  });
});
