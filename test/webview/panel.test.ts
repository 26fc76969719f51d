import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KeptForm } from "../../src/shared/contract/form.ts";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, hostNow, snapshot } from "./snapshots.ts";
import { themes } from "./themes.ts";

describe("the panel", () => {
  let panel: PanelPage | undefined;

  const open = async (options: Parameters<typeof PanelPage.open>[0] = {}) => {
    panel = await PanelPage.open({ frozenAt: hostNow, ...options });
    return panel;
  };
  const heldForms = async () => {
    const held = await panel?.page.evaluate(() => Object.values<string>({ ...localStorage }));
    return held?.map((text) => KeptForm.parse(JSON.parse(text)).form);
  };
  afterEach(async () => {
    assert.deepEqual(panel?.faults, []);
    await panel?.close();
  });

  it("speaks first, and shows nothing until it is answered", async () => {
    const { page } = await open();
    assert.deepEqual(await page.evaluate(() => window.postedByPanel), [{ type: "ready" }]);
    assert.equal(await page.getByLabel("Subject").isVisible(), false);
  });

  const spoilt: readonly (readonly [string, unknown])[] = [
    ["null", null],
    ["a string", "snapshot"],
    ["an unknown type", { type: "eval", code: "alert(1)" }],
    ["a snapshot without its contents", { type: "snapshot" }],
    [
      "an unknown status",
      { type: "snapshot", snapshot: { ...snapshot(), attachments: [{ ...attachment(), status: "lost" }] } },
    ],
    ["a number for text", { type: "snapshot", snapshot: { ...snapshot(), headline: 7 } }],
    ["an unknown field", { type: "focus", field: "password", message: null }],
  ];
  for (const [name, data] of spoilt)
    it(`warns of ${name}, and drops it`, async () => {
      const { page, warnings } = await open();
      await panel?.show(snapshot());
      const before = await page.content();
      await panel?.receive(data);
      assert.equal(await page.content(), before);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", /dropped a message/);
    });

  it("goes on with the text of an earlier page where the host's is older, and tells the host", async () => {
    const form = { ...emptyForm, revision: 7, to: "ada@contoso.example", body: "Half a sent" };
    const { page } = await open({ state: { deliveryId: "d1", form } });
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 6 } }));
    assert.equal(await page.getByLabel("Message").inputValue(), "Half a sent");
    assert.deepEqual(await panel?.posted(), [{ type: "edit", form: { ...form, revision: 8 } }]);
    assert.equal(await panel?.focusedId(), "");
  });

  it("takes the host's text where the state that an earlier page kept is older", async () => {
    const { page } = await open({
      state: { deliveryId: "d1", form: { ...emptyForm, revision: 3, to: "ada@" } },
    });
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 9, body: "The whole text" } }));
    assert.equal(await page.getByLabel("Message").inputValue(), "The whole text");
    assert.deepEqual(await panel?.posted(), []);
  });

  it("holds what the host has not saved where the next page finds it, and no longer than that", async () => {
    const { page } = await open();
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 3 } }));
    await page.getByLabel("Message").fill("On its way");
    const sent = { ...emptyForm, revision: 4, body: "On its way" };
    assert.deepEqual(await panel?.posted(), [{ type: "edit", form: sent }]);
    assert.deepEqual(await heldForms(), [sent]);

    // The window went away: neither the host nor VS Code has anything of it.
    await page.reload();
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 3 } }));
    assert.equal(await page.getByLabel("Message").inputValue(), "On its way");
    const again = { ...sent, revision: 5 };
    assert.deepEqual(await panel?.posted(), [{ type: "edit", form: again }]);

    await panel?.show(snapshot({ form: sent }));
    assert.deepEqual(await heldForms(), [again]);
    await panel?.show(snapshot({ form: again, savedRevision: sent.revision }));
    assert.deepEqual(await heldForms(), [again], "the host has it, its disk has not");
    await panel?.show(snapshot({ form: again, savedRevision: again.revision }));
    assert.deepEqual(await heldForms(), []);
  });

  it("says who has filled a mail, and tells the first key or click in it, not one of a shortcut", async () => {
    const { page } = await open();
    const provenance = "Filled in by a command, a task or another extension.";
    await panel?.show(snapshot({ provenance, unseen: true, form: { ...emptyForm, to: "ada@x.example" } }));
    await page.locator(".send-bar").getByText(provenance).waitFor();
    assert.equal(await page.locator(".attachment .detail").getAttribute("title"), "/data/big-file.bin");
    const touches = async () => (await panel?.posted())?.filter(({ type }) => type === "touched").length;
    await page.getByLabel("Message").focus();
    await page.keyboard.press("Control+Shift+P");
    assert.equal(await touches(), 0);
    await page.keyboard.press("a");
    assert.equal(await touches(), 1);
    await page.locator("h1, .send-bar").last().click();
    assert.equal(await touches(), 1);
    await panel?.show(snapshot({ provenance: null, unseen: false }));
    await page.getByText(provenance).waitFor({ state: "hidden" });
    await page.keyboard.press("b");
    assert.equal(await touches(), 1);
  });

  it("shows what another window has written on, and goes on from there", async () => {
    const { page } = await open();
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 3, body: "Once upon" } }));
    const theirs = { ...emptyForm, revision: 9, to: "theirs@example.com", body: "Once upon a time" };
    await panel?.show(snapshot({ form: theirs }));
    assert.equal(await page.getByLabel("Message").inputValue(), "Once upon a time");
    assert.match(
      await page.getByRole("group", { name: "What will be sent" }).innerText(),
      /to theirs@example\.com/,
    );
    await page.getByLabel("Subject").fill("A tale");
    assert.deepEqual(await panel?.posted(), [
      { type: "edit", form: { ...theirs, subject: "A tale", revision: 10 } },
    ]);
  });

  for (const [what, revision] of [
    ["after", 9],
    ["beside", 4],
  ] as const)
    it(`keeps what was typed here at hand where another window wrote on ${what} it`, async () => {
      const { page } = await open();
      await panel?.show(snapshot({ form: { ...emptyForm, revision: 3, body: "Once upon" } }));
      await page.getByLabel("Message").fill("Once upon a midnight dreary");
      const theirs = { ...emptyForm, revision, body: "Once upon a time" };
      await panel?.show(snapshot({ form: theirs }));
      assert.equal(await page.getByLabel("Message", { exact: true }).inputValue(), "Once upon a time");
      const alert = page.getByRole("alert").filter({ hasText: "changed in another window" });
      await alert.getByText("Show what you typed in this tab").click();
      assert.match(
        await alert.getByLabel("What you typed in this tab").inputValue(),
        /Once upon a midnight dreary$/,
      );
    });

  it("shows nothing before it has a text, and goes on with what is typed where none comes along", async () => {
    const { page } = await open();
    await panel?.show(snapshot({ form: null, savedRevision: 3 }));
    assert.equal(await page.getByLabel("Subject").isVisible(), false);
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 3, body: "Once upon" } }));
    await page.getByLabel("Message").fill("Once upon a midnight");
    const typed = { ...emptyForm, revision: 4, body: "Once upon a midnight" };
    // Made before the key was heard, and after.
    for (const savedRevision of [3, 3, 4]) {
      assert.deepEqual(await heldForms(), [typed]);
      await panel?.show(snapshot({ form: null, savedRevision, headline: `Saved: ${savedRevision}` }));
      await page.getByText(`Saved: ${savedRevision}`).waitFor();
      assert.equal(await page.getByLabel("Message").inputValue(), "Once upon a midnight");
    }
    assert.deepEqual(await heldForms(), []);
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 5, body: "Theirs" } }));
    assert.equal(await page.getByLabel("Message").inputValue(), "Theirs");
    assert.equal(await page.getByText("changed in another window").isVisible(), false);
  });

  it("tells with a key what has changed, and the whole text once another one came or the host asks", async () => {
    const { page } = await open();
    const tells = async () => (await panel?.allPosted())?.filter(({ type }) => /edit|typed/.test(type));
    const body = "x".repeat(40_000);
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 3, body } }));
    await page.getByLabel("Message").focus();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("abc");
    const change = (revision: number, at: number, text: string) => ({
      type: "typed",
      change: { since: revision - 1, revision, texts: { body: { at, removed: 0, text } } },
    });
    const first = { type: "edit", form: { ...emptyForm, revision: 4, body: `${body}a` } };
    const keys = [first, change(5, 40_001, "b"), change(6, 40_002, "c")];
    assert.deepEqual(await tells(), keys);
    await panel?.receive({ type: "formWanted" });
    const asked = { type: "edit", form: { ...emptyForm, revision: 7, body: `${body}abc` } };
    assert.deepEqual(await tells(), [...keys, asked]);
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 9, body: "Theirs" } }));
    await page.keyboard.press("Control+End");
    await page.keyboard.type("!?");
    assert.deepEqual((await tells())?.slice(4), [
      { type: "edit", form: { ...emptyForm, revision: 10, body: "Theirs!" } },
      change(11, 7, "?"),
    ]);
  });

  it("keeps what is typed while the first text comes a second time", async () => {
    const { page } = await open();
    const first = snapshot({ form: { ...emptyForm, revision: 3, body: "Once upon" } });
    await panel?.show(first);
    await page.getByLabel("Message").fill("Once upon a midnight");
    await panel?.show(first);
    assert.equal(await page.getByLabel("Message").inputValue(), "Once upon a midnight");
    assert.equal(await page.getByText("changed in another window").isVisible(), false);
  });

  it("says nothing of another window where everything that was typed here is saved", async () => {
    const { page } = await open();
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 3 } }));
    await page.getByLabel("Message").fill("Mine");
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 4, body: "Mine" } }));
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 5, body: "Theirs" } }));
    assert.equal(await page.getByLabel("Message", { exact: true }).inputValue(), "Theirs");
    assert.equal(await page.getByText("changed in another window").isVisible(), false);
  });

  it("takes the host's text where an earlier page held an older one", async () => {
    const { page } = await open();
    await panel?.show(snapshot({ form: emptyForm }));
    await page.getByLabel("Message").fill("Old");
    await page.reload();
    await panel?.show(snapshot({ form: { ...emptyForm, revision: 9, body: "New" } }));
    assert.equal(await page.getByLabel("Message").inputValue(), "New");
    assert.deepEqual(await heldForms(), []);
  });

  it("lets go of what it held for a mail that nobody has opened for a month, and of nonsense", async () => {
    const { page } = await open();
    const month = 30 * 24 * 60 * 60 * 1000;
    const keptAt = { old: hostNow - month - 1, young: hostNow - month + 60_000 };
    await page.evaluate(
      ([old, young]) => {
        localStorage.setItem("freightMail.unheard.d7", old);
        localStorage.setItem("freightMail.unheard.d8", young);
        localStorage.setItem("freightMail.unheard.d9", "{");
        localStorage.setItem("somebody else's", "{");
      },
      [
        JSON.stringify({ keptAt: keptAt.old, form: emptyForm }),
        JSON.stringify({ keptAt: keptAt.young, form: emptyForm }),
      ] as const,
    );
    await panel?.show(snapshot());
    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).sort()), [
      "freightMail.unheard.d8",
      "somebody else's",
    ]);
  });

  it("works where the browser keeps nothing", async () => {
    const { page } = await open();
    await page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError");
      };
      Object.defineProperty(window, "localStorage", {
        get: () => {
          throw new DOMException("off", "SecurityError");
        },
      });
    });
    await panel?.show(snapshot({ form: emptyForm }));
    await page.getByLabel("Message").fill("x");
    assert.deepEqual(await panel?.posted(), [
      { type: "edit", form: { ...emptyForm, revision: emptyForm.revision + 1, body: "x" } },
    ]);
  });

  it("says nothing to the host when both have the same text", async () => {
    const { form } = snapshot();
    await open({ state: { deliveryId: "d1", form } });
    await panel?.show(snapshot());
    assert.deepEqual(await panel?.posted(), []);
  });

  for (const [name, state] of [
    ["of another delivery", { deliveryId: "d2", form: { ...emptyForm, subject: "Not this one" } }],
    ["that makes no sense", { deliveryId: "d1", form: { subject: 3 } }],
    ["without a form", { deliveryId: "d1", form: null }],
  ] as const)
    it(`takes the host's text when it finds a state ${name}`, async () => {
      const { page } = await open({ state });
      await panel?.show(snapshot());
      assert.equal(await page.getByLabel("Subject").inputValue(), "big-file.bin");
      assert.deepEqual(await panel?.posted(), []);
    });

  it("shows a sent mail as it was sent, whatever an earlier page kept", async () => {
    const { page } = await open({
      state: { deliveryId: "d1", form: { ...emptyForm, revision: 9, subject: "Kept" } },
    });
    await panel?.show(snapshot({ editable: false, phase: "sent" }));
    assert.equal(await page.getByLabel("Subject").inputValue(), "big-file.bin");
    assert.deepEqual(await panel?.posted(), []);
  });

  it("remembers its delivery from the first snapshot on", async () => {
    await open();
    await panel?.show(snapshot());
    assert.deepEqual(await panel?.state(), { deliveryId: "d1", form: snapshot().form });
  });

  it("shows markup as text, wherever it comes from", async () => {
    const { page } = await open();
    const evil = `"><img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;
    await panel?.show(
      snapshot({
        accounts: [{ id: evil, label: evil }],
        accountId: evil,
        form: {
          ...{ revision: 0, to: evil, cc: evil, bcc: evil, replyTo: evil, headers: evil },
          ...{ subject: evil, body: evil, format: "html" },
        },
        headline: evil,
        notice: evil,
        problem: { message: evil, requestId: evil, remedy: { remedy: "retry", label: evil } },
        send: {
          label: evil,
          enabled: true,
          withdrawable: true,
          withdrawLabel: "Keep Editing",
          undoable: false,
        },
        attachments: [
          attachment({
            id: evil,
            name: evil,
            detail: evil,
            statusText: evil,
            pace: evil,
            steps: [{ label: evil, state: "doing" }],
            problem: { message: evil, requestId: evil, remedy: { remedy: "retry", label: evil } },
          }),
        ],
      }),
    );
    await panel?.receive({ type: "focus", field: "subject", message: evil });
    assert.equal(await page.locator("main img, main script").count(), 0);
    assert.equal(await page.evaluate(() => "hacked" in window), false);
    assert.equal(await page.locator(".file-name").textContent(), evil);
    assert.equal(await page.locator(".headline").textContent(), evil);
  });

  it("uses the theme's colours alone, and only variables that VS Code knows", async () => {
    await open();
    const css = await readFile(join(import.meta.dirname, "../../media/panel.css"), "utf8");
    const known = new Set(Object.values(themes).flatMap(({ variables }) => Object.keys(variables)));
    const used = new Set(css.match(/--vscode-[\w-]+/g));
    assert.deepEqual(
      [...used].filter((name) => !known.has(name)),
      [],
    );
    assert.deepEqual(css.match(/#[\da-f]{3,8}\b(?=[;, )])|\b(?:rgb|hsl)a?\(/gi), null);
  });

  it("says what an account lacks, with the button that asks for it", async () => {
    const panel = await open();
    const message = "This account may only send mail: files of up to 2.85 MB, no drafts, no Send Later.";
    const remedy = { remedy: "allowMore", label: "Allow More…" } as const;
    await panel.show(snapshot({ lacking: { message, remedy, requestId: null } }));
    assert.equal(await panel.page.getByText(message).isVisible(), true);
    await panel.page.getByRole("button", { name: "Allow More…" }).click();
    assert.deepEqual(await panel.posted(), [{ type: "remedy", remedy: "allowMore", attachmentId: null }]);
    await panel.show(snapshot());
    assert.equal(await panel.page.getByText(message).isVisible(), false);
  });

  it("does not tick off a mail that came back", async () => {
    const panel = await open();
    const sign = () => panel.page.locator(".headline path").getAttribute("d");
    const sent = snapshot({ phase: "sent", headline: "Sent today at 17:56.", editable: false });
    await panel.show(sent);
    const tick = await sign();
    const problem = { message: "Not delivered to ada@navy.example.", remedy: null, requestId: null };
    await panel.show({ ...sent, problem });
    assert.notEqual(await sign(), tick);
  });
});
