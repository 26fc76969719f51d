import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { ASKS, Freight, mailbox } from "../support/freight.ts";
import { askForGraph, beginGraph, beginSignIn, draftsAt, GRAPH_ASKS } from "../support/graphAccount.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes } from "../support/until.ts";

const HOUR = 3_600_000;
const team = "team@freight-mail.example";
const dayIn = (ms: number) => new Date(Date.now() + ms).toLocaleDateString("en-GB", { dateStyle: "medium" });

describe("a Microsoft 365 account", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench();
    freight = new Freight(session);
    await session.workbench.view("Freight Mail");
  });
  // Not afterwards: a test that fails leaves a picture of what it saw.
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const refusedWith = (text: string) => freight.quickMessage.filter({ hasText: text }).waitFor();

  it("goes back page by page to the choice of services", async () => {
    const { workbench } = session;
    const back = workbench.quickInput.getByRole("button", { name: "Back" });
    await beginSignIn(freight, sandbox, team);
    await freight.choose(GRAPH_ASKS.kind, "Access token");
    await freight.quickMessage.filter({ hasText: GRAPH_ASKS.token }).waitFor();
    await becomes(() => workbench.quickText.getAttribute("type"), "password");
    for (const question of [GRAPH_ASKS.kind, GRAPH_ASKS.mailbox, GRAPH_ASKS.cloud, ASKS.service]) {
      await back.click();
      await freight.question(question);
    }
    await back.waitFor({ state: "hidden" });
  });

  it("names the clouds of Microsoft with their addresses", async () => {
    await session.workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Microsoft 365");
    await freight.question(GRAPH_ASKS.cloud);
    const rows = await session.workbench
      .quickRows()
      .evaluateAll((all) => all.map((row) => row.getAttribute("aria-label")));
    assert.deepEqual(rows, [
      "Global, https://graph.microsoft.com, Microsoft 365, also US Government GCC",
      "US Government L4, https://graph.microsoft.us, GCC High",
      "US Government L5, https://dod-graph.microsoft.us, DoD",
      "China, https://microsoftgraph.chinacloudapi.cn, operated by 21Vianet",
      "Custom URL…, a gateway or a sandbox",
    ]);
  });

  for (const [address, refusal] of [
    ["http://graph.example.com", "The sign-in would travel unprotected"],
    ["graph", "Enter a full address, such as https://graph.example.com."],
  ] as const)
    it(`refuses the address ${address} where it was typed`, async () => {
      await session.workbench.command("Freight Mail: Add Account…");
      await freight.choose(ASKS.service, "Microsoft 365");
      await freight.choose(GRAPH_ASKS.cloud, "Custom URL…");
      await freight.enter(GRAPH_ASKS.address, address);
      await refusedWith(refusal);
      await becomes(() => session.workbench.quickText.inputValue(), address);
    });

  it("refuses where it was typed what cannot be a mailbox or a token, or has run out", async () => {
    await beginGraph(freight, sandbox);
    await freight.choose(GRAPH_ASKS.mailbox, "A shared mailbox…");
    await freight.enter(GRAPH_ASKS.shared, "the team");
    await refusedWith("Enter an address, such as team@example.com.");
    await session.workbench.closeQuickInput();

    await beginSignIn(freight, sandbox);
    await freight.choose(GRAPH_ASKS.kind, "Access token");
    await freight.enter(GRAPH_ASKS.token, "eyJ0 eXAi");
    await refusedWith("A token has no spaces, line breaks or non-ASCII characters.");
    await session.workbench.quickText.fill(sandbox.graph.issueToken({ lifeMs: -HOUR }));
    await session.page.keyboard.press("Enter");
    await refusedWith("This token expired on");
  });

  it("says that a token is wrong, and asks for another with the other answers kept", async () => {
    const { workbench } = session;
    await askForGraph(freight, sandbox, { token: "EwBwA8l6opaque" });
    await workbench.quickRows("Microsoft no longer accepts this account's sign-in").waitFor();
    await freight.choose(GRAPH_ASKS.kind, "Access token");
    await freight.quickMessage.filter({ hasText: GRAPH_ASKS.token }).waitFor();
    await workbench.closeQuickInput();
    assert.equal(await workbench.treeItems("Accounts").count(), 0);
  });

  it("names the scopes that a token lacks, and takes another", async () => {
    const { workbench } = session;
    await askForGraph(freight, sandbox, {
      token: sandbox.graph.issueToken({ scopes: ["User.Read", "Mail.Read"] }),
    });
    await workbench.quickRows("The sign-in does not allow Mail.Send.").waitFor();
    await freight.choose(GRAPH_ASKS.kind, "Access token");
    await freight.enter(GRAPH_ASKS.token, sandbox.graph.issueToken({ lifeMs: 72 * HOUR }));
    await workbench.notification(`${mailbox(sandbox)} is ready: large attachments can be sent`).waitFor();
  });

  it("is listed with its service and how long its token is good", async () => {
    const row = freight.accountRow("Microsoft 365 · default · token until ");
    const text = (await row.textContent()) ?? "";
    assert.ok(text.includes(`Microsoft 365 · default · token until ${dayIn(72 * HOUR)}`), text);
  });

  it("says in its tooltip what the side bar has no room for", async () => {
    await freight.accountRow("Microsoft 365").hover();
    const tooltip = session.page.locator(".monaco-hover").filter({ hasText: sandbox.graph.baseUrl });
    await tooltip.filter({ hasText: "token until" }).waitFor();
  });

  it("takes a new token from its menu, and shows how long that is good", async () => {
    const { workbench } = session;
    const account = freight.accountRow("Microsoft 365");
    await freight.menu("Update Key…", account);
    const asked = `A new access token for ${mailbox(sandbox)} with the scopes Mail.ReadWrite, Mail.Send and User.Read`;
    await freight.enter(asked, sandbox.graph.issueToken({ lifeMs: 240 * HOUR }));
    await workbench.notification(`${mailbox(sandbox)} is connected and can send large`).waitFor();
    await account.filter({ hasText: dayIn(240 * HOUR) }).waitFor();
  });

  it("refuses the token of somebody else, from whose mailbox its mails would leave", async () => {
    const { workbench } = session;
    await freight.menu("Update Key…", freight.accountRow("Microsoft 365"));
    await freight.enter(/A new access token for/, sandbox.graph.issueToken({ user: team }));
    await refusedWith(`This token is not for ${mailbox(sandbox)}.`);
    await workbench.closeQuickInput();
  });

  it("finds that its token has run out, and takes a new one from the message's button", async () => {
    const { workbench } = session;
    sandbox.clock.advance(241 * HOUR);
    const account = freight.accountRow("Microsoft 365");
    await freight.menu("Check Account", account);
    const refusal = workbench.notification("Microsoft no longer accepts this account's sign-in.");
    await freight.press(refusal, "Update Key…");
    await freight.enter(/A new access token for/, sandbox.graph.issueToken({ lifeMs: 24 * HOUR }));
    await workbench.notification("is connected and can send large attachments.").waitFor();
    sandbox.clock.offsetMs = 0;
  });

  it("of a shared mailbox is refused where large files are not let in, and leaves no draft", async () => {
    const { workbench } = session;
    const earlier = sandbox.requests.length;
    await askForGraph(freight, sandbox, { shared: team });
    await workbench.dialog.getByText("This is a known limit of Graph").waitFor();
    await freight.answerDialog(
      `Microsoft does not accept large files in ${team} from another account.`,
      "OK",
    );
    await freight.choose(GRAPH_ASKS.kind, "Access token");
    await workbench.closeQuickInput();
    const asked = sandbox.requests.slice(earlier).map(({ step, status }) => [step, status]);
    assert.deepEqual(
      asked.filter(([step]) => step === "create" || step === "draft" || step === "discard"),
      [
        ["draft", 201],
        ["create", 403],
        ["discard", 204],
      ],
    );
    assert.deepEqual(await draftsAt(sandbox, `users/${team}`), []);
    await becomes(() => workbench.treeItems("Accounts").count(), 1);
  });

  it("of a shared mailbox that nobody knows is refused, and another can be named", async () => {
    await askForGraph(freight, sandbox, { shared: "nobody@freight-mail.example" });
    await session.workbench.quickRows("Microsoft does not know this mailbox.").waitFor();
    await freight.question(GRAPH_ASKS.mailbox);
  });

  it("of a shared mailbox that lets large files in is added, and leaves no draft and no session", async () => {
    const { workbench } = session;
    sandbox.graph.behaviour.sharedSessions = "allow";
    const earlier = sandbox.requests.length;
    await askForGraph(freight, sandbox, { shared: team });
    await workbench.notification(`${team} is ready: large attachments can be sent`).waitFor();
    await freight.accountRow(team).filter({ hasText: "Microsoft 365 · token until" }).waitFor();
    const asked = sandbox.requests.slice(earlier);
    assert.deepEqual(
      asked
        .filter(({ step }) => step === "cancel")
        .map(({ status, headers }) => [status, headers.authorization]),
      [[204, undefined]],
    );
    assert.deepEqual(await draftsAt(sandbox, `users/${team}`), []);
  });
});
