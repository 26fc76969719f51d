import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { simpleParser } from "mailparser";
import { largestFile } from "../../src/shared/summary/mailsNeeded.ts";
import { compose, Desk, faultsMet } from "../support/desk.ts";
import { type Door, graph, graphSendOnly, nylas } from "../support/doors.ts";
import { sampleOf } from "../support/files.ts";
import { cutting } from "../support/journals.ts";
import { sha256 } from "../support/sha256.ts";
import type { Window, WindowOptions } from "../support/window.ts";

/** What a mail takes, and a file of which it takes a third. */
const most = 700_000;
const size = 1_100_003;
const options: Partial<WindowOptions> = { mostBoth: () => most };

/** A file that is cut, as somebody sends it and somebody else reads it. */
class Post {
  readonly desk: Desk;
  window: Window;

  private constructor(desk: Desk, window: Window) {
    this.desk = desk;
    this.window = window;
  }

  static async begin(door: Door): Promise<Post> {
    const desk = await Desk.set(door);
    const post = new Post(desk, await desk.open(options));
    post.#watch(post.window);
    return post;
  }

  async reopen(more: Partial<WindowOptions> = {}): Promise<Window> {
    this.window = await this.desk.open({ ...options, ...more });
    this.#watch(this.window);
    return this.window;
  }

