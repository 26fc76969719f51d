import assert from "node:assert/strict";
import { AttachmentAction } from "../../src/shared/contract/snapshot.ts";
import { HEADER_EXAMPLE } from "../../src/shared/mailHeaders.ts";
import { pseudo } from "../support/pseudo.ts";
import { PanelPage } from "./panelPage.ts";
import { inPseudo, pseudoLanguage } from "./pseudo.ts";
import { attachment, emptyForm, hostNow, snapshot, steps } from "./snapshots.ts";

/** What is the same in every language: names, addresses, and what stands in a mail as it is. */
const NAMES = [
  ...[
    "Practice Mailbox",
    "Work",
    "/data/",
    "big-file.bin",
    "small.bin",
    "build.iso",
    "Ada Lovelace",
    "nobody",
    "Half a text",
  ],
  ...[HEADER_EXAMPLE, "SHA-256", "Markdown", "HTML", "req-7", "Tide"],
];
const ADDRESS = /[\w.-]+@[\w.-]+|\b\w+\.example\b/g;

const problem = {
  message: "The service closed the connection.",
  remedy: { remedy: "retry" as const, label: "Try Again" },
  also: { remedy: "showLog" as const, label: "Show Log" },
  requestId: "req-7",
};
const form = { ...emptyForm, to: "Ada Lovelace <ada@contoso.example>, bob@navy.example", subject: "Tide" };
const leaving = { withdrawable: true, undoable: true, enabled: false, label: "Sending…" };

