import assert from "node:assert/strict";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, hostNow, snapshot } from "./snapshots.ts";

describe("the menu beside Send", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const toggle = () => panel.page.getByRole("button", { name: "More Ways to Send" });
  const item = (name: string) => panel.page.getByRole("menuitem", { name });
  const focused = () => panel.focusedName();

  it("is walked by keyboard, and gives the focus back", async () => {
    await panel.show(snapshot());
    const { keyboard } = panel.page;
    await toggle().press("Enter");
    assert.equal(await toggle().getAttribute("aria-expanded"), "true");
    assert.equal(await focused(), "Save as Draft");
    await keyboard.press("ArrowDown");
    assert.equal(await focused(), "Send Later…");
    await keyboard.press("ArrowDown");
    assert.equal(await focused(), "Save as Draft");
    await keyboard.press("End");
    assert.equal(await focused(), "Send Later…");
    await keyboard.press("Escape");
    assert.equal(await focused(), "More Ways to Send");
    assert.equal(await item("Save as Draft").isVisible(), false);
    await keyboard.press("ArrowUp");
    assert.equal(await focused(), "Send Later…");
    await keyboard.press("Tab");
    assert.equal(await item("Send Later…").isVisible(), false);
  });

  it("saves a draft without recipients, but not with false ones", async () => {
    await panel.show(snapshot());
    await toggle().click();
    await item("Save as Draft").click();
    const saved = (await panel.posted()).at(-1);
    assert.ok(saved?.type === "saveDraft");
    assert.equal(saved.form.subject, "big-file.bin");
    assert.equal(await focused(), "More Ways to Send");
    await panel.page.getByLabel("To", { exact: true }).fill("nobody");
    await toggle().click();
    await item("Save as Draft").click();
    assert.equal(await panel.focusedId(), "to");
    assert.equal((await panel.posted()).filter(({ type }) => type === "saveDraft").length, 1);
  });

  it("asks the host when, once the mail has a reader", async () => {
    await panel.show(snapshot());
    await toggle().click();
    await item("Send Later…").click();
    assert.equal(await panel.focusedId(), "to");
    await panel.page.keyboard.type("ada@contoso.example");
    await toggle().click();
    await item("Send Later…").click();
    assert.equal((await panel.posted()).at(-1)?.type, "sendLater");
  });

  it("is there once the mail was saved, and Send is not where another Enter would press it", async () => {
    await panel.show(snapshot());
    await toggle().focus();
    const send = { enabled: false, withdrawable: true, withdrawLabel: "Keep Editing", undoable: false };
    const ways = { others: false, cancelScheduled: false, sendAgainTo: false };
    const waiting = { phase: "waiting", editable: false, ways } as const;
    await panel.show(snapshot({ ...waiting, send: { label: "Waiting to Save", ...send } }));
    assert.equal(await focused(), "Keep Editing");
    await panel.show(snapshot({ phase: "saved", headline: "Saved in Drafts today at 08:00." }));
    assert.equal(await focused(), "Saved in Drafts today at 08:00.");
    assert.ok(await panel.page.locator("[aria-keyshortcuts]").isVisible());
    assert.ok(await toggle().isVisible());
  });

  it("is gone once the mail has left, and a scheduled one can be cancelled", async () => {
    await panel.show(snapshot());
    await toggle().focus();
    await panel.show(
      snapshot({
        form: { ...emptyForm, to: "ada@contoso.example" },
        editable: false,
        phase: "scheduled",
        headline: "Will be sent tomorrow at 08:00.",
        send: {
          ...{ label: "Scheduled", enabled: false },
          ...{ withdrawable: false, withdrawLabel: "Keep Editing", undoable: false },
        },
        ways: { others: false, cancelScheduled: true, sendAgainTo: false },
        attachments: [attachment({ status: "scheduled", statusText: "scheduled", actions: [] })],
      }),
    );
    assert.equal(await toggle().isVisible(), false);
    assert.equal(await focused(), "Will be sent tomorrow at 08:00.");
    await panel.page.getByRole("button", { name: "Cancel Scheduled Mail" }).click();
    assert.deepEqual(await panel.posted(), [{ type: "cancelScheduled" }]);
  });
});
