import assert from "node:assert/strict";
import { type ParsedMail, simpleParser } from "mailparser";
import type { Form } from "../../src/shared/contract/form.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import type { Window } from "../support/window.ts";
import { send as get } from "./support.ts";

describe("A mail that is asked about before it leaves", () => {
  let desk: Desk;
  let window: Window;
  /** Answers the questions of the mail, in the order of Send. */
  let answers: ((answer: "leave" | "stay") => void)[];
  let heard: () => void;

  beforeEach(async () => {
    desk = await Desk.set();
    answers = [];
    heard = () => {};
    const consent = () =>
      new Promise<"leave" | "stay">((resolve) => {
        answers.push(resolve);
        heard();
      });
    window = await desk.open({ consent });
  });
  afterEach(() => desk.clear());

  const asked = async () => {
    while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  const change = (id: string, texts: Partial<Form>) => {
    const { form } = window.store.get(id);
    return window.runner.edit(id, { ...form, ...texts, revision: form.revision + 1 });
  };
  const arrived = async (id: string): Promise<ParsedMail> => {
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    const [mail, ...others] = desk.sandbox.mails;
    assert.ok(mail);
    assert.equal(others.length, 0);
    return simpleParser((await get(mail.eml)).text);
  };

  it("leaves with what was typed meanwhile", async () => {
    const id = await compose(window, await desk.file());
    const pressed = pressSend(window, id);
    await asked();
    const subject = `Typed while a zip was made (${id})`;
    await change(id, { subject });
    answers[0]?.("leave");
    await pressed;
    assert.equal((await arrived(id)).subject, subject);
  });

  it("does not leave when what was typed meanwhile cannot", async () => {
    const id = await compose(window, await desk.file());
    const { form } = window.store.get(id);
    const pressed = window.runner.send(id, { ...form, to: "reader@example.com", revision: 1 });
    await asked();
    await change(id, { to: "nobody" });
    answers[0]?.("leave");
    assert.equal((await pressed)?.field, "to");
    assert.equal(window.store.get(id).phase, "composing");
    assert.equal(desk.sandbox.mails.length, 0);
  });

  it("does not leave when it was discarded meanwhile", async () => {
    const id = await compose(window, await desk.file());
    const pressed = pressSend(window, id);
    await asked();
    await window.runner.forget(id);
    answers[0]?.("leave");
    assert.equal(await pressed, undefined);
    assert.equal(desk.sandbox.mails.length, 0);
  });

  it("is asked about once at a time, however often Send is pressed", async () => {
    const id = await compose(window, await desk.file());
    const first = pressSend(window, id);
    await asked();
    // A press that asks nothing is over without an answer; one that asked would get a no.
    const second = pressSend(window, id).then(() => "over");
    const isAsked = new Promise<string>((resolve) => {
      heard = () => resolve("asked");
    });
    const outcome = await Promise.race([second, isAsked]);
    for (const answer of answers) answer("stay");
    await Promise.all([first, second]);
    assert.deepEqual([outcome, answers.length], ["over", 1]);
    assert.equal(window.store.get(id).phase, "composing");
  });

  it("is asked about again when another window has added somebody, and was closed, while it was asked", async () => {
    const id = await compose(window, await desk.file());
    const pressed = pressSend(window, id);
    await asked();
    await window.store.flushed(id);
    // This window stands still so long that the other one takes the mail over.
    let aheadMs = 0;
    const other = await desk.open({ monotonicAheadMs: () => aheadMs });
    const { form } = window.store.get(id);
    const texts = { ...form, revision: form.revision + 1, to: "reader@example.com" };
    const typesElsewhere = (cc: string, revision: number) =>
      other.runner.edit(id, { ...texts, cc, revision }).then(
        () => true,
        () => false,
      );
    while (!(await typesElsewhere("", texts.revision))) aheadMs += 5_000;
    await window.leases.beat();
    assert.equal(window.leases.holds(id), false);
    assert.ok(await typesElsewhere("newcomer@example.com", texts.revision + 1));
    await other.close();
    answers[0]?.("leave");
    while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(desk.sandbox.mails.length, 0);
    answers[1]?.("stay");
    assert.equal(await pressed, undefined);
    assert.equal(window.store.get(id).phase, "composing");
    assert.equal(window.store.get(id).form.cc, "newcomer@example.com");
  });

  it("may be asked about again after a no", async () => {
    const id = await compose(window, await desk.file());
    const first = pressSend(window, id);
    await asked();
    answers.shift()?.("stay");
    await first;
    const second = pressSend(window, id);
    await asked();
    answers[0]?.("leave");
    await second;
    assert.equal((await arrived(id)).attachments.length, 1);
  });
});
