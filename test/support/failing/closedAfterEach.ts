/** Run by test/ui/keepFailures.test.ts: a suite that fails, and closes its window after each test. */
import { openWorkbench, type WorkbenchSession } from "../session.ts";

describe("a window that is closed after each test", () => {
  let session: WorkbenchSession;
  beforeEach(async () => {
    session = await openWorkbench({ files: { "witness.txt": "was here" } });
  });
  afterEach(() => session.dispose());

  it("is kept", async () => {
    await session.workbench.file("witness.txt").waitFor();
    throw new Error("as it should");
  });
});
