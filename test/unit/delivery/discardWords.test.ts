import assert from "node:assert/strict";
import { discardQuestion } from "../../../src/delivery/words/discardWords.ts";
import { attachment, delivery } from "../../support/records.ts";

const form = delivery().form;
const mail = (to: string, subject = "Trace", files = 1) =>
  delivery({
    form: { ...form, to, subject },
    attachments: Array.from({ length: files }, () => attachment()),
  });

describe("The question before a mail is discarded", () => {
  it("names the mail, whom it was for and how many files it has", () => {
    const people = Array.from({ length: 60 }, (_, number) => `p${number}@example.com`).join(", ");
    const { question, detail } = discardQuestion(mail(people, "Numbers", 33));
    assert.equal(question, "Discard “Numbers” with 33 files?");
    assert.match(
      detail,
      /^60 recipients: p0@example\.com, p1@example\.com, p2@example\.com, p3@example\.com, p4@example\.com and 55 more recipients\. It was not sent\./,
    );
  });

  it("leaves out what there is not", () => {
    assert.equal(discardQuestion(mail("", "", 0)).question, "Discard this mail?");
    const file = { name: "a", size: 1, mail: 0 };
    const set = { mails: ["a", "b"], at: 0, files: [file, file, file], moving: [], answers: null };
    assert.equal(
      discardQuestion({ ...mail("", "Build", 1), set }).question,
      "Discard “Build (1/2)” with 3 files in 2 mails?",
    );
    assert.equal(discardQuestion(mail("", "Trace", 1)).question, "Discard “Trace” with 1 file?");
    const one = discardQuestion(mail("Ada <ada@example.com>", "Trace", 0));
    assert.equal(one.question, "Discard “Trace”?");
    assert.match(one.detail, /^1 recipient: ada@example\.com\. /);
  });

  it("says what becomes of the others of a set, and of a file of which it has a part", () => {
    const answers = { messageId: "1", internetMessageId: "<1@x>" };
    const set = { mails: ["a", "b", "c"], at: 1, files: [], moving: [], answers: null };
    const part = attachment({ part: { of: "film", start: 0, whole: 9 } });
    const detail = (at: number, isBegun: boolean, file = attachment()) =>
      discardQuestion({
        ...mail("", "Build"),
        attachments: [file],
        set: { ...set, at, answers: isBegun ? answers : null },
      }).detail;
    assert.match(detail(1, false), /All 3 mails are taken back: .* not sent\.$/);
    assert.match(detail(1, false, part), /the file that this is a part of is left out\.$/);
    assert.match(detail(1, true, part), /Without it, the parts that were sent cannot be put together\.$/);
    for (const alone of [detail(1, true), detail(0, false)]) assert.match(alone, /stay where they are\.$/);
  });

  it("counts the parts of a file as one", () => {
    const file = { name: "a", size: 1, mail: 0 };
    const cut = {
      ...{ file: "film", name: "film.mp4", joined: "film.mp4", contentType: "video/mp4", size: 9 },
      ...{ mtimeMs: 0, ctimeMs: null, ino: null, sha256: "" },
      parts: [0, 1].map((at) => ({ id: "1", name: "film", mail: at, start: 0, size: 1, sha256: "" })),
    };
    const set = {
      ...{ mails: ["a", "b"], at: 0, moving: [], answers: null },
      ...{ files: [file, file, file], cut: [cut] },
    };
    const { question } = discardQuestion({ ...mail("", "Build", 1), set });
    assert.equal(question, "Discard “Build (1/2)” with 2 files in 2 mails?");
  });

  it("counts Cc and Bcc, and shows no name in the place of an address", () => {
    const three = delivery({
      form: {
        ...form,
        to: '"boss@company.example" <thief@gmail.com>',
        cc: "b@x.example",
        bcc: "c@x.example",
      },
    });
    const { detail } = discardQuestion(three);
    assert.match(detail, /^3 recipients: thief@gmail\.com, b@x\.example and c@x\.example\./);
  });

  it("says of one that may have been sent that it may have been", () => {
    assert.match(discardQuestion(delivery({ phase: "unconfirmed" })).detail, /It may have been sent/);
  });

  it("speaks of an event by its name", () => {
    const event = { id: "e", subject: "Review", startsAt: 0 };
    assert.match(discardQuestion(delivery({ event })).question, /^Discard the files for “Review”/);
  });
});
