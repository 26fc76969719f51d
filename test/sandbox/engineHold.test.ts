import assert from "node:assert/strict";
import { SecretDoor } from "../../src/delivery/rules/secretDoor.ts";
import { compose, Desk, faultsMet, isSettled, pressSend } from "../support/desk.ts";
import type { Window } from "../support/window.ts";
import { callApi } from "./support.ts";

/** Somewhere a person or the machine takes their time: until then nothing comes back. */
class Pause {
  isReached = false;
  end: () => void = () => {};
  readonly #over = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  async wait(): Promise<void> {
    this.isReached = true;
    await this.#over;
  }

  async reached(): Promise<void> {
    while (!this.isReached) await new Promise(setImmediate);
  }
}

describe("A mail that could leave while a person still acts on it", () => {
  let desk: Desk;
  let question: Pause;
  let window: Window;
  /** What the window waits for when it readies the service. */
  let readying: () => Promise<void>;

  beforeEach(async () => {
    desk = await Desk.set();
    question = new Pause();
    readying = async () => {};
    window = await desk.open({
      readying: () => readying(),
      secretDoor: new SecretDoor({
        ask: async () => {
          await question.wait();
          return "attach";
        },
      }),
    });
  });
  afterEach(() => desk.clear());

  /** As long as a send would take several times over. */
  const aWhile = async () => {
    for (let turn = 0; turn < 20; turn++) await callApi(desk.sandbox, "GET", "/v3/grants");
  };
  const arrived = () =>
    desk.sandbox.mails.map(({ attachments }) => attachments.map(({ filename }) => filename));

  it("waits for the answer whether a file is to be attached, although the others are there meanwhile", async () => {
    desk.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 100_000 });
    const id = await compose(window, await desk.file("a.bin"));
    await pressSend(window, id);
    await faultsMet(desk.sandbox);
    const attaching = window.runner.attach(id, [await desk.file("prod.env", 1_000, 2)]);
    await question.reached();
    desk.sandbox.faults.release();
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    await aWhile();
    assert.deepEqual(arrived(), []);
    question.end();
    assert.deepEqual(await attaching, []);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.deepEqual(arrived(), [["a.bin", "prod.env"]]);
  });

  it("waits too when they began while its service was being readied", async () => {
    const ready = new Pause();
    const id = await compose(window, await desk.file("a.bin"));
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    readying = () => ready.wait();
    const sending = pressSend(window, id);
    await ready.reached();
    const attaching = window.runner.attach(id, [await desk.file("prod.env", 1_000, 2)]);
    await question.reached();
    ready.end();
    await sending;
    await aWhile();
    assert.deepEqual(arrived(), []);
    question.end();
    assert.deepEqual(await attaching, []);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.deepEqual(arrived(), [["a.bin", "prod.env"]]);
  });
});
