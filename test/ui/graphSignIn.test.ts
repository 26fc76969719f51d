import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { binary } from "../support/files.ts";
import { Freight, mailbox } from "../support/freight.ts";
import { beginSignIn, GRAPH_ASKS } from "../support/graphAccount.ts";
import { MicrosoftAccounts } from "../support/microsoftAccounts.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { until } from "../support/until.ts";

const HOUR = 3_600_000;
const team = "team@freight-mail.example";
const clientId = "5d2c1f60-7e43-4b18-9a0d-3f6b8c2e7a91";
/** What VS Code is asked for: the app registration, and scopes of Graph alone. */
const scopes = [
  `VSCODE_CLIENT_ID:${clientId}`,
  "VSCODE_TENANT:contoso.example",
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
    await freight.choose(GRAPH_ASKS.accountType, "Company or School Account");
  };
  const createdSince = (earlier: number) =>
    accounts.asked.slice(earlier).filter(({ call }) => call === "createSession");

  it("says in the wizard that VS Code's question was declined, and goes on from there", async () => {
    await askToSignIn();
    await freight.answerDialog(consent, "Cancel");
    await freight.question("The sign-in with Microsoft was not finished: User did not consent to login.");
    assert.deepEqual(createdSince(0), []);
    accounts.letNobodyIn();
    await freight.choose("The sign-in with Microsoft was not finished", "Sign In Again");
    await freight.answerDialog(consent, "Allow");
    await freight.question(
      "The sign-in with Microsoft was not finished: The person closed the page of Microsoft.",
    );
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

/** As Microsoft words them, and what the wizard makes of each: the sentence, and its first row. */
const REFUSALS = [
  [
    "AADSTS50011: The redirect URI 'http://localhost' specified in the request does not match",
    "The app registration lacks a redirect address of VS Code",
    "Copy http://localhost",
  ],
  [
    "AADSTS7000218: The request body must contain the following parameter: 'client_assertion'",
    "The app registration does not allow public client flows",
    "Copy Command",
  ],
  ["AADSTS65002: Consent between first party", "Microsoft does not let this application", "Enter Another"],
  ["AADSTS65001: has not consented", "An administrator has to approve", "Copy Administrator's Consent Link"],
  [
    "AADSTS90094: An administrator has set",
    "An administrator has to approve",
    "Copy Administrator's Consent",
  ],
  ["AADSTS50020: does not exist in tenant", "This account does not belong", "Change Account Type…"],
  ["AADSTS50194: not configured as multi-tenant", "The app registration is for one", "Change Account Type…"],
  ["AADSTS53000: Device is not in required state", "Your organization's Conditional", "Copy Details"],
  ["AADSTS53003: Access has been blocked", "Your organization's Conditional", "Copy Details"],
  ["AADSTS9002325: Proof Key for Code Exchange", "The app registration has to be for", "Copy Registration"],
  ["AADSTS7000215: Invalid client secret", "The app registration has to be for", "Copy Registration"],
  ["AADSTS700016: Application was not found", "Microsoft does not know this client", "Enter Another"],
] as const;

describe("signing in with Microsoft for the first time", () => {
  let sandbox: Sandbox;
  let accounts: MicrosoftAccounts;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    accounts = await MicrosoftAccounts.make();
    session = await openWorkbench({ ...accounts.options, files: { "large.bin": binary(4 * 1024 * 1024) } });
    freight = new Freight(session);
    await session.workbench.view("Freight Mail");
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await accounts?.remove();
  });

  it("asks for the app registration in place, explains each refusal, and ends with an account", async () => {
    const { workbench, page } = session;
    const wrong = "11111111-2222-3333-4444-555555555555";
    await beginSignIn(freight, sandbox);
    await freight.choose(GRAPH_ASKS.kind, "Sign in with Microsoft");
    await freight.choose(GRAPH_ASKS.accountType, "Company or School Account");
    await freight.choose(GRAPH_ASKS.client, "Enter Client ID…");
    await freight.enter("Application (client) ID", "freight-mail");
    await freight.quickMessage.filter({ hasText: "A client ID looks like" }).waitFor();
    await workbench.quickText.fill(wrong);
    await page.keyboard.press("Enter");
    await freight.enter("Your organization's domain", "contoso.example");
    const [first] = REFUSALS;
    accounts.refuse(first[0]);
    await freight.choose(GRAPH_ASKS.approval, "Sign In");
    await freight.answerDialog(consent, "Allow");
    for (const [index, [, sentence, row]] of REFUSALS.entries()) {
      await freight.question(sentence);
      await workbench.quickRows(row).first().waitFor();
      const next = REFUSALS[index + 1];
      if (next === undefined) continue;
      accounts.refuse(next[0]);
      await freight.choose(sentence, "Sign In Again");
      await freight.answerDialog(consent, "Allow");
      // The next page may have the same words: only VS Code's call tells that it is the next.
      await until(
        "it was tried again",
        () => accounts.asked.filter(({ call }) => call === "createSession").length === index + 2,
      );
    }
    accounts.letIn(mailbox(sandbox), sandbox.graph.issueToken({ scopes: ["Mail.Send", "User.Read"] }));
    await freight.choose("Microsoft does not know this client", "Enter Another Client ID…");
    await freight.enter("Application (client) ID", clientId);
    await freight.answerDialog(consent, "Allow");
    await workbench
      .notification(`${mailbox(sandbox)} is ready: files of up to 2.85 MB in a mail can be sent`)
      .waitFor();
    assert.deepEqual(
      (accounts.asked.at(-1)?.scopes ?? []).filter((scope) => scope.startsWith("VSCODE_")).sort(),
      [`VSCODE_CLIENT_ID:${clientId}`, "VSCODE_TENANT:contoso.example"],
    );
    // For the next account nothing of it is asked again.
    await beginSignIn(freight, sandbox);
    await freight.choose(GRAPH_ASKS.kind, "Sign in with Microsoft");
    await workbench
      .quickRows(/Company or School Account.*contoso\.example/)
      .first()
      .waitFor();
    await workbench.closeQuickInput();
  });

  it("may only send then, says in the mail what that leaves out, and is allowed more from there", async () => {
    const panel = await freight.send("large.bin");
    const lacking = panel.frame.locator(".lacking");
    await lacking.filter({ hasText: "This account may only send mail: files of up to 2.85 MB" }).waitFor();
    const file = panel.attachment("large.bin");
    await file.root.filter({ hasText: "Allow it to write drafts to attach larger ones." }).waitFor();
    await panel.to.fill("ada@example.com");
    accounts.refuse("AADSTS90094: An administrator has set");
    await lacking.getByRole("button", { name: "Allow More…" }).click();
    await freight.answerDialog(consent, "Allow");
    await freight.question("An administrator has to approve");
    // That is done.
    accounts.letIn(mailbox(sandbox), sandbox.graph.issueToken());
    await freight.choose("An administrator has to approve", "Sign In Again");
    await freight.answerDialog(consent, "Allow");
    await lacking.waitFor({ state: "hidden" });
    assert.ok(accounts.asked.at(-1)?.scopes.includes("https://graph.microsoft.com/Mail.ReadWrite"));
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.equal(sandbox.deliveries, 1);
  });
});
