import assert from "node:assert/strict";
import type { SimulatorView } from "../../src/shared/contract/messages.ts";
import { PanelPage } from "./panelPage.ts";
import { hostNow, snapshot } from "./snapshots.ts";

const practice = snapshot({ practice: "Practice: nobody gets this mail." });
const view: SimulatorView = { bytesPerSecond: null, losesAnswer: false, done: "", arrived: null };

describe("Make It Hard, in the page of a practice mail", () => {
  let panel: PanelPage;
  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
    await panel.show(practice);
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const button = (name: string) => panel.page.getByRole("button", { name });
  const group = () => panel.page.getByRole("region", { name: "Make It Hard" });
  const render = (change: Partial<SimulatorView> | null) =>
    panel.receive({ type: "simulator", view: change && { ...view, ...change } });

  it("is opened and closed with one button, when the host says so", async () => {
    const toggle = button("Make It Hard");
    const sign = () => toggle.locator("path").getAttribute("d");
    const closed = await sign();
    await toggle.click();
    assert.equal(await group().isVisible(), false);
    assert.equal(await sign(), closed);
    await render({});
    assert.equal(await group().isVisible(), true);
    assert.equal(await toggle.getAttribute("aria-expanded"), "true");
    assert.notEqual(await sign(), closed);
    await toggle.click();
    await render(null);
    assert.equal(await group().isVisible(), false);
    assert.equal(await sign(), closed);
    assert.deepEqual(await panel.posted(), [
      { type: "makeItHard", act: "open" },
      { type: "makeItHard", act: "close" },
    ]);
  });

  it("is not there beside a mail that somebody gets", async () => {
    await render({});
    await panel.show(snapshot({ practice: null }));
    assert.equal(await group().isVisible(), false);
    assert.equal(await button("Make It Hard").isVisible(), false);
  });

  it("asks the host for what is pressed", async () => {
    await render({});
    await button("Drop the Line").click();
    await button("Lose the Answer to Send").click();
    await render({ losesAnswer: true });
    assert.equal(await button("Lose the Answer to Send").getAttribute("aria-pressed"), "true");
    await button("Expire the Session").click();
    await button("Kill the Extension Host…").click();
    const speed = panel.page.getByLabel("Line speed");
    await speed.press("Home");
    assert.equal(await speed.getAttribute("aria-valuetext"), "64 KB/s");
    await speed.press("End");
    assert.deepEqual(await panel.posted(), [
      ...(["dropLine", "loseAnswer", "expireSessions", "killHost"] as const).map((act) => ({
        type: "makeItHard" as const,
        act,
      })),
      { type: "lineSpeed", bytesPerSecond: 64 * 1024 },
      { type: "lineSpeed", bytesPerSecond: null },
    ]);
  });

  it("shows the speed that the line has", async () => {
    await render({ bytesPerSecond: 1024 * 1024 });
    await group().getByText("1 MB/s").waitFor();
    await render({ bytesPerSecond: null });
    await group().getByText("as fast as this machine").waitFor();
  });

  it("tells how the mail arrived, to screen readers once", async () => {
    await render({});
    await group().getByText("Recipient's side: nothing has arrived yet").waitFor();
    const spoken = panel.page.getByRole("status").last();
    assert.equal(await spoken.textContent(), "");
    const arrived = { words: "Arrived once, identical", isGood: true };
    await render({ done: "line dropped", arrived });
    await group().getByText("Recipient's side: Arrived once, identical").waitFor();
    await group().getByText("So far: line dropped.").waitFor();
    assert.equal(await spoken.textContent(), "Recipient's side: Arrived once, identical.");
  });
});
