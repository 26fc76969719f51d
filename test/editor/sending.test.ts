import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { Delivery } from "../../src/delivery/record/delivery.ts";
import { until } from "../support/until.ts";

/** Where this VS Code lets the extension keep its files: the launcher puts its profile here. */
const storage = join(tmpdir(), "data/User/globalStorage/freight-mail.freight-mail");

describe("sending from inside this VS Code", () => {
  const content = randomBytes(9_000_000);
  const file = join(tmpdir(), "night-run.trace");

  before(async () => {
    await writeFile(file, content);
    await vscode.commands.executeCommand("freightMail.openPracticeMailbox");
    await vscode.commands.executeCommand("workbench.action.closeQuickOpen");
  });

  it("opens a mail in a panel and uploads its file while nobody has typed anything", async () => {
    await vscode.commands.executeCommand("freightMail.send", vscode.Uri.file(file));
    await until("a panel is open", () => panels().length === 1);
    const { attachments, form, phase } = await until("the upload is through", async () => {
      const [delivery] = await savedDeliveries();
      return delivery?.attachments.every(({ status }) => status === "ready") ? delivery : undefined;
    });
    const [attachment] = attachments;
    assert.deepEqual(
      [form.subject, phase, attachment?.name],
      ["night-run.trace", "composing", "night-run.trace"],
    );
    assert.equal(attachment?.accepted, content.length);
    assert.equal(attachment?.checkpoint?.sha256, createHash("sha256").update(content).digest("hex"));
  });

  it("keeps the upload's address out of what it saves", async () => {
    for (const name of await readdir(join(storage, "deliveries")))
      assert.doesNotMatch(await readFile(join(storage, "deliveries", name), "utf8"), /upload_id|https?:/);
  });

  it("has not touched the fetch of other extensions", async () => {
    const server = createServer((request, response) => request.pipe(response)).listen(0, "127.0.0.1");
    try {
      await until("the server listens", () => server.listening);
      const address = server.address();
      assert.ok(typeof address === "object" && address);
      const body = "five!";
      const headers = { "content-length": String(body.length) };
      const answer = await fetch(`http://127.0.0.1:${address.port}/`, { method: "POST", body, headers });
      assert.equal(await answer.text(), body);
    } finally {
      server.close();
    }
  });

  it("tells language models how the uploads stand", async () => {
    const options = { input: {}, toolInvocationToken: undefined };
    const { content } = await vscode.lm.invokeTool("freightMail_list_upload_sessions", options);
    const [part, ...others] = content;
    assert.ok(part instanceof vscode.LanguageModelTextPart && others.length === 0);
    assert.match(part.value, /^“night-run\.trace” \([\d.]+ MB\): ready · expires in \d+ min$/);
  });

  it("opens the same panel again instead of a second one", async () => {
    await vscode.commands.executeCommand("freightMail.showSession");
    assert.equal(panels().length, 1);
  });
});

function panels(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input }) =>
        input instanceof vscode.TabInputWebview && input.viewType.includes("freightMail.compose"),
    );
}

async function savedDeliveries() {
  const folder = join(storage, "deliveries");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  return Promise.all(
    names.map(async (name) => Delivery.parse(JSON.parse(await readFile(join(folder, name), "utf8")))),
  );
}
