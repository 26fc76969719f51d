// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of templates.
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { mock } from "node:test";
import { type ParsedMail, simpleParser } from "mailparser";
import MarkdownIt from "markdown-it";
import type { Begin, Beginning } from "../../src/delivery/compose/newMailText.ts";
import type { Form } from "../../src/shared/contract/form.ts";
import type { BodyPreview } from "../../src/shared/contract/messages.ts";
import { BodyFeed } from "../../src/ui/panel/bodyFeed.ts";
import { Desk, isSettled } from "../support/desk.ts";
import { graph, nylas } from "../support/doors.ts";
import { sample, sampleOf } from "../support/files.ts";
import { MemoryLog } from "../support/memory.ts";
import { sha256 } from "../support/sha256.ts";
import { until } from "../support/until.ts";
import type { Window } from "../support/window.ts";
import { send as get } from "./support.ts";

const small = 5_001;
const large = 4_000_003;

for (const door of [nylas, graph])
  describe(`The text of a mail through ${door.name}`, () => {
    let desk: Desk;
    let window: Window;
    beforeEach(async () => {
      desk = await Desk.set(door);
      window = await desk.open();
    });
    afterEach(() => desk.clear());

    const begin = (change: Partial<Beginning>): Begin => {
      const imageFolders = { root: desk.files.path, folder: desk.files.path };
      return async () => ({ body: "", format: "markdown", fillsIn: false, imageFolders, ...change });
    };
    const compose = async (change: Partial<Beginning>, ...paths: string[]): Promise<string> => {
      const { deliveryId } = await window.runner.compose(paths, "account", begin(change));
      assert.ok(deliveryId);
      return deliveryId;
    };
    const form = (id: string, change: Partial<Form>): Form => {
      const known = window.store.get(id).form;
      return {
        ...known,
        to: "reader@example.com",
        subject: `A mail (${id})`,
        revision: known.revision + 1,
        ...change,
      };
    };
    const press = (id: string, change: Partial<Form> = {}) => window.runner.send(id, form(id, change));
    const images = (id: string) =>
      window.store.get(id).attachments.flatMap(({ inline }) => inline?.name ?? []);
    const has = (id: string, ...names: string[]) =>
      window.until(id, ({ attachments }) => {
        const carried = attachments.flatMap(({ inline }) => inline?.name ?? []);
        return carried.join() === names.join();
      });

    /** The mail as another program reads it. */
    const arrived = async (id: string): Promise<ParsedMail> => {
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      const mail = desk.sandbox.mails.find(({ subject }) => subject.includes(id));
      assert.ok(mail);
      return simpleParser((await get(mail.eml)).text, { keepCidLinks: true });
    };

    it("goes out as HTML when it is Markdown", async () => {
      const id = await compose({ body: "Hello **you** <script>\n\n- one" });
      await press(id);
      const mail = await arrived(id);
      assert.equal(
        (mail.html || "").trim(),
        '<div style="font-family:Arial,Helvetica,sans-serif"><p>Hello <strong>you</strong> &#60;script&#62;</p><ul><li>one</li></ul></div>',
      );
      assert.equal(desk.sandbox.mails[0]?.text, "Hello you <script>\n\n- one");
    });

    it("goes out as it was typed when it is HTML, and when it is plain", async () => {
      const html = '<p style="color:red">![](chart.png) &amp; **not bold**</p>';
      const first = await compose({ body: html, format: "html" });
      await press(first);
      const { html: sent } = await arrived(first);
      assert.equal((sent || "").trim(), html);
      const second = await compose({ body: "**not bold** <b>\n", format: "text" });
      await press(second);
      const plain = await arrived(second);
      assert.deepEqual([plain.text?.trim(), plain.html || ""], ["**not bold** <b>", ""]);
    });

    it("shows small and large images of the folder, and attaches the file", async () => {
      await desk.file("chart.png", small, 2);
      await desk.file("photo 1.jpg", large, 3);
      const body = "See ![the chart](chart.png)\n\n![photo](<photo 1.jpg>) and again ![](./chart.png)";
      const id = await compose({ body }, await desk.file("build.bin", small, 4));
      await press(id);
      const mail = await arrived(id);
      const [chart, photo, again] = [...(mail.html || "").matchAll(/<img src="cid:([a-z0-9]+)"/gi)].map(
        ([, cid]) => cid,
      );
      assert.ok(chart && photo);
      assert.equal(again, chart);
      const file = (name: string) => {
        const found = mail.attachments.find(({ filename }) => filename === name);
        return [found?.contentDisposition, found?.cid, found?.contentType, found && sha256(found.content)];
      };
      assert.deepEqual(file("chart.png"), [
        "inline",
        chart,
        "image/png",
        sha256(sampleOf("chart.png", small, 2)),
      ]);
      assert.deepEqual(file("photo 1.jpg"), [
        "inline",
        photo,
        "image/jpeg",
        sha256(sampleOf("photo 1.jpg", large, 3)),
      ]);
      assert.deepEqual(file("build.bin").slice(0, 2), ["attachment", undefined]);
      assert.equal(mail.attachments.length, 3);
    });

    it("carries an image as long as it names it", async () => {
      await desk.file("a.png", small, 2);
      await desk.file("b.png", small, 3);
      const id = await compose({ body: "![](a.png)" });
      await has(id, "a.png");
      await window.runner.edit(id, form(id, { body: "![](a.png) ![](b.png)" }));
      await has(id, "a.png", "b.png");
      await window.runner.edit(id, form(id, { body: "![](b.png)" }));
      await has(id, "b.png");
      await press(id, { format: "text" });
      const mail = await arrived(id);
      assert.deepEqual([mail.text?.trim(), mail.attachments.length], ["![](b.png)", 0]);
    });

    it("looks for images before it is sent, however fast Send was pressed", async () => {
      await desk.file("a.png", small, 2);
      const id = await compose({});
      await press(id, { body: "![](a.png)" });
      assert.deepEqual(images(id), ["a.png"]);
      assert.match((await arrived(id)).html || "", /<img src="cid:/);
    });

    for (const length of [400_000, 499_999, 500_001, 1_000_000])
      it(`finds the images of a text of ${length} characters`, async () => {
        const image = "![the chart](chart.png)\n\n";
        await desk.file("chart.png", small, 2);
        const body = image + "word ".repeat(length / 5 + 1).slice(0, length - image.length);
        const id = await compose({ body });
        await press(id);
        const mail = await arrived(id);
        assert.match((mail.html || "").slice(0, 200), /<img src="cid:/);
        assert.deepEqual(
          mail.attachments.map(({ filename }) => filename),
          ["chart.png"],
        );
      });

    it("is not sent without an image that it names: the text is shown with the reason", async () => {
      const id = await compose({});
      const problem = await press(id, { body: "![](gone.png)" });
      assert.deepEqual(problem, { field: "body", message: "The image “gone.png” was not found." });
      assert.equal(window.store.get(id).phase, "composing");
      await press(id, { body: "Nothing to see." });
      assert.equal((await arrived(id)).attachments.length, 0);
    });

    it("keeps its images when the window closes, and the files are gone", async () => {
      const path = await desk.file("a.png", small, 2);
      const id = await compose({ body: "![](a.png)" });
      await window.until(id, ({ attachments }) => attachments.some(({ status }) => status === "ready"));
      await window.close();
      window = await desk.open();
      await rm(path);
      await press(id);
      const mail = await arrived(id);
      assert.match(mail.html || "", /<img src="cid:/);
      assert.equal(mail.attachments[0]?.checksum.length, 32);
    });

    it("says what is known only after the upload, and the same on each try", async () => {
      desk.sandbox.faults.arm({ step: "send", fault: "refuse", status: 503, times: 1 });
      const path = await desk.file("build.bin", small, 4);
      const id = await compose({ body: "${file}: `${sha256}` for ${name} ${other}", fillsIn: true }, path);
      await press(id, { to: "Ann Lee <ann@x.example>" });
      const mail = await arrived(id);
      const hash = sha256(sample(small, 4));
      assert.match(
        mail.html || "",
        new RegExp(`build.bin: <code[^>]*>${hash}</code> for Ann Lee \\$\\{other\\}`),
      );
    });

    it("is read once, for its preview, its images and what leaves, until somebody types on", async () => {
      await desk.file("a.png", small, 2);
      const id = await compose({}, await desk.file("build.bin", small, 4));
      const posted: BodyPreview[] = [];
      const feed = new BodyFeed({
        find: () => window.store.find(id),
        post: ({ preview }) => posted.push(...(preview === null ? [] : [preview])),
        addressOf: (path) => path,
        isPreviewShown: () => true,
        log: new MemoryLog(),
      });
      const changes = window.store.onDidChange(() => feed.updateSoon());
      const read = mock.method(MarkdownIt.prototype, "parse");
      try {
        const body = `**Once** upon ![](a.png) ${door.name}`;
        await window.runner.edit(id, form(id, { body }));
        await has(id, "a.png");
        await until("the preview has the image", () => JSON.stringify(posted.at(-1))?.includes("/a.png"));
        await press(id);
        await arrived(id);
        assert.deepEqual(
          read.mock.calls.map(({ arguments: [text] }) => text).filter((text) => text.includes("Once")),
          [body],
        );
      } finally {
        read.mock.restore();
        changes.dispose();
        feed.dispose();
      }
    });

    it("has no variables unless a template brought them", async () => {
      const id = await compose({ body: "rm ${file}" }, await desk.file("build.bin", small, 4));
      await press(id);
      assert.match((await arrived(id)).html || "", /rm \$\{file\}/);
    });
  });
