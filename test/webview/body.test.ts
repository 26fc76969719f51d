import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { BodyPreview } from "../../src/shared/contract/messages.ts";
import { PanelPage } from "./panelPage.ts";
import { emptyForm, snapshot } from "./snapshots.ts";
import { type Theme, themes } from "./themes.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = join(import.meta.dirname, "../../out/screenshots");

type Block = Extract<BodyPreview, { kind: "tree" }>["blocks"][number];
const p = (...children: Block["children"]): Block => ({ tag: "p", children });

const letter: Block[] = [
  { tag: "h1", children: ["Last night's build"] },
  p("Hello ", { tag: "strong", children: ["Ada"] }, ", see ", link("https://x.example/log", "the log"), ":"),
  {
    tag: "table",
    children: [
      {
        tag: "tbody",
        children: [
          {
            tag: "tr",
            children: [
              { tag: "td", children: ["p99"] },
              { tag: "td", align: "right", children: [{ tag: "code", children: ["41 ms"] }] },
            ],
          },
        ],
      },
    ],
  },
  p({ tag: "img", src: "https://panel.test/chart.svg", alt: "latency by hour", children: [] }),
  p({ tag: "img", alt: "gone.png", children: [] }),
  { tag: "pre", children: [{ tag: "code", children: ["npm ci && npm test\n"] }] },
  { tag: "blockquote", children: [p("Ship it.")] },
  { tag: "ol", start: 3, children: [{ tag: "li", children: ["three"] }] },
];

function link(href: string, text: string): Block {
  return { tag: "a", href, children: [text] };
}

