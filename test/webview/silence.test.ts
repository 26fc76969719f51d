import assert from "node:assert/strict";
import { PanelPage } from "./panelPage.ts";
import { emptyForm, hostNow, snapshot } from "./snapshots.ts";

describe("a host that does not answer", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
    await panel.show(snapshot({ form: emptyForm }));
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const alarm = () => panel.page.getByRole("alert").filter({ hasText: "does not answer" });

  it("is told of when an edit stays without an answer, and what is typed is kept with the page", async () => {
    await panel.page.getByLabel("Subject").fill("Half a");
    await panel.page.clock.runFor(9_000);
    assert.equal(await alarm().isVisible(), false);
    await panel.page.clock.runFor(2_000);
    await alarm().waitFor();
    assert.equal((await panel.state())?.form?.subject, "Half a");
    await panel.show(snapshot({ form: emptyForm }));
    await alarm().waitFor({ state: "hidden" });
  });

  it("is no other one that answers each edit, nor one that nobody has said anything to", async () => {
    await panel.page.clock.runFor(60_000);
    for (const subject of ["a", "ab", "abc"]) {
      await panel.page.getByLabel("Subject").fill(subject);
      await panel.page.clock.runFor(8_000);
      await panel.show(snapshot({ form: emptyForm }));
    }
    await panel.page.clock.runFor(60_000);
    assert.equal(await alarm().isVisible(), false);
  });
});
