import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { type SecretAnswer, SecretDoor } from "../../src/delivery/rules/secretDoor.ts";
import type { Form } from "../../src/shared/contract/form.ts";
import { compose, Desk } from "../support/desk.ts";
import { graph, nylas } from "../support/doors.ts";
import { until } from "../support/until.ts";
import { accountIds, type Window, type WindowOptions } from "../support/window.ts";

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
};
const isReady = ({ attachments }: DeliveryRecord) => attachments.every(({ status }) => status === "ready");

describe("A mail that is discarded in the middle of something else", () => {
  let desk: Desk;
  let window: Window;
  /** What the person answers to the next question about a secret. */
  let answer: Promise<SecretAnswer>;
  let asks: number;
  let consent: NonNullable<WindowOptions["consent"]>;

  beforeEach(async () => {
    desk = await Desk.set(graph);
    answer = Promise.resolve("attach");
    asks = 0;
    consent = async () => "leave";
    const ask = () => {
      asks++;
      return answer;
    };
    const secretDoor = new SecretDoor({ ask, originOf: () => undefined });
    window = await desk.open({ secretDoor, otherDoor: nylas, consent: (...asked) => consent(...asked) });
  });
  afterEach(() => desk.clear());

  const next = (id: string, change: Partial<Form> = {}): Form => {
    const { form } = window.store.get(id);
    const revision = form.revision + 1;
    return { ...form, to: "reader@example.com", subject: `x (${id})`, revision, ...change };
  };

  /** A mail that has failed after a header was written into its draft, which only another draft is without. */
  async function failed(): Promise<{ id: string; file: string }> {
    const bytes = Buffer.from("-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n");
    desk.witness.expectFile("notes.txt", bytes);
    const id = await compose(window, await desk.files.file("notes.txt", bytes));
    await window.until(id, isReady);
    const type = "ErrorInvalidRecipients";
    desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400, by: "service", type });
    await window.runner.send(id, next(id, { headers: "X-Run: 7" }));
    const record = await window.until(id, ({ phase }) => phase === "failed");
    assert.deepEqual(record?.propertiesWritten, ["x-run"]);
    return { id, file: record?.attachments[0]?.id ?? "" };
  }

  /** A question about the file is open at the head of the mail's line of acts: what comes next waits until `answered`. */
  async function heldUp() {
    const { id, file } = await failed();
    let answered: () => void = () => {};
    answer = new Promise((resolve) => {
      answered = () => resolve("attach");
    });
    const before = asks;
    const first = window.runner.uploadNewVersion(id, file);
    await until("the question is open", () => asks > before);
    return { id, file, first, answered };
  }

  const gone = async (id: string) => {
    assert.equal(window.store.find(id), undefined);
    await until("nothing is left to say", () => window.store.withCleanup().length === 0);
    await until("nothing is left of it", async () => (await readdir(desk.folder)).length === 0);
    assert.equal(desk.sandbox.deliveries, 0);
    assert.deepEqual(
      window.log.filter((line) => /No delivery|TypeError|unexpected/.test(line)),
      [],
    );
  };

  it("is not sent any more, and Send ends without a word, where its draft has to be made anew", async () => {
    const { id, first, answered } = await heldUp();
    let discarded: Promise<void> | undefined;
    // Every check is over but the last one, whose end leads into the line of acts: behind the discard.
    consent = async () => {
      discarded = window.runner.forget(id);
      await turns(100); // It stands in line, behind the question.
      return "leave";
    };
    const sent = window.runner.send(id, next(id, { headers: "" }));
    await until("it is being discarded", () => discarded !== undefined);
    await turns(200);
    answered();
    assert.equal(await sent, undefined);
    await Promise.all([first, discarded]);
    await gone(id);
  });

  for (const [what, act] of [
    ["another account is chosen", (id: string) => window.runner.chooseAccount(id, accountIds[1])],
    ["a file is paused", (id: string, file: string) => window.runner.pause(id, file)],
    ["a file is cancelled", (id: string, file: string) => window.runner.cancel(id, file)],
    ["a file is taken out", (id: string, file: string) => window.runner.detach(id, file)],
    ["a file is renamed", (id: string, file: string) => window.runner.rename(id, file, "b.txt")],
    ["an upload goes on", (id: string, file: string) => window.runner.resume(id, file)],
    ["a version is kept", (id: string, file: string) => window.runner.keepVersion(id, file)],
    ["a new version is wanted", (id: string, file: string) => window.runner.uploadNewVersion(id, file)],
    ["it is discarded once more", (id: string) => window.runner.forget(id)],
  ] as const)
    it(`stays so when behind that ${what}`, async () => {
      const { id, file, first, answered } = await heldUp();
      const discarded = window.runner.forget(id);
      const acted = act(id, file);
      await turns(50);
      answered();
      await Promise.all([first, discarded, acted]);
      await gone(id);
    });

  it("is not added to: who attaches a file behind that is told", async () => {
    const { id, first, answered } = await heldUp();
    const discarded = window.runner.forget(id);
    const attached = window.runner.attach(id, [await desk.file()]);
    await turns(50);
    answered();
    const problems = await attached;
    assert.deepEqual(
      problems.map(({ message }) => message),
      ["“build.bin” was not attached. The mail was discarded."],
    );
    await Promise.all([first, discarded]);
    await gone(id);
  });

  for (const answered of ["leave", "stay", { field: "subject", message: "There is no subject." }] as const)
    it(`is not sent, whatever its questions are answered: ${JSON.stringify(answered)}`, async () => {
      const { id } = await failed();
      consent = async () => {
        await window.runner.forget(id);
        return answered;
      };
      assert.equal(await window.runner.send(id, next(id)), undefined);
      await gone(id);
    });
});
