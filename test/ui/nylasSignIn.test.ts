import type { Page } from "playwright-core";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { ASKS, Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { PATIENCE_MS } from "../support/until.ts";

const WAITING = "Waiting for you to sign in on the page in your browser…";

describe("signing in at Nylas", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({
      settings: {
        "freightMail.nylas.clientId": sandbox.nylas.clientId,
        "freightMail.nylas.apiUri": sandbox.nylas.apiUri,
      },
    });
    freight = new Freight(session);
    await freight.ready();
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  /** From the moment at which it is due: a slow machine takes its time until then. */
  const nextPage = () => session.context.waitForEvent("page", { timeout: PATIENCE_MS });

  /** Answers the wizard up to the page that it opens. */
  async function openPage(kind = "Sign in"): Promise<Page> {
    await session.workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Nylas");
    await freight.choose(ASKS.kind, kind);
    await freight.choose(ASKS.region, "Custom URL…");
    const opened = nextPage();
    await freight.enter(ASKS.address, sandbox.nylas.apiUri);
    return opened;
  }
  const answer = async (page: Page, button: "Allow" | "Deny" | "Needs an administrator") => {
    await page.getByRole("button", { name: button }).click();
    await page.getByText("Go back to Visual Studio Code. You can close this page.").waitFor();
  };

  it("says in the wizard that the person declined, or an administrator is needed, and tries again", async () => {
    const page = await openPage();
    await answer(page, "Deny");
    await page.close();
    let opened = nextPage();
    await freight.choose("You declined, so nobody was signed in.", "Sign In Again");
    const second = await opened;
    await answer(second, "Needs an administrator");
    await second.close();
    opened = nextPage();
    await freight.choose(
      "An administrator has to approve your organization's Nylas application",
      "Sign In Again",
    );
    await (await opened).close();
    await freight.question(WAITING);
  });

  it("can be tried at the practice mailbox", async () => {
    await session.workbench.command("Freight Mail: Add Account…");
    await freight.choose(ASKS.service, "Nylas");
    await freight.choose(ASKS.kind, "Sign in");
    const opened = nextPage();
    await freight.choose(ASKS.region, "Practice mailbox");
    const page = await opened;
    await answer(page, "Allow");
    await page.close();
    await session.workbench.notification("The practice mailbox is ready").waitFor();
  });
});
