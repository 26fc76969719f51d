import assert from "node:assert/strict";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";

const files = {
  "report.pdf": "%PDF-1.7\n",
  "notes/today.md": "# Today\n",
  "lines.txt": "one line\u2028and, for some, another\n",
};

describe("what the editor offers", () => {
  let session: WorkbenchSession;

  before(async () => {
    session = await openWorkbench({ files });
  });
  after(() => session?.dispose());

  for (const command of ["Add Account…", "Send as Large Attachment…"]) {
    it(`lists "Freight Mail: ${command}" in the palette`, async () => {
      const { workbench } = session;
      await workbench.findCommand(`Freight Mail: ${command}`);
      await workbench.closeQuickInput();
    });
  }

  for (const item of ["report.pdf", "notes"]) {
    it(`offers to send ${item} from the Explorer's context menu`, async () => {
      const { workbench } = session;
      await workbench.findMenuItem("Send as Large Attachment…", workbench.file(item));
      await workbench.closeMenu();
    });
  }

  it("lets a file be clicked whatever is in it: no dialog comes over the window of a test", async () => {
    const { page, workbench } = session;
    await workbench.file("lines.txt").click();
    await page.locator(".view-line", { hasText: "another" }).waitFor();
    await workbench.file("report.pdf").click();
    await page.locator(".view-line", { hasText: "PDF" }).waitFor();
    assert.equal(await workbench.dialog.count(), 0);
  });
});
