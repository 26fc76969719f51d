import assert from "node:assert/strict";
import { mock } from "node:test";
import type { DeliveryRecord } from "../../../../src/delivery/record/delivery.ts";
import { ExpiryWatch } from "../../../../src/ui/notices/expiryWatch.ts";
import { Mails } from "../../../support/mails.ts";
import { attachment, delivery, emptyForm, minute, now, session } from "../../../support/records.ts";
import { ScriptedDialogs } from "../../../support/scriptedDialogs.ts";

/** A mail whose file is uploaded and expires so many minutes from now. */
function expiring(minutes: number, change: Partial<DeliveryRecord> = {}): DeliveryRecord {
  const expires = session({ expiresAt: now + minutes * minute });
  return delivery({ attachments: [attachment({ status: "ready", session: expires })], ...change });
}

describe("Before an upload expires", () => {
  let watch: ExpiryWatch | undefined;
  let dialogs: ScriptedDialogs;
  let sent: string[];

  function watching(mails: Mails, isOurs: (id: string) => boolean = () => true, ...presses: string[]): void {
    dialogs = new ScriptedDialogs(...presses);
    sent = [];
    watch = new ExpiryWatch({
      store: mails,
      dialogs,
      isOurs,
      sendNow: async ({ id }) => void sent.push(id),
    });
  }

  // The watch's timers too: nothing of these tests waits.
  beforeEach(() => mock.timers.enable({ apis: ["Date", "setInterval", "setTimeout"], now }));
  afterEach(() => {
    watch?.dispose();
    mock.timers.reset();
  });

  it("the person is warned, in time and once", () => {
    watching(new Mails(expiring(11)));
    assert.equal(dialogs.shown.length, 0);
    mock.timers.tick(minute);
    mock.timers.tick(5 * minute);
    assert.equal(dialogs.shown.length, 1);
    const [shown] = dialogs.shown;
    assert.equal(shown?.how, "warning");
    assert.match(shown?.text ?? "", /^The upload for a mail expires in \d+ min/);
  });

  it("the warning names the mail, without links", () => {
    watching(new Mails(expiring(2, { form: { ...emptyForm, subject: "[x](command:y)" } })));
    assert.match(dialogs.shown[0]?.text ?? "", /^The upload for “\[x\] \(command:y\)” expires in 2 min/);
  });

  it("one warning stands for all files of a mail, and the soonest tells how long is left", () => {
    const attachments = [3, 2].map((minutes) => {
      const expires = session({ expiresAt: now + minutes * minute });
      return attachment({ id: `file-${minutes}`, status: "ready", session: expires });
    });
    watching(new Mails(delivery({ attachments })));
    mock.timers.tick(minute / 2);
    assert.equal(dialogs.shown.length, 1);
    assert.match(dialogs.shown[0]?.text ?? "", /expires in 2 min/);
  });

  it("only the window that has the mail warns, also when it gets it later", () => {
    let isOurs = false;
    watching(new Mails(expiring(3)), () => isOurs);
    assert.deepEqual(dialogs.shown, []);
    isOurs = true;
    mock.timers.tick(minute / 2);
    assert.equal(dialogs.shown.length, 1);
  });

  for (const [what, mail] of [
    ["has left", expiring(2, { phase: "sent" })],
    ["is leaving", expiring(2, { phase: "sending" })],
    ["has expired already", expiring(-1)],
    [
      "is still uploading",
      delivery({ attachments: [attachment({ status: "uploading", session: session() })] }),
    ],
  ] as const)
    it(`nothing is said of one that ${what}`, () => {
      watching(new Mails(mail));
      mock.timers.tick(minute / 2);
      assert.deepEqual(dialogs.shown, []);
    });

  it("an hour that is shorter than ours is noticed soon after the upload", () => {
    const mails = new Mails();
    watching(mails);
    mails.put(expiring(1));
    mock.timers.tick(1_000);
    assert.equal(dialogs.shown.length, 1);
  });

  it("the next session of the same file is warned of again", () => {
    const mails = new Mails(expiring(1));
    watching(mails);
    const again = session({ createdAt: now + minute, expiresAt: now + 3 * minute });
    mock.timers.tick(minute);
    mails.put(delivery({ attachments: [attachment({ status: "ready", session: again })] }));
    mock.timers.tick(1_000);
    assert.equal(dialogs.shown.length, 2);
  });

  it("Send Now sends; the other button, and closing, send nothing", async () => {
    watching(new Mails(expiring(2)), undefined, "Send Now");
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(sent, ["mail-1"]);
    watch?.dispose();
    watching(new Mails(expiring(2)), undefined, "Upload Again When Sending");
    await Promise.resolve();
    await Promise.resolve();
    dialogs.checkDone();
    assert.deepEqual(sent, []);
  });

  it("nothing is looked at any more once the window closes", () => {
    const mails = new Mails();
    watching(mails);
    mails.put(expiring(1));
    watch?.dispose();
    mock.timers.tick(minute / 2);
    assert.deepEqual([dialogs.shown, mails.listenerCount], [[], 0]);
  });
});
