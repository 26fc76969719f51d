import assert from "node:assert/strict";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, hostNow, snapshot } from "./snapshots.ts";

const form = { ...emptyForm, to: "ada@example.com", subject: "Trace" };
const idle = snapshot({ form, attachments: [] });
const moving = snapshot({ form: emptyForm, attachments: [attachment({ status: "uploading" })] });

describe("a host that does not answer", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const alarm = () => panel.page.getByRole("alert").filter({ hasText: "has stopped responding" });
  const pass = (seconds: number) => panel.page.clock.runFor(seconds * 1000);
  const answer = () => panel.receive({ type: "heard" });
  const questions = async () => (await panel.posted()).filter(({ type }) => type === "areYouThere").length;

  it("is told of when an edit stays without an answer, and what is typed is kept with the page", async () => {
    await panel.show(idle);
    await panel.page.getByLabel("Subject").fill("Half a");
    await pass(9);
    assert.equal(await alarm().isVisible(), false);
    await pass(2);
    await alarm().waitFor();
    assert.equal((await panel.state())?.form?.subject, "Half a");
    await answer();
    await alarm().waitFor({ state: "hidden" });
  });

  for (const [what, press] of [
    ["Send", () => panel.page.keyboard.press("Control+Enter")],
    ["Save as Draft", () => choose("Save as Draft")],
    ["Send Later…", () => choose("Send Later…")],
    ["Pause", () => panel.page.getByRole("button", { name: "Pause" }).click()],
    ["Cancel", () => panel.page.getByRole("button", { name: "Cancel" }).click()],
    ["Add Files…", () => panel.page.getByRole("button", { name: "Add Files…" }).click()],
  ] as const)
    it(`is told of when ${what} stays without an answer`, async () => {
      await panel.show(
        snapshot({ form, attachments: [attachment({ status: "paused", actions: ["pause", "cancel"] })] }),
      );
      await press();
      await pass(11);
      await alarm().waitFor();
    });

  const choose = async (way: string) => {
    await panel.page.getByRole("button", { name: "More Ways to Send" }).click();
    await panel.page.getByRole("menuitem", { name: way }).click();
  };

  it("is told of when an upload does not move any more, and nothing goes on pretending", async () => {
    await panel.show(moving);
    await pass(4);
    assert.equal(await questions(), 0);
    await pass(2);
    assert.equal(await questions(), 1);
    await pass(11);
    await alarm().waitFor();
    const headline = panel.page.locator(".headline");
    await headline.filter({ hasText: /^No response since .*This is the mail as of then\.$/ }).waitFor();
    await panel.show(moving);
    await alarm().waitFor({ state: "hidden" });
    assert.equal(await headline.innerText(), moving.headline);
  });

  it("is told of by a page that VS Code brings back, and that nobody fills", async () => {
    await panel.page.reload();
    await pass(29);
    assert.equal(await alarm().isVisible(), false);
    await pass(2);
    await alarm().waitFor();
  });

  it("is no other one that answers, however little there is to say, nor one that nobody has said anything to", async () => {
    await panel.show(idle);
    await pass(60);
    assert.equal(await questions(), 0);
    for (const subject of ["a", "ab", "abc"]) {
      await panel.page.getByLabel("Subject").fill(subject);
      await pass(8);
      await answer();
    }
    await panel.show(moving);
    for (let asked = 1; asked < 10; asked++) {
      await pass(6);
      assert.equal(await questions(), asked);
      await answer();
    }
    await panel.show(idle);
    await pass(60);
    assert.equal(await alarm().isVisible(), false);
  });
});
