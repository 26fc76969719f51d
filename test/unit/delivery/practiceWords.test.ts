import assert from "node:assert/strict";
import { PRACTICE_ID } from "../../../src/accounts/accountBook.ts";
import { mailSummary } from "../../../src/delivery/record/describeMail.ts";
import { describeSend, panelSnapshot } from "../../../src/delivery/words/describe.ts";
import { describeAttachment } from "../../../src/delivery/words/describeAttachment.ts";
import { headline } from "../../../src/delivery/words/headline.ts";
import { offers } from "../../../src/shared/contract/offers.ts";
import { formatMoment } from "../../../src/shared/format.ts";
import { attachment, delivery, now } from "../../support/records.ts";

const file = attachment({ status: "ready" });
const practice = delivery({ accountId: PRACTICE_ID, attachments: [file] });
const sent = delivery({ ...practice, phase: "sent", finishedAt: now });
const view = (of: typeof practice) => panelSnapshot(of, { accounts: [], notice: null, now });

describe("A mail of the practice mailbox", () => {
  it("is sent to the practice mailbox, and says above that nobody gets it", () => {
    assert.equal(describeSend(practice, now).label, "Send to Practice Mailbox");
    assert.equal(
      describeSend(delivery({ ...practice, attachments: [attachment()] }), now).label,
      "Send to Practice Mailbox",
    );
    for (const mail of [practice, sent])
      assert.match(view(mail).practice ?? "", /nothing leaves this machine, and nobody gets this mail/);
    assert.equal(view(delivery()).practice, null);
  });

  it("looks on no surface as if it had been sent", () => {
    const words = describeAttachment(sent, file, now);
    const surfaces = [headline(sent, now), words.statusText, words.summary, mailSummary(sent)];
    assert.deepEqual(surfaces, [
      `Arrived in the practice mailbox ${formatMoment(now, now)}.`,
      "in the practice mailbox",
      "in the practice mailbox · just now",
      "in the practice mailbox",
    ]);
    for (const surface of surfaces) assert.doesNotMatch(surface, /\bsent\b/i);
  });

  for (const intent of [
    { type: "openPracticeMailbox" },
    { type: "makeItHard", act: "open" },
    { type: "makeItHard", act: "killHost" },
    { type: "lineSpeed", bytesPerSecond: 1 },
  ] as const)
    it(`alone offers ${Object.values(intent).join(" ")}`, () => {
      assert.equal(offers(view(practice), intent), true);
      assert.equal(offers(view(delivery()), intent), false);
    });
});
