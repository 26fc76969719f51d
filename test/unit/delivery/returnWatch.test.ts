import assert from "node:assert/strict";
import type { Account } from "../../../src/accounts/accountBook.ts";
import { FreightError } from "../../../src/base/errors.ts";
import { newArrival } from "../../../src/delivery/arrival/arrival.ts";
import { advance } from "../../../src/delivery/record/advance.ts";
import type { DeliveryRecord } from "../../../src/delivery/record/delivery.ts";
import { ReturnWatch } from "../../../src/delivery/returnWatch.ts";
import type { InboxReader, IncomingMail } from "../../../src/services/inboxReader.ts";
import type { MailService } from "../../../src/services/mailService.ts";
import { Mails } from "../../support/mails.ts";
import { MemoryLog } from "../../support/memory.ts";
import { account, delivery, emptyForm, minute, now } from "../../support/records.ts";

const OURS = "<m1@freight.example>";

function sentTo(...emails: readonly string[]): DeliveryRecord {
  const to = emails.map((email) => ({ name: null, email }));
  const message = { ...emptyForm, to, cc: [], bcc: [], replyTo: [], headers: [] };
  const arrival = newArrival(now, { messageId: OURS });
  return delivery({ accountId: account().id, phase: "sent", finishedAt: now, message, arrival });
}

function report(email: string, id = OURS): string {
  return [
    "From: postmaster@x.example",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; x.example",
    "",
    `Final-Recipient: rfc822; ${email}`,
    "Action: failed",
    "Status: 5.3.4",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    `Message-ID: ${id}`,
    "",
    "--b--",
  ].join("\n");
}

const incoming = (id: string, change: Partial<IncomingMail> = {}): IncomingMail => ({
  id,
  receivedAt: now + 1_000,
  from: "postmaster@x.example",
  messageIds: [],
  threadId: null,
  messageClass: null,
  ...change,
});

/** One look a minute after the mail was sent. */
async function look(
  mail: DeliveryRecord,
  inbox: readonly IncomingMail[],
  mimeOf: (id: string) => string,
  meanwhile = (_: Mails) => {},
  scene: {
    readonly account?: () => Account | undefined;
    readonly service?: () => Partial<MailService>;
  } = {},
) {
  const store = new Mails(mail);
  const read: string[] = [];
  let lists = 0;
  let looks = 0;
  const reader: InboxReader = {
    list: async (after) => {
      lists++;
      return inbox.filter(({ receivedAt }) => receivedAt >= after);
    },
    read: async (id) => {
      read.push(id);
      return mimeOf(id);
    },
  };
  let time = now + minute;
  const watch = new ReturnWatch({
    store: {
      list: () => store.list(),
      find: (id) => store.find(id),
      apply: (id, event) => {
        const next = advance(store.find(id) ?? mail, event);
        store.put(next);
        return next;
      },
      flushed: async () => {},
    },
    accounts: { find: scene.account ?? (() => account()) },
    serviceFor: async () => (scene.service?.() ?? { inbox: reader }) as MailService,
    clock: { now: () => time },
    log: new MemoryLog(),
    watch: { isOn: () => true, isFocused: () => true },
  });
  const again = async () => {
    for (const ids of watch.due()) {
      meanwhile(store);
      looks++;
      await watch.look(ids, AbortSignal.timeout(60_000)).catch(() => {});
    }
    time += 10 * minute;
  };
  await again();
  const emails = () => (store.find(mail.id)?.arrival?.returns ?? []).map(({ email }) => email);
  return { read, emails, again, lists: () => lists, looks: () => looks };
}

