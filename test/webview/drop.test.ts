import assert from "node:assert/strict";
import { PanelPage } from "./panelPage.ts";
import { hostNow, snapshot } from "./snapshots.ts";

const CODE_URIS = "application/vnd.code.uri-list";

describe("files dropped on the page", function () {
  this.timeout(60_000);
  let panel: PanelPage;

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
        [...document.querySelectorAll(".panel *")].map((node) => node.getBoundingClientRect().toJSON()),
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

  it("are not taken once the mail is on its way", async () => {
    await panel.show(snapshot({ editable: false }));
    assert.equal(await drag("dragover", { [CODE_URIS]: "file:///a.bin" }), false);
    assert.equal(await veil().isVisible(), false);
    assert.equal(await drag("drop", { [CODE_URIS]: "file:///a.bin" }), false);
    assert.deepEqual(await panel.posted(), []);
  });

  it("are not text, nor a link for the message", async () => {
    await panel.show(snapshot());
    assert.equal(await drag("drop", { "text/plain": "words" }), false);
    const link = { "text/uri-list": "https://example.com/" };
    assert.equal(await drag("drop", link, { selector: "#body" }), false);
    assert.deepEqual(await panel.posted(), []);
  });
});