describe("the page in another language", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    panel = await PanelPage.open({
      language: pseudoLanguage,
      frozenAt: hostNow,
      context: { viewport: { width: 400, height: 900 } },
    });
  });
  afterEach(async () => {
    // The test's own script is kept out of the preview's frame.
    const faults = panel.faults.filter((fault) => !fault.startsWith("Blocked script execution in 'about:"));
    assert.deepEqual(faults, []);
    await panel.close();
  });

  const show = (changes: Parameters<typeof snapshot>[0]) => panel.show(inPseudo(snapshot(changes)));
  const press = (name: string) =>
    panel.page
      .getByRole("button", { name: pseudo(name) })
      .first()
      .click();

  /** Shown or hidden: whatever stands in the page may be read at some time. */
  const english = async () => {
    const texts = await panel.page.evaluate(() =>
      [...document.querySelectorAll("body *")].flatMap((node) => [
        ...["aria-label", "aria-description", "aria-valuetext", "title", "placeholder", "alt"].flatMap(
          (name) => node.getAttribute(name) ?? [],
        ),
        ...(node.matches("script, textarea")
          ? []
          : [...node.childNodes].flatMap((child) =>
              child.nodeType === Node.TEXT_NODE ? (child.textContent ?? "") : [],
            )),
      ]),
    );
    return texts.filter((text) => {
      const own = NAMES.reduce((rest, name) => rest.replaceAll(name, ""), text.replace(ADDRESS, ""));
      return /[A-Za-z]/.test(own);
    });
  };

  /** What of the words does not fit: it sticks out of the page, or its element hides a part of it. */
  const cut = () =>
    panel.page.evaluate(() =>
      [...document.querySelectorAll("body *:not(script, option, textarea, bdi)")]
        .filter((node) => node.checkVisibility() && !node.closest(".visually-hidden"))
        .filter((node) => [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE))
        .filter((node) => {
          const box = node.getBoundingClientRect();
          const mustFit = node.matches("label") || getComputedStyle(node).overflowX !== "visible";
          const hides = mustFit && node.scrollWidth > node.clientWidth + 1;
          return box.right > innerWidth + 1 || box.left < -1 || hides;
        })
        .map((node) => node.outerHTML),
    );

  const isWhole = async () => {
    assert.deepEqual(await english(), []);
    assert.deepEqual(await cut(), []);
  };

  it("invites whoever has no account", async () => {
    await isWhole(); // Before the host has said anything.
    const empty = { accounts: [], accountId: null, attachments: [], form: emptyForm, method: null };
    await show({ ...empty, notice: "Restricted Mode is on." });
    await isWhole();
    await show({ ...empty, form, accounts: snapshot().accounts });
    await isWhole();
  });

  it("writes a mail: recipients, suggestions, more fields, the menu beside Send", async () => {
    await show({ form });
    await press("Cc/Bcc");
    await panel.receive({
      type: "people",
      people: [
        { name: "Ada Lovelace", email: "ada@navy.example", origin: "mail" },
        { name: null, email: "ann@navy.example", origin: "history" },
      ],
    });
    await panel.page.locator("#cc").press("ArrowDown");
    await isWhole();
    await panel.page.locator("#cc").fill("nobody");
    await panel.page.locator("#cc").press("Enter");
    await panel.page.locator("#cc").fill("bob@navy.example");
    await panel.page.locator("#cc").press("Enter");
    await isWhole();
    await panel.page.locator(".more-toggle").click();
    await panel.page.locator("#headers").fill("nobody");
    await press("Send When Ready");
    await isWhole();
    await panel.page.locator("[aria-controls=send-menu]").click();
    await isWhole();
    // Where labels stand beside their fields.
    await panel.page.setViewportSize({ width: 1000, height: 900 });
    await isWhole();
  });

  it("keeps recipients clear of the button for more of them, however long its words are", async () => {
    await show({
      form: { ...form, to: Array.from({ length: 9 }, (_, at) => `a${at}@b.example`).join(", ") },
    });
    const covered = await panel.page.evaluate(() => {
      const { left, bottom } = document.querySelector(".accessory")?.getBoundingClientRect() ?? new DOMRect();
      return [...document.querySelectorAll(".field-to .chip")]
        .map((chip) => chip.getBoundingClientRect())
        .filter(({ right, top }) => right > left && top < bottom);
    });
    assert.deepEqual(covered, []);
  });

  it("has files: under way, refused, expiring, as links, with every button", async () => {
    await show({
      form,
      refused: ["“empty.txt” is empty."],
      otherMethod: { label: "Send in the Mail Instead", inMail: true },
      lacking: { message: "This account sends small files only.", remedy: null, requestId: null },
      attachments: [
        attachment({ actions: AttachmentAction.options }),
        attachment({
          ...{ id: "a2", name: "small.bin", status: "failed", statusText: "failed", problem },
          steps: steps("done", "failed", "todo", "todo"),
        }),
        attachment({ id: "a3", status: "ready", statusText: "ready", expiresAt: hostNow + 60_000 }),
        attachment({ id: "a4", name: "build.iso", asLink: true, expiresAt: hostNow - 1 }),
      ],
      links: { words: "Anyone can open the link for 30 days.", editable: true, problem: "Not allowed." },
      shrink: { words: "A zip would save 10 MB." },
    });
    await isWhole();
    await panel.page.locator("[aria-controls=hashes]").click();
    const note = pseudo("computing");
    await panel.receive({
      type: "hashes",
      files: [{ name: "big-file.bin", sha256: null, note }],
    });
    await press("Rename");
    await isWhole();
  });

  it("takes files that are dropped", async () => {
    await show({ form });
    await panel.page.evaluate(() => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["a"], "big-file.bin"));
      dataTransfer.items.add(new File(["b"], "small.bin"));
      document.dispatchEvent(new DragEvent("dragover", { dataTransfer, cancelable: true }));
      document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
    });
    await press("Send When Ready");
    await panel.page.locator(".drop-queue .field-note").waitFor();
    await isWhole();
    await show({ form, editable: false });
    await isWhole();
  });

  it("says why a mail may be too large, and what to do about it", async () => {
    const large = attachment({ sizeBytes: 60 * 1024 * 1024, actions: ["asLink"] });
    const attachments = [large, { ...large, id: "a2", name: "small.bin" }];
    await show({
      ...{ form, attachments, accountId: "work" },
      sendLimit: { bytes: 90 * 1024 * 1024, canBeRaised: true },
      learned: [{ domain: "navy.example", bytes: 85 * 1024 * 1024 }],
    });
    await isWhole();
    assert.match(await panel.page.locator(".too-large").first().innerText(), /navy\.example/);
  });

  it("previews a text", async () => {
    await show({ form });
    const problems = [pseudo("An image cannot be sent.")];
    const image = { tag: "img" as const, children: [] };
    for (const preview of [
      { kind: "tree" as const, blocks: [{ tag: "p" as const, children: [image] }] },
      { kind: "html" as const, html: "<p>" },
      { kind: "none" as const },
    ]) {
      await panel.receive({ type: "body", previewShown: true, preview, problems });
      await isWhole();
    }
  });

  it("leaves, fails, is undecided, and is out", async () => {
    await show({ form, phase: "failed", headline: "Not sent.", problem });
    await isWhole();
    const send = { ...snapshot().send, ...leaving, withdrawLabel: "Undo (4 s)" };
    await show({ form, phase: "waiting", editable: false, send });
    await isWhole();
    const undecided = { retry: "Retry and Send", without: "Send Without “big-file.bin”", files: ["a1"] };
    await show({ form, send: { ...snapshot().send, undecided } });
    await isWhole();
    const ways = { others: false, cancelScheduled: true, sendAgainTo: true };
    await show({ form, phase: "scheduled", editable: false, ways, headline: "Will be sent tomorrow." });
    await isWhole();
  });

  it("practises", async () => {
    await show({ form, practice: "Practice: nobody gets this mail.", provenance: "An assistant filled it." });
    const hard = { type: "simulator", view: { bytesPerSecond: 65_536, losesAnswer: false, done: "" } };
    await panel.receive({ ...hard, view: { ...hard.view, arrived: null } });
    await isWhole();
    const arrived = { words: pseudo("arrived once"), isGood: true };
    await panel.receive({ ...hard, view: { ...hard.view, done: pseudo("line dropped"), arrived } });
    await isWhole();
  });

  it("attaches files to an event, with its date", async () => {
    await show({ form, event: { subject: "Tide", startsAt: hostNow } });
    await isWhole();
  });

  it("says that the host is silent, and that another window has written on", async () => {
    await show({ form });
    await panel.page.locator("#subject").fill("Half a text");
    await show({ form: { ...form, revision: 9 } });
    await panel.page.locator("summary").click();
    assert.match(await panel.page.locator("details textarea").inputValue(), /^šúƀĵéçťõõõ: Half a text$/m);
    await press("Pause");
    await panel.page.clock.runFor(11_000);
    await panel.page.locator(".is-unheard").waitFor();
    await isWhole();
  });
});