describe("the text of the mail", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    panel = await PanelPage.open();
  });
  afterEach(async () => {
    // The test's own script is kept out of the frame, too: so would be any other.
    const faults = panel.faults.filter((fault) => !fault.startsWith("Blocked script execution in 'about:"));
    assert.deepEqual(faults, []);
    await panel.close();
  });

  const body = (preview: BodyPreview | null, problems: string[] = []) =>
    panel.receive({ type: "body", previewShown: preview !== null, preview, problems });
  const show = (...blocks: unknown[]) =>
    panel.receive({
      type: "body",
      previewShown: true,
      preview: { kind: "tree", blocks },
      problems: [],
    });
  const shown = () => panel.page.locator(".letter:not([hidden])");
  const format = (name: string) => panel.page.getByRole("radio", { name });

  describe("is written in a format", () => {
    it("that the host knows, and that can be chosen with the keyboard", async () => {
      await panel.show(snapshot({ form: { ...emptyForm, format: "markdown" } }));
      assert.equal(await format("Markdown").isChecked(), true);
      await format("Markdown").focus();
      await panel.page.keyboard.press("ArrowRight");
      assert.equal(await format("Plain Text").isChecked(), true);
      await panel.page.keyboard.press("ArrowRight");
      // Leaving the form posts what still waits.
      await panel.page.getByRole("button", { name: "Add Files…" }).focus();
      const last = (await panel.posted()).at(-1);
      assert.ok(last?.type === "edit");
      assert.equal(last.form.format, "html");
      assert.equal((await panel.state())?.form?.format, "html");
    });

    it("that cannot be changed while the mail is on its way", async () => {
      await panel.show(snapshot({ editable: false, form: { ...emptyForm, format: "html" } }));
      assert.equal(await format("HTML").isChecked(), true);
      assert.equal(await format("Markdown").isDisabled(), true);
    });
  });

  describe("is previewed", () => {
    beforeEach(() => panel.show(snapshot()));

    it("when the button is pressed, and until it is pressed again", async () => {
      const button = panel.page.getByRole("button", { name: "Preview" });
      assert.equal(await button.getAttribute("aria-pressed"), "false");
      await button.click();
      await body({ kind: "tree", blocks: letter });
      assert.equal(await button.getAttribute("aria-pressed"), "true");
      await panel.page.getByRole("region", { name: "Preview" }).waitFor();
      await button.press("Enter");
      await body(null);
      await panel.page.getByRole("region", { name: "Preview" }).waitFor({ state: "hidden" });
      assert.deepEqual(await panel.posted(), [
        { type: "showPreview", shown: true },
        { type: "showPreview", shown: false },
      ]);
    });

    it("element by element", async () => {
      await body({ kind: "tree", blocks: letter });
      assert.equal(
        await shown().evaluate((node) => node.innerHTML.replace(/<svg.*?<\/svg>/g, "")),
        "<h1>Last night's build</h1>" +
          '<p>Hello <strong>Ada</strong>, see <a href="https://x.example/log" title="https://x.example/log">the log</a>:</p>' +
          '<table><tbody><tr><td>p99</td><td class="right"><code>41 ms</code></td></tr></tbody></table>' +
          '<p><img src="https://panel.test/chart.svg" alt="latency by hour"></p>' +
          '<p><span class="no-image">gone.png</span></p>' +
          "<pre><code>npm ci &amp;&amp; npm test\n</code></pre>" +
          "<blockquote><p>Ship it.</p></blockquote>" +
          '<ol start="3"><li>three</li></ol>',
      );
    });

    it("without touching what has not changed", async () => {
      const blocks = [
        p("one"),
        p({ tag: "img", src: "https://panel.test/chart.svg", children: [] }),
        p("end"),
      ];
      await show(...blocks);
      await shown().evaluate((node) => {
        for (const [at, child] of [...node.children].entries()) child.id = `node-${at}`;
      });
      const ids = () => shown().evaluate((node) => [...node.children].map(({ id }) => id));
      await show(p("one!"), ...blocks.slice(1));
      assert.deepEqual(await ids(), ["", "node-1", "node-2"]);
      await show(p("new"), p("one!"), ...blocks.slice(1));
      assert.deepEqual(await ids(), ["", "", "node-1", "node-2"]);
      await show(p("new"), ...blocks.slice(1));
      assert.deepEqual(await ids(), ["", "node-1", "node-2"]);
      assert.equal(await shown().innerText(), "new\n\nend");
      await show();
      assert.deepEqual(await ids(), []);
    });

    it("without moving what is being read", async () => {
      const many = Array.from({ length: 80 }, (_, index) => p(`line ${index}`));
      await show(...many);
      const preview = panel.page.locator(".preview");
      const scrolled = () => preview.evaluate(({ scrollTop }) => scrollTop);
      await preview.evaluate((node) => node.scrollTo(0, 500));
      await show(...many.slice(0, 60), p("changed"), ...many.slice(61));
      assert.equal(await scrolled(), 500);
    });

    it("beside the text where there is room, else in its place, and a new mail is to be written", async () => {
      const text = panel.page.getByLabel("Message", { exact: true });
      const preview = panel.page.getByRole("region", { name: "Preview" });
      /** The page hears a little later than the test that it has another width. */
      const sees = async (hasText: boolean, hasPreview: boolean) => {
        await text.waitFor({ state: hasText ? "visible" : "hidden" });
        await preview.waitFor({ state: hasPreview ? "visible" : "hidden" });
      };
      await show(p("Hello"));
      await sees(true, true);
      const [left, right] = [await text.boundingBox(), await preview.boundingBox()];
      assert.ok(left && right && left.x + left.width <= right.x && Math.abs(left.y - right.y) < 20);
      // The preview was asked for in some other mail: here somebody begins to write.
      await panel.page.setViewportSize({ width: 600, height: 800 });
      await sees(true, false);
      await panel.page.getByRole("button", { name: "Preview" }).click();
      await sees(false, true);
      await panel.page.getByRole("button", { name: "Write" }).click();
      await sees(true, false);
      await panel.page.getByRole("button", { name: "Preview" }).click();
      await show(p("Hello"));
      await panel.receive({ type: "focus", field: "body", message: "An image is missing." });
      await sees(true, false);
      assert.equal(await panel.focusedId(), "body");
    });

    it("in the place of its text once the mail is out", async () => {
      await panel.show(
        snapshot({
          phase: "sent",
          editable: false,
          send: { ...snapshot().send, enabled: false },
          form: { ...emptyForm, body: "Hello **Ada**" },
        }),
      );
      await show(p("Hello ", { tag: "strong", children: ["Ada"] }));
      assert.equal(await shown().isVisible(), true);
      assert.equal(await panel.page.getByLabel("Message", { exact: true }).isVisible(), false);
      assert.equal(await shown().innerText(), "Hello Ada");
      assert.equal(await format("Markdown").isVisible(), false);
    });

    for (const [what, block] of [
      ["a script", { tag: "script", children: ["window.hacked=1"] }],
      ["a frame", { tag: "iframe", children: [], src: "https://x.example" }],
      ["what is nested in a list", { tag: "ul", children: [{ tag: "object", children: [] }] }],
    ] as const)
      it(`never with ${what}: such a message is dropped`, async () => {
        await show(block);
        assert.equal(panel.warnings.length, 1);
        assert.equal(await panel.page.locator(".letter > *").count(), 0);
      });

    it("with no link that runs something, and with markup as text", async () => {
      const evil = '<img src=x onerror="window.hacked=1">';
      await show(p(link("javascript:window.hacked=1", "one"), link("command:quit", "two"), evil), {
        ...p(),
        onclick: "window.hacked=1",
      });
      assert.equal(await panel.page.locator(".letter [href], .letter [onclick], .letter img").count(), 0);
      assert.equal(await shown().innerText(), `onetwo${evil}\n\n`.trim());
      assert.equal(await panel.page.evaluate(() => "hacked" in window), false);
    });

    it("as it is, when it is plain", async () => {
      await body({ kind: "text", text: "<b>a</b>\n  b" });
      assert.equal(await shown().textContent(), "<b>a</b>\n  b");
    });

    it("in a frame that nothing gets out of, when it is HTML", async () => {
      const html = `<p id=said>Hello</p><script>parent.hacked=1;document.title="x"</script>
        <a id=out href="https://x.example/" target=_top>out</a>
        <form id=form action="https://x.example/"><button id=go>go</button></form>
        <meta http-equiv=refresh content="0;url=https://x.example/"><base href="https://x.example/">
        <svg onload="parent.hacked=1"></svg><details open ontoggle="parent.hacked=1">d</details>`;
      const asked: string[] = [];
      panel.page.on("request", (request) => asked.push(request.url()));
      await body({ kind: "html", html });
      const frame = panel.page.frameLocator(".preview iframe");
      assert.equal(await frame.locator("#said").textContent(), "Hello");
      assert.equal(await panel.page.locator(".preview iframe").getAttribute("sandbox"), "");
      await frame.locator("#out").click();
      await frame.locator("#go").click();
      assert.equal(await panel.page.evaluate(() => "hacked" in window), false);
      assert.equal(panel.page.url(), "https://panel.test/");
      assert.deepEqual(
        asked.filter((url) => !url.startsWith("about:")),
        [],
      );
      // What the browser says of each thing that it has kept from happening.
      panel.faults.splice(0);
      await body({ kind: "text", text: "" });
      assert.equal(await panel.page.locator("iframe").count(), 0);
    });

    it("not when it is too long, which is said", async () => {
      await body({ kind: "none" });
      await panel.page.getByText("The text is too long for a preview.").waitFor();
    });
  });

  it("says which images cannot be sent, also without a preview", async () => {
    await panel.show(snapshot());
    await body(null, ["The image “gone.png” was not found.", "The image “<b>.png” was not found."]);
    assert.deepEqual(await panel.page.locator(".body-problems > li").allTextContents(), [
      "The image “gone.png” was not found.",
      "The image “<b>.png” was not found.",
    ]);
    await body(null);
    await panel.page.locator(".body-problems").waitFor({ state: "hidden" });
  });

  for (const [name, theme] of Object.entries<Theme>(themes))
    it(`is nothing that axe finds fault with in ${name}`, async () => {
      await panel.close();
      panel = await PanelPage.open({ theme, context: { viewport: { width: 900, height: 1100 } } });
      await panel.show(
        snapshot({ form: { ...emptyForm, format: "markdown", body: "# Last night's build" } }),
      );
      await mkdir(pictures, { recursive: true });
      for (const preview of [
        { kind: "tree" as const, blocks: letter },
        { kind: "text" as const, text: "Hello" },
        { kind: "html" as const, html: "<p>Hello <b>Ada</b></p>" },
      ]) {
        await body(preview, ["The image “gone.png” was not found."]);
        await panel.page.screenshot({ path: join(pictures, `body-${name}-${preview.kind}.png`) });
        await panel.page.evaluate(axe);
        const { violations } = await panel.page.evaluate(() => window.axe.run(document));
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`),
          [],
        );
      }
    });

  it("does not scroll sideways in a narrow panel", async () => {
    await panel.close();
    panel = await PanelPage.open({ context: { viewport: { width: 320, height: 640 } } });
    await panel.show(snapshot());
    const wide = "Übergabe_航空貨物追跡データ_".repeat(20);
    const cells = Array.from({ length: 20 }, () => ({ tag: "td" as const, children: ["cell"] }));
    await show(
      { tag: "pre", children: [{ tag: "code", children: [wide] }] },
      { tag: "table", children: [{ tag: "tbody", children: [{ tag: "tr", children: cells }] }] },
    );
    assert.equal(
      await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
      0,
    );
  });
});
