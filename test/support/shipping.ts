import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { readdir, readFile, readlink } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { AttachmentRecord, DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import type { RequestRecord } from "../../src/sandbox/http/exchange.ts";
import type { Step } from "../../src/sandbox/http/faultRules.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";
import { type Engine, type EngineOptions, startEngine } from "./engine.ts";
import { Folder, sample } from "./files.ts";

/** Longer than any test takes: what does not come until then never comes, and must not keep the process. */
const PATIENCE_MS = 60_000;

/** Waits until something is true that no event tells of. */
export async function eventually(what: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await what())) {
    if (performance.now() > end) throw new Error(`Never true: ${what}`);
    await new Promise(setImmediate);
  }
}

/** A mailbox with its storage, engines that send through it, and the files they send. */
export class Shipping {
  readonly sandbox: Sandbox;
  readonly folder: Folder;
  readonly #engines: Engine[] = [];
  /** Every connection that was opened from this process. */
  readonly #sockets = new Set<Socket>();

  private constructor(sandbox: Sandbox, folder: Folder) {
    this.sandbox = sandbox;
    this.folder = folder;
    subscribe("net.client.socket", this.#onSocket);
  }

  static async start(options: SandboxOptions = {}): Promise<Shipping> {
    return new Shipping(await startSandbox(options), await Folder.make());
  }

  readonly #onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  };

  /** Connections to the storage that are open now. */
  get uploadSockets(): readonly Socket[] {
    const port = Number(new URL(this.sandbox.storageOrigin).port);
    return [...this.#sockets].filter(({ remotePort, destroyed }) => remotePort === port && !destroyed);
  }

  async engine(change: Partial<EngineOptions> = {}): Promise<Engine> {
    const { apiUri, apiKey, grants } = this.sandbox.nylas;
    const engine = await startEngine({ apiUri, apiKey, grantId: grants[0]?.id ?? "", ...change });
    this.#engines.push(engine);
    return engine;
  }

  /** A file of so many bytes, different for each name. */
  file(name: string, bytes: number): Promise<string> {
    return this.folder.file(
      name,
      sample(
        bytes,
        [...name].reduce((sum, char) => sum + char.charCodeAt(0), 1),
      ),
    );
  }

  requests(...steps: readonly Step[]): readonly RequestRecord[] {
    return this.sandbox.requests.filter(({ step }) => step !== undefined && steps.includes(step));
  }

  /** How many bytes of files came in, sent once or again. */
  get bytesReceived(): number {
    return this.requests("upload").reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
  }

  /** Asserts that exactly one mail went out, with exactly these files. */
  async assertArrived(paths: readonly string[], names?: readonly string[]): Promise<void> {
    assert.equal(this.sandbox.deliveries, 1);
    const [mail] = this.sandbox.mails;
    const sent = await Promise.all(
      paths.map(async (path) =>
        createHash("sha256")
          .update(await readFile(path))
          .digest("hex"),
      ),
    );
    assert.deepEqual(
      mail?.attachments.map(({ sha256 }) => sha256),
      sent,
    );
    if (names !== undefined)
      assert.deepEqual(
        mail?.attachments.map(({ filename }) => filename),
        names,
      );
  }

  /** True when this process has the file open. Where that cannot be told, false. */
  async isOpen(path: string): Promise<boolean> {
    const handles = await readdir("/proc/self/fd").catch(() => []);
    const targets = await Promise.all(
      handles.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")),
    );
    return targets.includes(path);
  }

  /**
   * Ends everything, and looks whether the tests were fair and the engines tidy: each armed fault struck, no connection
   * is left, and no secret stands in a log line or in a record.
   */
  async close(): Promise<void> {
    const { sandbox } = this;
    const records = await Promise.all(
      [...new Set(this.#engines.map(({ folder }) => folder))].map(async (folder) => {
        const names = await readdir(folder).catch(() => []); // An engine that was closed has removed its own.
        return Promise.all(names.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
      }),
    );
    for (const engine of this.#engines) await engine.close();
    const clients = [...this.#sockets];
    await eventually(() => clients.every(({ destroyed }) => destroyed));
    unsubscribe("net.client.socket", this.#onSocket);
    const unmet = sandbox.faults.unmet;
    await sandbox.close();
    await this.folder.remove();
    const said = [...this.#engines.flatMap(({ log }) => log), ...records.flat()].join("\n");
    assert.ok(!said.includes(sandbox.nylas.apiKey), "a key in a log or a record");
    assert.ok(!said.includes("upload_id="), "an upload URL in a log or a record");
    assert.deepEqual(unmet, [], "faults that never struck");
  }
}

/** Presses Send: to one reader, with this change to the form. */
export async function pressSend(
  engine: Engine,
  deliveryId: string,
  to = "reader@example.com",
): Promise<void> {
  const { form } = engine.store.get(deliveryId);
  const problem = await engine.runner.send(deliveryId, {
    ...form,
    revision: form.revision + 1,
    to,
    body: "Here.",
  });
  assert.equal(problem, undefined);
}

/** Begins a mail with these files. */
export async function compose(engine: Engine, ...paths: readonly string[]): Promise<string> {
  const { deliveryId, problems } = await engine.runner.compose(paths, engine.account.id);
  assert.deepEqual(problems, []);
  assert.ok(deliveryId);
  return deliveryId;
}

/** The files of a mail; the first one is there in any case. */
export function filesOf(engine: Engine, deliveryId: string): [AttachmentRecord, ...AttachmentRecord[]] {
  const [first, ...others] = engine.store.get(deliveryId).attachments;
  assert.ok(first);
  return [first, ...others];
}

/** Waits until nothing goes on by itself any more: sent, failed, unconfirmed, or a file waits for a decision. */
export function settled(engine: Engine, deliveryId: string): Promise<DeliveryRecord> {
  return engine.until(deliveryId, ({ phase, attachments }) => {
    if (phase === "sent" || phase === "failed" || phase === "unconfirmed") return true;
    const idle = attachments.every(
      ({ status }) => !["queued", "creating", "uploading", "completing"].includes(status),
    );
    if (phase === "composing") return idle;
    return phase === "waiting" && idle && attachments.some(({ status }) => status !== "ready");
  });
}

/** Sends these files, and waits for what comes of it. */
export async function ship(engine: Engine, ...paths: readonly string[]): Promise<DeliveryRecord> {
  const deliveryId = await compose(engine, ...paths);
  await pressSend(engine, deliveryId);
  return settled(engine, deliveryId);
}
