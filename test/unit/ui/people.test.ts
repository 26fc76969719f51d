import assert from "node:assert/strict";
import type { Extension, Uri } from "vscode";
import { Emitter } from "../../../src/base/lifecycle.ts";
import type { Person } from "../../../src/shared/contract.ts";
import { type GitExtension, People } from "../../../src/ui/editor/people.ts";
import { MemoryLog } from "../../support/memory.ts";
import { delivery, now } from "../../support/records.ts";

type Api = ReturnType<GitExtension["getAPI"]>;

/** A file, as far as a repository is looked up by it. */
const file = (fsPath: string) => ({ fsPath }) as Uri;
const files = [file("/repo/a.bin"), file("/repo/b.bin")];
const commits = [{ authorName: "Ann Lee", authorEmail: "ann@x.example", authorDate: new Date(now) }];
const ann: Person = { name: "Ann Lee", email: "ann@x.example", origin: "history" };
const bob: Person = { name: null, email: "bob@x.example", origin: "mail" };

describe("People for the panel", () => {
  let asked: { maxEntries: number }[];
  let log: MemoryLog;
  let api: Api;

  beforeEach(() => {
    asked = [];
    log = new MemoryLog();
    const repository = {
      log: async (options: { maxEntries: number }): Promise<unknown> => {
        asked.push(options);
        return commits;
      },
    };
    api = {
      state: "initialized",
      onDidChangeState: () => ({ dispose: () => {} }),
      getRepository: () => repository,
    };
  });

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

  it("are shown at once, and again with the authors of the repository, which is asked once", async () => {
    assert.deepEqual(await shown(), [[bob], [bob, ann]]);
    assert.deepEqual(asked, [{ maxEntries: 1000 }]);
  });

  for (const [what, options] of [
    ["there is no Git extension", { git: null }],
    ["the folder is not trusted", { trusted: false }],
    ["the mail has no file", { files: [] }],
  ] as const)
    it(`are those written to where ${what}`, async () => {
      assert.deepEqual(await shown({ ...options, files: "files" in options ? [] : files }), [[bob]]);
      assert.deepEqual(asked, []);
      assert.deepEqual(log.lines, []);
    });

  it("are those written to where the file lies in no repository", async () => {
    api = { ...api, getRepository: () => null };
    assert.deepEqual(await shown(), [[bob]]);
  });

  for (const [what, broken] of [
    ["Git is switched off", () => Promise.reject(new Error("Git model not found"))],
    ["the log is of another kind", async () => ({ getAPI: () => ({ ...api, getRepository: odd }) })],
  ] as const)
    it(`are those written to where ${what}, and the log says why`, async () => {
      assert.deepEqual(await shown({ git: { activate: broken } }), [[bob]]);
      assert.equal(log.lines.length, 1);
    });
  const odd = () => ({ log: async () => [{ authorEmail: 7 }] });

  it("wait for a Git extension that still looks for repositories", async () => {
    const changed = new Emitter<void>();
    api = { ...api, state: "uninitialized", onDidChangeState: changed.event };
    const all = shown();
    while (changed.listenerCount === 0) await Promise.resolve();
    changed.fire();
    assert.deepEqual(await all, [[bob], [bob, ann]]);
    assert.equal(changed.listenerCount, 0);
  });

  it("may be authors whose commits say little", async () => {
    api = { ...api, getRepository: () => ({ log: async () => [{}, { authorEmail: "ann@x.example" }] }) };
    assert.deepEqual((await shown()).at(-1), [bob, { ...ann, name: null }]);
  });
});
