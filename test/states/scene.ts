/** A mail in a certain state, in a window whose engine goes no further by itself: what changes now, an act has changed. */

import { FreightError } from "../../src/base/errors.ts";
import type { Purpose } from "../../src/delivery/record/delivery.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { Desk } from "../support/desk.ts";
import type { Door } from "../support/doors.ts";
import type { Window, WindowOptions } from "../support/window.ts";

export const hour = 3_600_000;

export class Scene {
  readonly desk: Desk;
  id = "";
  /** How often the service can still be asked for; unset: always. */
  uses: number | undefined;
  isLocked = false;
  isOffline = false;
  /** Waits before another try are over only when this is let go. */
  holdsWaits = false;
  undoSendMs = 0;
  /** The largest mail that both ends take, in bytes. */
  mostBoth = Number.POSITIVE_INFINITY;
  #window: Window | undefined;
  #files = 0;
  #letGo: () => void = () => {};
  readonly #waits = new Promise<void>((resolve) => {
    this.#letGo = resolve;
  });
  #thaw: () => void = () => {};
  readonly #frozen = new Promise<void>((resolve) => {
    this.#thaw = resolve;
  });

  private constructor(desk: Desk) {
    this.desk = desk;
  }

  static async set(door?: Door): Promise<Scene> {
    const scene = new Scene(await Desk.set(door));
    await scene.open();
    return scene;
  }

  get window(): Window {
    if (this.#window === undefined) throw new Error("The window is not open yet");
    return this.#window;
  }

  get record() {
    return this.window.store.find(this.id);
  }

  get file(): string {
    return this.record?.attachments[0]?.id ?? "";
  }

  get now(): number {
    return Date.now() + this.desk.sandbox.clock.offsetMs;
  }

  async open(): Promise<void> {
    const options: Partial<WindowOptions> = {
      otherDoor: this.desk.door,
      clockOffsetMs: () => this.desk.sandbox.clock.offsetMs,
      undoSendMs: () => this.undoSendMs,
      mostBoth: () => this.mostBoth,
      readying: () => this.#ready(),
      onSleep: () => (this.holdsWaits ? this.#waits : new Promise((resolve) => setTimeout(resolve, 1))),
      detour: () => {
        if (this.isOffline) throw new FreightError("offline", "No network.");
        return undefined;
      },
    };
    this.#window = await this.desk.open(options);
  }

  async #ready(): Promise<void> {
    if (this.isLocked)
      throw new FreightError("credential-missing", "The key is not stored on this machine.", {
        remedy: "updateKey",
      });
    if (this.uses === undefined) return;
    if (this.uses-- <= 0) await this.#frozen;
  }

  arm(...faults: readonly Fault[]): void {
    this.desk.sandbox.faults.arm(...faults);
  }

  /** Begins a mail, with so many files. */
  async compose(files = 1, size = 5_000, account: string | null = "account"): Promise<void> {
    const paths: string[] = [];
    for (let at = 0; at < files; at++) {
      this.#files++;
      paths.push(await this.desk.file(`${this.#files}.bin`, size, this.#files));
    }
    const { deliveryId = "" } = await this.window.runner.compose(paths, account);
    this.id = deliveryId;
  }

  async ready(): Promise<void> {
    await this.window.until(this.id, ({ attachments }) =>
      attachments.every(({ status }) => status === "ready"),
    );
  }

  async send(purpose: Purpose = { type: "send" }): Promise<void> {
    const { form } = this.window.store.get(this.id);
    const change = { revision: form.revision + 1, to: "reader@example.com", subject: `Mail (${this.id})` };
    await this.window.runner.send(this.id, { ...form, ...change }, purpose);
  }

  later(): Purpose {
    return { type: "later", at: this.now + hour / 2 };
  }

  /** From now on nothing goes on: the service cannot be asked for any more than so many times. */
  freeze(uses = 0): void {
    this.uses = uses;
  }

  /** The waits before another try are over. */
  goOn(): void {
    this.holdsWaits = false;
    this.#letGo();
  }

  /** What was held goes on. */
  release(): void {
    this.uses = undefined;
    this.isLocked = false;
    this.isOffline = false;
    this.goOn();
    this.#thaw();
    this.desk.sandbox.faults.clear();
    this.desk.sandbox.faults.release();
  }

  async clear(): Promise<void> {
    this.release();
    await this.desk.clear();
  }
}
