import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { send } from "../sandbox/support.ts";
import { binary } from "../support/files.ts";
import { ASKS, Freight, mailbox } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { PATIENCE_MS, until } from "../support/until.ts";

const SIZE = 150 * 1024 * 1024;
const CALLBACK = "http://localhost:51739/callback";
const WAITING = "Waiting for you to sign in on the page in your browser…";
const BY_HAND = "Sign in on the page in your browser, then enter its code.";

describe("signing in at Nylas", () => {
  let sandbox: Sandbox;
  let broker: Server;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    const google = sandbox.nylas.grants[1] ?? assert.fail();
    broker = createServer((_, response) =>
      response.end(
        JSON.stringify({ access_token: sandbox.signInAt(google), expires_in: 3600, grant_id: google.id }),
      ),
    );
    await new Promise<void>((resolve) => broker.listen(0, "127.0.0.1", resolve));
    const { port } = broker.address() as AddressInfo;
    session = await openWorkbench({
      files: { "report.pdf": binary(SIZE) },
      settings: {
        "freightMail.nylas.clientId": sandbox.nylas.clientId,
        "freightMail.nylas.apiUri": sandbox.nylas.apiUri,
        "freightMail.nylas.tokenUrl": `http://127.0.0.1:${port}/token`,
      },
    });
    freight = new Freight(session);
    await freight.ready();
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    broker?.close();
  });

  /** Answers the wizard up to the page that it opens. */
  async function openPage(kind = "Sign in"): Promise<Page> {
    const opened = session.context.waitForEvent("page", { timeout: PATIENCE_MS });
    await session.workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Nylas");
    await freight.choose(ASKS.kind, kind);
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.enter(ASKS.address, sandbox.nylas.apiUri);
    return opened;
  }
  const answer = async (page: Page, button: "Allow" | "Deny" | "Needs an administrator") => {
    await page.getByRole("button", { name: button }).click();
    await page.getByText("Go back to Visual Studio Code. You can close this page.").waitFor();
  };
  /** Every address that the tab has in its history. */
  const history = async (page: Page) => {
    const devtools = await session.context.newCDPSession(page);
    const { entries } = await devtools.send("Page.getNavigationHistory");
    return entries.map(({ url }) => url);
  };

  it("says in the wizard that the person declined, or an administrator is needed, and tries again", async () => {
    const page = await openPage();
    await answer(page, "Deny");
    await page.close();
    let opened = session.context.waitForEvent("page", { timeout: PATIENCE_MS });
    await freight.choose("You declined, so nobody was signed in.", "Sign In Again");
    const second = await opened;
    await answer(second, "Needs an administrator");
    await second.close();
    opened = session.context.waitForEvent("page", { timeout: PATIENCE_MS });
    await freight.choose(
      "An administrator has to approve your organization's Nylas application",
      "Sign In Again",
    );
    await (await opened).close();
    await freight.question(WAITING);
  });

  it("takes a code that was carried over by hand, once", async () => {
    // Another program has the port, as on another machine: the browser ends up with it.
    const ended: string[] = [];
    const other = createServer((request, response) => {
      ended.push(`http://localhost:51739${request.url}`);
      response.end("Go back to Visual Studio Code. You can close this page.");
    });
    await until("nobody else has the port", async () => {
      other.listen(51739, "127.0.0.1");
      return once(other, "listening").then(
        () => true,
        () => false, // The sign-in before is just giving it back.
      );
    });
    const page = await openPage();
    await answer(page, "Allow");
    await page.close();
    const callbacks = () => ended.filter((address) => address.startsWith(CALLBACK));
    const code = new URL(callbacks()[0] ?? "").searchParams.get("code") ?? assert.fail();
    // Somebody else was faster.
    const stolen = {
      grant_type: "authorization_code",
      client_id: sandbox.nylas.clientId,
      code,
      redirect_uri: CALLBACK,
    };
    const theft = await send(`${sandbox.nylas.apiUri}/v3/connect/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(stolen),
    });
    assert.equal(theft.status, 400);
    await freight.choose(BY_HAND, "Enter the Code…");
    await freight.enter("The address of the page that your browser stopped at", code);
    const opened = session.context.waitForEvent("page", { timeout: PATIENCE_MS });
    await freight.choose("Nylas did not accept the sign-in: a code works only once", "Sign In Again");
    const again = await opened;
    await answer(again, "Allow");
    await again.close();
    await freight.choose(BY_HAND, "Enter the Code…");
    await freight.enter("The address of the page that your browser stopped at", callbacks()[0] ?? "");
    await freight.quickMessage
      .filter({ hasText: "This is neither a code nor the address of this" })
      .waitFor();
    await session.workbench.quickText.fill(callbacks()[1] ?? "");
    await session.page.keyboard.press("Enter");
    await session.workbench.notification(`${mailbox(sandbox)} is ready`).waitFor();
    other.close();
    other.closeAllConnections();
  });

  it("signs out with the account", async () => {
    await session.workbench.view("Freight Mail");
    await freight.menu("Remove Account", freight.accountRow(mailbox(sandbox)));
    await freight.answerDialog("You are signed out of it", "Remove");
    await freight.accountRow(mailbox(sandbox)).waitFor({ state: "hidden" });
    const { token = "" } = sandbox.signIns.at(-1) ?? {};
    const known = await send(`${sandbox.nylas.apiUri}/v3/connect/tokeninfo?access_token=${token}`);
    assert.equal(known.status, 400);
  });

  it("refuses the answer to another sign-in, takes its own, and leaves no code in the browser's history", async () => {
    sandbox.nylas.behaviour.tokenSeconds = 590;
    const page = await openPage();
    const other = await session.context.newPage();
    await other.goto(`${CALLBACK}?code=stolen&state=another`);
    await other.getByText("This belongs to another sign-in.").waitFor();
    await other.close();
    await freight.question(WAITING);
    await answer(page, "Allow");
    await session.workbench.notification(`${mailbox(sandbox)} is ready`).waitFor();
    await freight.accountRow(/practice@.*token until/).waitFor();
    const addresses = await history(page);
    assert.ok(addresses.at(-1)?.endsWith("/done"), addresses.join());
    assert.ok(!addresses.some((address) => /[?&]code=/.test(address)), addresses.join());
    await page.close();
    // It is for this sign-in only.
    await assert.rejects(send("http://127.0.0.1:51739/done"));
  });

  const uploadedBytes = () =>
    sandbox.requests
      .filter(({ step }) => step === "upload")
      .reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);

  it("is renewed half-way through an upload, which goes on", async () => {
    const { workbench } = session;
    sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: SIZE / 2 });
    const panel = await freight.send("report.pdf");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await freight.answerDialog("This mail is 205 MB", "Send Anyway");
    const { token: first = "" } = sandbox.signIns.at(-1) ?? {};
    sandbox.nylas.behaviour.tokenSeconds = 3600;
    const opened = session.context.waitForEvent("page", { timeout: PATIENCE_MS });
    await freight.press(
      workbench.notification(`Your Nylas sign-in for ${mailbox(sandbox)} ends in 10 min.`),
      "Sign In",
    );
    const page = await opened;
    await until("half of it is through", () => uploadedBytes() === SIZE / 2);
    await answer(page, "Allow");
    await page.close();
    await until("it is signed in again", () => sandbox.signIns.at(-1)?.token !== first);
    // From here on only the new one is good for anything.
    await send(`${sandbox.nylas.apiUri}/v3/connect/revoke?token=${first}`, {
      method: "POST",
      headers: { authorization: `Bearer ${first}` },
    });
    sandbox.faults.release();
    await panel.says(/^Sent/);
    assert.equal(sandbox.deliveries, 1);
    assert.equal(uploadedBytes(), SIZE);
    assert.ok(!sandbox.requests.some(({ status }) => status === 401));
  });

  it("is given by a company's token broker, without a page", async () => {
    await session.workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Nylas");
    await freight.choose(ASKS.kind, "Sign in through your company");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.enter(ASKS.address, sandbox.nylas.apiUri);
    await session.workbench
      .notification("mila.brandt@gmail.example is ready: files of up to 25 MB")
      .waitFor();
  });

  it("can be tried at the practice mailbox", async () => {
    const opened = session.context.waitForEvent("page", { timeout: PATIENCE_MS });
    await session.workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Nylas");
    await freight.choose(ASKS.kind, "Sign in");
    await freight.choose(ASKS.region, "Practice mailbox");
    const page = await opened;
    await answer(page, "Allow");
    await page.close();
    await session.workbench.notification("The practice mailbox is ready").waitFor();
  });
});
