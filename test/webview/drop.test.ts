import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { until } from "../support/until.ts";
import { PanelPage } from "./panelPage.ts";
import { emptyForm, hostNow, snapshot } from "./snapshots.ts";
import { type Theme, themes } from "./themes.ts";

const pictures = join(import.meta.dirname, "../../out/screenshots");

const CODE_URIS = "application/vnd.code.uri-list";

describe("files dropped on the page", () => {
  let panel: PanelPage;

  before(() => mkdir(pictures, { recursive: true }));
  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const veil = () => panel.page.getByText("Drop files to attach them");
  const hint = () => panel.page.getByText("Hold Shift to drop here");

  /** Lets something with these texts do this to an element. @returns whether the page took it */
  const drag = (
    type: string,
    texts: Record<string, string>,
    { selector = "h2", ...init }: { selector?: string; shiftKey?: boolean } = {},
  ) =>
    panel.page.evaluate(
      ([kind, entries, at, options]) => {
        const dataTransfer = new DataTransfer();
        for (const [format, text] of Object.entries(entries)) dataTransfer.setData(format, text);
        const event = new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true, ...options });
        return document.querySelector(at)?.dispatchEvent(event) === false;
      },
      [type, texts, selector, init] as const,
    );

  it("are every address of VS Code's own list, not the one of the standard's", async () => {
    await panel.show(snapshot());
    const list = "file:///a.bin\r\nfile:///b.bin\r\n";
    assert.ok(await drag("drop", { [CODE_URIS]: list, "text/uri-list": "file:///a.bin" }));
    assert.deepEqual(await panel.posted(), [{ type: "dropUris", uris: ["file:///a.bin", "file:///b.bin"] }]);
  });

  it("are those of the standard's list where there is no other, without its comments", async () => {
    await panel.show(snapshot());
    assert.ok(await drag("drop", { "text/uri-list": "# two\r\nfile:///a.bin\nfile:///b.bin" }));
    assert.deepEqual(await panel.posted(), [{ type: "dropUris", uris: ["file:///a.bin", "file:///b.bin"] }]);
  });

  it("show a veil that asks for Shift where VS Code does, and moves nothing", async () => {
    await panel.show(snapshot());
    const places = () =>
      panel.page.evaluate(() =>
        [...document.querySelectorAll(".panel :not(svg, path)")].map((node) =>
          node.getBoundingClientRect().toJSON(),
        ),
      );
    const before = await places();
    assert.ok(await drag("dragover", { [CODE_URIS]: "file:///a.bin" }));
    assert.ok(await hint().isVisible());
    assert.deepEqual(await places(), before);
    await drag("dragover", { [CODE_URIS]: "file:///a.bin" }, { shiftKey: true });
    assert.ok(await veil().isVisible());
    assert.equal(await hint().isVisible(), false);
  });

  for (const [how, end] of [
    ["leaves the page", () => drag("dragleave", {})],
    ["is dropped", () => drag("drop", { [CODE_URIS]: "file:///a.bin" })],
    ["has ended elsewhere", () => panel.page.mouse.move(300, 300)],
  ] as const)
    it(`take the veil away when the drag ${how}`, async () => {
      await panel.show(snapshot());
      await drag("dragenter", { [CODE_URIS]: "file:///a.bin" });
      assert.ok(await veil().isVisible());
      await end();
      assert.equal(await veil().isVisible(), false);
    });

  for (const [name, theme] of Object.entries<Theme>(themes))
    it(`show a veil in the colours of ${name}`, async () => {
      const themed = await PanelPage.open({ theme });
      try {
        await themed.show(snapshot());
        await themed.page.evaluate((format) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.setData(format, "file:///a.bin");
          document.dispatchEvent(new DragEvent("dragover", { dataTransfer, cancelable: true }));
        }, CODE_URIS);
        const card = themed.page.locator(".drop-card");
        await card.waitFor();
        await themed.page.screenshot({ path: join(pictures, `drop-veil-${name}.png`) });
        assert.deepEqual(themed.faults, []);
      } finally {
        await themed.close();
      }
    });

  it("are not taken once the mail is on its way", async () => {
    await panel.show(snapshot({ editable: false }));
    assert.equal(await drag("dragover", { [CODE_URIS]: "file:///a.bin" }), false);
    assert.equal(await veil().isVisible(), false);
    assert.equal(await drag("drop", { [CODE_URIS]: "file:///a.bin" }), false);
    assert.deepEqual(await panel.posted(), []);
  });

  it("are refused with words when they are too many, not cut off", async () => {
    await panel.show(snapshot());
    const list = Array.from({ length: 1_001 }, (_, index) => `file:///${index}`).join("\r\n");
    await drag("drop", { [CODE_URIS]: list });
    const note = panel.page
      .locator(".drop-queue")
      .getByText("No more than 1,000 files can be dropped at once.");
    assert.ok(await note.isVisible());
    assert.deepEqual(await panel.posted(), []);
  });

  it("are not text, nor a link for the message", async () => {
    await panel.show(snapshot());
    assert.equal(await drag("drop", { "text/plain": "words" }), false);
    const link = { "text/uri-list": "https://example.com/" };
    assert.equal(await drag("drop", link, { selector: "#body" }), false);
    assert.deepEqual(await panel.posted(), []);
  });

  describe("from the desktop", () => {
    const MiB = 1024 * 1024;

    /** Drops files of so many bytes: 1.bin, 2.bin and so on. */
    const dropFiles = (...sizes: readonly number[]) =>
      panel.page.evaluate((all) => {
        const dataTransfer = new DataTransfer();
        for (const [index, size] of all.entries())
          dataTransfer.items.add(new File([new Uint8Array(size)], `${index + 1}.bin`));
        const event = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
        return document.querySelector("h2")?.dispatchEvent(event) === false;
      }, sizes);
    /** What the page has posted about files; of bytes how many. */
    const posted = () =>
      panel.page.evaluate(() =>
        window.postedByPanel.flatMap((entry) => {
          const { type, id, bytes, ...rest } = entry as Record<string, unknown>;
          if (typeof type !== "string" || !/^drop/.test(type)) return [];
          return [{ type, ...rest, ...(bytes instanceof Uint8Array ? { bytes: bytes.length } : {}) }];
        }),
      );
    const idOf = (name: string) =>
      panel.page.evaluate((wanted) => {
        const all = window.postedByPanel as { type: string; name?: string; id: string }[];
        return all.find(({ type, name: given }) => type === "dropBegin" && given === wanted)?.id ?? "";
      }, name);
    const acknowledge = async (id: string, offset: number) => {
      const count = (await posted()).length;
      await panel.receive({ type: "dropAck", id, offset });
      await until("the next piece has come", async () => (await posted()).length > count);
    };
    const line = () => panel.page.locator(".drop-line");

    it("go to the host in pieces, one file after the other", async () => {
      await panel.show(snapshot());
      assert.ok(await dropFiles(MiB + 5, 3));
      const first = await idOf("1.bin");
      await acknowledge(first, 0);
      await acknowledge(first, MiB);
      assert.match(await line().innerText(), /1\.bin\s+adding 99% · 1 more file/);
      await panel.receive({ type: "dropOver", id: first });
      const second = await idOf("2.bin");
      await acknowledge(second, 0);
      await panel.receive({ type: "dropOver", id: second });
      assert.deepEqual(await posted(), [
        { type: "dropBegin", name: "1.bin", size: MiB + 5, waiting: 1 },
        { type: "dropChunk", offset: 0, bytes: MiB },
        { type: "dropChunk", offset: MiB, bytes: 5 },
        { type: "dropBegin", name: "2.bin", size: 3, waiting: 0 },
        { type: "dropChunk", offset: 0, bytes: 3 },
      ]);
      assert.equal(await line().isVisible(), false);
    });

    it("can be cancelled, and the next one goes on", async () => {
      await panel.show(snapshot());
      await dropFiles(3, 3);
      await panel.page.getByRole("button", { name: "Cancel adding 1.bin" }).click();
      assert.deepEqual(
        (await posted()).map(({ type }) => type),
        ["dropBegin", "dropCancel", "dropBegin"],
      );
      assert.match(await line().innerText(), /2\.bin/);
    });

    it("keep the mail from leaving without them, and say so", async () => {
      await panel.show(snapshot({ form: { ...emptyForm, to: "ada@contoso.example" } }));
      await dropFiles(3);
      await panel.page.keyboard.press("Control+Enter");
      assert.ok(
        await panel.page.locator(".drop-queue").getByText("“1.bin” is still being added.").isVisible(),
      );
      await panel.receive({ type: "dropOver", id: await idOf("1.bin") });
      assert.equal(await panel.page.locator(".drop-queue").innerText(), "");
      await panel.page.keyboard.press("Control+Enter");
      const sent = await panel.page.evaluate(
        () => JSON.stringify(window.postedByPanel).split('"send"').length,
      );
      assert.equal(sent, 2);
    });

    it("are not folders: of one it is said what to do", async () => {
      await panel.show(snapshot());
      // Scripts can make no folder to drop: only what the browser says of it is made up.
      await panel.page.evaluate(() => {
        const isFolder = (name: string) => !name.endsWith(".bin");
        DataTransferItem.prototype.webkitGetAsEntry = function () {
          return { isDirectory: isFolder(this.getAsFile()?.name ?? "") } as FileSystemEntry;
        };
        const dataTransfer = new DataTransfer();
        for (const name of ["photos", "1.bin"]) dataTransfer.items.add(new File(["x"], name));
        document.querySelector("h2")?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true }));
      });
      await panel.page
        .locator(".drop-queue")
        .getByText("“photos” is a folder: right-click it in the Explorer to send it.")
        .waitFor();
      assert.deepEqual(await posted(), [{ type: "dropBegin", name: "1.bin", size: 1, waiting: 0 }]);
    });

    it("end when the mail is on its way", async () => {
      await panel.show(snapshot());
      await dropFiles(3, 3);
      await panel.show(snapshot({ editable: false }));
      assert.deepEqual(
        (await posted()).map(({ type }) => type),
        ["dropBegin", "dropCancel"],
      );
      assert.equal(await line().isVisible(), false);
    });
  });
});
