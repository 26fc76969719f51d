import { type Sandbox, startSandbox } from "../src/sandbox/server.ts";
import { binary } from "../test/support/files.ts";
import { ASKS, Freight, mailbox } from "../test/support/freight.ts";
import { beginGraph, GRAPH_ASKS } from "../test/support/graphAccount.ts";
import { MicrosoftAccounts } from "../test/support/microsoftAccounts.ts";
import { openWorkbench } from "../test/support/session.ts";
import { ensureVsix } from "./package.ts";

const MiB = 1024 * 1024;
const vsix = await ensureVsix();
const id = "5d2c1f60-7e43-4b18-9a0d-3f6b8c2e7a91";
const consent = /wants .*sign in.* using Microsoft/;
for (const theme of ["Dark Modern", "Light Modern"]) await shots(theme);
process.exit();

async function shots(theme: string): Promise<void> {
  const sandbox: Sandbox = await startSandbox();
  const accounts = await MicrosoftAccounts.make();
  const session = await openWorkbench({
    ...accounts.options,
    vsix,
    theme,
    files: { "large.bin": binary(4 * MiB), "small.pdf": binary(MiB, 2) },
    settings: { "freightMail.nylas.apiUri": sandbox.nylas.apiUri },
  });
  let n = 0;
  const tag = theme.slice(0, 4).trim();
  const shot = async (name: string) => {
    await session.page.waitForTimeout(400);
    await session.page.screenshot({ path: `/tmp/signin/${tag}-${String(++n).padStart(2, "0")}-${name}.png` });
    console.log(name);
  };
  try {
    const freight = new Freight(session);
    const { workbench } = session;
    await workbench.view("Freight Mail");
    await workbench.command("Freight Mail: Add Account…");
    await freight.question(ASKS.service);
    await shot("service");
    await freight.choose(ASKS.service, "Nylas");
    await freight.question(ASKS.kind);
    await shot("nylas-kind");
    await freight.choose(ASKS.kind, "Sign in");
    await freight.question(ASKS.region);
    await shot("nylas-region");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.enter(ASKS.address, sandbox.nylas.apiUri);
    await freight.quickMessage.filter({ hasText: "Client ID of" }).waitFor();
    await shot("nylas-client");
    const opened = session.context.waitForEvent("page", { timeout: 60_000 });
    await freight.enter("Client ID of", sandbox.nylas.clientId);
    const page = await opened;
    await page.getByRole("button", { name: "Allow" }).waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `/tmp/signin/${tag}-page-${colorScheme}.png` });
    }
    await session.page.bringToFront();
    await shot("nylas-waiting");
    await freight.choose("Waiting for you", "Enter the Code…");
    await freight.quickMessage.filter({ hasText: "The address of the page" }).waitFor();
    await shot("nylas-code");
    await workbench.closeQuickInput();
    await page.close();
    await beginGraph(freight, sandbox);
    await freight.question(GRAPH_ASKS.mailbox);
    await shot("graph-mailbox");
    await freight.choose(GRAPH_ASKS.mailbox, "Mine");
    await freight.question(GRAPH_ASKS.kind);
    await shot("graph-kind");
    await freight.choose(GRAPH_ASKS.kind, "Sign in with Microsoft");
    await freight.question(GRAPH_ASKS.accountType);
    await shot("graph-type");
    await freight.choose(GRAPH_ASKS.accountType, "Company or School Account");
    await freight.question(GRAPH_ASKS.client);
    await shot("graph-client");
    await freight.choose(GRAPH_ASKS.client, "Enter Client ID…");
    await freight.quickMessage.filter({ hasText: "Application (client) ID" }).waitFor();
    await shot("graph-client-id");
    await freight.enter("Application (client) ID", id);
    await freight.quickMessage.filter({ hasText: "Your organization's domain" }).waitFor();
    await shot("graph-directory");
    await freight.enter("Your organization's domain", "contoso.example");
    await freight.question(GRAPH_ASKS.approval);
    await shot("graph-approval");
    accounts.refuse("AADSTS90094: An administrator has set");
    await freight.choose(GRAPH_ASKS.approval, "Sign In");
    await freight.answerDialog(consent, "Allow");
    await freight.question("An administrator has to approve");
    await shot("graph-refused");
    accounts.letIn(mailbox(sandbox), sandbox.graph.issueToken({ scopes: ["Mail.Send", "User.Read"] }));
    await freight.choose("An administrator has to approve", "Sign In Again");
    await freight.answerDialog(consent, "Allow");
    await workbench.notification(`${mailbox(sandbox)} is ready`).waitFor();
    await shot("graph-ready");
    await freight.tidy();
    const panel = await freight.send("large.bin");
    await panel.attachment("large.bin").root.filter({ hasText: "Allow it to write drafts" }).waitFor();
    await shot("sendonly-large");
    await freight.tidy();
    await freight.addAccount(sandbox);
    await freight.tidy();
    const other = await freight.send("small.pdf");
    await other.from.selectOption({ index: 1 });
    await other.attachment("small.pdf").says("ready");
    await shot("choice");
    await other.frame.getByRole("button", { name: "Send in the Mail Instead" }).click();
    await other.frame.getByRole("button", { name: "Upload Instead" }).waitFor();
    await other.attachment("small.pdf").says("ready");
    await shot("chosen");
  } catch (reason) {
    await shot("failed");
    console.log(String(reason));
  } finally {
    await session.dispose();
    await sandbox.close();
    await accounts.remove();
  }
}
