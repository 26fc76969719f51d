import assert from "node:assert/strict";
import fc from "fast-check";
import type { Frame } from "playwright-core";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { FromPanel } from "../../src/shared/contract/messages.ts";
import { ASKS, Freight, SEND } from "../support/freight.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes, until } from "../support/until.ts";
import { spoiled } from "../trust/hostileJson.ts";

const FLOOD = 6_000;
const MARKUP = "<img src=x onerror=globalThis.hacked=1>";
const LINK = "[Click](command:workbench.action.toggleSidebarVisibility)";
const NAME = `${MARKUP}${LINK}.txt`;
/** As recipients on every system can have it. */
const NAME_IN_MAIL = NAME.replaceAll(/[<>:]/g, "_");

/** Keeps the page's handle to the host, which VS Code gives away once only. Runs before any script of any frame. */
function keepHandle(): void {
  let acquire: (() => unknown) | undefined;
  Object.defineProperty(globalThis, "acquireVsCodeApi", {
    configurable: true,
    get: () =>
      acquire &&
      (() => {
        const handle = acquire?.();
        Reflect.set(globalThis, "stolenHandle", handle);
        return handle;
      }),
    set: (given: () => unknown) => {
      acquire = given;
    },
  });
}

/** Runs in the page: posts texts of JSON as messages of the page itself. */
function post(texts: readonly string[]): void {
  const handle: { postMessage(message: unknown): void } = Reflect.get(globalThis, "stolenHandle");
  for (const text of texts) handle.postMessage(JSON.parse(text));
}

