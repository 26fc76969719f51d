import assert from "node:assert/strict";
import { OwnLimits } from "../../src/delivery/compose/ownLimits.ts";
import { messageLimit } from "../../src/delivery/rules/messageLimit.ts";
import { describeSend } from "../../src/shared/summary/sendSummary.ts";
import { compose, Desk, isSettled } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import { MemoryLog } from "../support/memory.ts";
import type { Window, WindowOptions } from "../support/window.ts";

const MB = 1024 * 1024;
const minute = 60_000;

const ways = [
  ...(
    [
      ["flat", 400],
      ["nested", 500],
      ["text", 400],
    ] as const
  ).map(([tooLarge, tooLargeStatus]) => ({
    name: `${nylas.name}: ${tooLarge}, ${tooLargeStatus}`,
    door: nylas,
    refuse: (desk: Desk, messageMaxBytes: number) =>
      Object.assign(desk.sandbox.nylas.behaviour, { tooLarge, tooLargeStatus, messageMaxBytes }),
  })),
  {
    name: google.name,
    door: google,
    refuse: (desk: Desk, messageMaxBytes: number) =>
      Object.assign(desk.sandbox.nylas.behaviour, { messageMaxBytes }),
  },
  ...([413, 400] as const).map((messageTooLarge) => ({
    name: `${graph.name}: ${messageTooLarge}`,
    door: graph,
    refuse: (desk: Desk, messageMaxBytes: number) =>
      Object.assign(desk.sandbox.graph.behaviour, { messageTooLarge, messageMaxBytes }),
  })),
];

for (const { name, door, refuse } of ways)
  describe(`What a mailbox sends at most, learned through ${name}`, () => {
    let desk: Desk;
    let memory: Map<string, unknown>;
    let aheadMs: number;
    beforeEach(async () => {
      memory = new Map();
      aheadMs = 0;
      desk = await Desk.set(door);
    });
    afterEach(() => desk.clear());

    const learner = () =>
      new OwnLimits({
        memory: {
          get: (key) => memory.get(key),
          update: async (key, value) => void memory.set(key, JSON.parse(JSON.stringify(value))),
        },
        accounts: { find: () => door.account(desk.sandbox) },
        log: new MemoryLog(),
      });
    const open = (options: Partial<WindowOptions> = {}) =>
      desk.open({ ownLimits: learner(), clockOffsetMs: () => aheadMs, ...options });
    /** What the panel of a new mail says above Send, in whatever window. */
    const shownOf = (bytes: number) => {
      const account = door.account(desk.sandbox);
      const form = { to: "", cc: "", bcc: "", body: "" };
      const file = { asLink: false, sizeBytes: bytes } as never;
      return describeSend(form, {
        accounts: [],
        accountId: null,
        attachments: [file],
        method: null,
        ours: { addresses: [], domains: [] },
        known: [],
        practice: null,
        learned: [],
        sendLimit: messageLimit(account, {}, learner().of(account)),
      }).tooLarge;
    };
    const sent = async (window: Window, name: string, size: number) => {
      const id = await compose(window, await desk.file(name, size));
      const { form } = window.store.get(id);
      const to = "reader@example.com, bob@y.example";
      await window.runner.send(id, { ...form, revision: form.revision + 1, to, subject: `A build (${id})` });
      const { phase } = (await window.until(id, isSettled)) ?? {};
      return { id, isSent: phase === "sent" };
    };

    it("is shown from the next mail's first second, also after a restart, until a larger one was sent", async () => {
      refuse(desk, 400_000);
      const window = await open();
      const { id, isSent } = await sent(window, "large.bin", 600_000);
      assert.equal(isSent, false);
      // Also when the mail is thrown away.
      await window.runner.forget(id);
      await window.close();
      const next = await open();
      assert.match(shownOf(700_000) ?? "", /^935 KB as a mail\. Your mailbox has already refused a mail of /);
      assert.equal(shownOf(300_000), null);
      assert.equal((await sent(next, "small.bin", 300_000)).isSent, true);
      assert.notEqual(shownOf(700_000), null);
      refuse(desk, 20 * MB);
      assert.equal((await sent(next, "larger.bin", 700_000)).isSent, true);
      assert.equal(shownOf(700_000), null);
    });

    it("is nothing that a gateway, a full mailbox or a lost line tells", async () => {
      const window = await open();
      const step = door === graph ? "create" : "send";
      for (const status of [413, 507]) {
        desk.sandbox.faults.arm({ step, fault: "refuse", status, by: "gateway" });
        await sent(window, `${status}.bin`, 600_000);
        desk.sandbox.faults.clear();
      }
      assert.deepEqual([...memory], []);
    });

    it("is learned from a mail that came back for it", async () => {
      desk.sandbox.recipients.rules = [
        { at: "reader@example.com", answers: "ownLimit", house: "exchange", afterMs: 5_000 },
      ];
      const window = await open({ watch: { isOn: () => true, isFocused: () => true } });
      assert.equal((await sent(window, "build.bin", 600_000)).isSent, true);
      assert.equal(shownOf(700_000), null);
      aheadMs += minute;
      desk.sandbox.clock.advance(minute);
      await window.runner.recover();
      assert.notEqual(shownOf(700_000), null);
      // Read twice, it is no second word.
      desk.sandbox.recipients.rules = [];
      assert.equal((await sent(window, "larger.bin", 700_000)).isSent, true);
      aheadMs += 3 * minute;
      desk.sandbox.clock.advance(3 * minute);
      await window.runner.recover();
      assert.equal(shownOf(700_000), null);
    });
  });
