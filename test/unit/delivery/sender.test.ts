import assert from "node:assert/strict";
import { type ErrorDetails, FreightError } from "../../../src/base/errors.ts";
import type { DeliveryEvent } from "../../../src/delivery/record/advance.ts";
import type { DeliveryRecord } from "../../../src/delivery/record/delivery.ts";
import { saveErrand, sendErrand } from "../../../src/delivery/send/errand.ts";
import { Sender } from "../../../src/delivery/send/sender.ts";
import { type GateOptions, NotReady, SendGate } from "../../../src/delivery/send/sendGate.ts";
import { StoodStill } from "../../../src/delivery/store/disk/journal.ts";
import { DeliveryStore } from "../../../src/delivery/store/store.ts";
import { Drafts } from "../../../src/delivery/upload/drafts.ts";
import { LONG_WAIT_MS } from "../../../src/net/retry.ts";
import { type Draft, SavedDraftUnknown } from "../../../src/services/drafts.ts";
import type { FrozenDraft, FrozenSend, MailService, Receipt } from "../../../src/services/mailService.ts";
import { NylasSessions } from "../../../src/services/nylas/nylasSessions.ts";
import type { OutgoingMessage } from "../../../src/shared/message.ts";
import { MemorySecrets } from "../../support/engine.ts";
import { attachment, delivery, now, session } from "../../support/records.ts";
import { ScriptedHttp } from "../../support/scriptedHttp.ts";

const id = "mail-1";
const ada = { name: "", email: "ada@example.com" };
const message: OutgoingMessage = {
  to: [ada],
  cc: [],
  bcc: [],
  replyTo: [],
  headers: [],
  subject: "Hello",
  body: "Hi",
  format: "text",
};
const file = attachment({
  status: "ready",
  session: session({ serviceStatus: "ready" }),
  checkpoint: { bytes: 1000, sha256: "00" },
});
const receipt: Receipt = { messageId: "message-1", requestId: "request-1" };

/** How a try ends: after it has left, or before. */
type End = { readonly left: Receipt | Error } | { readonly stayed: Error };

interface Seen {
  readonly key: string | undefined;
  readonly inDoubt: boolean | undefined;
  /** Whether the try was on the disk before it left. */
  readonly onDisk: boolean;
  readonly recallable: boolean | undefined;
}

/** A mail that is about to leave, and how each try of it ends. */
class Scene {
  readonly applied: DeliveryEvent[] = [];
  readonly slept: number[] = [];
  readonly tries: Seen[] = [];
  readonly learned: string[] = [];
  readonly logged: string[] = [];
  readonly abort = new AbortController();
  readonly store: DeliveryStore;
  readonly #sender: Sender;
  readonly #gateOptions: GateOptions;
  readonly #ends: End[];
  /** Whether this window owns the mail, and whether it believes so. */
  isOurs = true;
  holds = true;
  mayBeOut = false;
  passedMs = 0;
  /** Opens the draft that the mail goes into, at a service that has drafts; unset: it has none. */
  openDraft: (() => Promise<Draft>) | undefined;
  /** The drafts that were sent. */
  readonly drafts: unknown[] = [];
  onTry: () => void = () => {};
  #saved: DeliveryRecord | undefined;

