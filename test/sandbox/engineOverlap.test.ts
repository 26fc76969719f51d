import assert from "node:assert/strict";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { isUnderWay } from "../../src/delivery/record/queries.ts";
import { type Engine, MemorySecrets } from "../support/engine.ts";
import { compose, eventually, pressSend, Shipping, settled } from "../support/shipping.ts";

/** As in VS Code, where each access goes to another process: later ones are faster, so that acts overtake each other. */
class SlowSecrets extends MemorySecrets {
  #ms = 24;

  override async get(key: string): Promise<string | undefined> {
    await this.#wait();
    return super.get(key);
  }

  override async delete(key: string): Promise<void> {
    await this.#wait();
    return super.delete(key);
  }

  #wait(): Promise<void> {
    this.#ms = Math.max(1, this.#ms - 8);
    const ms = this.#ms;
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

type Act = (engine: Engine, id: string, file: string) => Promise<unknown>;
const acts: Readonly<Record<string, Act>> = {
  pause: ({ runner }, id, file) => runner.pause(id, file),
  resume: ({ runner }, id, file) => runner.resume(id, file),
  cancel: ({ runner }, id, file) => runner.cancel(id, file),
  "new version": ({ runner }, id, file) => runner.uploadNewVersion(id, file),
  rename: ({ runner }, id, file) => runner.rename(id, file, "c.bin"),
  remove: ({ runner }, id, file) => runner.detach(id, file),
  "another account": ({ runner }, id) => runner.chooseAccount(id, "other"),
  "back to the first account": ({ runner }, id) => runner.chooseAccount(id, "account"),
  discard: ({ runner }, id) => runner.forget(id),
};

/** What a person sees of a mail: the same however fast they were. */
function shown(delivery: DeliveryRecord | undefined): unknown {
  if (delivery === undefined) return "gone";
  const { phase, accountId, attachments } = delivery;
  const files = attachments.map(({ name, status }) => [
    name.slice(-5),
    isUnderWay(status) ? "under way" : status,
  ]);
  return { phase, accountId, files };
}

describe("Two acts at once", () => {
  let shipping: Shipping;
  beforeEach(async () => {
    shipping = await Shipping.start();
  });
  afterEach(async () => {
    shipping.sandbox.faults.clear();
    await shipping.close();
  });

  /** A mail with two files that are being uploaded, and that stay so. */
  async function begin(
    name: string,
    secrets: MemorySecrets,
  ): Promise<[engine: Engine, id: string, file: string]> {
    const { apiKey, grants } = shipping.sandbox.nylas;
    const engine = await shipping.engine({
      secrets,
      others: [{ id: "other", apiKey, grantId: grants[0]?.id ?? "" }],
    });
    shipping.sandbox.faults.arm({ step: "upload", fault: "hold", times: 50 });
    const paths = [
      await shipping.file(`${name}-a.bin`, 300_000),
      await shipping.file(`${name}-b.bin`, 300_000),
    ];
    const id = await compose(engine, ...paths);
    await engine.until(id, ({ attachments }) => attachments.every(({ status }) => status === "uploading"));
    return [engine, id, engine.store.get(id).attachments[0]?.id ?? ""];
  }

  /** Connections that carry bytes of files; one that told the storage good-bye is not among them. */
  const running = () => shipping.uploadSockets.filter(({ bytesWritten }) => bytesWritten > 16 * 1024).length;
  const uploading = (delivery: DeliveryRecord | undefined) =>
    delivery?.attachments.filter(({ status }) => isUnderWay(status)).length ?? 0;

  for (const [first, act] of Object.entries(acts))
    for (const [second, next] of Object.entries(acts))
      it(`${first}, then ${second}: as if one had waited for the other`, async () => {
        const patient = await begin("patient", new MemorySecrets());
        await act(...patient);
        await next(...patient);
        const hasty = await begin("hasty", new SlowSecrets());
        await Promise.all([act(...hasty), next(...hasty)]);
        assert.deepEqual(shown(hasty[0].store.find(hasty[1])), shown(patient[0].store.find(patient[1])));
        // And nothing runs for what is not under way.
        const wanted =
          uploading(hasty[0].store.find(hasty[1])) + uploading(patient[0].store.find(patient[1]));
        await eventually(() => running() === wanted);
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        assert.equal(running(), wanted);
      });

  it("a file that is attached while another account is chosen goes from that", async () => {
    const [engine, id] = await begin("hasty", new SlowSecrets());
    const chosen = engine.runner.chooseAccount(id, "other");
    await engine.runner.attach(id, [await shipping.file("c.bin", 10)]);
    await chosen;
    const { accountId, attachments } = engine.store.get(id);
    assert.deepEqual([accountId, attachments.length], ["other", 3]);
  });
});

describe("A file whose last byte lands while a person", () => {
  /** Deleting a secret takes until it is let go: so long an upload that is done is not over. */
  class HeldSecrets extends MemorySecrets {
    letGo: () => void = () => {};
    isHeld = false;
    readonly #gate = new Promise<void>((resolve) => {
      this.letGo = resolve;
    });

    override async delete(key: string): Promise<void> {
      this.isHeld = true;
      await this.#gate;
      return super.delete(key);
    }
  }

  for (const [what, act, phase, names] of [
    [
      "takes it out",
      (engine: Engine, id: string, file: string) => engine.runner.detach(id, file),
      "sent",
      ["b.bin"],
    ],
    [
      "cancels it",
      (engine: Engine, id: string, file: string) => engine.runner.cancel(id, file),
      "waiting",
      [],
    ],
    [
      "replaces it",
      async (engine: Engine, id: string, file: string, other: string) =>
        engine.runner.replace(id, file, other),
      "sent",
      ["b.bin", "c.bin"],
    ],
    ["takes the mail back", (engine: Engine, id: string) => engine.runner.withdraw(id), "composing", []],
    ["discards the mail", (engine: Engine, id: string) => engine.runner.forget(id), undefined, []],
  ] as const)
    it(`${what} does not leave with the mail`, async () => {
      const shipping = await Shipping.start();
      const secrets = new HeldSecrets();
      const engine = await shipping.engine({ secrets });
      const id = await compose(engine, await shipping.file("a.bin", 10), await shipping.file("b.bin", 10));
      const other = await shipping.file("c.bin", 10);
      await pressSend(engine, id);
      await engine.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      await eventually(() => secrets.isHeld);
      const acted = act(engine, id, engine.store.get(id).attachments[0]?.id ?? "", other);
      // The act is under way, and waits for the upload to be over.
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      secrets.letGo();
      await acted;
      if (phase === undefined) assert.equal(engine.store.find(id), undefined);
      else assert.equal((await settled(engine, id)).phase, phase);
      assert.deepEqual(
        shipping.sandbox.mails.flatMap(({ attachments }) => attachments.map(({ filename }) => filename)),
        names,
      );
      await shipping.close();
    });
});
