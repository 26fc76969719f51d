/** A desk for one test: a sandbox, a machine's folder and secrets, files, and the person who sends them. */
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AttachmentRecord, DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { isUnderWay } from "../../src/delivery/record/queries.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { type Door, nylas } from "./doors.ts";
import { MemorySecrets } from "./engine.ts";
import { Folder, sampleOf } from "./files.ts";
import { Machine } from "./machine.ts";
import { Window, type WindowOptions } from "./window.ts";
import { Witness } from "./witness.ts";

/** Small enough for one range, no multiple of the storage's grid, and larger than what a socket takes at once. */
export const usualSize = 1_000_003;

export class Desk {
  readonly sandbox: Sandbox;
  readonly door: Door;
  readonly files: Folder;
  readonly secrets = new MemorySecrets();
  readonly witness: Witness;
  readonly #windows: Window[] = [];

  private constructor(sandbox: Sandbox, files: Folder, door: Door) {
    this.sandbox = sandbox;
    this.door = door;
    this.files = files;
    this.witness = new Witness(sandbox, this.secrets);
  }

  /** @param door the service that mail goes through */
  static async set(door: Door = nylas): Promise<Desk> {
    const files = await Folder.make();
    await mkdir(join(files.path, "state"));
    return new Desk(await startSandbox(), files, door);
  }

  /** Where the windows of this desk keep their records. */
  get folder(): string {
    return join(this.files.path, "state");
  }

  /** The machine of windows whose time is virtual; dispose of it afterwards. @param countsSleep see `VirtualTime` */
  machine(countsSleep: boolean): Machine {
    const { folder, files, secrets, sandbox } = this;
    const worldGoesOn = () => sandbox.deliverDue();
    return new Machine({
      folder,
      around: files.path,
      secrets,
      world: sandbox.clock,
      worldGoesOn,
      countsSleep,
    });
  }

  async file(name = "build.bin", size = usualSize, seed = 1): Promise<string> {
    const bytes = sampleOf(name, size, seed);
    this.witness.expectFile(name, bytes);
    return this.files.file(name, bytes);
  }

  /** Another window of this machine, or the same one after a restart. */
  async open(options: Partial<WindowOptions> = {}): Promise<Window> {
    const window = new Window({
      sandbox: this.sandbox,
      folder: this.folder,
      secrets: this.secrets,
      door: this.door,
      ...options,
    });
    this.#windows.push(window);
    this.witness.watch(window);
    return window.open();
  }

  /** What the windows have logged, and what the service was asked. */
  get story(): string {
    const logs = this.#windows.map(({ log }, index) => `Window ${index + 1}:\n${log.join("\n")}`);
    const requests = this.sandbox.requests.map(({ step, status, fault, bytesReceived }) =>
      [step, `${bytesReceived} bytes`, status ?? "no answer", fault].filter(Boolean).join(" "),
    );
    return [...logs, `The service:\n${requests.join("\n")}`].join("\n\n");
  }

  /** Ends everything, and throws when something was claimed or kept running that should not have been. */
  async clear(): Promise<void> {
    // One that stands still would not hear that it is closed.
    for (const window of this.#windows) await (window.isStopped ? window.kill() : window.close());
    await this.sandbox.close();
    await this.files.remove();
    this.witness.check();
  }
}

/** Begins a mail with the files and presses Send at once. @returns the mail's id */
export async function compose(window: Window, ...paths: readonly string[]): Promise<string> {
  const { deliveryId, problems } = await window.runner.compose(paths, "account");
  if (deliveryId === undefined) throw new Error(problems.map(({ message }) => message).join());
  return deliveryId;
}

export async function pressSend(window: Window, id: string): Promise<void> {
  const { form, attachments } = window.store.get(id);
  await window.runner.send(id, {
    ...form,
    revision: form.revision + 1,
    to: "reader@example.com",
    // Of two mails of one test, each is a mail of its own.
    subject: `${attachments.map(({ path }) => basename(path)).join(", ")} (${id})`,
  });
}

/** True when nothing goes on by itself any more: it is sent, or a person has to do something. */
export function isSettled({ phase, attachments }: DeliveryRecord): boolean {
  if (phase === "sent" || phase === "unconfirmed") return true;
  if (phase === "sending" || attachments.some(({ status }) => isUnderWay(status))) return false;
  return phase === "composing" || phase === "failed" || attachments.some(({ status }) => status !== "ready");
}

/** Does what a person does who reads what is shown, until the mail is sent. Every remedy must lead there. */
export async function insist(
  window: Window,
  id: string,
  sandbox: Sandbox,
  patience = 6,
): Promise<DeliveryRecord> {
  for (; ; patience--) {
    const delivery = await window.until(id, isSettled);
    if (delivery === undefined) throw new Error("The window was killed");
    if (delivery.phase === "sent" || patience === 0) return delivery;
    if (await followRemedy(window, delivery, sandbox)) return delivery;
  }
}

/** @returns true when the person finds that nothing is left to do */
async function followRemedy(window: Window, delivery: DeliveryRecord, sandbox: Sandbox): Promise<boolean> {
  const { id, phase, attachments } = delivery;
  const stopped = attachments.filter(({ status }) => status !== "ready");
  if (phase === "unconfirmed") {
    // "Check Sent Items before you send it again." People are slow: what is on its way has arrived by then.
    while (sandbox.requests.some(({ endedAt }) => endedAt === undefined))
      await new Promise((resolve) => setImmediate(resolve));
    if (sandbox.mails.some(({ subject }) => subject.endsWith(`(${id})`))) return true;
    await window.runner.sendAgain(id);
  } else if (stopped.length > 0) for (const attachment of stopped) await goOn(window, id, attachment);
  else await pressSend(window, id);
  return false;
}

async function goOn(
  window: Window,
  id: string,
  { id: attachmentId, error }: AttachmentRecord,
): Promise<void> {
  if (error?.remedy === "uploadNewVersion") await window.runner.uploadNewVersion(id, attachmentId);
  else await window.runner.resume(id, attachmentId);
}

/** Holds the engine where it waits before another try. */
export class Hold {
  /** Resolves when the engine waits. */
  readonly begun: Promise<void>;
  readonly options: { readonly onSleep: () => Promise<void> };
  #open: () => void = () => {};

  constructor() {
    let begin = () => {};
    this.begun = new Promise((resolve) => {
      begin = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      this.#open = resolve;
    });
    this.options = {
      onSleep: () => {
        begin();
        return gate;
      },
    };
  }

  /** Resolves when an attachment of the mail waits. */
  async reached(window: Window, id: string): Promise<void> {
    await window.until(id, ({ attachments }) =>
      attachments.some(({ flight }) => flight?.waiting !== undefined),
    );
  }

  release(): void {
    this.#open();
  }
}

/** Resolves when every armed fault was met. */
export async function faultsMet({ faults }: Sandbox): Promise<void> {
  while (faults.unmet.length > 0) await new Promise((resolve) => setImmediate(resolve));
}
