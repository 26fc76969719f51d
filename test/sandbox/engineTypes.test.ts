import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { simpleParser } from "mailparser";
import { compose, Desk, isSettled } from "../support/desk.ts";
import { google, graph, nylas } from "../support/doors.ts";
import { send as get } from "./support.ts";

const inner = "From: a@x.example\r\nSubject: inner mail\r\nContent-Type: text/plain\r\n\r\nBounced.\r\n";
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "bounce.eml": inner,
  "page.mht": inner,
  "server.ts": "export {};\n",
  "umlaut.txt": "Grüße aus Köln\n",
  "marked.txt": "\ufeffGrüße\r\n",
  "latin.txt": Buffer.from("Grüße\n", "latin1"),
  "utf16.csv": Buffer.from("\ufeffä;b\r\n", "utf16le"),
  "mac.txt": "one\rtwo\r",
};

for (const door of [nylas, graph, google])
  describe(`Files of all types through ${door.name}`, () => {
    let desk: Desk;
    beforeEach(async () => {
      desk = await Desk.set(door);
    });
    afterEach(() => desk.clear());

    it("arrive byte for byte, whatever a mail program makes of their types", async () => {
      const window = await desk.open();
      const paths = await Promise.all(
        Object.entries(FILES).map(async ([name, content]) => {
          desk.witness.expectFile(name, Buffer.from(content));
          return desk.files.file(name, content);
        }),
      );
      const id = await compose(window, ...paths);
      const { form } = window.store.get(id);
      await window.runner.send(id, { ...form, revision: 1, to: "r@example.com", subject: `A mail (${id})` });
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      const eml = (await get(desk.sandbox.mails[0]?.eml ?? "")).text;
      assert.doesNotMatch(eml, /^Content-Type: *(message|video)\//im);
      assert.equal(eml.match(/^Content-Type: *application\/octet-stream/gim)?.length, 5);
      const { attachments } = await simpleParser(eml);
      const arrived = new Map(attachments.map(({ filename, ...file }) => [filename, file]));
      for (const path of paths)
        assert.deepEqual(arrived.get(basename(path))?.content, await readFile(path), path);
    });
  });
