import assert from "node:assert/strict";
import { compose, Desk, insist, isSettled, pressSend } from "../support/desk.ts";
import type { Door } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import type { Window } from "../support/window.ts";
import type { Act, Schedule } from "./schedule.ts";

/** Remedies that a person follows while things still go wrong, and after nothing does any more. */
const patience = 12;

/** Runs a schedule to its end. @throws AssertionError when something was lost, doubled, mixed, claimed or left running */
export async function run(schedule: Schedule, door: Door): Promise<void> {
  const desk = await Desk.set(door);
  try {
    desk.sandbox.faults.arm(...schedule.faults);
    const scene = new Scene(desk, schedule.files);
    await scene.begin();
    if (schedule.isEarly) await scene.send();
    for (const act of schedule.acts) await scene.perform(act);
    await scene.end();
  } finally {
    await desk.clear();
  }
}

class Scene {
  readonly #desk: Desk;
  readonly #sizes: readonly number[];
  #window: Window | undefined;
  #id = "";

  constructor(desk: Desk, sizes: readonly number[]) {
    this.#desk = desk;
    this.#sizes = sizes;
  }

  async begin(): Promise<void> {
    this.#window ??= await this.#open();
    const paths: string[] = [];
    for (const [index, size] of this.#sizes.entries())
      paths.push(await this.#desk.file(`${index}.bin`, size, index + 1));
    this.#id = await compose(this.#window, ...paths);
  }

  async send(): Promise<void> {
    await pressSend(this.#live, this.#id);
  }

  async perform({ after, deed, file }: Act): Promise<void> {
    const window = this.#live;
    let changes = 0;
    await window.until(this.#id, (delivery) => changes++ >= after || isSettled(delivery));
    const { attachments } = window.store.get(this.#id);
    const attachment = attachments[file % attachments.length]?.id ?? "";
    switch (deed) {
      case "kill":
        await window.kill();
        return this.#restart();
      case "close":
        await window.close();
        return this.#restart();
      case "pause":
        return window.runner.pause(this.#id, attachment);
      case "resume":
      case "retry":
        return window.runner.resume(this.#id, attachment);
      case "cancel":
        return window.runner.cancel(this.#id, attachment);
      case "withdraw":
        return window.runner.withdraw(this.#id);
      case "send":
        return this.send();
      case "rewrite": {
        const index = file % this.#sizes.length;
        const bytes = sample(this.#sizes[index] ?? 1, 100 + index);
        this.#desk.witness.expectFile(`${index}.bin`, bytes);
        await this.#desk.files.file(`${index}.bin`, bytes);
      }
    }
  }

  /** The person goes on until the mail is out: past what still goes wrong, then on a day when nothing does. */
  async end(): Promise<void> {
    await insist(this.#live, this.#id, this.#desk.sandbox, patience);
    this.#desk.sandbox.faults.clear();
    const { phase } = await insist(this.#live, this.#id, this.#desk.sandbox, patience);
    const mails = this.#desk.sandbox.mails.filter(({ subject }) => subject.endsWith(`(${this.#id})`));
    assert.equal(mails.length, 1, `at the end the mail is ${phase}, and went out ${mails.length} times`);
    assert.equal(mails[0]?.attachments.length, this.#sizes.length);
  }

  get #live(): Window {
    assert.ok(this.#window);
    return this.#window;
  }

  /** The machine's clock goes with the service's: an hour that passes, passes for both. */
  #open(): Promise<Window> {
    return this.#desk.open({ clockOffsetMs: () => this.#desk.sandbox.clock.offsetMs });
  }

  async #restart(): Promise<void> {
    this.#window = await this.#open();
    // Killed before anything was saved: the person begins again.
    if (this.#window.store.find(this.#id) === undefined) await this.begin();
  }
}
