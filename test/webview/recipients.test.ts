import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import type { Form } from "../../src/shared/contract/form.ts";
import type { Person } from "../../src/shared/contract/messages.ts";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, hostNow, snapshot } from "./snapshots.ts";
import { type Theme, themes } from "./themes.ts";

const ada = "Ada Lovelace <ada@contoso.example>";
const people: readonly Person[] = [
  { name: "Grace Hopper", email: "grace@navy.example", origin: "mail" },
  { name: null, email: "gabriel@practice.example", origin: "mail" },
  { name: "Jürgen Groß", email: "j.gross@contoso.example", origin: "history" },
  { name: "Gro Brundtland", email: "gro@oslo.example", origin: "history" },
];

describe("the fields for recipients", () => {
  let panel: PanelPage;

  const open = async (form: Partial<Form> = {}) => {
    await panel.show(snapshot({ form: { ...emptyForm, ...form } }));
    await to().focus();
  };
  const to = () => panel.page.getByLabel("To", { exact: true });
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await panel.page.keyboard.press(key);
  };
  const type = (text: string) => panel.page.keyboard.type(text);
  const said = () => panel.page.getByRole("status").textContent();
  const options = (): Locator => panel.page.locator(".suggestions > li");
  /** The text that the host would have now. */
  const kept = async () => {
    await panel.page.clock.runFor(150);
    return (await panel.state())?.form;
  };

  beforeEach(async () => {
    panel = await PanelPage.open({ frozenAt: hostNow });
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  describe("of a long list", () => {
    const many = Array.from({ length: 60 }, (_, at) => `p${at}@contoso.example`);
    const more = () => panel.page.getByRole("button", { name: /more$/ });
    const inSight = async () =>
      (await panel.page.locator(".chip").filter({ visible: true }).allInnerTexts()).length;

    it("show twenty and how many more there are, which a click shows", async () => {
      await open({ to: many.join(", ") });
      assert.deepEqual([await inSight(), await more().textContent()], [20, "+40 more"]);
      assert.equal((await panel.recipients("to")).length, 60);
      await more().click();
      assert.deepEqual([await inSight(), await more().isVisible()], [60, false]);
      assert.equal(await panel.page.locator(".chip :focus").textContent(), "p20@contoso.example");
    });

    it("show them to the arrow keys, and hide none that cannot be sent to, or is added", async () => {
      await open({ to: `${[...many, "nobody"].join(", ")},` });
      await panel.page.locator(".chip[data-invalid]").waitFor();
      await type("grace@navy.example,");
      assert.deepEqual([await inSight(), await more().textContent()], [22, "+40 more"]);
      await press("ArrowLeft", "ArrowLeft", "ArrowLeft");
      assert.equal(await inSight(), 62);
      assert.equal(await panel.page.locator(".chip :focus").textContent(), "p59@contoso.example");
    });

    it("show all of twenty", async () => {
      await open({ to: many.slice(0, 20).join(", ") });
      assert.deepEqual([await inSight(), await more().count()], [20, 0]);
    });
  });

  describe("make a chip of what is typed", () => {
    for (const key of [",", ";", "Enter"])
      it(`on ${key}, and stay where they are`, async () => {
        await open();
        await type("ada@contoso.example");
        await press(key);
        assert.deepEqual(await panel.recipients("to"), ["ada@contoso.example"]);
        assert.equal(await panel.focusedId(), "to");
        assert.equal(await said(), "ada@contoso.example added to To.");
        assert.equal((await kept())?.to, "ada@contoso.example");
      });

    it("on Tab, which leaves the field as ever", async () => {
      await open();
      await type(ada);
      await press("Tab");
      assert.deepEqual(await panel.recipients("to"), ["Ada Lovelace"]);
      assert.equal(await panel.focusedName(), "Add Cc/Bcc");
      assert.equal((await kept())?.to, ada);
    });

    it("when the field is left by a click", async () => {
      await open();
      await type("ada@contoso.example");
      await panel.page.getByLabel("Message").click();
      await panel.page.clock.runFor(1);
      assert.deepEqual(await panel.recipients("to"), ["ada@contoso.example"]);
    });

    it("not when the window is left: who looks an address up goes on typing", async () => {
      await open();
      await type("ada@");
      await panel.page.evaluate(() => document.activeElement?.dispatchEvent(new FocusEvent("blur")));
      assert.deepEqual(await panel.recipients("to"), ["ada@|"]);
    });

    it("but not at a comma inside quotes", async () => {
      await open();
      await type('"Lovelace, Ada" <ada@contoso.example>,bob');
      assert.deepEqual(await panel.recipients("to"), ["Lovelace, Ada", "bob|"]);
      assert.equal((await kept())?.to, '"Lovelace, Ada" <ada@contoso.example>, bob');
    });

    it("and nothing of nothing", async () => {
      await open();
      await press(",", " ", ";", "Enter");
      assert.deepEqual(await panel.recipients("to"), []);
    });
  });

  describe("keep every letter across a reload", () => {
    for (const [typed, shown] of [
      ["ada@contoso.example, gra", ["ada@contoso.example", "gra|"]],
      ["gra,ada@contoso.example, ", ["gra", "ada@contoso.example"]],
      ['ada@contoso.example,"Hopper, Gr', ["ada@contoso.example", '"Hopper, Gr|']],
      ["gra,", ["gra"]],
    ] as const)
      it(`of “${typed}”`, async () => {
        await open();
        await type(typed);
        assert.deepEqual(await panel.recipients("to"), shown);
        const form = await kept();
        await panel.close();
        panel = await PanelPage.open({ frozenAt: hostNow, state: { deliveryId: "d1", form } });
        await panel.show(snapshot({ form: emptyForm }));
        assert.deepEqual(await panel.recipients("to"), shown);
        assert.equal((await panel.state())?.form?.to, form?.to);
      });
  });

  describe("take a pasted list at once", () => {
    for (const [what, text, names] of [
      ["lines", "Ada <ada@contoso.example>\ngrace@navy.example;\n", ["Ada", "grace@navy.example"]],
      ["Outlook's", "Lovelace, Ada <a@x.example>; Bob B <b@x.example>", ["Lovelace, Ada", "Bob B"]],
      ["Gmail's", '"Lovelace, Ada" <a@x.example>, Bob <b@x.example>,', ["Lovelace, Ada", "Bob"]],
      ["a group", "Team: Ann <a@x.example>, b@x.example;", ["Ann", "b@x.example"]],
      ["a single address", "a@x.example", ["a@x.example"]],
      ["another alphabet's domain", "山田 <y@例え.example>", ["山田"]],
      ["twice the same", "a@x.example, A <A@X.example>", ["a@x.example"]],
    ] as const)
      it(`: ${what}`, async () => {
        await open();
        await panel.paste(text);
        assert.deepEqual(await panel.recipients("to"), names);
      });

    it("around what is typed already", async () => {
      await open();
      await type("ada@");
      await panel.paste("contoso.example, grace@navy.example");
      assert.deepEqual(await panel.recipients("to"), ["ada@contoso.example", "grace@navy.example"]);
      assert.equal(await said(), "2 recipients added to To.");
    });

    it("but leave a piece of an address as text", async () => {
      await open();
      await type("ada@");
      await panel.paste("contoso");
      assert.deepEqual(await panel.recipients("to"), ["ada@contoso|"]);
    });

    it("and say what does not fit", async () => {
      await open({ to: `${"x".repeat(200)}@contoso.example,`.repeat(1) });
      await panel.paste(Array.from({ length: 600 }, (_, i) => `${"n".repeat(190)}${i}@x.example`).join("\n"));
      assert.ok(((await kept())?.to.length ?? 0) <= 100_000);
      assert.match(
        (await panel.page.locator(".field-to .field-note").textContent()) ?? "",
        /does not fit into To/,
      );
    });
  });

  describe("are walked by keyboard", () => {
    const start = () => open({ to: `${ada}, bob@x.example, carl@x.example` });
    const focused = () => panel.focusedName();

    it("with the arrows, Home and End, and back into the input", async () => {
      await start();
      const stops: string[] = [];
      for (const key of ["ArrowLeft", "ArrowLeft", "Home", "ArrowLeft", "End", "ArrowRight"]) {
        await press(key);
        stops.push((await focused()) || (await panel.focusedId()));
      }
      assert.deepEqual(stops, [
        "carl@x.example, external",
        "bob@x.example, external",
        "Ada Lovelace, ada@contoso.example, external",
        "Ada Lovelace, ada@contoso.example, external",
        "carl@x.example, external",
        "to",
      ]);
    });

    it("not into the chips from the middle of a text", async () => {
      await start();
      await type("ab");
      await press("ArrowLeft", "ArrowLeft");
      assert.equal(await panel.focusedId(), "to");
      await press("ArrowLeft");
      assert.equal(await focused(), "carl@x.example, external");
    });

    it("with Backspace, which selects the last one first, and removes it then", async () => {
      await start();
      await press("Backspace");
      assert.deepEqual((await panel.recipients("to")).length, 3);
      await press("Backspace");
      assert.deepEqual(await panel.recipients("to"), ["Ada Lovelace", "bob@x.example"]);
      assert.equal(await panel.focusedId(), "to");
      assert.equal(await said(), "carl@x.example removed from To.");
      assert.equal((await kept())?.to, `${ada}, bob@x.example`);
    });

    it("with Delete, which goes on to the next one", async () => {
      await start();
      await press("ArrowLeft", "Home", "Delete");
      assert.equal(await focused(), "bob@x.example, external");
      assert.deepEqual(await panel.recipients("to"), ["bob@x.example", "carl@x.example"]);
    });

    for (const key of ["F2", "Enter"])
      it(`with ${key}, which makes text of one again, and the chip returns to its place`, async () => {
        await start();
        await press("ArrowLeft", "ArrowLeft", key);
        assert.deepEqual(await panel.recipients("to"), ["Ada Lovelace", "carl@x.example", "bob@x.example|"]);
        assert.equal(await panel.focusedId(), "to");
        await type(".org");
        await press("Enter");
        assert.deepEqual(await panel.recipients("to"), [
          "Ada Lovelace",
          "bob@x.example.org",
          "carl@x.example",
        ]);
      });

    it("with a letter, which begins the next address", async () => {
      await start();
      await press("ArrowLeft");
      await type("dora");
      assert.equal((await panel.recipients("to")).at(-1), "dora|");
    });

    it("out of the field by Tab, which stops at no chip", async () => {
      await start();
      await press("Tab");
      assert.equal(await focused(), "Add Cc/Bcc");
      await press("Shift+Tab");
      assert.equal(await panel.focusedId(), "to");
    });

    for (const [type, left] of [
      ["copy", 3],
      ["cut", 2],
    ] as const)
      it(`with the keys to ${type}: the address alone`, async () => {
        await start();
        await press("ArrowLeft", "Home");
        const copied = await panel.page.evaluate((name) => {
          const event = new ClipboardEvent(name, { clipboardData: new DataTransfer(), bubbles: true });
          document.activeElement?.dispatchEvent(event);
          return event.clipboardData?.getData("text/plain");
        }, type);
        assert.equal(copied, "ada@contoso.example");
        assert.equal((await panel.recipients("to")).length, left);
      });

    it("up to Ctrl+Enter, which sends from a chip, from half a list and with suggestions open", async () => {
      await start();
      await press("ArrowLeft", "Control+Enter");
      await to().focus();
      await panel.receive({ type: "people", people });
      await type("grace@navy.example");
      await press("Control+Enter");
      const sent = (await panel.posted()).filter((intent) => intent.type === "send");
      assert.deepEqual(
        sent.map(({ form }) => form.to),
        [
          `${ada}, bob@x.example, carl@x.example`,
          `${ada}, bob@x.example, carl@x.example, grace@navy.example`,
        ],
      );
    });
  });

  describe("can be used by pointer", () => {
    it("with a cross that has a name", async () => {
      await open({ to: `${ada}, bob@x.example` });
      await panel.page.getByRole("button", { name: "Remove Ada Lovelace" }).click();
      assert.deepEqual(await panel.recipients("to"), ["bob@x.example"]);
      assert.equal(await panel.focusedId(), "to");
    });

    it("with a double click, which makes text of a chip", async () => {
      await open({ to: ada });
      await panel.page.locator(".chip-label").dblclick();
      assert.deepEqual(await panel.recipients("to"), [`${ada}|`]);
    });

    it("with a click beside the chips, which goes into the input and leaves what is typed as it is", async () => {
      await open({ to: ada });
      await type("gra");
      const box = await panel.page.locator(".field-to .recipients").boundingBox();
      assert.ok(box);
      await panel.page.mouse.click(box.x + 2, box.y + 2);
      assert.equal(await panel.focusedId(), "to");
      assert.deepEqual(await panel.recipients("to"), ["Ada Lovelace", "gra|"]);
    });
  });

  describe("take nobody twice", () => {
    it("in one field", async () => {
      await open({ to: ada });
      await type("ADA@contoso.example,");
      assert.deepEqual(await panel.recipients("to"), ["Ada Lovelace"]);
      assert.equal(await said(), "ADA@contoso.example is already in To.");
      const note = panel.page.locator(".field-to .field-note");
      assert.equal(await note.textContent(), "ADA@contoso.example is already in To.");
      await type("b");
      assert.equal(await note.isVisible(), false);
    });

    it("in several fields: the first keeps them", async () => {
      await open({ to: ada, cc: "bob@x.example" });
      await panel.page.getByLabel("Cc", { exact: true }).focus();
      await panel.paste("ada@contoso.example; carl@x.example");
      assert.deepEqual(await panel.recipients("cc"), ["bob@x.example", "carl@x.example"]);
      assert.equal(await said(), "carl@x.example added to Cc. ada@contoso.example is already in To.");
    });
  });

  it("mark what is no address with the reason, and Send goes there", async () => {
    await open();
    await panel.paste("ada@contoso.example, grace, x@localhost");
    const chip = panel.page.locator(".chip[data-invalid] .chip-cell").first();
    assert.equal(await chip.getAttribute("aria-invalid"), "true");
    assert.equal(await chip.getAttribute("aria-description"), "“grace” is not an e-mail address.");
    assert.equal(
      await chip.locator(".chip-label").getAttribute("title"),
      "“grace” is not an e-mail address.",
    );
    assert.match((await said()) ?? "", /added to To\. “grace” is not an e-mail address\. “x@localhost”/);
    await panel.page.getByLabel("Message").focus();
    await press("Control+Enter");
    assert.equal(await panel.focusedId(), "to");
    assert.deepEqual(
      (await panel.posted()).filter((intent) => intent.type === "send"),
      [],
    );
  });

  it("mark who is outside the account's domain, and follow the account", async () => {
    const form = { ...emptyForm, to: `${ada}, me@mail.practice.example` };
    const outside = () =>
      panel.page
        .locator(".chip")
        .filter({ has: panel.page.locator(".external:visible") })
        .allTextContents();
    await panel.show(snapshot({ form }));
    assert.deepEqual(await outside(), ["Ada Lovelace<ada@contoso.example>"]);
    const cell = panel.page.getByRole("gridcell", { name: "Ada Lovelace, ada@contoso.example, external" });
    assert.equal(await cell.locator(".external").getAttribute("title"), "External: outside practice.example");
    await panel.show(snapshot({ form, accountId: "work" }));
    assert.deepEqual(await outside(), ["me@mail.practice.example"]);
    await panel.show(snapshot({ form, accountId: null }));
    assert.deepEqual(await outside(), []);
    // Of everybody that says nothing.
    const anybody = { form, accounts: [{ id: "free", label: "kim@gmail.com" }], accountId: "free" };
    await panel.show(snapshot(anybody));
    assert.deepEqual(await outside(), []);
    await panel.show(snapshot({ ...anybody, ours: { addresses: [], domains: ["practice.example"] } }));
    assert.deepEqual(await outside(), ["Ada Lovelace<ada@contoso.example>"]);
    assert.equal(await cell.locator(".external").getAttribute("title"), "External: outside your domains");
  });

  it("are spelled out unless they are inside and known, and by address where the name says nothing", async () => {
    const to = [
      "Ann <ann@practice.example>, Bob <bob@practice.example>, Ann <ann@gmail.com>",
      '"maria@practice.example" <thief@gmail.com>, "\u200b" <hidden@gmail.com>, "\u3164" <blank@practice.example>',
    ].join(", ");
    const known = [
      { name: "Ann", email: "ann@practice.example" },
      { name: "Ann", email: "ann@gmail.com" },
    ];
    await panel.show(snapshot({ form: { ...emptyForm, to }, known }));
    const labels = await panel.page.locator(".field-to .chip-label").allInnerTexts();
    assert.deepEqual(
      labels.map((label) => label.replace(/\s+/g, " ")),
      [
        "Ann",
        "Bob <bob@practice.example>",
        "Ann <ann@gmail.com>",
        "thief@gmail.com",
        "hidden@gmail.com",
        "blank@practice.example",
      ],
    );
  });

  it("never cut the end of an address off", async () => {
    const long = `${"maria.".repeat(10)}x@company.example.${"a".repeat(60)}.${"b".repeat(60)}.evil.example`;
    await panel.show(
      snapshot({
        form: { ...emptyForm, to: `"${"Maria ".repeat(30)}" <${long}>, ${long.replace("x@", "y@")}` },
      }),
    );
    for (const label of await panel.page.locator(".field-to .chip-label").all()) {
      const fits = await label.evaluate((element) => {
        const last = element.querySelector(".chip-address:not([hidden])") ?? element.firstElementChild;
        const box = element.closest(".recipients")?.getBoundingClientRect();
        const text = last?.getBoundingClientRect();
        return {
          whole: last !== null && last.scrollWidth <= last.clientWidth + 1,
          inside: box !== undefined && text !== undefined && text.right <= box.right + 1,
        };
      });
      assert.deepEqual(fits, { whole: true, inside: true });
    }
  });

  it("are read, not written, once the mail is on its way: a chip is the stop of Tab", async () => {
    const form = { ...emptyForm, to: `${ada}, bob@x.example` };
    await panel.show(snapshot({ form, editable: false, phase: "sent" }));
    await panel.page.locator("h2").click();
    await panel.page.locator(".field-to .chip-cell").first().focus();
    await press("Delete", "F2", "Enter", "x", "ArrowRight", "ArrowRight");
    assert.equal(await panel.focusedName(), "bob@x.example, external");
    await press("Shift+Tab", "Tab");
    assert.equal(await panel.focusedName(), "bob@x.example, external");
    assert.deepEqual(await panel.recipients("to"), ["Ada Lovelace", "bob@x.example"]);
    assert.equal(await panel.page.getByRole("button", { name: /^Remove Ada/ }).isVisible(), false);
    assert.equal(
      (await panel.allPosted()).some((intent) => intent.type === "peopleWanted"),
      false,
    );
  });

  describe("suggest people", () => {
    const asked = async () => (await panel.allPosted()).filter(({ type }) => type === "peopleWanted").length;
    const start = async (form: Partial<Form> = {}) => {
      await open(form);
      await panel.receive({ type: "people", people });
    };

    it("whom the host is asked for when a field first has the focus, and again for other files", async () => {
      await panel.show(snapshot({ form: { ...emptyForm, to: ada } }));
      assert.equal(await asked(), 0);
      await to().focus();
      await panel.page.getByLabel("Message").focus();
      await to().focus();
      assert.equal(await asked(), 1);
      await panel.show(snapshot({ attachments: [attachment(), attachment({ id: "a2" })] }));
      await panel.page.getByLabel("Message").focus();
      await to().focus();
      assert.equal(await asked(), 2);
    });

    it("by name and address, without those who are there already", async () => {
      await start({ cc: "gro@oslo.example" });
      await type("gr");
      assert.deepEqual(await options().allTextContents(), [
        "Grace Hopper grace@navy.example Written to before",
        "Jürgen Groß j.gross@contoso.example In this repository",
      ]);
      assert.equal(await to().getAttribute("aria-expanded"), "true");
      await type("x");
      assert.equal(await options().count(), 0);
      assert.equal(await to().getAttribute("aria-expanded"), "false");
    });

    for (const key of ["Enter", "Tab"])
      it(`of whom ${key} takes the first, or the one that the arrows went to`, async () => {
        await start();
        await type("gr");
        await press(key);
        await to().focus();
        await type("g");
        await press("ArrowDown", "ArrowDown", "ArrowUp");
        const active = await to().getAttribute("aria-activedescendant");
        assert.match((await panel.page.locator(`#${active}`).textContent()) ?? "", /^Gro Brundtland/);
        await press(key);
        assert.deepEqual(await panel.recipients("to"), ["Grace Hopper", "Gro Brundtland"]);
        assert.equal(
          (await kept())?.to,
          "Grace Hopper <grace@navy.example>, Gro Brundtland <gro@oslo.example>",
        );
      });

    it("whom a click takes", async () => {
      await start();
      await type("jur");
      await options().click();
      assert.deepEqual(await panel.recipients("to"), ["Jürgen Groß"]);
      assert.equal(await panel.focusedId(), "to");
    });

    it("to an empty field on Arrow Down, the likeliest first", async () => {
      await start();
      assert.equal(await options().count(), 0);
      await press("ArrowDown");
      assert.equal(await options().count(), 4);
      await press("Enter");
      assert.deepEqual(await panel.recipients("to"), ["Grace Hopper"]);
    });

    it("until Escape, and Enter then takes what is typed", async () => {
      await start();
      await type("gr");
      await press("Escape");
      assert.equal(await options().count(), 0);
      await press("Enter");
      assert.deepEqual(await panel.recipients("to"), ["gr"]);
    });

    it("but never make another address of a complete one", async () => {
      await start();
      await panel.receive({
        type: "people",
        people: [{ name: null, email: "grace@navy.example.org", origin: "mail" }],
      });
      await type("grace@navy.example");
      assert.equal(await options().count(), 1);
      await press("Enter");
      assert.deepEqual(await panel.recipients("to"), ["grace@navy.example"]);
    });

    it("who were asked for before they were known", async () => {
      await open();
      await press("ArrowDown");
      assert.equal(await options().count(), 0);
      await panel.receive({ type: "people", people });
      assert.notEqual(await options().count(), 0);
      await press("Escape");
      await panel.receive({ type: "people", people });
      assert.equal(await options().count(), 0);
    });

    it("who become known later take nobody's place that was gone to", async () => {
      await open();
      const [first, second] = ["ann@x.example", "anna@x.example"].map((email) => ({
        name: null,
        email,
        origin: "mail" as const,
      }));
      await panel.receive({ type: "people", people: [first, second] });
      await type("an");
      await press("ArrowDown");
      const late = { name: null, email: "andy@x.example", origin: "history" as const };
      await panel.receive({ type: "people", people: [late, first, second] });
      assert.equal(await options().count(), 3);
      await press("Enter");
      assert.deepEqual(await panel.recipients("to"), ["anna@x.example"]);
    });

    it("who become known while somebody types, eight at most", async () => {
      await open();
      await type("p");
      const many = Array.from({ length: 20 }, (_, i) => ({ ...people[0], email: `p${i}@x.example` }));
      await panel.receive({ type: "people", people: many });
      assert.equal(await options().count(), 8);
    });
  });

  describe("look right", () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const pictures = join(import.meta.dirname, "../../out/screenshots");

    for (const [name, theme] of Object.entries<Theme>(themes))
      it(`in ${name}, and axe finds nothing`, async () => {
        await panel.close();
        panel = await PanelPage.open({ theme, context: { viewport: { width: 800, height: 700 } } });
        const long = `${"somebody-with-a-very-long-name.".repeat(4)}x@department.contoso.example`;
        const to = `${ada}, me@practice.example, ${long}, bob@x.example, nobody, carl@x.example`;
        await open({ to, cc: "Charles Babbage <charles@practice.example>" });
        await panel.receive({ type: "people", people });
        await panel.page.getByLabel("Cc", { exact: true }).focus();
        await type("g");
        await press("ArrowDown");
        await panel.page.evaluate(axe);
        const { violations } = await panel.page.evaluate(() => window.axe.run(document));
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`),
          [],
        );
        await mkdir(pictures, { recursive: true });
        await panel.page.screenshot({ path: join(pictures, `recipients-${name}.png`) });
        await press("Escape", "Enter", "ArrowLeft");
        await panel.page.screenshot({ path: join(pictures, `recipients-${name}-chip.png`) });
      });

    it("with no chip wider than its field", async () => {
      await panel.page.setViewportSize({ width: 320, height: 600 });
      await open({ to: `${"n".repeat(200)}@contoso.example, ${"x".repeat(300)},` });
      const spill = await panel.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.equal(spill, 0);
      const box = await panel.page.locator(".field-to .recipients").boundingBox();
      for (const chip of await panel.page.locator(".chip").all())
        assert.ok(((await chip.boundingBox())?.width ?? 999) <= (box?.width ?? 0));
    });
  });
});
