import assert from "node:assert/strict";
import { FreightError } from "../../../src/base/errors.ts";
import type { AttachmentRecord, DeliveryRecord } from "../../../src/delivery/record/delivery.ts";
import { NotReady, SendGate } from "../../../src/delivery/send/sendGate.ts";
import { StoodStill } from "../../../src/delivery/store/disk/journal.ts";
import { DeliveryStore } from "../../../src/delivery/store/store.ts";
import { NylasSessions } from "../../../src/services/nylas/nylasSessions.ts";
import { MemorySecrets } from "../../support/engine.ts";
import { attachment, delivery, minute, now, session } from "../../support/records.ts";
import { ScriptedHttp } from "../../support/scriptedHttp.ts";

const send = { idempotencyKey: "key", body: "{}", startedAt: now, mayBeOut: true, keeper: null };
const file = { status: "ready", session: session({ serviceStatus: "ready" }) } as const;
const safe = 55 * minute;

/** A gate before a mail that is being sent, and what can happen around it. */
class Scene {
  now = now;
  monotonic = 0;
  isOurs = true;
  isSure = true;
  areLinksOpen = true;
  readonly abort = new AbortController();
  readonly store: DeliveryStore;
  readonly gate: SendGate;

  constructor({ mayBeOut = false, ages = true, files = [attachment(file)] as AttachmentRecord[] } = {}) {
    const quiet = () => {};
    const log = { trace: quiet, info: quiet, warn: quiet, error: quiet };
    const journal = {
      readAll: async () => [],
      read: async () => undefined,
      write: async () => {},
      remove: async () => {},
      setAside: async () => {},
    };
    this.store = new DeliveryStore({ journal, secrets: new MemorySecrets(), log });
    this.store.add(delivery({ phase: "waiting", attachments: files }));
    this.gate = new SendGate(
      {
        store: this.store,
        clock: { now: () => this.now, monotonic: () => this.monotonic },
        newId: () => "another key",
        leases: { holds: () => this.isOurs, isSure: () => this.isSure },
      },
      {
        deliveryId: "mail-1",
        service: new NylasSessions(
          { apiUri: "http://127.0.0.1", credential: "" },
          "grant",
          new ScriptedHttp(),
        ),
        signal: this.abort.signal,
        mayBeOut,
        mayBeDone: false,
        areLinksOpen: () => this.areLinksOpen,
        ages,
        unconfirmed: () => new FreightError("send-unconfirmed", "Nobody knows."),
      },
    );
  }

  /** Everything up to the last look. */
  prepare(): this {
    this.store.apply("mail-1", { type: "sendStarted", send: this.gate.prepare(send) });
    return this;
  }

  /** @param byTheOther on the clock that does not jump */
  pass(ms: number, byTheOther = ms): void {
    this.now += ms;
    this.monotonic += byTheOther;
  }

  standStill(): void {
    this.isSure = false;
  }

  closeLinks(): void {
    this.areLinksOpen = false;
  }

  loseToAnother(): void {
    this.isOurs = false;
  }

  get record(): DeliveryRecord {
    return this.store.get("mail-1");
  }
}

describe("The gate before a send", () => {
  it("lets a mail go whose files are there", () => {
    const scene = new Scene().prepare();
    assert.equal(scene.gate.mayBeOut, false);
    scene.gate.pass();
    assert.deepEqual([scene.gate.mayBeOut, scene.record.recallable], [true, false]);
  });

  const lost = (details: object) => new FreightError("network", "Lost.", details);
  for (const [what, happen, thrown] of [
    ["it was taken back", (scene: Scene) => scene.abort.abort(), { name: "AbortError" }],
    ["another window drives the mail", (scene: Scene) => scene.loseToAnother(), { code: "driven-elsewhere" }],
    [
      "it was discarded",
      (scene: Scene) => scene.store.apply("mail-1", { type: "discarded" }),
      { name: "AbortError" },
    ],
    [
      "it waits again",
      (scene: Scene) => scene.store.apply("mail-1", { type: "sendHalted" }),
      { name: "AbortError" },
    ],
    [
      "it is being sent under another key",
      (scene: Scene) =>
        scene.store.apply("mail-1", { type: "sendStarted", send: { ...send, idempotencyKey: "other" } }),
      { name: "AbortError" },
    ],
    ["this window stood still", (scene: Scene) => scene.standStill(), StoodStill],
    [
      "a file is needed again",
      (scene: Scene) =>
        scene.store.apply("mail-1", {
          type: "attachment",
          attachmentId: "file-1",
          event: { type: "queued" },
        }),
      NotReady,
    ],
    ["a link is not open to those whom it is for", (scene: Scene) => scene.closeLinks(), NotReady],
    ["an upload has run out", (scene: Scene) => scene.pass(60 * minute), NotReady],
    ["an upload is about to run out", (scene: Scene) => scene.pass(58 * minute), NotReady],
  ] as const)
    it(`keeps it here when ${what} in the wait before the request leaves`, () => {
      const scene = new Scene().prepare();
      happen(scene);
      assert.throws(() => scene.gate.pass(), thrown);
      assert.equal(scene.gate.mayBeOut, false);
    });

  for (const [what, happen] of [
    ["its key has run out", (scene: Scene) => scene.pass(safe, 0)],
    ["its key has run out by the clock that does not jump", (scene: Scene) => scene.pass(0, safe)],
  ] as const)
    it(`says that nobody knows when ${what} after a try that may have succeeded`, () => {
      const scene = new Scene().prepare();
      scene.gate.pass();
      scene.gate.failed(lost({ mayHaveActed: true }));
      scene.prepare();
      happen(scene);
      assert.throws(() => scene.gate.pass(), { code: "send-unconfirmed" });
      assert.throws(() => scene.prepare(), { code: "send-unconfirmed" });
    });

  it("does not look at files any more once they may be out", () => {
    const scene = new Scene().prepare();
    scene.gate.pass();
    scene.gate.failed(lost({ mayHaveActed: true }));
    scene.store.apply("mail-1", {
      type: "attachment",
      attachmentId: "file-1",
      event: { type: "sessionDropped" },
    });
    scene.prepare().gate.pass();
  });

  it("does not let a key age that nothing has left under", () => {
    const scene = new Scene({ files: [] }).prepare();
    scene.gate.pass();
    scene.gate.failed(lost({ mayHaveActed: false }));
    scene.now += 10 * safe;
    scene.monotonic += 10 * safe;
    scene.prepare().gate.pass();
    assert.equal(scene.record.send?.startedAt, scene.now);
  });

  it("takes another key, and no doubt, where the service keeps under the old one that nothing was sent", () => {
    const scene = new Scene().prepare();
    scene.gate.pass();
    scene.gate.failed(lost({ mayHaveActed: true }));
    assert.ok(scene.gate.isInDoubt);
    scene.gate.failed(lost({ keySpent: true }));
    scene.prepare();
    assert.deepEqual([scene.record.send?.idempotencyKey, scene.gate.isInDoubt], ["another key", false]);
  });

  it("trusts no key of an earlier process that is from the future", () => {
    const scene = new Scene({ mayBeOut: true });
    scene.now -= 10 * minute;
    assert.throws(() => scene.gate.prepare(send), { code: "send-unconfirmed" });
  });

  it("asks for no age where nothing runs out", () => {
    const scene = new Scene({ mayBeOut: true, ages: false });
    scene.now += 100 * safe;
    scene.prepare().gate.pass();
  });
});
