/** Run by test/ui/keepFailures.test.ts: a suite that fails, and closes its window after each test. */
import { openWorkbench, type WorkbenchSession } from "../session.ts";

describe("a window that is closed after each test", () => {
  let session: WorkbenchSession;
  beforeEach(async () => {
    session = await openWorkbench({ files: { "witness.txt": "was here" } });
  });
  afterEach(() => session.dispose());

  it("is kept", async () => {
    const { page, workbench } = session;
    await workbench.file("witness.txt").click();
    await workbench.editorTab("witness.txt").waitFor();
    await workbench.command("Freight Mail: Send Git Patch…");
    await page.locator(".notification-toast").waitFor();
    await workbench.palette("no such command");
    throw new Error("as it should");
  });

  it("is kept with its dialog", async () => {
    const { page, workbench } = session;
    await workbench.file("witness.txt").click();
    await page.keyboard.press("Delete");
    await workbench.dialog.waitFor();
    throw new Error("so it should");
  });
});
