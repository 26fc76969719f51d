import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { appendFile, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { DeliveryRecord } from "../../src/delivery/record/delivery.ts";
import { compose, Desk, Hold, isSettled, pressSend } from "../support/desk.ts";
import { type Door, google, graph, nylas } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import { click, shown, takeRemedy } from "../support/person.ts";
import { until } from "../support/until.ts";
import type { Window } from "../support/window.ts";

const name = "server.log";
const MB = 1_000_000;
const label = "Send It as It Is Now";
const isReady = ({ attachments }: DeliveryRecord) => attachments.every(({ status }) => status === "ready");

/** A program that writes on and on to a log. */
class Program {
  readonly #path: string;
  readonly #pauseMs: number;
  readonly #work: Promise<void>;
  #isOver = false;
  lines = 0;

  constructor(path: string, pauseMs: number) {
    this.#path = path;
    this.#pauseMs = pauseMs;
    this.#work = this.#write();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
  }

  async #write(): Promise<void> {
    while (!this.#isOver) {
      await appendFile(this.#path, `${new Date(0).toISOString()} line ${this.lines++}\n`);
      await wait(this.#pauseMs);
    }
  }
}

describe("A file that does not hold still", () => {
  let desk: Desk;
  let path: string;
  let program: Program | undefined;
  afterEach(async () => {
    await program?.stop();
    program = undefined;
    await desk.clear();
  });

  async function set(door: Door, size: number): Promise<void> {
    desk = await Desk.set(door);
    path = await desk.files.file(name, sample(size));
  }

  const fileOf = (window: Window, id: string) => {
    const [file] = window.store.get(id).attachments;
    assert.ok(file);
    return file;
  };
  const copies = () => readdir(join(desk.folder, "archives")).catch(() => []);

  /** Presses what is offered of a file that has changed, until the mail is out. @returns how often that was */
  async function insistOnNow(window: Window, id: string): Promise<number> {
    for (let presses = 0; ; presses++) {
      if ((await window.until(id, isSettled))?.phase === "sent") return presses;
      const { error, name: failed, id: file } = fileOf(window, id);
      assert.equal(error?.code, "file-changed", `${failed}: ${error?.message}`);
      const [view] = shown(window, id)?.attachments ?? [];
      assert.equal(view?.problem?.also?.label, label);
      assert.ok(presses < 2, "it is asked for again and again");
      await takeRemedy(window, id, "sendAsItIs", file);
    }
  }

  /** What was delivered is the beginning of the file. @returns its length */
  async function isBeginning(): Promise<number> {
    await program?.stop();
    const [mail] = desk.sandbox.mails;
    const [file] = mail?.attachments ?? [];
    assert.ok(file, "it was delivered");
    const { size: now } = await stat(path);
    assert.ok(file.size <= now);
    const hash = createHash("sha256");
    const first: Buffer[] = [];
    for await (const chunk of createReadStream(path, { end: file.size - 1 })) {
      hash.update(chunk);
      first.push(chunk);
    }
    assert.equal(file.sha256, hash.digest("hex"), `the first ${file.size} bytes`);
    desk.witness.expectFile(name, Buffer.concat(first));
    return file.size;
  }

  const ways: readonly (readonly [string, Door, number])[] = [
    ["an upload session of Nylas", nylas, 9 * MB],
    ["the mail itself", google, 6 * MB],
    ["ranges of Graph", graph, 9 * MB],
    ["one request of Graph", graph, MB],
  ];

  for (const [way, door, size] of ways) {
    it(`is sent by ${way} as it is when that is asked for, while a program writes to it`, async () => {
      await set(door, size);
      program = new Program(path, 1);
      const window = await desk.open();
      const id = await compose(window, path);
      await pressSend(window, id);
      assert.ok((await insistOnNow(window, id)) > 0, "a person was asked");
      assert.ok((await isBeginning()) > size, "with what was written until then");
      assert.deepEqual(await copies(), [], "its first bytes need no copy");
    });

    it(`is sent by ${way} without a question where its name is listed`, async () => {
      await set(door, size);
      program = new Program(path, 1);
      const window = await desk.open({ goesAsItIs: (at) => at.endsWith(".log") });
      const seen = new Set<string>();
      window.store.onDidChange(({ delivery }) => {
        for (const { status } of delivery?.attachments ?? []) seen.add(status);
      });
      const id = await compose(window, path);
      await window.until(id, isReady);
      const { lines } = program;
      while (program.lines === lines) await wait(1);
      await pressSend(window, id);
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      assert.ok(!seen.has("failed"), [...seen].join());
      await isBeginning();
      assert.match(shown(window, id)?.attachments[0]?.detail ?? "", /^first /);
    });
  }

  for (const [way, door, size] of [
    ["an upload session of Nylas", nylas, 150 * MB],
    ["the mail itself", google, 18 * MB],
    ["ranges of Graph", graph, 150 * MB],
  ] as const)
    it(`is sent by ${way} with ${size / MB} MB, while a line is added every 20 ms @slow`, async () => {
      await set(door, size);
      program = new Program(path, 20);
      const window = await desk.open();
      const id = await compose(window, path);
      await pressSend(window, id);
      assert.ok((await insistOnNow(window, id)) <= 1);
      assert.ok((await isBeginning()) >= size);
    });

  /** Begins an upload, has `change` happen in the middle of it, and what the person is asked shown. */
  async function interrupted(door: Door, change: () => Promise<void>, options = {}) {
    await set(door, 3 * MB);
    const hold = new Hold();
    const window = await desk.open({ ...hold.options, ...options });
    desk.sandbox.faults.arm({ step: "upload", fault: "resetBeforeBody" });
    const id = await compose(window, path);
    await hold.reached(window, id);
    await change();
    hold.release();
    await window.until(id, ({ attachments }) => attachments[0]?.status === "failed");
    return { window, id, file: fileOf(window, id).id };
  }

  const writtenOver = () => writeFile(path, sample(3 * MB, 2));

  it("is copied where it was written over, and the copy is sent, whatever comes after", async () => {
    const { window, id, file } = await interrupted(nylas, writtenOver);
    await takeRemedy(window, id, "sendAsItIs", file);
    await writeFile(path, sample(2 * MB, 3));
    await window.until(id, isReady);
    assert.equal((await copies()).length, 1);
    const [view] = shown(window, id)?.attachments ?? [];
    assert.equal(view?.place, path, "people see where the file is");
    assert.equal(view?.name, name);
    await pressSend(window, id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    desk.witness.expectFile(name, sample(3 * MB, 2));
    await until("the copy goes with the mail", async () => (await copies()).length === 0);
    await window.close();
  });

  for (const [what, change] of [
    ["begun anew", () => truncate(path, 0).then(() => appendFile(path, "a new day"))],
    ["written over", () => writeFile(path, sample(4 * MB, 5))],
  ] as const)
    it(`is sent as it was wanted where it is ${what} once its first bytes are uploaded`, async () => {
      const { window, id, file } = await interrupted(nylas, () => appendFile(path, "more"));
      await takeRemedy(window, id, "sendAsItIs", file);
      await window.until(id, isReady);
      assert.deepEqual(await copies(), []);
      await change();
      await pressSend(window, id);
      assert.equal(
        (await window.until(id, isSettled))?.phase,
        "sent",
        "what was uploaded is what was wanted",
      );
      desk.witness.expectFile(name, Buffer.concat([sample(3 * MB), Buffer.from("more")]));
    });

  it("is asked about where it begins anew before it leaves in the mail itself, and a copy is sent then", async () => {
    await set(google, MB);
    const window = await desk.open();
    const id = await compose(window, path);
    await window.until(id, isReady);
    await appendFile(path, "more");
    await pressSend(window, id);
    await window.until(id, isSettled);
    await takeRemedy(window, id, "sendAsItIs", fileOf(window, id).id);
    await window.until(id, isSettled);
    const [mail] = desk.sandbox.mails;
    desk.witness.expectFile(name, await readFile(path));
    assert.equal(mail?.attachments[0]?.size, MB + 4);
  });

  it("is copied without a question where a listed log begins anew before its mail leaves", async () => {
    await set(google, MB);
    const window = await desk.open({ goesAsItIs: () => true });
    const id = await compose(window, path);
    await window.until(id, isReady);
    await writeFile(path, "a new day");
    await pressSend(window, id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    desk.witness.expectFile(name, Buffer.from("a new day"));
    assert.equal(desk.sandbox.mails[0]?.attachments[0]?.size, "a new day".length);
    await until("the copy goes with the mail", async () => (await copies()).length === 0);
    await window.close();
  });

  it("goes on from its copy after the window was killed", async () => {
    const { window, id, file } = await interrupted(nylas, writtenOver);
    await takeRemedy(window, id, "sendAsItIs", file);
    await window.until(id, isReady);
    await window.store.flushed(id);
    await window.kill();
    await writeFile(path, "something else");
    const next = await desk.open();
    await pressSend(next, id);
    assert.equal((await next.until(id, isSettled))?.phase, "sent");
    desk.witness.expectFile(name, sample(3 * MB, 2));
    await next.close();
    assert.deepEqual(await copies(), []);
  });

  for (const [what, end] of [
    ["the mail is discarded", (window: Window, id: string) => window.runner.forget(id)],
    ["it is taken out", (window: Window, id: string, file: string) => click(window, id, file, "remove")],
  ] as const)
    it(`leaves no copy behind where ${what}`, async () => {
      const { window, id, file } = await interrupted(nylas, writtenOver);
      await takeRemedy(window, id, "sendAsItIs", file);
      await window.until(id, isReady);
      assert.equal((await copies()).length, 1);
      await end(window, id, file);
      await window.close();
      assert.deepEqual(await copies(), []);
    });

  it("is uploaded once more from its first bytes when the session has run out", async () => {
    const clock = { clockOffsetMs: () => desk.sandbox.clock.offsetMs };
    const { window, id, file } = await interrupted(nylas, () => appendFile(path, "more"), clock);
    await takeRemedy(window, id, "sendAsItIs", file);
    await window.until(id, isReady);
    await appendFile(path, " and more");
    desk.sandbox.clock.advance(2 * 60 * 60_000);
    await pressSend(window, id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    desk.witness.expectFile(name, Buffer.concat([sample(3 * MB), Buffer.from("more")]));
  });

  it("is taken as it lies there where the new version is wanted after all", async () => {
    const { window, id, file } = await interrupted(nylas, () => appendFile(path, "more"));
    await takeRemedy(window, id, "uploadNewVersion", file);
    await window.until(id, isReady);
    assert.equal(fileOf(window, id).grows, false);
    desk.witness.expectFile(name, await readFile(path));
    await pressSend(window, id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
  });
});