describe("a hostile page or service", () => {
  let sandbox: Sandbox;
  let gateway: Gateway;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    gateway = await startGateway("gateway@example.com");
    session = await openWorkbench({ files: { "report.pdf": "%PDF-1.7\n", [NAME]: "text\n" } });
    await session.context.addInitScript(keepHandle);
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await gateway?.close();
  });

  async function compose(name: string, nameInMail = name): Promise<Frame> {
    await session.workbench.view("Explorer");
    await freight.menu(SEND, session.workbench.file(name));
    const { panel } = freight;
    await panel.attachment(nameInMail).root.waitFor();
    await panel.to.fill("ada@example.com");
    await panel.body.fill(`About ${name.length}`);
    await freight.hasNoted(`About ${name.length}`);
    return session.workbench.webviewFrame("#app .panel");
  }

  const record = async (frame: Frame) => {
    const id = await frame.locator("body").getAttribute("data-delivery-id");
    const shown = await frame.locator("#app").innerText();
    return { id, shown: shown.replace(/\d+ (s|min)\b|\d+:\d+/g, "…") };
  };

  /** Posts an intent that shows, and waits for it: everything posted before has been dealt with. */
  async function settle(frame: Frame, subject: string): Promise<void> {
    await session.page.bringToFront();
    await freight.panel.subject.fill(subject);
    await freight.hasNoted(subject);
    await freight.mailTab(subject).waitFor();
    assert.ok(frame.url() !== "");
  }

  const dropped = async () => {
    const lines = [
      ...(await session.log()).matchAll(/not understood and was dropped\.(?: \((\d+) times\))?/g),
    ];
    return { lines: lines.length, messages: lines.reduce((sum, [, times = "1"]) => sum + Number(times), 0) };
  };

  it("posts thousands of malformed messages: nothing happens, and the log says so in a few lines", async () => {
    const frame = await compose("report.pdf");
    await freight.panel.attachment("report.pdf").says("ready");
    const form = { revision: 1e6, to: "eve@example.com", cc: "", bcc: "", subject: "changed", body: "" };
    const intents = [
      ...[
        { type: "send", form },
        { type: "edit", form },
        { type: "chooseAccount", accountId: "a" },
      ],
      ...[
        { type: "remedy", remedy: "retry", attachmentId: null },
        { type: "rename", attachmentId: "f", name: "b" },
      ],
      { type: "attachment", attachmentId: "f", action: "remove" },
    ];
    const isMalformed = (text: string) => {
      // On its way a message becomes JSON once more, in which a number without end is null.
      try {
        return !FromPanel.safeParse(JSON.parse(JSON.stringify(JSON.parse(text)))).success;
      } catch {
        return false;
      }
    };
    const arbitrary = fc.oneof(...intents.map(spoiled), fc.json({ maxDepth: 4 })).filter(isMalformed);
    const texts = [
      ...fc.sample(arbitrary, FLOOD),
      JSON.stringify({ type: "send", form: { ...form, body: "x".repeat(10_000_001) } }),
      `{"type":${"[".repeat(400)}${"]".repeat(400)}}`,
    ];
    const before = await record(frame);
    const pid = await session.extensionHostPid();
    const requests = sandbox.requests.length;
    for (let at = 0; at < texts.length; at += 500) await frame.evaluate(post, texts.slice(at, at + 500));
    await settle(frame, "after the flood");

    assert.equal(await session.extensionHostPid(), pid, "the extension host is the same");
    const after = await record(frame);
    assert.deepEqual(after, before);
    await becomes(() => freight.panel.chips("to").allInnerTexts(), ["ada@example.com"]);
    assert.equal(sandbox.requests.length, requests, "the service heard nothing");
    assert.equal(sandbox.deliveries, 0);
    assert.equal(await session.page.locator(".notification-toast").count(), 0);
    await freight.tidy();
    await until("every message is counted", async () => (await dropped()).messages === texts.length);
    const { lines } = await dropped();
    assert.ok(lines <= 10, `${lines} lines`);
    console.log(`      ${texts.length} messages, ${lines} lines in the log`);
  });

  it("asks for what is not there: nothing happens", async () => {
    const frame = await compose("report.pdf");
    await freight.panel.attachment("report.pdf").says("ready");
    const ids = ["__proto__", "constructor", "", "../../x", "no-such-id"];
    const actions = ["tryNow", "pause", "resume", "retry", "keepVersion", "cancel", "remove"];
    const remedies = [
      "retry",
      "uploadNewVersion",
      "sendAsItIs",
      "compress",
      "sendAgain",
      "saveAgain",
      "updateKey",
      "checkAccount",
      "copyAdminCommand",
    ];
    const intents: unknown[] = ids.flatMap<unknown>((id) => [
      { type: "chooseAccount", accountId: id },
      { type: "rename", attachmentId: id, name: "x" },
      ...actions.map((action) => ({ type: "attachment", attachmentId: id, action })),
      ...remedies.map((remedy) => ({ type: "remedy", remedy, attachmentId: id })),
    ]);
    intents.push({ type: "cancelScheduled" });
    // Well known, but not what the panel offers at present: "retry" without a failure would send the mail.
    for (const remedy of remedies) intents.push({ type: "remedy", remedy, attachmentId: null });
    const texts = Array.from({ length: 20 }, () => intents.map((intent) => JSON.stringify(intent))).flat();
    const before = await record(frame);
    const requests = sandbox.requests.length;
    await frame.evaluate(post, texts);
    await settle(frame, "after asking");
    assert.deepEqual(await record(frame), before);
    assert.equal(sandbox.requests.length, requests);
    assert.equal(await session.page.locator(".notification-toast").count(), 0);
    assert.equal(await session.workbench.dialog.count(), 0);
    assert.equal(await session.workbench.quickInput.isVisible(), false);
    console.log(`      ${texts.length} messages`);
  });

  it("finds a page that runs and loads nothing but its own", async () => {
    const frame = await compose("report.pdf");
    const policy = await frame.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
    const rules = new Map((policy ?? "").split("; ").map((rule) => [rule.split(" ")[0], rule] as const));
    assert.equal(rules.get("default-src"), "default-src 'none'");
    assert.match(rules.get("script-src") ?? "", /^script-src 'nonce-[\w-]{20,}'$/);
    assert.equal(rules.get("base-uri"), "base-uri 'none'");
    assert.equal(rules.get("form-action"), "form-action 'none'");
    assert.ok(!/unsafe|\*(?!\.vscode)|data:|connect-src|frame-src/.test(policy ?? ""), policy ?? "");
    await frame.evaluate(() => {
      const seen: string[] = [];
      Reflect.set(globalThis, "seen", seen);
      document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
      const add = (tag: string, set: Record<string, string>, text = "") => {
        const node = Object.assign(document.createElement(tag), set);
        node.textContent = text;
        node.className = "intruder";
        document.body.append(node);
        return node;
      };
      add("script", {}, "globalThis.hacked = 1");
      add("img", { src: "https://elsewhere.example/x.png" });
      add("iframe", { src: "https://elsewhere.example/" });
      add("style", {}, "body { display: none }");
      const handler = add("div", {});
      handler.setAttribute("onclick", "globalThis.hacked = 1");
      handler.click();
      fetch("https://elsewhere.example/").catch(() => {});
      setTimeout("globalThis.hacked = 1"); // a text is compiled like eval
    });
    let seen: readonly string[] = [];
    const directives = [
      "script-src-elem",
      "img-src",
      "frame-src",
      "style-src-elem",
      "script-src-attr",
      "connect-src",
      "script-src",
    ];
    await until(
      () => `all of ${directives.join()} are refused, of which are ${seen.join()}`,
      async () => {
        seen = await frame.evaluate((): string[] => Reflect.get(globalThis, "seen"));
        return directives.every((directive) => seen.includes(directive));
      },
    );
    assert.equal(await frame.evaluate(() => Reflect.get(globalThis, "hacked") ?? 0), 0);
    await frame.evaluate(() => {
      for (const node of document.querySelectorAll(".intruder")) node.remove();
    });
    const scripts = await frame.locator("script:not([nonce])").count();
    const inline = await frame.evaluate(
      () =>
        [...document.querySelectorAll("#app, #app *")].filter((node) =>
          [...node.attributes].some(({ name }) => /^on/.test(name)),
        ).length,
    );
    assert.deepEqual([scripts - scripts, inline], [0, 0]);
  });

  it("names files and mails in markup: it stays text", async () => {
    const frame = await compose(NAME, NAME_IN_MAIL);
    await freight.panel.subject.fill(MARKUP);
    await freight.hasNoted(MARKUP);
    assert.equal(await frame.locator("img").count(), 0);
    assert.equal(await frame.evaluate(() => Reflect.get(globalThis, "hacked") ?? 0), 0);
    await freight.panel.sendByKey();
    await until(
      "the mail is out",
      () => sandbox.mails.find(({ subject }) => subject === MARKUP) !== undefined,
    );
    assert.equal(await session.page.evaluate(() => Reflect.get(globalThis, "hacked") ?? 0), 0);
  });

  async function addGateway({ apiUri, email }: Gateway): Promise<void> {
    await freight.beginNylas();
    await freight.enter(ASKS.credential, "nyk_v0_gateway");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.enter(ASKS.address, apiUri);
    await freight.choose(ASKS.grant, email);
  }

  it("names a mailbox with a link: it is not added, and the message has no link", async () => {
    const liar = await startGateway(`${LINK}@example.com`);
    try {
      await addGateway(liar);
      const refusal = session.workbench.notification(
        "which is not an e-mail address. The account was not added.",
      );
      await refusal.waitFor();
      assert.equal(await refusal.locator(".notification-list-item-message a").count(), 0);
    } finally {
      await liar.close();
    }
  });

  it("refuses in markup and links: it is text in the panel, and no link in a message", async () => {
    await addGateway(gateway);
    await session.workbench.notification("is ready").waitFor();
    await freight.tidy();

    gateway.words = () => `${MARKUP} ${LINK} <script>globalThis.hacked=1</script>`;
    const frame = await compose("report.pdf");
    await freight.panel.from.selectOption({ label: gateway.email });
    const { problem } = freight.panel.attachment("report.pdf");
    await problem.getByText(MARKUP).waitFor();
    assert.equal(await frame.locator("img").count(), 0);
    assert.equal(await frame.evaluate(() => Reflect.get(globalThis, "hacked") ?? 0), 0);
    await freight.tidy();

    await session.workbench.view("Freight Mail");
    await freight.menu("Check Account", freight.accountRow(gateway.email));
    const refusal = session.workbench.notification(MARKUP);
    await refusal.waitFor();
    assert.match(await refusal.innerText(), /\[Click\] \(command:/);
    assert.equal(await refusal.locator(".notification-list-item-message a").count(), 0);
    assert.equal(await refusal.locator("img").count(), 0);
  });
});
