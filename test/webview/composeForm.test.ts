import assert from "node:assert/strict";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, hostNow, snapshot } from "./snapshots.ts";

describe("the compose form", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  it("shows what the host knows, and puts the cursor into To", async () => {
    await panel.show(
      snapshot({ form: { ...emptyForm, subject: "trace.json" }, notice: "Restricted Mode is on." }),
    );
    assert.equal(await panel.page.getByLabel("From").inputValue(), "practice");
    assert.equal(await panel.page.getByLabel("Subject").inputValue(), "trace.json");
    assert.equal(await panel.page.getByText("Restricted Mode is on.").isVisible(), true);
    assert.equal(await panel.page.getByText("The upload goes on while you write.").isVisible(), true);
    assert.equal(await panel.focusedId(), "to");
  });

  it("leaves the focus alone where addresses are in the form already", async () => {
    await panel.show(snapshot({ form: { ...emptyForm, to: "ada@contoso.example" } }));
    assert.equal(await panel.focusedId(), "");
  });

  /** Too long to be posted with each key. */
  const long = "x".repeat(50_001);

  it("posts an edit with each key, and keeps it for the next page", async () => {
    await panel.show(snapshot());
    await panel.page.keyboard.type("ad");
    const form = { ...emptyForm, subject: "big-file.bin" };
    const last = { ...form, revision: 2, to: "ad" };
    assert.deepEqual(await panel.posted(), [
      { type: "edit", form: { ...form, revision: 1, to: "a" } },
      { type: "edit", form: last },
    ]);
    assert.deepEqual(await panel.state(), { deliveryId: "d1", form: last });
    await panel.page.clock.runFor(1_000);
    assert.equal((await panel.posted()).length, 2);
  });

  it("posts an edit of a long text when the typing pauses, and keeps each key for the next page", async () => {
    await panel.show(snapshot({ form: { ...emptyForm, body: long } }));
    await panel.page.keyboard.type("ada@");
    await panel.page.clock.runFor(140);
    await panel.page.keyboard.type("contoso.example");
    const form = { ...emptyForm, revision: 1, to: "ada@contoso.example", body: long };
    assert.deepEqual(await panel.state(), { deliveryId: "d1", form });
    await panel.page.clock.runFor(149);
    assert.deepEqual(await panel.posted(), []);
    await panel.page.clock.runFor(1);
    assert.deepEqual(await panel.posted(), [{ type: "edit", form }]);
  });

  it("posts an edit of a long text at once when the field is left", async () => {
    await panel.show(snapshot({ form: { ...emptyForm, body: long } }));
    await panel.page.keyboard.type("ada@contoso.example");
    await panel.page.keyboard.press("Tab");
    assert.equal((await panel.posted()).length, 1);
  });

  for (const event of ["visibilitychange", "pagehide", "blur"])
    it(`posts an edit of a long text at once on ${event}`, async () => {
      await panel.show(snapshot({ form: { ...emptyForm, body: long } }));
      await panel.page.keyboard.type("a");
      await panel.page.evaluate((type) => {
        const target = type === "visibilitychange" ? document : window;
        target.dispatchEvent(new Event(type));
      }, event);
      assert.equal((await panel.posted()).length, 1);
    });

  it("keeps what is typed when further snapshots carry older text", async () => {
    await panel.show(snapshot());
    await panel.page.keyboard.type("ada@contoso.example");
    await panel.show(snapshot({ form: { ...emptyForm, to: "a", subject: "old" } }));
    assert.deepEqual(await panel.recipients("to"), ["ada@contoso.example|"]);
    assert.equal(await panel.page.getByLabel("Subject").inputValue(), "big-file.bin");
  });

  it("judges addresses when the field is left, and forgives while they are mended", async () => {
    await panel.show(snapshot());
    const to = panel.page.getByLabel("To", { exact: true });
    await panel.page.keyboard.type("ada@contoso.example, grace");
    assert.equal(await to.getAttribute("aria-invalid"), null);
    await panel.page.keyboard.press("Tab");
    assert.equal(await to.getAttribute("aria-invalid"), "true");
    const problem = panel.page.locator(`#${await to.getAttribute("aria-describedby")}`);
    assert.equal(await problem.textContent(), "“grace” is not an e-mail address.");
    for (const key of ["Shift+Tab", "Backspace", "F2"]) await panel.page.keyboard.press(key);
    assert.deepEqual(await panel.recipients("to"), ["ada@contoso.example", "grace|"]);
    await panel.page.keyboard.type("@navy.example");
    assert.equal(await to.getAttribute("aria-invalid"), null);
    assert.equal(await problem.isVisible(), false);
  });

  it("shows the verdict only after a click is over, so that the click still hits its button", async () => {
    await panel.show(snapshot());
    await panel.page.keyboard.type("grace");
    await panel.page.getByRole("button", { name: "Pause: big-file.bin" }).hover();
    await panel.page.mouse.down();
    const problem = panel.page.getByRole("form").getByText("is not an e-mail address");
    assert.equal(await problem.isVisible(), false);
    await panel.page.mouse.up();
    await panel.page.clock.runFor(1);
    assert.equal(await problem.isVisible(), true);
    const others = (await panel.posted()).filter(({ type }) => type !== "edit");
    assert.deepEqual(
      others.map(({ type }) => type),
      ["attachment"],
    );
  });

  it("folds Cc and Bcc away until they are wanted", async () => {
    await panel.show(snapshot());
    assert.equal(await panel.page.getByLabel("Cc", { exact: true }).isVisible(), false);
    await panel.page.keyboard.press("Tab");
    assert.equal(await panel.focusedName(), "Add Cc/Bcc");
    await panel.page.keyboard.press("Enter");
    assert.equal(await panel.focusedId(), "cc");
    assert.equal(await panel.page.getByLabel("Bcc", { exact: true }).isVisible(), true);
    assert.equal(await panel.page.getByRole("button", { name: "Add Cc/Bcc" }).isVisible(), false);
  });

  it("shows Cc and Bcc when they have addresses", async () => {
    await panel.show(snapshot({ form: { ...emptyForm, bcc: "ada@contoso.example" } }));
    assert.equal(await panel.page.getByLabel("Cc", { exact: true }).isVisible(), true);
    assert.equal(await panel.page.getByLabel("Bcc", { exact: true }).isVisible(), true);
  });

  for (const where of ["To", "Subject", "Message"])
    for (const keys of ["Control+Enter", "Meta+Enter"])
      it(`sends with ${keys} in ${where}, the waiting edit included`, async () => {
        await panel.show(snapshot({ form: { ...emptyForm, to: "ada@contoso.example" } }));
        await panel.page.getByLabel(where, { exact: true }).focus();
        await panel.page.keyboard.press("End");
        await panel.page.keyboard.insertText(where === "To" ? ", grace@navy.example" : "x");
        await panel.page.keyboard.press(keys);
        const posted = await panel.posted();
        const sent = posted.at(-1);
        assert(sent?.type === "send");
        assert.equal(
          where === "To" ? sent.form.to : `${sent.form.subject}${sent.form.body}`,
          where === "To" ? "ada@contoso.example, grace@navy.example" : "x",
        );
        await panel.page.clock.runFor(1000);
        assert.equal((await panel.posted()).length, posted.length);
        assert.deepEqual((await panel.state())?.form, sent.form);
      });

  it("does not send by Enter alone", async () => {
    await panel.show(snapshot({ form: { ...emptyForm, to: "ada@contoso.example" } }));
    await panel.page.getByLabel("Subject").press("Enter");
    assert.deepEqual(await panel.posted(), []);
  });

  it("does not send to bad addresses: it marks them all and goes to the first", async () => {
    await panel.show(
      snapshot({ form: { ...emptyForm, to: "ada@contoso.example", cc: "grace", bcc: "x@localhost" } }),
    );
    await panel.page.getByRole("button", { name: "Send When Ready" }).click();
    const sent = (await panel.posted()).filter(({ type }) => type === "send");
    assert.deepEqual(sent, []);
    assert.equal(await panel.focusedId(), "cc");
    const form = panel.page.getByRole("form");
    assert.equal(await form.getByText("“grace” is not an e-mail address.").isVisible(), true);
    assert.equal(
      await form.getByText("“x@localhost” has no complete domain, such as example.com.").isVisible(),
      true,
    );
  });

  it("asks for a recipient", async () => {
    await panel.show(snapshot());
    await panel.page.getByLabel("Message").focus();
    await panel.page.keyboard.press("Control+Enter");
    assert.deepEqual(await panel.posted(), []);
    assert.equal(await panel.focusedId(), "to");
    assert.equal(await panel.page.getByText("Enter at least one recipient.").isVisible(), true);
  });

  it("does not send while the host says it cannot, and says why", async () => {
    await panel.show(
      snapshot({
        form: { ...emptyForm, to: "ada@contoso.example" },
        headline: "Add an account to send this mail.",
        send: {
          label: "Send",
          enabled: false,
          withdrawable: false,
          withdrawLabel: "Keep Editing",
          undoable: false,
        },
      }),
    );
    const send = panel.page.getByRole("button", { name: "Send", exact: true });
    assert.equal(await send.getAttribute("aria-disabled"), "true");
    await send.click({ force: true });
    await panel.page.keyboard.press("Control+Enter");
    assert.deepEqual(await panel.posted(), []);
    assert.match(
      (await panel.page.getByRole("status").textContent()) ?? "",
      /Add an account to send this mail\./,
    );
  });

  describe("where files go no further", () => {
    const send = {
      label: "Send When Ready",
      enabled: true,
      withdrawable: false,
      withdrawLabel: "Keep Editing",
      undoable: false,
    };
    const form = { ...emptyForm, to: "ada@contoso.example" };
    const files = ["b"];
    const both = { retry: "Retry and Send", without: "Send Without “b.bin”", files };
    const ask = (undecided: typeof both | { retry: null; without: null; files: string[] }) =>
      panel.show(snapshot({ form, headline: "1 file needs your attention.", send: { ...send, undecided } }));

    it("Send waits for nobody: it is one of the ways on that is pressed", async () => {
      await ask(both);
      assert.equal(await panel.page.getByRole("button", { name: "Send When Ready" }).isVisible(), false);
      await panel.page.getByLabel("Subject").press("Control+Enter");
      assert.deepEqual(await panel.posted(), []);
      assert.equal(await panel.focusedName(), "Retry and Send");
      await panel.page.keyboard.press("Enter");
      await panel.page.getByRole("button", { name: "Send Without “b.bin”" }).click();
      assert.deepEqual(
        (await panel.posted()).map((message) => message.type === "send" && message.undecided),
        [
          { way: "retry", files },
          { way: "without", files },
        ],
      );
    });

    it("after Send was pressed, too", async () => {
      const waiting = { ...send, enabled: false, withdrawable: true, undecided: both };
      await panel.show(snapshot({ form, phase: "waiting", editable: false, send: waiting }));
      await panel.page.getByRole("button", { name: "Retry and Send" }).click();
      await panel.page.getByRole("button", { name: "Send Without “b.bin”" }).click();
      assert.deepEqual(
        (await panel.posted()).map((message) => message.type === "send" && message.undecided),
        [
          { way: "retry", files },
          { way: "without", files },
        ],
      );
    });

    it("and Send says that it cannot, where only the row can", async () => {
      await ask({ retry: null, without: null, files });
      const button = panel.page.getByRole("button", { name: "Send When Ready" });
      assert.equal(await button.getAttribute("aria-disabled"), "true");
      await button.click({ force: true });
      assert.deepEqual(await panel.posted(), []);
      await ask(both);
      await panel.show(snapshot({ form }));
      assert.equal(await button.getAttribute("aria-disabled"), null);
    });
  });

  it("takes an armed Send back, and stays on Send", async () => {
    const armed = {
      label: "Send When Ready",
      enabled: false,
      withdrawable: true,
      withdrawLabel: "Keep Editing",
      undoable: false,
    };
    await panel.show(snapshot({ phase: "waiting", send: armed }));
    await panel.page.getByRole("button", { name: "Keep Editing" }).press("Enter");
    assert.deepEqual(await panel.posted(), [{ type: "withdraw" }]);
    await panel.show(snapshot());
    assert.equal(await panel.focusedName(), "Send When Ready");
    assert.equal(await panel.page.getByRole("button", { name: "Keep Editing" }).isVisible(), false);
  });

  describe("in the moment before it leaves", () => {
    const undoable = {
      label: "Sending…",
      enabled: false,
      withdrawable: true,
      withdrawLabel: "Undo (4 s)",
      undoable: true,
    };
    const undo = () => panel.page.getByRole("button", { name: "Undo (4 s)" });
    const withdrawn = async () => (await panel.posted()).filter(({ type }) => type === "withdraw").length;

    it("has Undo where Send was, and takes the second click of two for no Undo", async () => {
      const form = { ...emptyForm, to: "ada@contoso.example" };
      await panel.show(snapshot({ form }));
      const send = await panel.page.getByRole("button", { name: "Send When Ready" }).boundingBox();
      assert.ok(send);
      await panel.show(snapshot({ phase: "waiting", editable: false, send: undoable }));
      const there = await undo().boundingBox();
      assert.deepEqual([there?.x, there?.y], [send.x, send.y]);
      await undo().dispatchEvent("click", { detail: 2 });
      assert.equal(await withdrawn(), 0);
      await undo().click();
      assert.equal(await withdrawn(), 1);
    });

    for (const key of ["Escape", "Control+z", "Meta+z"])
      it(`is taken back with ${key}, and only then`, async () => {
        await panel.show(snapshot());
        await panel.page.getByLabel("Message").press(key);
        assert.equal(await withdrawn(), 0);
        await panel.show(snapshot({ phase: "waiting", editable: false, send: undoable }));
        await panel.page.keyboard.press(key);
        assert.equal(await withdrawn(), 1);
      });
  });

  it("shows no text where a mail was sent without one", async () => {
    const message = panel.page.getByLabel("Message", { exact: true });
    const sent = { phase: "sent", editable: false } as const;
    await panel.show(snapshot(sent));
    assert.equal(await message.isVisible(), false);
    await panel.show(snapshot());
    await message.focus();
    await panel.show(snapshot(sent));
    assert.equal(await message.isVisible(), true, "the focus stays where it is");
  });

  it("lets read, not write, once the mail is on its way, from the page's first snapshot on", async () => {
    const form = { ...emptyForm, to: "ada@contoso.example", body: "Dear Ada", replyTo: "desk@example.com" };
    await panel.show(snapshot({ phase: "sent", editable: false, form }));
    for (const label of ["To", "Subject", "Message"])
      assert.equal(await panel.page.getByLabel(label, { exact: true }).isEditable(), false, label);
    assert.equal(await panel.page.getByLabel("Message", { exact: true }).isVisible(), true);
    assert.equal(await panel.page.getByText("desk@example.com").isVisible(), true);
    assert.equal(await panel.page.getByLabel("From").isDisabled(), true);
    assert.equal(await panel.page.getByRole("button", { name: "Add Cc/Bcc" }).isVisible(), false);
    assert.equal(await panel.page.getByRole("button", { name: "Add Files…" }).isVisible(), false);
  });

  it("posts the chosen account, and an older snapshot does not take the choice back", async () => {
    await panel.show(snapshot());
    await panel.page.getByLabel("From").selectOption("work");
    assert.deepEqual(await panel.posted(), [{ type: "chooseAccount", accountId: "work" }]);
    await panel.show(snapshot({ attachments: [attachment({ acceptedBytes: 44 })] }));
    assert.equal(await panel.page.getByLabel("From").inputValue(), "work");
    await panel.show(snapshot({ accountId: "work" }));
    assert.equal(await panel.page.getByLabel("From").inputValue(), "work");
  });

  it("offers to add an account when there is none, and to choose one when none is chosen", async () => {
    await panel.show(snapshot({ accounts: [], accountId: null }));
    await panel.page.getByRole("button", { name: "Add Account…" }).click();
    assert.deepEqual(await panel.posted(), [{ type: "addAccount" }]);
    await panel.show(snapshot({ accountId: null }));
    const from = panel.page.getByLabel("From");
    assert.equal(
      await from.evaluate((node) => (node instanceof HTMLSelectElement ? node.selectedOptions[0]?.text : "")),
      "Choose an account",
    );
  });

  it("goes to the field that the host names, and shows why", async () => {
    await panel.show(snapshot());
    await panel.receive({ type: "focus", field: "bcc", message: "At most two hundred recipients." });
    assert.equal(await panel.focusedId(), "bcc");
    assert.equal(await panel.page.getByText("At most two hundred recipients.").isVisible(), true);
    await panel.receive({ type: "focus", field: "subject", message: "A subject is missing." });
    assert.equal(await panel.page.getByLabel("Subject").getAttribute("aria-invalid"), "true");
    await panel.page.keyboard.type("x");
    assert.equal(await panel.page.getByLabel("Subject").getAttribute("aria-invalid"), null);
  });

  it("shows the mail's problem with its remedy and its request id", async () => {
    await panel.show(
      snapshot({
        phase: "failed",
        headline: "Not sent.",
        problem: {
          message: "The key was rejected.",
          remedy: { remedy: "updateKey", label: "Update Key" },
          requestId: "5967ca40",
        },
      }),
    );
    assert.equal(await panel.page.getByText("The key was rejected.").isVisible(), true);
    assert.equal(await panel.page.getByText("Request ID 5967ca40").isVisible(), true);
    await panel.page.getByRole("button", { name: "Update Key" }).click();
    assert.deepEqual(await panel.posted(), [{ type: "remedy", attachmentId: null, remedy: "updateKey" }]);
  });

  it("gives a long message room to grow", async () => {
    await panel.show(snapshot());
    const body = panel.page.getByLabel("Message");
    await panel.page.setViewportSize({ width: 1000, height: 600 });
    const before = await body.evaluate((node) => node.clientHeight);
    await body.fill("line\n".repeat(18));
    assert(before < (await body.evaluate((node) => node.clientHeight)));
  });
});