  constructor(change: Partial<DeliveryRecord>, ...ends: readonly End[]) {
    this.#ends = [...ends];
    const note = (text: string) => void this.logged.push(text);
    const log = { trace: note, info: note, warn: note, error: (text: string) => note(`Error: ${text}`) };
    const journal = {
      readAll: async () => [],
      read: async () => this.#saved,
      write: async (_: string, value: unknown) => {
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
        this.#saved = value as DeliveryRecord;
      },
      remove: async () => {},
      setAside: async () => {},
    };
    this.store = new DeliveryStore({ journal, secrets: new MemorySecrets(), log });
    this.store.add(delivery({ phase: "waiting", message, attachments: [file], ...change }));
    this.store.fence(async () => this.isOurs);
    const { store, applied, slept, learned } = this;
    const apply = store.apply.bind(store);
    store.apply = (of, event) => {
      applied.push(event);
      return apply(of, event);
    };
    let keys = 0;
    this.#gateOptions = {
      store,
      clock: { now: () => now + this.passedMs, monotonic: () => this.passedMs },
      newId: () => `key ${++keys}`,
      leases: { holds: () => this.holds, isSure: () => true },
    };
    const ownLimits = {
      failed: () => void learned.push("failed"),
      refused: () => void learned.push("refused"),
      sent: () => void learned.push("sent"),
    };
    const sleep = async (ms: number) => void slept.push(ms);
    this.#sender = new Sender(
      { ...this.#gateOptions, sleep, random: () => 0, ownLimits, log },
      new Drafts(store),
    );
  }

  /** @returns what came of it */
  async send(): Promise<DeliveryRecord> {
    const { store, mayBeOut } = this;
    const { signal } = this.abort;
    const nylas = new NylasSessions(
      { apiUri: "http://127.0.0.1", credential: "" },
      "grant",
      new ScriptedHttp(),
    );
    const service: MailService = Object.assign(nylas, {
      send: (tried: FrozenSend) => {
        this.drafts.push(tried.draft);
        return this.#try(tried.idempotencyKey, tried.mayBeOut, tried.gate);
      },
      ...(this.openDraft && { drafts: { open: this.openDraft } as never }),
      saveDraft: (tried: FrozenDraft) => this.#try(undefined, tried.mayBeThere, tried.gate),
    });
    const record = store.get(id);
    const errand =
      record.purpose.type === "draft"
        ? saveErrand(record, service)
        : sendErrand(record, service, async () => service);
    const { ages, mayBeDone, unconfirmed } = errand;
    const gate = new SendGate(this.#gateOptions, {
      deliveryId: id,
      service,
      signal,
      mayBeOut,
      mayBeDone,
      ages,
      areLinksOpen: () => true,
      unconfirmed,
    });
    await this.#sender.send({ deliveryId: id, service, errand, gate, signal });
    return store.get(id);
  }

  async #try(key: string | undefined, inDoubt: boolean | undefined, gate?: () => void): Promise<Receipt> {
    const { recallable, send } = this.store.get(id);
    const saved = this.#saved?.send;
    const onDisk = saved?.mayBeOut === true && saved.idempotencyKey === send?.idempotencyKey;
    this.tries.push({ key, inDoubt, onDisk, recallable });
    this.onTry();
    const end = this.#ends.shift() ?? { left: receipt };
    if ("stayed" in end) throw end.stayed;
    gate?.();
    if (end.left instanceof Error) throw end.left;
    return end.left;
  }

  /** What was noted of the mail since it began to leave, but for that it did. */
  get noted(): string[] {
    const isNews = (type: string) => type !== "sendStarted" && type !== "sendLeft";
    return this.applied.map(({ type }) => type).filter(isNews);
  }

  get onDisk(): string | undefined {
    return this.#saved?.phase;
  }
}

const lost = (details: ErrorDetails = {}) => new FreightError("network", "Lost.", details);
const refusal = (details: ErrorDetails = {}) =>
  new FreightError("provider-refused", "No.", { status: 400, isOwnWord: true, ...details });
const draft = { purpose: { type: "draft" } } as const;
const savedDraft = {
  accountId: "another",
  id: "draft-1",
  internetMessageId: null,
  links: [],
  isDoubtTold: true,
};

