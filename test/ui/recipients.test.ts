import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { newestEml, readers } from "../support/eml.ts";
import { binary } from "../support/files.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";

const authors = [
  ["Grace Hopper", "grace@navy.example"],
  ["Hopper Bot", "123+hopper@users.noreply.github.com"],
] as const;

describe("recipients", () => {
  let repository: string;
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    repository = await makeRepository();
    sandbox = await startSandbox();
    session = await openWorkbench({ folder: repository });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
    await rm(repository, { recursive: true, force: true });
  });

  it("may be authors of the folder's repository where the mail has no file", async () => {
    await session.workbench.command("Freight Mail: Compose Mail…");
    const { panel } = freight;
    await panel.frame.locator("#to:focus").waitFor();
    await session.page.keyboard.press("ArrowDown");
    await panel.suggestions.filter({ hasText: "Grace Hopper" }).waitFor();
    await session.page.keyboard.press("Escape");
  });

  it("may be chosen from the authors of the repository that the file lies in", async () => {
    const panel = await freight.send("trace.bin");
    await panel.frame.locator("#to:focus").waitFor();
    await session.page.keyboard.type("hop");
    await panel.suggestions.filter({ hasText: "In this repository" }).waitFor();
    assert.deepEqual(await panel.suggestions.allTextContents(), [
      "Grace Hopper grace@navy.example In this repository",
    ]);
    await session.page.keyboard.press("Enter");
    assert.deepEqual(await panel.chips("to").allTextContents(), ["Grace Hopper"]);
    await panel.to.pressSequentially("ada@example.com");
    await panel.sendByKey();
    await panel.says(/^Sent/);
    assert.deepEqual(readers((await newestEml(sandbox)).to), [
      ["Grace Hopper", "grace@navy.example"],
      ["", "ada@example.com"],
    ]);
  });

  it("are suggested again once they were written to", async () => {
    await session.workbench.command("Freight Mail: Compose Mail…");
    const { panel } = freight;
    await panel.frame.locator("#to:focus").waitFor();
    await session.page.keyboard.press("ArrowDown");
    await panel.suggestions.first().waitFor();
    assert.deepEqual((await panel.suggestions.allTextContents()).sort(), [
      "Grace Hopper grace@navy.example Written to before",
      "ada@example.com Written to before",
    ]);
    await session.page.keyboard.press("Escape");
  });

  it("are typed, chosen and copied with the keyboard in the real editor", async () => {
    await session.workbench.command("Freight Mail: Compose Mail…");
    const { panel } = freight;
    await panel.frame.locator("#to:focus").waitFor();
    await session.page.keyboard.type("bob@x.example, carl@x.example;");
    assert.deepEqual(await panel.chips("to").allTextContents(), ["bob@x.example", "carl@x.example"]);
    for (const key of ["ArrowLeft", "Home", "ControlOrMeta+c"]) await session.page.keyboard.press(key);
    await panel.showCcBcc();
    await session.page.keyboard.press("ControlOrMeta+v");
    await panel.frame.locator(".field-cc").getByText("bob@x.example is already in To.").waitFor();
  });
});

/** A folder with a file to send and a commit of each author. */
async function makeRepository(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "freight-repository-"));
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: dir, stdio: "pipe" });
  git("init", "--quiet");
  await writeFile(join(dir, "trace.bin"), binary(50_000));
  for (const [name, email] of authors)
    git(
      ...["-c", `user.name=${name}`, "-c", `user.email=${email}`, "-c", "commit.gpgsign=false"],
      ...["commit", "--quiet", "--allow-empty", "-m", "A step"],
    );
  return dir;
}
