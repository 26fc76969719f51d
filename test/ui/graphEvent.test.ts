import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { binary } from "../support/files.ts";
import { Freight } from "../support/freight.ts";
import { addGraphAccount } from "../support/graphAccount.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes } from "../support/until.ts";

const content = binary(10 * 1024 * 1024);
const ATTACH = "Attach to Calendar Event…";

describe("a file for a calendar event", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({
      files: { "plan.bin": content, "notes.txt": "notes\n", "drawings/hull.bin": binary(20_000) },
    });
    freight = new Freight(session);
    await session.workbench.view("Freight Mail");
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  it("asks for an account that has a calendar when there is none", async () => {
    await session.workbench.command(`Freight Mail: ${ATTACH}`);
    await freight.chooseFile(session.path("notes.txt"));
    const message = session.workbench.notification("needs a Microsoft 365 account. Add one first.");
    await message.getByRole("button", { name: "Add Account…" }).waitFor();
    await freight.tidy();
  });

  it("goes into the event that was chosen from the coming ones, and nobody gets a mail", async () => {
    await addGraphAccount(freight, sandbox);
    await freight.tidy();
    await session.workbench.view("Explorer");
    await freight.menu(ATTACH, session.workbench.file("plan.bin"));
    await freight.question("Attach to which event?");
    for (const event of ["Project review", "Handover of the drawings", "Lunch with Leyla"])
      await session.workbench.quickRows(event).waitFor();
    await becomes(() => session.workbench.quickRows().count(), 3);
    await freight.choose("Attach to which event?", "Handover of the drawings");
    const { frame } = freight.panel;
    await frame.getByRole("heading", { name: /^Event “Handover of the drawings”/ }).waitFor();
    await freight.panel.attachment("plan.bin").says("attached");
    assert.equal(await freight.panel.to.isVisible(), false);
    assert.equal(await freight.panel.send.isVisible(), false);
    await freight.panel.says(/^Attached/);
    await freight.sees("plan.bin", /^plan\.bin.*attached/);
    assert.equal(sandbox.deliveries, 0);
    assert.equal(await attachedBytes(sandbox), content.length);
  });

  it("may be the zip of a folder, which is asked about as for a mail", async () => {
    await freight.tidy();
    await session.workbench.view("Explorer");
    await freight.menu(ATTACH, session.workbench.file("drawings"));
    await freight.choose("Attach to which event?", "Lunch with Leyla");
    await freight.answerDialog("Send “drawings” as a zip?", "Compress");
    await freight.panel.attachment("drawings.zip").says("attached");
    await freight.panel.says(/^Attached/);
    assert.equal(sandbox.deliveries, 0);
    assert.ok((await attachedBytes(sandbox)) > content.length + 20_000);
  });
});

/** The bytes of what hangs on the coming events. */
async function attachedBytes({ graph: { baseUrl, accessToken } }: Sandbox): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  const read = async (path: string) => (await fetch(`${baseUrl}/v1.0/me/${path}`, { headers })).json();
  let bytes = 0;
  for (const { id } of (await read("events")).value)
    for (const attachment of (await read(`events/${id}/attachments`)).value) {
      const path = `events/${id}/attachments/${encodeURIComponent(attachment.id)}/$value`;
      bytes += (await (await fetch(`${baseUrl}/v1.0/me/${path}`, { headers })).arrayBuffer()).byteLength;
    }
  return bytes;
}