describe("The sender", () => {
  it("has the key on disk before the mail leaves, and what came of it when it is through", async () => {
    const scene = new Scene({});
    const { phase, messageId } = await scene.send();
    assert.deepEqual([phase, messageId, scene.onDisk], ["sent", "message-1", "sent"]);
    assert.deepEqual(scene.tries, [{ key: "key 1", inDoubt: false, onDisk: true, recallable: true }]);
    assert.deepEqual(scene.learned, ["sent"]);
    assert.match(scene.logged.join(), /request-1/);
  });

  it("learns nothing of sizes from a draft", async () => {
    const scene = new Scene(draft);
    assert.equal((await scene.send()).phase, "saved");
    assert.deepEqual(scene.learned, []);
  });

  it("opens the draft first where the service has drafts, and says until when it waits for that", async () => {
    const scene = new Scene({}, { left: receipt });
    const opened: Draft = { kind: "message", id: "draft-2", internetMessageId: null };
    let fails = 1;
    scene.openDraft = async () => {
      if (fails-- > 0) throw lost();
      return opened;
    };
    assert.equal((await scene.send()).phase, "sent");
    assert.deepEqual(scene.drafts, [opened]);
    assert.deepEqual(
      scene.applied.filter(({ type }) => type === "sendWaits"),
      [{ type: "sendWaits", mayBeOut: false, until: now + 500, reason: "network" }],
    );
  });

  it("goes on under the key of an earlier process, with its bytes", async () => {
    const send = { idempotencyKey: "old key", body: "{}", startedAt: now, mayBeOut: true, keeper: null };
    const scene = new Scene({ phase: "sending", send, message: null });
    scene.mayBeOut = true;
    assert.equal((await scene.send()).phase, "sent");
    assert.deepEqual(scene.tries, [{ key: "old key", inDoubt: true, onDisk: true, recallable: false }]);
  });

  it("repeats what failed under the same key, and says until when it waits and what may be out", async () => {
    const scene = new Scene({}, { left: lost() }, { left: lost({ mayHaveActed: true }) });
    assert.equal((await scene.send()).phase, "sent");
    assert.deepEqual(
      scene.applied.filter(({ type }) => type === "sendWaits"),
      [500, 1_000].map((ms, at) => ({
        type: "sendWaits",
        mayBeOut: at === 1,
        until: now + ms,
        reason: "network",
      })),
    );
    assert.deepEqual(
      scene.tries.map(({ key, inDoubt, recallable }) => [key, inDoubt, recallable]),
      [
        ["key 1", false, true],
        ["key 1", false, true],
        ["key 1", true, false],
      ],
    );
    assert.deepEqual(scene.slept, [500, 1_000]);
  });

  it("takes a new key where the old one keeps a refusal, which settles all doubt", async () => {
    const busy = { keySpent: true, retryAfterMs: LONG_WAIT_MS + 1 };
    const scene = new Scene({}, { left: lost({ mayHaveActed: true }) }, { left: lost(busy) });
    assert.equal((await scene.send()).phase, "sent");
    const waits = scene.applied.flatMap((event) => (event.type === "sendWaits" ? [event.mayBeOut] : []));
    assert.deepEqual(waits, [true, false]);
    assert.deepEqual(
      scene.tries.map(({ key, inDoubt }) => [key, inDoubt]),
      [
        ["key 1", false],
        ["key 1", true],
        ["key 2", false],
      ],
    );
  });

  for (const [what, error, passedMs, phase] of [
    [
      "what may be out, for as long as a person waits",
      lost({ mayHaveActed: true, retryAfterMs: LONG_WAIT_MS }),
      0,
      "sent",
    ],
    ["what is certainly not out, for however long", lost({ retryAfterMs: LONG_WAIT_MS + 1 }), 0, "sent"],
    [
      "nothing that may be out for longer",
      lost({ mayHaveActed: true, retryAfterMs: LONG_WAIT_MS + 1 }),
      0,
      "unconfirmed",
    ],
    [
      "nothing under a key that has become too old",
      lost({ mayHaveActed: true }),
      24 * 3_600_000,
      "unconfirmed",
    ],
  ] as const)
    it(`repeats ${what}`, async () => {
      const scene = new Scene({ attachments: [] }, { left: error });
      scene.onTry = () => {
        scene.passedMs = passedMs;
      };
      assert.equal((await scene.send()).phase, phase);
      assert.equal(scene.slept.length, phase === "sent" ? 1 : 0);
    });

  it("looks whose the mail is after a stop right before it leaves, and goes on when it is ours", async () => {
    const scene = new Scene({}, { stayed: new StoodStill() });
    assert.equal((await scene.send()).phase, "sent");
    assert.deepEqual([scene.tries.length, scene.slept], [2, []]);
    const theirs = new Scene({}, { stayed: new StoodStill() });
    theirs.onTry = () => {
      theirs.isOurs = false;
    };
    await theirs.send();
    const begun = theirs.applied.map(({ type }) => type);
    assert.deepEqual(begun, ["sendStarted"], "another window writes what becomes of it");
    assert.doesNotMatch(theirs.logged.join(), /Error/);
  });

  const broken = new DOMException("Taken back", "AbortError");
  for (const [what, change, end, noted, phase] of [
    ["is refused", {}, { left: refusal() }, ["sendFailed"], "failed"],
    ["cannot even be written", { message: null }, { left: receipt }, ["sendFailed"], "failed"],
    ["may be out", {}, { left: new TypeError("A bug") }, ["sendUnconfirmed"], "unconfirmed"],
    [
      "may be saved",
      draft,
      { left: new TypeError("A bug") },
      ["draftAsked", "sendUnconfirmed"],
      "unconfirmed",
    ],
    ["is not to leave yet", {}, { stayed: new NotReady() }, ["sendHalted"], "waiting"],
    ["is taken back before it leaves", {}, { stayed: broken }, ["sendKept"], "sending"],
    ["is taken back while it may be out", {}, { left: broken }, [], "sending"],
    [
      "has a file that has changed",
      {},
      { stayed: new FreightError("file-changed", "x", { path: file.path }) },
      ["sendHalted", "attachment"],
      "waiting",
    ],
    [
      "was saved, and that is gone",
      { savedDraft },
      { stayed: new FreightError("saved-draft-lost", "x") },
      ["savedDraftLost", "sendFailed"],
      "failed",
    ],
    [
      "was saved, and nobody can tell",
      { savedDraft },
      { stayed: new SavedDraftUnknown() },
      ["savedDraftDoubted", "sendFailed"],
      "failed",
    ],
    [
      "is to be saved where it was, and that is gone",
      { savedDraft, ...draft },
      { stayed: new FreightError("saved-draft-lost", "x") },
      ["savedDraftLost"],
      "waiting",
    ],
    [
      "is refused with files that were sent before",
      { attachments: [{ ...file, reused: true }] },
      { left: refusal() },
      ["reusedDropped"],
      "waiting",
    ],
    [
      "fails otherwise with files that were sent before",
      { attachments: [{ ...file, reused: true }] },
      { stayed: new FreightError("bad-answer", "x", { status: 403 }) },
      ["sendFailed"],
      "failed",
    ],
    [
      "may be out with files that were sent before",
      { attachments: [{ ...file, reused: true }] },
      { left: refusal({ mayHaveActed: true }) },
      ["sendUnconfirmed"],
      "unconfirmed",
    ],
  ] as const satisfies readonly (readonly [string, Partial<DeliveryRecord>, End, string[], string])[])
    it(`says what came of a mail that ${what}`, async () => {
      const scene = new Scene(change, end);
      assert.equal((await scene.send()).phase, phase);
      assert.deepEqual(scene.noted, noted);
      const isFailure = noted.includes("sendFailed" as never) || phase === "unconfirmed";
      assert.ok(!isFailure || scene.learned.includes("failed"), "limits are learned from failures");
    });

  it("writes nothing of a mail that is another window's, nor of one that was discarded meanwhile", async () => {
    const theirs = new Scene({}, { stayed: broken });
    theirs.onTry = () => {
      theirs.abort.abort();
      theirs.holds = false;
    };
    await theirs.send();
    assert.deepEqual(theirs.noted, []);
    const discarded = new Scene({}, { stayed: refusal() });
    discarded.onTry = () => discarded.store.apply(id, { type: "sendWithdrawn" });
    await discarded.send();
    assert.deepEqual(discarded.noted, ["sendWithdrawn"]);
  });

  it("begins a lost draft anew once, until the mail was sent", async () => {
    const gone = { stayed: new FreightError("draft-lost", "Gone.") };
    const scene = new Scene({ attachments: [], ...draft }, gone, gone, gone, { left: receipt }, gone);
    const request = { type: "sendRequested", message, ...draft } as const;
    for (let send = 0; send < 4; send++) {
      if ((await scene.send()).phase === "failed") scene.store.apply(id, request);
    }
    for (const event of [{ type: "reopened" }, request] as const) scene.store.apply(id, event);
    assert.equal((await scene.send()).phase, "waiting");
    assert.deepEqual(scene.noted, [
      "draftDropped", // Begun anew.
      "draftDropped",
      "sendFailed", // A service that loses it again has a fault of its own.
      "sendRequested",
      "draftDropped",
      "saved",
      "reopened",
      "sendRequested",
      "draftDropped",
    ]);
  });
});
