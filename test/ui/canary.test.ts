import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { filesOf, found, processes, type Secrets, type Trace, windowOf } from "../support/canaries.ts";
import { binary } from "../support/files.ts";
import { ASKS, Freight, mailbox } from "../support/freight.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { PATIENCE_MS, until } from "../support/until.ts";

const canary = (what: string) => `CANARY-${what}-${randomBytes(12).toString("hex")}`;

/**
 * Runs in each frame before its scripts, and passes on what a webview is told: what the host posts to the panel is among
 * it. A listener of our own would not survive that VS Code writes the page anew.
 */
function overhear(): void {
  if (window === window.top) return; // the workbench itself
  const add = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    if (type !== "message" || typeof listener !== "function") return add.call(this, type, listener, options);
    const listening = (event: Event) => {
      const tell: unknown = Reflect.get(globalThis, "canaryHeard");
      if (typeof tell === "function") tell(JSON.stringify(Reflect.get(event, "data")) ?? "");
      return listener.call(this, event);
    };
    return add.call(this, type, listening, options);
  };
}

/** A run with secrets that are recognisable, through everything that can go wrong; then a search for them. */
describe("secrets", () => {
  let sandbox: Sandbox;
  let gateway: Gateway;
  let session: WorkbenchSession;
  let freight: Freight;
  const heard: Trace[] = [];
  const seen: Trace[] = [];
  const secrets: Record<string, string> = {
    wrongKey: canary("wrong-key"),
    gatewayKey: canary("gateway-key"),
    graphToken: canary("graph-token"),
  };

  before(async () => {
    secrets["key"] = canary("key");
    sandbox = await startSandbox({ apiKey: secrets["key"] });
    gateway = await startGateway("gateway@example.com");
    const files = { "report.pdf": binary(12 * 1024 * 1024), "notes.txt": "notes\n" };
    session = await openWorkbench({ files });
    await session.context.exposeFunction("canaryHeard", (text: string) => {
      heard.push({ place: "a message to a page", text });
    });
    await session.context.addInitScript(overhear);
    freight = new Freight(session);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await gateway?.close();
  });

  /** Keeps what is on the screen now: messages come and go. */
  const look = async () => seen.push(...(await windowOf(session)));

  async function notified(text: string | RegExp): Promise<void> {
    await session.workbench.notification(text).first().waitFor();
    await look();
  }

  function noteUploads(): void {
    const ids = sandbox.requests
      .filter(({ step }) => step === "upload")
      .map(({ path }) => new URL(path, sandbox.storageOrigin).searchParams.get("upload_id") ?? "");
    for (const [i, id] of [...new Set(ids)].entries()) secrets[`upload${i}`] = id;
  }

  it("are given to somebody who signs in, and end with a sign-out", async () => {
    await session.workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Nylas");
    await freight.choose(ASKS.kind, "Sign in");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.enter(ASKS.address, sandbox.nylas.apiUri);
    const opened = session.context.waitForEvent("page", { timeout: PATIENCE_MS });
    await freight.enter("Client ID of your organization's Nylas application", sandbox.nylas.clientId);
    const page = await opened;
    await page.getByRole("button", { name: "Allow" }).click();
    await notified(`${mailbox(sandbox)} is ready`);
    const devtools = await session.context.newCDPSession(page);
    const { entries } = await devtools.send("Page.getNavigationHistory");
    for (const { url } of entries) seen.push({ place: "the history of the browser", text: url });
    await page.close();
    const { code, verifier, token } = sandbox.signIns.at(-1) ?? assert.fail();
    Object.assign(secrets, { code, verifier, token });
    await session.workbench.view("Freight Mail");
    await freight.menu("Remove Account", freight.accountRow(mailbox(sandbox)));
    await freight.answerDialog(`Remove ${mailbox(sandbox)}?`, "Remove");
    await freight.accountRow(mailbox(sandbox)).waitFor({ state: "hidden" });
    await look();
  });

  it("are typed wrongly and rightly while accounts are added", async () => {
    await freight.beginNylas();
    await freight.enterKey(sandbox, secrets["wrongKey"]);
    await freight.enter("Nylas rejected this key.", secrets["key"] ?? "");
    await freight.choose(ASKS.grant, mailbox(sandbox));
    await notified(`${mailbox(sandbox)} is ready`);
  });

  it("are repeated by a gateway that refuses in the words of the request", async () => {
    await freight.beginNylas();
    await freight.enter(ASKS.credential, secrets["gatewayKey"] ?? "");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.enter(ASKS.address, gateway.apiUri);
    await freight.choose(ASKS.grant, gateway.email);
    await notified(`${gateway.email} is ready`);
    const sentBefore = gateway.requests.length;
    gateway.words = ({ headers }) => `You said ${JSON.stringify(headers)}`;
    await session.workbench.view("Freight Mail");
    await freight.menu("Check Account", freight.accountRow(gateway.email));
    await notified("You said");
    const keys = gateway.requests.slice(sentBefore).map(({ headers }) => headers.authorization);
    assert.ok(keys.includes(`Bearer ${secrets["gatewayKey"]}`), "it was told the key");
    const panel = await freight.send("notes.txt");
    await panel.from.selectOption({ label: gateway.email });
    await panel.attachment("notes.txt").problem.getByText("You said").waitFor();
    await look();
    gateway.words = undefined;
  });

  it("are at work while uploads and sends fail", async () => {
    sandbox.faults.arm(
      { step: "upload", fault: "resetMidBody", afterBytes: 300_000 },
      { step: "probe", fault: "refuse", status: 503, body: "html" },
      { step: "upload", fault: "refuse", status: 400, times: 3 },
    );
    const panel = await freight.send("report.pdf");
    await panel.from.selectOption({ label: mailbox(sandbox) });
    await panel.attachment("report.pdf").problem.waitFor();
    sandbox.faults.clear();
    noteUploads();
    await look();
    await panel.attachment("report.pdf").action("Retry").click();
    await panel.attachment("report.pdf").says("ready");
    sandbox.faults.arm({ step: "send", fault: "refuse", status: 401 });
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.problem.waitFor();
    noteUploads();
    await look();
  });

  it("are at work when the window is reloaded and the extension host is killed", async () => {
    sandbox.faults.clear();
    sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 300_000 });
    const panel = await freight.send("report.pdf");
    await panel.from.selectOption({ label: mailbox(sandbox) });
    await until("bytes are on their way", () => sandbox.requests.at(-1)?.step === "upload");
    noteUploads();
    await session.reload();
    await freight.sees("report.pdf", /./);
    const pid = await session.extensionHostPid();
    process.kill(pid, "SIGKILL");
    await until("another extension host runs", async () => (await session.extensionHostPid()) !== pid);
    sandbox.faults.clear();
    await freight.sees("report.pdf", /./);
    await session.workbench.command("Freight Mail: Show Log");
    await session.page.locator(".part.panel .view-line").first().waitFor();
    await look();
  });

  it("stand nowhere but in secret storage", async () => {
    noteUploads();
    assert.ok(Object.keys(secrets).length >= 9, Object.keys(secrets).join());
    const files = await filesOf(session);
    const log = { place: "the log", text: await session.log() };
    for (const [what, count] of Object.entries({ files, seen, heard, lines: log.text.split("\n") }))
      assert.ok(count.length > 10, `${count.length} ${what}`);
    assert.ok(
      heard.some(({ text }) => text.includes("snapshot")),
      "what the host posts to the panel is overheard",
    );
    const everywhere = [log, ...files, ...seen, ...heard, ...(await windowOf(session)), ...processes()];
    assert.deepEqual(found(secrets, everywhere), []);
    console.log(`      ${Object.keys(secrets).length} secrets, ${everywhere.length} places`);
  });

  it("are found where they stand, in whatever spelling", () => {
    const one: Secrets = { key: "CANARY+secret/0123456789" };
    const key = one["key"] ?? "";
    for (const text of [
      key,
      encodeURIComponent(key),
      Buffer.from(`x${key}y`).toString("base64"),
      Buffer.from(key, "utf16le").toString("latin1"),
      btoa(`ab${key}`),
    ])
      assert.deepEqual(found(one, [{ place: "here", text: `… ${text} …` }]), ["key in here"], text);
  });

  it("of an account are gone from secret storage with the account", async () => {
    await session.workbench.view("Freight Mail");
    for (const email of [gateway.email, mailbox(sandbox)]) {
      const before = await session.page.evaluate(secretsLength);
      assert.ok(before > 0);
      await freight.menu("Remove Account", freight.accountRow(email));
      await freight.answerDialog(`Remove ${email}?`, "Remove");
      await freight.accountRow(email).waitFor({ state: "hidden" });
      const shorter = (secrets["key"] ?? "").length;
      await until(
        "its key is gone",
        async () => (await session.page.evaluate(secretsLength)) <= before - shorter,
      );
    }
  });
});

/** Runs in the page: how much VS Code keeps as secrets; it encrypts all of them together. */
function secretsLength(): number {
  return (localStorage.getItem("secrets.provider") ?? "").length;
}
