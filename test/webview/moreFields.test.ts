import assert from "node:assert/strict";
import { PanelPage } from "./panelPage.ts";
import { emptyForm, hostNow, snapshot } from "./snapshots.ts";

describe("the fields under More", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const more = () => panel.page.getByRole("button", { name: "More", exact: true });
  const replyTo = () => panel.page.getByLabel("Reply-To", { exact: true });
  const headers = () => panel.page.getByLabel("Headers", { exact: true });
  const to = "ada@contoso.example";

  it("are folded until they are wanted, by keyboard as well", async () => {
    await panel.show(snapshot());
    assert.equal(await more().getAttribute("aria-expanded"), "false");
    assert.equal(await replyTo().isVisible(), false);
    await more().press("Enter");
    assert.equal(await more().getAttribute("aria-expanded"), "true");
    await panel.page.keyboard.press("Tab");
    assert.equal(await panel.focusedId(), "replyTo");
    await panel.page.keyboard.press("Tab");
    assert.equal(await panel.focusedId(), "headers");
    await more().press("Space");
    assert.equal(await headers().isVisible(), false);
  });

  it("are there from the beginning when they hold something, and go with the mail", async () => {
    await panel.show(
      snapshot({ form: { ...emptyForm, to, replyTo: "desk@contoso.example", headers: "X-Run: 7" } }),
    );
    assert.deepEqual(await panel.recipients("replyTo"), ["desk@contoso.example"]);
    await headers().fill("X-Run: 8");
    await panel.page.keyboard.press("Control+Enter");
    const sent = (await panel.posted()).at(-1);
    assert.ok(sent?.type === "send");
    assert.deepEqual([sent.form.replyTo, sent.form.headers], ["desk@contoso.example", "X-Run: 8"]);
  });

  it("say what is wrong in them, also when they are folded", async () => {
    await panel.show(snapshot({ form: { ...emptyForm, to, headers: "List-Id: tide" } }));
    await more().click();
    assert.equal(await headers().isVisible(), false);
    await panel.page.keyboard.press("Control+Enter");
    assert.equal(await panel.focusedId(), "headers");
    await panel.page.getByText("Microsoft mailboxes allow only headers that start with “x-”").waitFor();
    assert.deepEqual(await panel.posted(), []);
    await headers().fill("");
    await replyTo().fill("nobody");
    await panel.page.keyboard.press("Control+Enter");
    assert.equal(await panel.focusedId(), "replyTo");
    await panel.page.locator("#replyTo-problem").getByText("“nobody” is not").waitFor();
  });

  it("take other headers where the mailbox does", async () => {
    await panel.show(snapshot({ xHeadersOnly: false, form: { ...emptyForm, to, headers: "List-Id: tide" } }));
    await panel.page.keyboard.press("Control+Enter");
    assert.equal((await panel.posted()).at(-1)?.type, "send");
  });
});
