import assert from "node:assert/strict";
import { PanelPage } from "./panelPage.ts";
import { attachment, emptyForm, snapshot } from "./snapshots.ts";

describe("the line above Send", () => {
  let panel: PanelPage;

  beforeEach(async () => {
    panel = await PanelPage.open();
  });
  afterEach(async () => {
    assert.deepEqual(panel.faults, []);
    await panel.close();
  });

  const heard = () => panel.page.getByRole("status");
  const strip = () => panel.page.getByRole("group", { name: "What will be sent" });
  const toggle = () => strip().getByRole("button", { name: "SHA-256" });

  it("follows the keyboard, before the host knows", async () => {
    await panel.show(snapshot({ form: emptyForm }));
    await strip().getByText("From Practice Mailbox <me@practice.example>, no recipients yet").waitFor();
    await panel.page
      .getByLabel("To", { exact: true })
      .fill("Ada <ada@contoso.example>, bob@practice.example");
    await strip().getByText("to Ada <ada@contoso.example> and bob@practice.example (1 outside)").waitFor();
    await strip().getByText("big-file.bin, 100 bytes (140 bytes in the mail) · Upload session").waitFor();
  });

  it("says which files go as links and who can open them, and counts them for nothing in the mail", async () => {
    const link = attachment({
      id: "a2",
      name: "build.iso",
      sizeBytes: 2_200_000_000,
      asLink: true,
      actions: ["asAttachment"],
    });
    const words = "1 file goes as a link. Only the recipients of this mail have access for 30 days.";
    await panel.show(
      snapshot({
        form: emptyForm,
        attachments: [attachment({ actions: ["asLink", "remove"] }), link],
        links: { words, editable: true, problem: null },
      }),
    );
    assert.equal(await strip().getByRole("status").count(), 0);
    await strip()
      .getByText(
        "big-file.bin, 100 bytes (140 bytes in the mail) · build.iso, 2.05 GB as a link · Upload session",
      )
      .waitFor();
    await strip().getByText(words).waitFor();
    await panel.page.getByRole("button", { name: "Send as Link: big-file.bin" }).waitFor();
    await panel.page.getByRole("button", { name: "Attach Instead: build.iso" }).waitFor();
    await strip().getByRole("button", { name: "Change who can open the links" }).click();
    assert.deepEqual((await panel.posted()).at(-1), { type: "chooseLinks" });
    await panel.show(
      snapshot({ form: null, attachments: [link], links: { words, editable: false, problem: null } }),
    );
    await strip().getByText(words).waitFor();
    assert.equal(await strip().getByRole("button", { name: "Change who can open the links" }).count(), 0);
    const problem =
      "Your organization does not allow links for these recipients. Change who can open the file.";
    await panel.show(
      snapshot({ form: null, attachments: [link], links: { words, editable: true, problem } }),
    );
    await strip().getByText(problem).waitFor();
    assert.equal(await heard().textContent(), problem);
    await strip().getByRole("button", { name: "Change who can open the links" }).waitFor();
  });

  it("warns from the first second of a mail that is too large for either end, at each key", async () => {
    const large = attachment({ sizeBytes: 44 * 1024 * 1024 });
    await panel.show(snapshot({ form: emptyForm, attachments: [large] }));
    const warning = strip().getByText("60.2 MB as a mail.");
    assert.equal(await warning.count(), 0);
    await panel.page.getByLabel("To", { exact: true }).fill("ann@gmail.com");
    await warning.filter({ hasText: "ann@gmail.com can receive at most 50 MB." }).waitFor();
    assert.equal(await heard().textContent(), await warning.textContent());
    await panel.page.getByLabel("To", { exact: true }).fill("ann@web.de");
    await warning.waitFor({ state: "hidden" });
    const sendLimit = { bytes: 35 * 1024 * 1024, canBeRaised: false };
    const tooLarge = snapshot({ form: null, attachments: [large], sendLimit });
    await panel.show(tooLarge);
    await warning.filter({ hasText: "Your mailbox can send at most 35 MB." }).waitFor();
    const said = await heard().textContent();
    assert.equal(said, await warning.textContent());
    // Once, not at each snapshot: the same words again would differ by a space.
    await panel.show(tooLarge);
    assert.equal(await heard().textContent(), said);
  });

  it("offers to compress where a sample says that it pays, and nowhere else", async () => {
    const button = strip().getByRole("button", { name: "Compress" });
    await panel.show(snapshot());
    assert.equal(await button.count(), 0);
    const words = "Compressed, the file would be about 6 MB instead of 90 MB (estimate).";
    await panel.show(snapshot({ shrink: { words } }));
    await strip().getByText(words).waitFor();
    await button.click();
    assert.deepEqual(
      (await panel.posted()).filter(({ type }) => type === "shrink"),
      [{ type: "shrink" }],
    );
    await panel.show(snapshot({ shrink: { words }, editable: false, phase: "waiting" }));
    await button.waitFor({ state: "hidden" });
  });

  it("offers what helps a mail that is too large: links, several mails, and what an administrator can do", async () => {
    const file = (id: string, megabytes: number, isLinkable = false) =>
      attachment({
        id,
        name: `${id}.zip`,
        sizeBytes: megabytes * 1024 * 1024,
        actions: isLinkable ? ["asLink", "remove"] : ["remove"],
      });
    const ways = () => strip().locator(".strip-ways button:visible").allTextContents();
    const sendLimit = { bytes: 35 * 1024 * 1024, canBeRaised: true };
    const files = [file("a", 20), file("b", 20), file("c", 20)];
    await panel.show(
      snapshot({ form: { ...emptyForm, to: "ann@gmail.com" }, attachments: files, sendLimit }),
    );
    assert.deepEqual(await ways(), ["Send as 3 Mails", "Copy PowerShell Commands"]);
    await strip().getByRole("button", { name: "Send as 3 Mails" }).click();
    const last = async () => (await panel.posted()).findLast(({ type }) => type !== "areYouThere");
    const sent = await last();
    assert.ok(sent?.type === "sendInMails" && !sent.inParts);
    await strip().getByRole("button", { name: "Copy PowerShell Commands" }).click();
    assert.deepEqual(await last(), { type: "copyAdminCommands" });
    await panel.show(snapshot({ form: null, attachments: [...files, file("d", 1, true)] }));
    assert.deepEqual(await ways(), ["Send as Link", "Send as 3 Mails"]);
    await strip().getByRole("button", { name: "Send as Link" }).click();
    assert.deepEqual(await last(), { type: "attachment", attachmentId: "d", action: "asLink" });
    await panel.show(snapshot({ form: null, attachments: [file("a", 40)], sendLimit }));
    assert.deepEqual(await ways(), ["Split into 2 Mails", "Copy PowerShell Commands"]);
    await strip().getByText("Recipients put the file together").waitFor();
    await strip().getByRole("button", { name: "Split into 2 Mails" }).click();
    const split = await last();
    assert.ok(split?.type === "sendInMails" && split.inParts);
    await panel.show(
      snapshot({ form: null, attachments: [file("a", 40)], sendLimit, shrink: { words: "!" } }),
    );
    assert.deepEqual(await ways(), ["Compress", "Copy PowerShell Commands"]);
    await panel.show(snapshot({ form: null, attachments: [file("a", 40, true)], sendLimit }));
    assert.deepEqual(await ways(), ["Send as Link", "Copy PowerShell Commands"]);
    await panel.show(snapshot({ form: null, attachments: [file("a", 600)], sendLimit }));
    assert.deepEqual(await ways(), ["Copy PowerShell Commands"]);
    await panel.show(snapshot({ form: null, attachments: files, isOfSet: true }));
    assert.deepEqual(await ways(), []);
    await panel.show(snapshot({ form: null, attachments: [file("a", 1)] }));
    assert.deepEqual(await ways(), []);
  });

  it("asks for the hashes, shows what comes, and stops", async () => {
    await panel.show(snapshot());
    await toggle().click();
    assert.equal(await toggle().getAttribute("aria-expanded"), "true");
    const hash = "0123456789abcdef".repeat(4);
    await panel.receive({
      type: "hashes",
      files: [
        { name: "big-file.bin", sha256: hash, note: "changed since it was added" },
        { name: "late.bin", sha256: null, note: "being read…" },
      ],
    });
    await strip().getByText(hash).waitFor();
    await strip().getByText("changed since it was added").waitFor();
    await strip().getByText("being read…").waitFor();
    await strip().getByRole("button", { name: "Copy" }).click();
    await toggle().click();
    await strip().getByText(hash).waitFor({ state: "hidden" });
    const asked = (await panel.posted()).filter(({ type }) => /Hashes$/.test(type));
    assert.deepEqual(asked, [
      { type: "showHashes", shown: true },
      { type: "copyHashes" },
      { type: "showHashes", shown: false },
    ]);
  });

  it("is there while something can leave, and without files has no hashes", async () => {
    await panel.show(snapshot({ attachments: [], method: null }));
    await strip().getByText("no files").waitFor();
    assert.equal(await toggle().isVisible(), false);
    await panel.show(snapshot({ editable: false, phase: "waiting" }));
    await strip().waitFor();
    for (const phase of ["sending", "sent", "saved", "scheduled"] as const) {
      await panel.show(snapshot({ editable: false, phase }));
      await strip().waitFor({ state: "hidden" });
    }
    const event = { subject: "Meeting", startsAt: 0 };
    await panel.show(snapshot({ event, phase: "waiting" }));
    await strip().waitFor({ state: "hidden" });
    const links = { words: "1 file goes as a link.", editable: true, problem: null };
    await panel.show(snapshot({ event, phase: "waiting", editable: false, links }));
    await strip().getByText("1 file goes as a link.").waitFor();
    await strip().getByRole("button", { name: "Change who can open the links" }).waitFor();
    assert.equal(await strip().getByText("no files").isVisible(), false);
  });

  it("breaks where the page is narrow, and nothing of it is cut off", async () => {
    await panel.page.setViewportSize({ width: 320, height: 600 });
    const names = [attachment({ name: `${"a-long-name-".repeat(8)}.bin` })];
    await panel.show(
      snapshot({ attachments: names, form: { ...emptyForm, to: `${"x".repeat(60)}@contoso.example` } }),
    );
    await toggle().click();
    await panel.receive({ type: "hashes", files: [{ name: "a.bin", sha256: "f".repeat(64), note: "" }] });
    const widths = await strip().evaluate((node) => [node.scrollWidth, node.clientWidth]);
    assert.equal(widths[0], widths[1]);
    assert.equal(await panel.page.evaluate(() => document.documentElement.scrollWidth), 320);
  });
});
