import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../../src/delivery/record/delivery.ts";
import { expiringSoon } from "../../../src/delivery/record/expiry.ts";
import { attachment, delivery, minute, now, session } from "../../support/records.ts";

describe("A file that the service will soon drop", () => {
  const ready = (id: string, lives: number) =>
    attachment({ id, status: "ready", session: session({ attachmentId: id, expiresAt: now + lives }) });

  for (const [what, mail, warned] of [
    ["is warned of in its last ten minutes", { attachments: [ready("a", 10 * minute)] }, ["a"]],
    ["is not warned of before", { attachments: [ready("a", 10 * minute + 1)] }, []],
    ["is not warned of when it is gone already", { attachments: [ready("a", 0)] }, []],
    [
      "comes before one that lives longer",
      { attachments: [ready("a", 9 * minute), ready("b", 3 * minute)] },
      ["b", "a"],
    ],
    [
      "is no matter once the mail waits to be sent",
      { phase: "waiting", attachments: [ready("a", minute)] },
      [],
    ],
    ["is no matter once the mail is sent", { phase: "sent", attachments: [ready("a", minute)] }, []],
    [
      "counts while the mail waits for a second try of a person",
      { phase: "failed", attachments: [ready("a", minute)] },
      ["a"],
    ],
    [
      "counts when it is uploaded, not on its way",
      { attachments: [attachment({ status: "uploading", session: session({ expiresAt: now + minute }) })] },
      [],
    ],
  ] as const satisfies readonly (readonly [string, Partial<DeliveryRecord>, readonly string[]])[])
    it(what, () => {
      assert.deepEqual(
        expiringSoon(delivery(mail), now).map(({ id }) => id),
        warned,
      );
    });
});
