import assert from "node:assert/strict";
import { PRACTICE_ID } from "../../../src/accounts/accountBook.ts";
import type { AttachmentRecord } from "../../../src/delivery/record/delivery.ts";
import { describeSend } from "../../../src/delivery/words/describe.ts";
import { undecided } from "../../../src/delivery/words/undecidedWords.ts";
import { attachment, delivery, now, savedError, session } from "../../support/records.ts";

type File = Partial<AttachmentRecord>;
const ready: File = { status: "ready", session: session() };
const failed: File = { status: "failed", error: savedError };
const changed: File = {
  status: "failed",
  error: { ...savedError, code: "file-changed", remedy: "uploadNewVersion" },
};
const event = { id: "e", subject: "Review", startsAt: now };

describe("In the place of Send, where files go no further", () => {
  for (const [what, files, mail, expected] of [
    ["nothing while all of them do", [ready, { status: "uploading" }], {}, undefined],
    ["both ways on", [ready, failed], {}, { retry: "Retry and Send", without: "Send Without “report.pdf”" }],
    ["no mail without the only file", [failed], {}, { retry: "Retry and Send", without: null }],
    [
      "one that was paused is resumed",
      [ready, { status: "paused" }],
      {},
      { retry: "Resume and Send", without: "Send Without “report.pdf”" },
    ],
    [
      "several are counted",
      [ready, failed, { status: "cancelled" }],
      {},
      { retry: "Retry and Send", without: "Send Without 2 Files" },
    ],
    [
      "no retry that would decide which version is meant",
      [ready, failed, changed],
      {},
      { retry: null, without: "Send Without 2 Files" },
    ],
    [
      "no mail without an image that its text shows",
      [ready, failed, { ...failed, inline: { contentId: "img1", name: "a.png", size: null } }],
      {},
      { retry: "Retry and Send", without: null },
    ],
    [
      "also after Send was pressed",
      [ready, failed],
      { phase: "waiting" },
      { retry: "Retry and Send", without: "Send Without “report.pdf”" },
    ],
    [
      "nobody is sent to from the practice mailbox",
      [ready, failed],
      { accountId: PRACTICE_ID },
      {
        retry: "Retry and Send to Practice Mailbox",
        without: "Send to Practice Mailbox Without “report.pdf”",
      },
    ],
    ["nothing once it has left", [ready, failed], { phase: "sent" }, undefined],
    ["nothing where nobody sends", [ready, failed], { event }, undefined],
    ["nothing without an account", [ready, failed], { accountId: null }, undefined],
  ] as const)
    it(`stands: ${what}`, () => {
      const attachments = files.map((file, at) =>
        attachment({ id: `file-${at}`, name: "report.pdf", ...file }),
      );
      const { undecided: shown } = describeSend(delivery({ ...mail, attachments }), now);
      const meant = files.flatMap(({ status }, at) => (status === "ready" ? [] : [`file-${at}`]));
      assert.deepEqual(shown, expected && { ...expected, files: meant });
    });

  it("a file that fails after the button was drawn is not among those it means", () => {
    const attachments = [attachment(ready), attachment({ id: "2", ...failed })];
    const { files } = describeSend(delivery({ attachments }), now).undecided ?? {};
    const since = [...attachments, attachment({ id: "3", ...failed })];
    assert.deepEqual(
      undecided({ attachments: since }, files).map(({ id }) => id),
      ["2"],
    );
  });

  it("a long name is cut", () => {
    const attachments = [
      attachment(ready),
      attachment({ id: "2", ...failed, name: `${"x".repeat(60)}.bin` }),
    ];
    const { without } = describeSend(delivery({ attachments }), now).undecided ?? {};
    assert.equal(without, `Send Without “${"x".repeat(29)}…”`);
  });
});
