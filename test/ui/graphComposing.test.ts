import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { filesIn, newestEml, readers } from "../support/eml.ts";
import { sample, sampleOf } from "../support/files.ts";
import { Freight } from "../support/freight.ts";
import { addGraphAccount, draftsAt } from "../support/graphAccount.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { sha256 } from "../support/sha256.ts";
import { until } from "../support/until.ts";

/** One image that goes in a request of its own, one that needs a session. */
const files = {
  "build.zip": sample(200_000, 1),
  "chart.png": sampleOf("chart.png", 50_000, 2),
  "photo.png": sampleOf("photo.png", 4_000_000, 3),
};

describe("a mail that is written for Microsoft Graph", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files, settings: { "explorer.autoReveal": false } });
    freight = new Freight(session);
    await addGraphAccount(freight, sandbox);
  });
  beforeEach(() => freight.tidy());
  afterEach(() => {
    sandbox.clock.offsetMs = 0;
  });
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  const write = async (subject: string, body: string) => {
    const panel = await freight.send("build.zip");
    await panel.attachment("build.zip").says("ready");
    await panel.to.fill("Ada Lovelace <ada@example.com>");
    await panel.subject.fill(subject);
    await panel.body.fill(body);
    return panel;
  };
  const assertArrived = async (subject: string, html: RegExp) => {
    const eml = await newestEml(sandbox);
    assert.deepEqual([eml.subject, readers(eml.to)], [subject, [["Ada Lovelace", "ada@example.com"]]]);
    assert.match(eml.html || "", html);
    return eml;
  };

  it("has its images where the text names them, small ones and large ones", async () => {
    const panel = await write("Images", "![small](chart.png) and ![large](photo.png)");
    for (const name of ["chart.png", "photo.png"]) await panel.attachment(name).says("ready");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    const eml = await assertArrived("Images", /<img src="cid:\w+" alt="small"/);
    const cids = [...(eml.html || "").matchAll(/<img src="cid:(\w+)"/g)].map(([, cid]) => cid);
    assert.deepEqual(
      ["chart.png", "photo.png"].map(
        (name) => eml.attachments.find(({ filename }) => filename === name)?.cid,
      ),
      cids,
    );
    assert.deepEqual(
      filesIn(eml).sort(),
      Object.entries(files).map(([name, content]) => [name, sha256(content)]),
    );
  });

  it("is saved as a draft with its file, and not sent", async () => {
    const before = sandbox.deliveries;
    const panel = await write("A draft", "Not *yet*.");
    await panel.chooseWay("Save as Draft");
    await panel.says("Saved in Drafts of");
    assert.equal(sandbox.deliveries, before);
    const [draft] = await draftsAt(sandbox);
    assert.ok(typeof draft === "object" && draft !== null && "subject" in draft && "id" in draft);
    assert.equal(draft.subject, "A draft");

    // As a mail program would send it.
    const path = `/v1.0/me/messages/${encodeURIComponent(String(draft.id))}/send`;
    const { status } = await fetch(`${sandbox.graph.baseUrl}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${sandbox.graph.accessToken}` },
    });
    assert.equal(status, 202);
    await until("it is out", () => sandbox.deliveries > before);
    const eml = await assertArrived("A draft", /<p>Not <em>yet<\/em>\.<\/p>/);
    assert.deepEqual(filesIn(eml), [["build.zip", sha256(files["build.zip"])]]);
  });

  it("waits for its time, can be taken back, and leaves at the next", async () => {
    const before = sandbox.deliveries;
    const panel = await write("In an hour", "Good *morning*.");
    const later = async () => {
      await panel.chooseWay("Send Later…");
      await session.workbench.quickRows("In 1 Hour").first().click();
      await freight.sees("build.zip", /scheduled · (today|tomorrow) \d\d:\d\d/);
    };
    await later();
    await freight.inline("build.zip", "Cancel Scheduled Mail");
    await freight.answerDialog("Cancel “In an hour”?", "Cancel Scheduled Mail");
    await until("the mail can be written on", () => panel.subject.isEditable());
    await panel.subject.fill("In the end");
    await panel.attachment("build.zip").says("ready");
    await later();
    assert.equal(sandbox.deliveries, before);
    sandbox.clock.advance(61 * 60_000);
    await until("the mail is delivered", () => sandbox.deliveries === before + 1);
    const eml = await assertArrived("In the end", /<p>Good <em>morning<\/em>\.<\/p>/);
    assert.deepEqual(filesIn(eml), [["build.zip", sha256(files["build.zip"])]]);
  });
});
