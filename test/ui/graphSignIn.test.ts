import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Freight, mailbox } from "../support/freight.ts";
import { beginSignIn, GRAPH_ASKS } from "../support/graphAccount.ts";
import { MicrosoftAccounts } from "../support/microsoftAccounts.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";

const HOUR = 3_600_000;
const team = "team@freight-mail.example";
const clientId = "5d2c1f60-7e43-4b18-9a0d-3f6b8c2e7a91";
/** What VS Code is asked for: the app registration, and scopes of Graph alone. */
const scopes = [
  `VSCODE_CLIENT_ID:${clientId}`,
  "VSCODE_TENANT:contoso.example",
  "https://graph.microsoft.com/Mail.ReadWrite",
  "https://graph.microsoft.com/Mail.Send",
  "https://graph.microsoft.com/User.Read",
  "offline_access",
];
/** VS Code's own question, before an extension may use an account. */
const consent = /The extension 'Freight Mail: Large Attachments' wants .*sign in.* using Microsoft/;

describe("signing in with Microsoft", () => {
  let sandbox: Sandbox;
  let accounts: MicrosoftAccounts;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    accounts = await MicrosoftAccounts.make();
    session = await openWorkbench({
      ...accounts.options,
      files: { "report.pdf": "%PDF-1.7\n" },
      settings: { "freightMail.graph.clientId": clientId, "freightMail.graph.tenant": "contoso.example" },
    });
    freight = new Freight(session);
    await session.workbench.view("Freight Mail");
  });
  // Not afterwards: a test that fails leaves a picture of what it saw.
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await accounts?.remove();
  });

  const me = () => mailbox(sandbox);
  const askToSignIn = async () => {
    await beginSignIn(freight, sandbox);
    await freight.choose(GRAPH_ASKS.kind, "Sign in with Microsoft");
  };
  const createdSince = (earlier: number) =>
    accounts.asked.slice(earlier).filter(({ call }) => call === "createSession");

  it("is asked again how it should be when VS Code's question is declined", async () => {
    await askToSignIn();
    await freight.answerDialog(consent, "Cancel");
    await session.workbench.notification("The sign-in with Microsoft was not finished").waitFor();
    await freight.question(GRAPH_ASKS.kind);
    assert.deepEqual(createdSince(0), []);
  });

  it("is asked again how it should be when Microsoft's page is closed", async () => {
    accounts.letNobodyIn();
    await askToSignIn();
    await freight.answerDialog(consent, "Allow");
    await session.workbench.notification("The person closed the page of Microsoft.").waitFor();
    await freight.question(GRAPH_ASKS.kind);
  });

  it("adds an account, with the app registration of the settings and scopes of Graph alone", async () => {
    accounts.letIn(me(), sandbox.graph.issueToken({ lifeMs: HOUR }));
    const earlier = accounts.asked.length;
    await askToSignIn();
    await freight.answerDialog(consent, "Allow");
    await session.workbench.notification(`${me()} is ready: large attachments can be sent`).waitFor();
    const created = createdSince(earlier);
    assert.deepEqual(
      created.map((asked) => [...asked.scopes].sort()),
      [[...scopes].sort()],
    );
    // VS Code renews its token: when that runs out is nothing to show.
    const row = freight.accountRow(me());
    assert.match((await row.textContent()) ?? "", /Microsoft 365 · default$/);
  });

  it("fetches a new token once when the old one has run out, without a question", async () => {
    const old = sandbox.graph.issueToken({ lifeMs: HOUR });
    sandbox.clock.advance(2 * HOUR);
    accounts.letIn(me(), old, sandbox.graph.issueToken({ lifeMs: HOUR }));
    const [requests, asked] = [sandbox.requests.length, accounts.asked.length];
    const panel = await freight.send("report.pdf");
    await panel.to.fill("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(sandbox.deliveries, 1);
    assert.deepEqual(createdSince(asked), []);
    const statuses = sandbox.requests.slice(requests).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 401).length, 1);
    assert.equal(await session.workbench.dialog.count(), 0);
  });

  it("says that it is over after a sign-out, and begins anew with the message's button", async () => {
    const { workbench } = session;
    await workbench.command("Microsoft Stand-In: Sign Out");
    await workbench.view("Freight Mail");
    await freight.menu("Check Account", freight.accountRow(me()));
    const refusal = workbench.notification(`${me()} is signed out of Microsoft in VS Code.`);
    await freight.press(refusal, "Update Key…");
    await freight.answerDialog(consent, "Allow");
    await workbench.notification(`${me()} is connected and can send large attachments.`).waitFor();
  });

  it("is not taken over by another account, from which mails would leave", async () => {
    const { workbench } = session;
    await workbench.command("Microsoft Stand-In: Sign Out");
    accounts.letIn(team, sandbox.graph.issueToken({ user: team }));
    await freight.menu("Update Key…", freight.accountRow(me()));
    await freight.answerDialog(consent, "Allow");
    await workbench.notification(`That was a different account than ${me()}.`).waitFor();
    await freight.menu("Check Account", freight.accountRow(me()));
    await workbench.notification(`${me()} is signed out of Microsoft in VS Code.`).waitFor();
  });

  it("can add a second account, and speaks for each with its own token", async () => {
    const { workbench } = session;
    accounts.letIn(me(), sandbox.graph.issueToken({ lifeMs: HOUR }));
    await freight.menu("Update Key…", freight.accountRow(me()));
    await freight.answerDialog(consent, "Allow");
    await workbench.notification(`${me()} is connected`).waitFor();
    await askToSignIn();
    await freight.answerDialog(consent, "Allow");
    await workbench.quickRows(team).click();
    await workbench.notification(`${team} is ready`).waitFor();
    for (const email of [team, me()]) {
      await freight.menu("Check Account", freight.accountRow(email));
      await workbench.notification(`${email} is connected and can send large attachments.`).waitFor();
    }
  });
});

describe("signing in with Microsoft without an app registration", () => {
  let sandbox: Sandbox;
  let accounts: MicrosoftAccounts;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    accounts = await MicrosoftAccounts.make();
    session = await openWorkbench(accounts.options);
    freight = new Freight(session);
    await session.workbench.view("Freight Mail");
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await accounts?.remove();
  });

  const question = "Microsoft does not let VS Code itself send mail.";

  it("is warned of, and leads to the setting that is missing", async () => {
    await beginSignIn(freight, sandbox);
    await freight.choose(GRAPH_ASKS.kind, "Sign in with Microsoft");
    await session.workbench.dialog
      .getByText("Enter the ID of your organization's app registration")
      .waitFor();
    await freight.answerDialog(question, "Open Settings");
    await session.page.getByText("Graph: Client Id").first().waitFor();
    await freight.tidy();
  });

  it("is possible all the same", async () => {
    accounts.letIn(mailbox(sandbox), sandbox.graph.issueToken());
    await beginSignIn(freight, sandbox);
    await freight.choose(GRAPH_ASKS.kind, "Sign in with Microsoft");
    await freight.answerDialog(question, "Sign In Anyway");
    await freight.answerDialog(consent, "Allow");
    await session.workbench.notification(`${mailbox(sandbox)} is ready`).waitFor();
    const asked = accounts.asked.flatMap((each) => each.scopes);
    assert.deepEqual(
      asked.filter((scope) => scope.startsWith("VSCODE_")),
      [],
    );
  });
});
