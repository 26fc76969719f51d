import assert from "node:assert/strict";
import { panelSnapshot } from "../../../src/delivery/words/describe.ts";
import { type Load, methodOf } from "../../../src/delivery/words/sendMethod.ts";
import { attachment, delivery, now, session } from "../../support/records.ts";

const MB = 1024 * 1024;

function method(load: Partial<Load>): string | null {
  const found = methodOf({
    provider: "microsoft",
    inMail: null,
    sizes: [1000],
    textBytes: 100,
    areSmall: false,
    isForEvent: false,
    isPractice: false,
    ...load,
  });
  return found === null ? null : `${found.label}: ${found.reason}`;
}

describe("The method of the files", () => {
  for (const [load, expected] of [
    [{}, "Upload session: Microsoft mailbox"],
    [{ isPractice: true }, "Upload session: like a Microsoft mailbox"],
    [{ sizes: [] }, null],
    [{ provider: null }, null],
    [{ provider: "google", sizes: [] }, null],
    [{ areSmall: true }, "With the draft: under 3 MB"],
    [{ areSmall: true, isForEvent: true }, "With the event: under 3 MB"],
    [{ sizes: [1000, 3_000_000] }, "Upload session: Microsoft mailbox"],
    [{ inMail: "refused" }, "In the message: Nylas opens no upload session"],
    [{ inMail: "refused", sizes: [24 * MB] }, "In the message: Nylas opens no upload session"],
    [{ inMail: "refused", sizes: [13 * MB, 13 * MB] }, "Too large: Nylas opens no upload session"],
    [{ inMail: "sendOnly", sizes: [2.8 * MB] }, "In the message: this account may only send"],
    [{ inMail: "sendOnly", sizes: [2 * MB, MB] }, "Too large: this account may only send"],
    [{ inMail: "chosen", sizes: [4 * MB] }, "In the message: your choice"],
    [{ provider: "google" }, "In the message: under 3 MB"],
    [{ provider: "google", sizes: [2.2 * MB] }, "In the message: under 3 MB"],
    [{ provider: "google", sizes: [2.3 * MB] }, "In the message: Google mailbox, up to 25 MB"],
    [{ provider: "google", sizes: [1.2 * MB, 1.2 * MB] }, "In the message: Google mailbox, up to 25 MB"],
    [{ provider: "google", textBytes: 3 * MB }, "In the message: Google mailbox, up to 25 MB"],
    [{ provider: "imap", sizes: [24 * MB] }, "In the message: IMAP mailbox, up to 25 MB"],
    [{ provider: "imap", sizes: [13 * MB, 13 * MB] }, "Too large: IMAP mailbox, up to 25 MB"],
  ] as const)
    it(`is ${expected} for ${JSON.stringify(load)}`, () => assert.equal(method(load), expected));

  const shown = (change: Parameters<typeof delivery>[0]) =>
    panelSnapshot(delivery(change), { accounts: [], notice: null, now }).method?.label;

  it("stands in the panel", () => {
    assert.equal(shown({ provider: "google" }), "In the message");
    assert.equal(shown({ provider: "google", attachments: [] }), undefined);
  });

  it("does not count a file that was cancelled", () => {
    const small = attachment();
    const cancelled = attachment({ id: "file-2", size: 20 * MB, status: "cancelled" });
    assert.equal(shown({ provider: "google", attachments: [small, cancelled] }), "In the message");
  });

  it("is the draft as soon as the service has taken the file at once", () => {
    const taken = attachment({ session: session({ atOnce: true }) });
    assert.equal(shown({ provider: "microsoft", attachments: [taken] }), "With the draft");
    const both = [taken, attachment({ id: "file-2", session: session() })];
    assert.equal(shown({ provider: "microsoft", attachments: both }), "Upload session");
  });

  it("is Microsoft's in a record of before, when there were no others", () => {
    assert.equal(shown({ provider: null }), "Upload session");
    assert.equal(shown({ provider: null, accountId: null }), undefined);
  });
});
