import assert from "node:assert/strict";
import { LinkSharing } from "../../../src/delivery/send/linkSharing.ts";
import { DeliveryStore } from "../../../src/delivery/store/store.ts";
import type { LinkAccess } from "../../../src/services/fileLinks.ts";
import type { MailService } from "../../../src/services/mailService.ts";
import { MemorySecrets } from "../../support/engine.ts";
import { MemoryJournal, MemoryLog } from "../../support/memory.ts";
import { attachment, delivery, now, session } from "../../support/records.ts";

describe("Opening the files of a mail that go as links", () => {
  it("ends with the file under way when the mail no longer waits to be sent by this service", async () => {
    const log = new MemoryLog();
    const store = new DeliveryStore({ journal: new MemoryJournal(), secrets: new MemorySecrets(), log });
    const file = (id: string) =>
      attachment({ id, status: "ready", asLink: true, session: session({ attachmentId: `drive-${id}` }) });
    const links = { audience: "anyone", days: null } as const;
    store.add(delivery({ phase: "waiting", links, attachments: [file("one"), file("two")] }));
    let isDue = true;
    const opened: string[] = [];
    const service = {
      links: {
        open: async (fileId: string, access: LinkAccess) => {
          opened.push(fileId);
          isDue = false;
          return { url: "https://drive.example/one", ...access };
        },
      },
    } as unknown as MailService;
    const clock = { now: () => now, monotonic: () => 0 };
    const sharing = new LinkSharing(
      { store, clock, log, sleep: async () => {}, random: Math.random },
      new AbortController().signal,
    );
    await sharing.open("mail-1", service, () => isDue);
    assert.deepEqual(opened, ["drive-one"]);
    // What was opened is known: it is closed with the mail.
    assert.equal(store.get("mail-1").attachments[0]?.link?.url, "https://drive.example/one");
  });
});