describe("A look at an inbox", () => {
  it("names nobody whom the mail does not, whatever a report says", async () => {
    const { emails } = await look(sentTo("ann@x.example", "bob@y.example"), [incoming("1")], () =>
      report("attacker@evil.example"),
    );
    assert.deepEqual(emails(), [null]);
  });

  it("takes another name of the only recipient for that one", async () => {
    const { emails } = await look(sentTo("ann@x.example"), [incoming("1")], () =>
      report("ann@forwarded.example"),
    );
    assert.deepEqual(emails(), ["ann@x.example"]);
  });

  it("opens no letter of anybody's", async () => {
    const letters = [
      incoming("letter", { from: "ann@x.example" }),
      incoming("other", { from: "ann@x.example", messageIds: ["<else@x.example>"] }),
      incoming("meeting", { from: "kim@x.example", messageClass: "IPM.Schedule.Meeting.Request" }),
    ];
    const { read } = await look(sentTo("ann@x.example"), letters, () => report("ann@x.example"));
    assert.deepEqual(read, []);
  });

  it("is not misled by a report on another mail", async () => {
    const { emails } = await look(sentTo("ann@x.example"), [incoming("1")], () =>
      report("ann@x.example", "<other@freight.example>"),
    );
    assert.deepEqual(emails(), []);
  });

  it("asks nothing where another window has looked a moment ago", async () => {
    const mail = sentTo("ann@x.example");
    const seen = { ...mail, arrival: { ...newArrival(now, { messageId: OURS }), lookedAt: now + minute } };
    const elsewhere = await look(
      mail,
      [],
      () => "",
      (store) => store.put(seen),
    );
    assert.equal(elsewhere.lists(), 0);
    assert.equal((await look(mail, [], () => "")).lists(), 1);
  });

  const signedIn = (leftMs: number): Account => ({
    ...account(),
    renewal: "signIn",
    credentialExpiresAt: now + leftMs,
  });
  for (const [what, of, isAsked] of [
    ["was removed", () => undefined, false],
    ["would have to sign in again", () => signedIn(0), false],
    ["would soon have to sign in again", () => signedIn(5 * minute), false],
    ["is signed in", () => signedIn(60 * minute), true],
    ["has a broker that asks nobody", () => ({ ...signedIn(0), renewal: "broker" as const }), true],
  ] as const)
    it(`${isAsked ? "asks" : "asks nothing and nobody"} where the account ${what}`, async () => {
      const { lists, looks } = await look(sentTo("ann@x.example"), [], () => "", undefined, { account: of });
      assert.deepEqual([lists(), looks()], isAsked ? [1, 1] : [0, 0]);
    });

  it("finds an account that comes back", async () => {
    let there: Account | undefined;
    const scene = { account: () => there };
    const mail = sentTo("ann@x.example");
    const { again, emails } = await look(
      mail,
      [incoming("1")],
      () => report("ann@x.example"),
      undefined,
      scene,
    );
    there = account();
    await again();
    assert.deepEqual(emails(), ["ann@x.example"]);
  });

  for (const code of ["policy-refused", "policy-unusable", "credential-missing", "network"] as const)
    it(`asks nothing while the account cannot be used (${code}), and tries less and less often`, async () => {
      const service = () => {
        throw new FreightError(code, "no");
      };
      const { lists, looks, again } = await look(sentTo("ann@x.example"), [], () => "", undefined, {
        service,
      });
      for (let passed = 0; passed < 6 * 24; passed++) await again();
      assert.equal(lists(), 0);
      assert.ok(looks() > 40 && looks() < 60, `${looks()} in a day`);
    });

  it("reads no more than it can, and the rest the next time", async () => {
    const many = Array.from({ length: 40 }, (_, at) => incoming(`${at}`, { receivedAt: now + at * 10_000 }));
    const { read, emails, again } = await look(sentTo("ann@x.example"), many, (id) =>
      id === "39" ? report("ann@x.example") : "From: postmaster@x.example\n\nhello",
    );
    assert.equal(read.length, 30);
    await again();
    assert.deepEqual(emails(), ["ann@x.example"]);
    assert.equal(new Set(read).size, read.length);
  });
});