  /** The witness knows files by their names: what a part must be is told from the whole. */
  #watch({ store }: Window): void {
    const look = () => {
      for (const { set, attachments } of store.list())
        for (const { name, parts } of set?.cut ?? [])
          for (const { name: part, start, size: length } of parts) {
            const whole = this.#contents.get(name);
            if (whole !== undefined)
              this.desk.witness.expectFile(part, whole.subarray(start, start + length));
            assert.ok(
              attachments.every(({ size: bytes }) => bytes <= largestFile(most)) || set?.moving.length,
            );
          }
    };
    store.onDidChange(look);
    look();
  }

  readonly #contents = new Map<string, Buffer>();

  async file(name: string, bytes: number, seed = 1): Promise<string> {
    this.#contents.set(name, sampleOf(name, bytes, seed));
    return this.desk.file(name, bytes, seed);
  }

  async write(...paths: string[]): Promise<string> {
    const { window } = this;
    const id = await compose(window, ...paths);
    const { form } = window.store.get(id);
    const text = { to: "ann@x.example", subject: `Build (${id})`, body: "Here it is." };
    await window.runner.edit(id, { ...form, ...text, revision: form.revision + 1 });
    return id;
  }

  press(id: string, window = this.window): Promise<unknown> {
    const purpose = { type: "send", inMails: true, inParts: true } as const;
    return window.runner.send(id, window.store.get(id).form, purpose);
  }

  /** The ids of a set's mails, once each has its part. */
  async mails(id: string): Promise<readonly string[]> {
    const first = await this.window.until(id, ({ set }) => set !== null && set.moving.length === 0);
    return first?.set?.mails ?? [];
  }

  allSent(count: number, window = this.window): Promise<void> {
    return new Promise<void>((resolve) => {
      const look = () => {
        const mails = window.store.list();
        if (mails.length !== count || mails.some(({ phase }) => phase !== "sent")) return;
        listening.dispose();
        resolve();
      };
      const listening = window.store.onDidChange(look);
      look();
    });
  }

  /** Reads the mails as a person does who saves all files and runs the line for their system. */
  async assertJoins(path: string, count: number): Promise<void> {
    const { sandbox, files } = this.desk;
    const folder = join(files.path, "saved");
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    assert.equal(sandbox.mails.length, count);
    const [first, ...others] = sandbox.mails.toReversed();
    // Nobody can answer a mail of which the service tells no name.
    for (const mail of this.desk.door === graphSendOnly ? [] : others) {
      assert.equal(mail.in_reply_to, first?.message_id);
      assert.equal(mail.thread_id, first?.thread_id);
    }
    const texts = new Set<string>();
    for (const { eml, deliveries, attachments } of sandbox.mails) {
      assert.equal(deliveries, 1);
      const raw = Buffer.from(await (await fetch(eml)).arrayBuffer());
      assert.ok(raw.length <= most, `${raw.length} bytes in a mail`);
      const mail = await simpleParser(raw);
      for (const { filename = "", content } of mail.attachments) {
        assert.match(filename, /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u);
        await writeFile(join(folder, filename), content);
      }
      assert.equal(mail.attachments.length, attachments.length);
      texts.add((mail.text ?? "").replace(/^.*?\(\d\/\d\)/s, ""));
    }
    // All say the same.
    assert.equal(texts.size, 1);
    const [text = ""] = texts;
    const whole = await readFile(path);
    assert.ok(text.includes(sha256(whole)));
    const [, line = "", target = ""] = /^(cat .* > (.*))$/m.exec(text) ?? [];
    execFileSync("sh", ["-c", line], { cwd: folder });
    assert.equal(sha256(await readFile(join(folder, target))), sha256(whole));
    const [, parts = "", windows = ""] = /^cmd \/c copy \/b (\S+) (\S+)$/m.exec(text) ?? [];
    assert.equal(windows, target);
    const read = await Promise.all(parts.split("+").map((name) => readFile(join(folder, name))));
    assert.equal(sha256(Buffer.concat(read)), sha256(whole));
  }

  /** Bytes of all that lies in the folder for records. */
  async kept(): Promise<number> {
    let sum = 0;
    for (const entry of await readdir(this.desk.folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
    return sum;
  }
}

for (const door of [nylas, graph, graphSendOnly])
  describe(`A file in parts through ${door.name}`, () => {
    let post: Post;
    beforeEach(async () => {
      post = await Post.begin(door);
    });
    afterEach(() => post.desk.clear());

    it("arrives whole, each part once, in one thread, with what joins them", async () => {
      const path = await post.file("film.mp4", size);
      const id = await post.write(path);
      await post.press(id);
      await post.mails(id);
      assert.ok((await post.kept()) < 100_000);
      await post.allSent(3);
      await post.assertJoins(path, 3);
      assert.deepEqual(
        post.desk.sandbox.mails.map(({ attachments }) => attachments.map(({ filename }) => filename)).sort(),
        [["film.mp4.001"], ["film.mp4.002"], ["film.mp4.003"]],
      );
    });

    it("arrives whole when all of it was uploaded before", async () => {
      const path = await post.file("film.mp4", size);
      const id = await post.write(path);
      await post.window.until(id, ({ attachments }) =>
        attachments.every(({ status }) => status !== "queued"),
      );
      await post.press(id);
      await post.allSent(3);
      await post.assertJoins(path, 3);
    });

    it("arrives whole after a crash behind the first part", async () => {
      post.desk.sandbox.faults.arm({ step: "send", fault: "hold", skip: 1 });
      const path = await post.file("film.mp4", size);
      const id = await post.write(path);
      await post.press(id);
      await faultsMet(post.desk.sandbox);
      assert.equal(post.window.store.get(id).phase, "sent");
      await post.window.kill();
      post.desk.sandbox.faults.release();
      const next = await post.reopen();
      if (door === graphSendOnly) {
        // It keeps no list in which anybody could look.
        const [, second = ""] = next.store.get(id).set?.mails ?? [];
        await next.until(second, ({ phase }) => phase === "unconfirmed");
        return;
      }
      await post.allSent(3);
      await post.assertJoins(path, 3);
    });

    it("is found out when it changes between the parts, and goes on once it is back", async () => {
      const path = await post.file("film.mp4", size);
      const bytes = await readFile(path);
      post.desk.sandbox.faults.arm({ step: "send", fault: "hold" });
      const id = await post.write(path);
      await post.press(id);
      const [, second = "", third = ""] = await post.mails(id);
      const [file] = post.window.store.get(third).attachments;
      await post.window.runner.cancel(third, file?.id ?? "");
      await faultsMet(post.desk.sandbox);
      await post.window.until(second, ({ attachments }) =>
        attachments.every(({ status }) => status === "ready"),
      );
      await writeFile(path, sampleOf("film.mp4", size, 9));
      post.desk.sandbox.faults.release();
      await post.window.until(id, ({ phase }) => phase === "sent");
      await post.window.runner.resume(third, file?.id ?? "");
      const isStopped = ({ attachments }: { attachments: readonly { status: string }[] }) =>
        attachments.some(({ status }) => status === "failed");
      const failed = await post.window.until(third, isStopped);
      assert.match(failed?.attachments[0]?.error?.message ?? "", /has changed since its parts were sent/);
      assert.equal(failed?.attachments[0]?.error?.remedy, "retry");
      const refused = /other parts are of no use without it/;
      await assert.rejects(post.window.runner.uploadNewVersion(third, file?.id ?? ""), refused);
      await assert.rejects(post.window.runner.detach(third, file?.id ?? ""), refused);
      // What travels with its mail is read when that leaves: the second stops as well.
      if (door === graphSendOnly) await post.window.until(second, isStopped);
      await writeFile(path, bytes);
      for (const mail of [second, third])
        for (const { id: stopped, status } of post.window.store.get(mail).attachments)
          if (status === "failed") await post.window.runner.resume(mail, stopped);
      await post.allSent(3);
      await post.assertJoins(path, 3);
    });

    it("is one file again when it is taken back, and goes as one where it may", async () => {
      post.desk.sandbox.faults.arm({ step: "send", fault: "hold" });
      const path = await post.file("film.mp4", 800_000);
      const id = await post.write(path, await post.file("notes.txt", 100_000));
      await post.window.close();
      const window = await post.reopen({ undoSendMs: () => 3_600_000 });
      await post.press(id);
      const [, second = ""] = await post.mails(id);
      await window.runner.withdraw(second);
      const { attachments, set, phase } = window.store.get(id);
      assert.deepEqual([phase, set, window.store.list().length], ["composing", null, 1]);
      assert.deepEqual(attachments.map(({ name, size: bytes, part }) => [name, bytes, part]).sort(), [
        ["film.mp4", 800_000, undefined],
        ["notes.txt", 100_000, undefined],
      ]);
      await window.until(id, (mail) => mail.attachments.every(({ status }) => status === "ready"));
    });
  });

describe("A file in parts", () => {
  let post: Post;
  beforeEach(async () => {
    post = await Post.begin(nylas);
  });
  afterEach(() => post.desk.clear());

  for (const which of [0, 1, 2])
    it(`arrives each part once when the answer to mail ${which + 1} is lost`, async () => {
      const fault = { step: "send", fault: "dropReplyAfterCommit", skip: which } as const;
      post.desk.sandbox.faults.arm(fault);
      const path = await post.file("film.mp4", size);
      const id = await post.write(path);
      await post.press(id);
      await post.allSent(3);
      await post.assertJoins(path, 3);
    });

  for (const written of [1, 3, 4, 5, 7])
    it(`arrives whole after a crash before write ${written} behind Send`, async () => {
      const path = await post.file("film.mp4", size);
      await post.window.close();
      let left = Number.POSITIVE_INFINITY;
      const mortal = await post.reopen({
        journal: cutting({ when: "before", isMoment: () => left-- === 0 }),
      });
      const id = await post.write(path);
      await mortal.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      await mortal.store.saved(id);
      left = written;
      void post.press(id);
      await mortal.until(id, () => mortal.isDead);
      await mortal.kill();
      const next = await post.reopen();
      if (next.store.get(id).phase === "composing") {
        assert.equal(next.store.list().length, 1);
        await post.press(id);
      }
      await post.allSent(3);
      await post.assertJoins(path, 3);
    });

  for (const [title, bytes, mails] of [
    ["one byte more than a mail takes", "over", 2],
    ["parts of exactly what a mail takes", "twice", 2],
    // The last of three is so small that it fits beside the second.
    ["one byte more than that", "twice and one", 2],
  ] as const)
    it(`arrives whole with ${title}`, async () => {
      // The first mail has the text besides.
      const full = await largestFirst();
      const length = { over: full + 1, twice: 2 * full, "twice and one": 2 * full + 1 }[bytes];
      const path = await post.file("film.mp4", length);
      const id = await post.write(path);
      await post.press(id);
      await post.allSent(mails);
      await post.assertJoins(path, mails);
      const sizes = post.desk.sandbox.mails.flatMap(({ attachments }) =>
        attachments.map((part) => part.size),
      );
      assert.equal(Math.max(...sizes), full);
    });

  /** Of the first mail of `write`: what a cut of another file says. */
  async function largestFirst(): Promise<number> {
    const { planSet } = await import("../../src/delivery/compose/planSet.ts");
    const id = await post.write(await post.file("other.bin", size));
    const plan = planSet(post.window.store.get(id), most, () => "", true);
    await post.window.runner.forget(id);
    return plan?.cut[0]?.parts[0]?.size ?? 0;
  }

  it("arrives whole beside others, under a name that no command line misreads", async () => {
    const odd = await post.file("-rf $(id) 'é' & 日本.mp4", size);
    const id = await post.write(await post.file("a.txt", 10_000), odd, await post.file("b.txt", 300_000));
    await post.press(id);
    await post.allSent(4);
    await post.assertJoins(odd, 4);
  });

  it("is not called as another file of the mails", async () => {
    const path = await post.file("film.mp4", size);
    const id = await post.write(path, await post.file("film.mp4.001", 1_000));
    await post.press(id);
    await post.allSent(3);
    const names = post.desk.sandbox.mails.flatMap(({ attachments }) =>
      attachments.map(({ filename }) => filename),
    );
    assert.equal(new Set(names).size, 4);
    await post.assertJoins(path, 3);
  });

  it("stays out of what is not to be cut", async () => {
    const id = await post.write(await post.file("film.mp4", size));
    const { form } = post.window.store.get(id);
    await assert.rejects(
      post.window.runner.send(id, form, { type: "send", inMails: true }),
      /film\.mp4” alone/,
    );
  });

  it("is refused where too many mails would be needed", async () => {
    const id = await post.write(await post.file("film.mp4", 10_000_000));
    await assert.rejects(post.press(id), /More than 20 mails/);
    assert.equal(post.window.store.get(id).phase, "composing");
  });

  it("does not leave where it has changed since it was uploaded", async () => {
    const path = await post.file("film.mp4", size);
    const id = await post.write(path);
    await post.window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    await writeFile(path, sampleOf("film.mp4", size, 9));
    await assert.rejects(post.press(id), /has changed since it was added/);
    assert.equal(post.window.store.get(id).phase, "composing");
    assert.equal(post.desk.sandbox.mails.length, 0);
  });

  it("goes whole to somebody else afterwards", async () => {
    const path = await post.file("film.mp4", size);
    const id = await post.write(path);
    await post.press(id);
    await post.allSent(3);
    const other = (await post.window.runner.sendAgainTo(id, ["bob@x.example"])) ?? "";
    assert.deepEqual(
      post.window.store.get(other).attachments.map((file) => [file.name, file.size, file.path]),
      [[basename(path), size, path]],
    );
  });

  it("goes without it when one of its mails is discarded", async () => {
    post.desk.sandbox.faults.arm({ step: "upload", fault: "hold", times: 9 });
    const id = await post.write(await post.file("film.mp4", size), await post.file("notes.txt", 1000));
    await post.press(id);
    const [, second = ""] = await post.mails(id);
    await post.window.runner.forget(second);
    const { phase, attachments } = post.window.store.get(id);
    assert.deepEqual([phase, attachments.map(({ name }) => name)], ["composing", ["notes.txt"]]);
    assert.equal(post.window.store.list().length, 1);
  });
});
