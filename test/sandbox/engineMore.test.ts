import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type ParsedMail, simpleParser } from "mailparser";
import type { Form } from "../../src/shared/contract/form.ts";
import { compose, Desk, isSettled } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import { sha256 as digest } from "../support/sha256.ts";
import type { Window } from "../support/window.ts";
import { send as get } from "./support.ts";

for (const door of [nylas, graph])
  describe(`Reply-To and headers through ${door.name}`, () => {
    let desk: Desk;
    let window: Window;
    beforeEach(async () => {
      desk = await Desk.set(door);
      window = await desk.open();
    });
    afterEach(() => desk.clear());

    const press = (id: string, change: Partial<Form>) => {
      const { form } = window.store.get(id);
      const subject = `A mail (${id})`;
      const revision = form.revision + 1;
      return window.runner.send(id, { ...form, to: "reader@example.com", subject, revision, ...change });
    };
    const arrived = async (id: string): Promise<ParsedMail> => {
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      const [mail] = desk.sandbox.mails;
      assert.ok(mail);
      return simpleParser((await get(mail.eml)).text);
    };

    it("reach the reader", async () => {
      const id = await compose(window, await desk.file());
      await press(id, { replyTo: '"Lee, Ann" <ann@x.example>, desk@x.example', headers: "X-Run: 7: b" });
      const mail = await arrived(id);
      assert.equal(mail.replyTo?.text, '"Lee, Ann" <ann@x.example>, desk@x.example');
      assert.equal(mail.headers.get("x-run"), "7: b");
      assert.equal(mail.attachments.length, 1);
    });

    it("are of a mail that only people in Bcc get, too", async () => {
      const id = await compose(window, await desk.file());
      assert.equal((await press(id, { to: "" }))?.message, "Enter at least one recipient.");
      await press(id, { to: "", bcc: "ann@x.example, bob@x.example" });
      const mail = await arrived(id);
      const told = desk.sandbox.mails[0];
      assert.deepEqual(
        told?.bcc.map(({ email }) => email),
        ["ann@x.example", "bob@x.example"],
      );
      // One service wants somebody in To.
      const own = window.store.get(id).message?.to.map(({ email }) => email) ?? [];
      assert.deepEqual(
        told?.to.map(({ email }) => email),
        own,
      );
      assert.equal(own.length, door === nylas ? 1 : 0);
      assert.doesNotMatch(JSON.stringify(mail.headers.get("to") ?? ""), /ann@|bob@/);
    });

    it("are sent back with the reason when the mailbox would refuse them", async () => {
      const id = await compose(window, await desk.file());
      assert.equal((await press(id, { headers: "List-Id: tide" }))?.field, "headers");
      assert.equal((await press(id, { replyTo: "nobody" }))?.field, "replyTo");
      assert.equal(window.store.get(id).phase, "composing");
      await press(id, { headers: "", replyTo: "" });
      assert.equal((await arrived(id)).headers.get("list-id"), undefined);
    });

    it("that were taken out after a send that failed are not in the next one", async () => {
      const id = await compose(window, await desk.file());
      desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 400 });
      await press(id, { headers: "X-Old: 1\nX-Kept: 1" });
      assert.equal((await window.until(id, isSettled))?.phase, "failed");
      await press(id, { headers: "X-Kept: 2" });
      const { headers } = await arrived(id);
      assert.deepEqual([headers.get("x-old"), headers.get("x-kept")], [undefined, "2"]);
    });
  });

for (const door of [nylas, graph, google])
  describe(`Files whose names cannot be seen, through ${door.name}`, () => {
    let desk: Desk;
    beforeEach(async () => {
      desk = await Desk.set(door);
    });
    afterEach(() => desk.clear());

    it("are sent, each with a name that can be read", async () => {
      const window = await desk.open();
      const names = ["\u202e", "\u0001\u0002", " \u200b", "\u2066\u2069.txt", "\ufeff"];
      const paths = await Promise.all(names.map((name, at) => desk.file(name, 1_000 + at, at + 1)));
      const id = await compose(window, ...paths);
      const shown = window.store.get(id).attachments.map(({ name }) => name);
      assert.deepEqual(shown, ["file", "file (2)", "file (3)", ".txt", "file (4)"]);
      const { form } = window.store.get(id);
      await window.runner.send(id, { ...form, revision: 1, to: "r@example.com", subject: `A mail (${id})` });
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      const [mail] = desk.sandbox.mails;
      assert.equal(mail?.attachments.length, names.length);
      for (const { filename, sha256 } of mail?.attachments ?? []) {
        assert.notEqual(filename.trim(), "");
        assert.ok(names.some((_, at) => digest(sample(1_000 + at, at + 1)) === sha256));
      }
      for (const [at] of names.entries())
        for (const name of ["file", "file (2)", "file (3)", "file (4)", ".txt"])
          desk.witness.expectFile(name, sample(1_000 + at, at + 1));
    });

    it("are told apart, also by case, when they are added, renamed, or replaced", async () => {
      const window = await desk.open();
      const path = async (folder: string, name: string, at: number) => {
        await mkdir(join(desk.files.path, folder), { recursive: true });
        return desk.file(join(folder, name), 1_000 + at, at);
      };
      const shown = () => window.store.get(id).attachments.map(({ name }) => name);
      const id = await compose(window, await path("a", "server.log", 1), await path("b", "server.log", 2));
      assert.equal(window.store.get(id).form.subject, "server.log, server (2).log");
      await window.runner.attach(id, [await path("c", "Server.log", 3), await path("d", "u\u0308.txt", 4)]);
      assert.deepEqual(shown(), ["server.log", "server (2).log", "Server (3).log", "ü.txt"]);
      const [, second, third] = window.store.get(id).attachments;
      await window.runner.rename(id, third?.id ?? "", "SERVER.LOG");
      assert.deepEqual(shown(), ["server.log", "server (2).log", "SERVER (3).LOG", "ü.txt"]);
      await window.runner.replace(id, second?.id ?? "", await path("e", "server (2).log", 5));
      assert.deepEqual(shown(), ["server.log", "SERVER (3).LOG", "ü.txt", "server (2).log"]);
      const { form } = window.store.get(id);
      await window.runner.send(id, { ...form, revision: 1, to: "r@example.com", subject: `A mail (${id})` });
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      const names = desk.sandbox.mails[0]?.attachments.map(({ filename }) => filename).sort();
      assert.deepEqual(names, ["SERVER (3).LOG", "server (2).log", "server.log", "ü.txt"]);
      for (const at of [1, 2, 3, 4, 5])
        for (const name of shown()) desk.witness.expectFile(name, sample(1_000 + at, at));
    });
  });
