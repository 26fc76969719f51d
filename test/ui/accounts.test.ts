import assert from "node:assert/strict";
import { join } from "node:path";
import { root } from "../../scripts/vscode/layout.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { ASKS, Freight, mailbox, SEND } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes, until } from "../support/until.ts";

const files = { "report.pdf": "%PDF-1.7\n" };

describe("accounts", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files, extensions: [join(root, "test/support/assistantStandIn")] });
    freight = new Freight(session);
    await session.workbench.view("Freight Mail");
  });
  // Not afterwards: a test that fails leaves a picture of what it saw.
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const grantRow = (email: string) => session.workbench.quickRows(email);

  it("says what an API key reaches, before and while it is asked for, and hides what is typed", async () => {
    const { workbench } = session;
    await workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Nylas");
    await freight.question(ASKS.kind);
    await workbench
      .quickRows("API key")
      .filter({ hasText: "It reaches every mailbox of the Nylas application" })
      .click();
    await freight.quickMessage
      .filter({ hasText: "An API key reaches every mailbox of its Nylas application." })
      // The extension runs in the server of the tests, as over SSH.
      .filter({ hasText: /connected to a remote machine \(.+\): whoever controls it can read the key\./ })
      .waitFor();
    await becomes(() => workbench.quickText.getAttribute("type"), "password");
  });

  it("goes back step by step to the first question", async () => {
    const { workbench } = session;
    const back = workbench.quickInput.getByRole("button", { name: "Back" });
    await freight.beginNylas();
    await freight.enter(ASKS.credential, sandbox.nylas.apiKey);
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.quickMessage.filter({ hasText: ASKS.address }).waitFor();
    await back.click();
    await freight.question(ASKS.region);
    await back.click();
    await freight.quickMessage.filter({ hasText: ASKS.credential }).waitFor();
    await back.click();
    await freight.question(ASKS.kind);
    await back.click();
    await freight.question(ASKS.service);
    await back.waitFor({ state: "hidden" });
  });

  for (const [address, refusal] of [
    ["http://nylas.example.com", "The key would travel unprotected"],
    ["nylas", "Enter a full address, such as https://nylas.example.com."],
  ] as const)
    it(`refuses the address ${address} where it was typed`, async () => {
      await freight.beginNylas();
      await freight.enter(ASKS.credential, sandbox.nylas.apiKey);
      await freight.choose(ASKS.region, "Custom URL…");
      await freight.enter(ASKS.address, address);
      await freight.quickMessage.filter({ hasText: refusal }).waitFor();
      await becomes(() => session.workbench.quickText.inputValue(), address);
    });

  it("says that a key is wrong, asks for it again, and keeps the other answers", async () => {
    await freight.beginNylas();
    await freight.enterKey(sandbox, "nyk_v0_wrong");
    await freight.enter("Nylas rejected this key. Check that it was copied whole", sandbox.nylas.apiKey);
    await freight.question(ASKS.grant);
  });

  it("lists the mailboxes of a key with their provider, and what keeps them from large attachments", async () => {
    await freight.beginNylas();
    await freight.enterKey(sandbox);
    await freight.question(ASKS.grant);
    const rows = await session.workbench
      .quickRows()
      .evaluateAll((all) => all.map((row) => row.getAttribute("aria-label")));
    assert.deepEqual(rows, [
      "practice@freight-mail.example, Microsoft, large attachments",
      "mila.brandt@gmail.example, Google, files of up to 25 MB in a mail",
      "send.only@freight-mail.example, Microsoft, warning  connected without Mail.ReadWrite",
      "signed.out@freight-mail.example, Microsoft, warning  signed out: has to be reconnected",
      "Enter a grant ID…",
    ]);
  });

  it("refuses unsuitable mailboxes in words, and lets another be chosen", async () => {
    const { workbench } = session;
    await freight.beginNylas();
    await freight.enterKey(sandbox);
    const email = "signed.out@freight-mail.example";
    await freight.question(ASKS.grant);
    await grantRow(email).click();
    const refusal = workbench.quickRows(`${email} has to be reconnected to Nylas: its sign-in has expired.`);
    await refusal.waitFor();
    // It is no answer, and what it says lies beside nothing else that has to be closed.
    await refusal.click();
    await refusal.waitFor();
    assert.equal(await workbench.notification("signed.out").count(), 0);
    assert.equal(await workbench.treeItems("Accounts").count(), 0);
  });

  it("takes a grant's id by hand, after refusing one that the key does not know", async () => {
    const { workbench } = session;
    await freight.beginNylas();
    await freight.enterKey(sandbox);
    await freight.choose(ASKS.grant, "Enter a grant ID…");
    await freight.enter(ASKS.grantId, "no-such-grant");
    await workbench.quickRows("Nylas has no mailbox “no-such-grant” for this key.").waitFor();
    await freight.choose(ASKS.grant, "Enter a grant ID…");
    await freight.enter(ASKS.grantId, sandbox.nylas.grants[0]?.id ?? "");
    const told = workbench.notification(`${mailbox(sandbox)} is ready: large attachments can be sent`);
    await told.getByRole("button", { name: "Send a File…" }).waitFor();
    // VS Code cuts a message that has no button.
    const isCut = ({ scrollWidth, clientWidth }: Element) => scrollWidth > clientWidth;
    assert.equal(await told.locator(".notification-list-item-message").evaluate(isCut), false);
    await freight.accountRow(`${mailbox(sandbox)}Nylas · default`).waitFor();
  });

  it("takes an access token, which needs no choice of a mailbox", async () => {
    const { workbench } = session;
    await freight.beginNylas("Access token");
    await freight.quickMessage.filter({ hasText: "An access token gives access to one mailbox." }).waitFor();
    await freight.enterKey(sandbox, sandbox.nylas.accessToken);
    await workbench.notification(`${mailbox(sandbox)} is ready`).waitFor();
    await becomes(() => workbench.treeItems("Accounts").count(), 2);
    assert.ok(sandbox.requests.some(({ path }) => path === "/v3/grants/me"));
  });

  it("makes another account the default, which new mails are then sent from", async () => {
    const { workbench } = session;
    const rows = freight.accountRow("Nylas");
    const panel = await freight.send("report.pdf");
    const usual = await panel.from.inputValue();
    await workbench.view("Freight Mail");
    await freight.menu("Set as Default Account", rows.filter({ hasNotText: "default" }));
    const other = await freight.send("report.pdf");
    await until("the new mail is from the other account", async () => {
      const from = await other.from.inputValue();
      return from !== "" && from !== usual;
    });
    await workbench.view("Freight Mail");
    await freight.menu("Set as Default Account", rows.filter({ hasNotText: "default" }));
  });

  it("tells of another default that an extension has chosen, and takes it back", async () => {
    const { workbench } = session;
    const panel = await freight.send("report.pdf");
    const usual = await panel.from.inputValue();
    const ids = await panel.from
      .locator("option")
      .evaluateAll((options) => options.map((option) => option.getAttribute("value")));
    const other = ids.find((id) => id !== null && id !== "" && id !== usual);
    const makeDefault = async (id: string | null | undefined) => {
      await workbench.command("Assistant Stand-In: Run a Command");
      const call = { command: "freightMail.setDefaultAccount", args: [{ id }] };
      await freight.enter("Command and arguments", JSON.stringify(call));
      const told = workbench.notification(
        `A command made ${mailbox(sandbox)} the account that new mails are sent from.`,
      );
      await told.waitFor();
      return told;
    };
    const newMailsAreFrom = async (id: string | null | undefined) =>
      until(`new mails are from ${id}`, async () => {
        await workbench.command("Freight Mail: Compose Mail…");
        return (await freight.panel.from.inputValue()) === id;
      });
    await makeDefault(other);
    await newMailsAreFrom(other);
    await freight.tidy();
    const told = await makeDefault(usual);
    await told.getByRole("button", { name: "Undo" }).click();
    await told.waitFor({ state: "hidden" });
    await newMailsAreFrom(other);
    await freight.tidy();
    await makeDefault(usual);
    await workbench.view("Freight Mail");
  });

  it("never makes the practice mailbox the default where there is a real one", async () => {
    const { workbench } = session;
    await workbench.command("Freight Mail: Open Practice Mailbox");
    await freight.question("Nothing has been sent from the practice mailbox yet");
    await workbench.closeQuickInput();
    const practice = freight.accountRow("Practice mailbox");
    await workbench.openContextMenu(practice);
    assert.equal(await workbench.menuItem("Set as Default Account").count(), 0);
    await workbench.closeMenu();
    const { from } = await freight.send("report.pdf");
    await becomes(() => from.locator("option").count(), 3);
    assert.notEqual(await from.inputValue(), "practice");
    await workbench.view("Freight Mail");
    await freight.menu("Remove Account", practice);
    await freight.answerDialog(`Remove ${mailbox(sandbox)}?`, "Remove");
  });

  it("checks an account on demand", async () => {
    const { workbench } = session;
    await freight.menu("Check Account", freight.accountRow("default"));
    await workbench
      .notification(`${mailbox(sandbox)} is connected and can send large attachments.`)
      .waitFor();
  });

  it("finds a key that is no longer good, and asks for another in the same box", async () => {
    const { workbench } = session;
    const account = freight.accountRow("default");
    await freight.menu("Update Key…", account);
    await freight.enter(`New key for ${mailbox(sandbox)}`, "nyk_v0_revoked");
    await freight.enter("Nylas does not accept this account's key.", sandbox.nylas.apiKey);
    await workbench.notification("is connected and can send large attachments.").waitFor();
  });

  it("removes an account only after a question, and asks for one again when the last is gone", async () => {
    const { workbench } = session;
    await workbench.view("Freight Mail");
    for (const left of [1, 0]) {
      await freight.menu("Remove Account", freight.accountRow("default"));
      await workbench.dialog.getByText("Its key is deleted from this machine.").waitFor();
      await freight.answerDialog(`Remove ${mailbox(sandbox)}?`, "Cancel");
      await becomes(() => workbench.treeItems("Accounts").count(), left + 1);
      await freight.menu("Remove Account", freight.accountRow("default"));
      await freight.answerDialog(`Remove ${mailbox(sandbox)}?`, "Remove");
      await freight.accountRow("Nylas").nth(left).waitFor({ state: "hidden" });
    }
    await workbench.view("Explorer");
    await freight.menu(SEND, workbench.file("report.pdf"));
    await freight.question(ASKS.service);
  });
});
