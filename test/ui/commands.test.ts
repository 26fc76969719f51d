import { openWorkbench, type WorkbenchSession } from "../support/session.ts";

describe("what the editor offers", () => {
  let session: WorkbenchSession;

  before(async () => {
    session = await openWorkbench({ files: { "report.pdf": "%PDF-1.7\n", "notes/today.md": "# Today\n" } });
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
});
