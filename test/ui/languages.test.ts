import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { ASKS, Freight } from "../support/freight.ts";
import { PSEUDO, pseudo, speakPseudo } from "../support/pseudo.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";

/** What is the same in every language, and what VS Code says in its own words. */
const NAMES =
  /[\w.-]+@[\w.-]+|\/\S+|X-Project: Tide|Actions for|\b[\w-]+\.(?:bin|example)\b|Ada Lovelace|Tide|SHA-256|Microsoft 365|Nylas|OneDrive|Markdown|HTML|Google|Outlook|Gmail|Yahoo|IMAP|iCloud|\bCtrl\b|\bEnter\b|\bEsc\b|\bDel\b/g;

describe("VS Code in another language", () => {
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    session = await openWorkbench({
      language: PSEUDO,
      change: speakPseudo,
      files: { "build.bin": new Uint8Array(300_000) },
    });
    freight = new Freight(session);
  });
  after(() => session?.dispose());

  /** The lines that can be read in it, and the words that only hover or a screen reader show. */
  const english = async (place: Locator): Promise<readonly string[]> => {
    const lines = await place.evaluateAll((nodes) =>
      nodes.flatMap((node) => [
        ...(node instanceof HTMLElement ? node.innerText.split("\n") : []),
        ...[...node.querySelectorAll("*")].flatMap((one) =>
          ["aria-label", "title", "placeholder"].flatMap((name) => one.getAttribute(name) ?? []),
        ),
      ]),
    );
    return lines.filter((line) => /[A-Za-z]{2}/.test(line.replace(NAMES, "")));
  };
  const isTranslated = async (place: Locator) => {
    await place.first().waitFor();
    assert.deepEqual(await english(place), []);
  };

  it("asks for an account in it", async () => {
    const { workbench } = session;
    await workbench.view("Explorer");
    await workbench.contextMenu(pseudo("Send as Large Attachment…"), workbench.file("build.bin"));
    await freight.question(pseudo(ASKS.service));
    await isTranslated(workbench.quickInput.locator(".monaco-list-row"));
    await freight.choose(pseudo(ASKS.service), pseudo("Practice mailbox"));
  });

  it("shows the mail in it, from the first line to the last", async () => {
    const { panel } = freight;
    await panel.attachment("build.bin").says(new RegExp(pseudo("ready"), "i"));
    await isTranslated(panel.frame.locator("main"));
  });

  it("says in it that the mail has arrived, and where mails are", async () => {
    const { panel } = freight;
    const { workbench } = session;
    await panel.frame.getByLabel(pseudo("To"), { exact: true }).fill("ada@navy.example");
    await panel.frame.getByLabel(pseudo("Message"), { exact: true }).fill("Tide");
    await panel.send.click();
    await panel.headline.filter({ hasText: pseudo("Arrived in the practice mailbox") }).waitFor();
    await isTranslated(panel.frame.locator("main"));
    await workbench.view(pseudo("Freight Mail"));
    const rows = workbench.treeItems(pseudo("Sessions"));
    await rows.first().waitFor();
    await isTranslated(rows);
    await workbench.openContextMenu(rows.last());
    await isTranslated(session.page.locator(".context-view .monaco-menu"));
  });
});
