import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import type { Extension, Uri } from "vscode";
import { Emitter } from "../../../src/base/lifecycle.ts";
import type { Person } from "../../../src/shared/contract/messages.ts";
import type { GitApi, GitExtension, Repository } from "../../../src/ui/editor/gitExtension.ts";
import { People } from "../../../src/ui/editor/people.ts";
import { Folder } from "../../support/files.ts";
import { MemoryLog } from "../../support/memory.ts";
import { delivery, now } from "../../support/records.ts";
import { describeNeeds } from "../../support/systems.ts";

/** A file, as far as a repository is looked up by it. */
const file = (fsPath: string) => ({ fsPath }) as Uri;
const files = [file("a.bin"), file("b.bin")];
const ann: Person = { name: "Ann Lee", email: "ann@x.example", origin: "history" };
const bob: Person = { name: null, email: "bob@x.example", origin: "mail" };

describeNeeds("Git", "People for the panel", () => {
  let folder: Folder;
  let repository: Repository;
  /** How often a repository was looked for. */
  let asked: number;
  let log: MemoryLog;
  let api: GitApi;

  beforeEach(async () => {
    folder = await Folder.make();
    const author = ["-c", "user.name=Ann Lee", "-c", "user.email=ann@x.example"];
    for (const args of [
      ["init", "--quiet"],
      [...author, "commit", "--quiet", "--allow-empty", `--date=@${now / 1000} +0000`, "-m", "Begin"],
    ])
      execFileSync("git", args, { cwd: folder.path });
    asked = 0;
    log = new MemoryLog();
    repository = { rootUri: file(folder.path), state: {} };
    api = {
      state: "initialized",
      onDidChangeState: () => ({ dispose: () => {} }),
      git: { path: "git" },
      repositories: [],
      getRepository: () => {
        asked++;
        return repository;
      },
    };
  });
  afterEach(() => folder.remove());

  const shown = async (
    options: { git?: Partial<Extension<GitExtension>> | null; trusted?: boolean; files?: Uri[] } = {},
  ) => {
    const to = [{ name: null, email: "bob@x.example" }];
    const message = {
      to,
      cc: [],
      bcc: [],
      replyTo: [],
      headers: [],
      subject: "",
      body: "",
      format: "text" as const,
    };
    const git = { activate: async () => ({ getAPI: () => api }), ...options.git };
    const people = new People({
      store: { list: () => [delivery({ phase: "sent", message, finishedAt: now })] },
      book: { accounts: [] },
      git: () => (options.git === null ? undefined : (git as Extension<GitExtension>)),
      isTrusted: () => options.trusted ?? true,
      now: () => now,
      log,
    });
    const all: Person[][] = [];
    await people.find(options.files ?? files, (found) => all.push(found));
    return all;
  };

  it("are shown at once, and again with the authors of the repository", async () => {
    assert.deepEqual(await shown(), [[bob], [bob, ann]]);
  });

  for (const [what, options] of [
    ["there is no Git extension", { git: null }],
    ["the folder is not trusted", { trusted: false }],
    ["the mail has no file", { files: [] }],
  ] as const)
    it(`are those written to where ${what}`, async () => {
      assert.deepEqual(await shown({ ...options, files: "files" in options ? [] : files }), [[bob]]);
      assert.equal(asked, 0);
      assert.deepEqual(log.lines, []);
    });

  it("are those written to where the file lies in no repository", async () => {
    api = { ...api, getRepository: () => null };
    assert.deepEqual(await shown(), [[bob]]);
  });

  for (const [what, broken] of [
    ["Git is switched off", { activate: () => Promise.reject(new Error("Git model not found")) }],
    [
      "there is no such Git",
      { activate: async () => ({ getAPI: () => ({ ...api, git: { path: "no-git" } }) }) },
    ],
  ] as const)
    it(`are those written to where ${what}, and the log says why`, async () => {
      assert.deepEqual(await shown({ git: broken }), [[bob]]);
      assert.equal(log.lines.length, 1);
    });

  it("wait for a Git extension that still looks for repositories", async () => {
    const changed = new Emitter<void>();
    api = { ...api, state: "uninitialized", onDidChangeState: changed.event };
    const all = shown();
    while (changed.listenerCount === 0) await Promise.resolve();
    changed.fire();
    assert.deepEqual(await all, [[bob], [bob, ann]]);
    assert.equal(changed.listenerCount, 0);
  });
});
