/** The file on which is tried who can be let in: it never stays in somebody's OneDrive. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NO_LINK_LIMITS } from "../../src/delivery/links/linkLimits.ts";
import { LinkTrials } from "../../src/delivery/links/linkTrials.ts";
import { TrialNotes } from "../../src/delivery/store/disk/trialNotes.ts";
import { HttpLine } from "../../src/net/http.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { graphLinks } from "../support/doors.ts";
import { Folder } from "../support/files.ts";
import { MemoryLog } from "../support/memory.ts";
import { callDrive } from "./graphSupport.ts";
import { until } from "./support.ts";

describe("The file of a trial", () => {
  let sandbox: Sandbox;
  let files: Folder;
  let http: HttpLine;
  beforeEach(async () => {
    [sandbox, files, http] = [await startSandbox(), await Folder.make(), new HttpLine()];
  });
  afterEach(async () => {
    http.dispose();
    await sandbox.close();
    await files.remove();
  });

  const folder = () => join(files.path, "trials");
  const notes = () => readdirSync(folder());
  const trials = (isKnown = true) =>
    new LinkTrials({
      serviceFor: async () => graphLinks.service(sandbox, http, () => performance.now()),
      clock: { now: Date.now },
      limits: () => NO_LINK_LIMITS,
      notes: new TrialNotes(folder()),
      find: () => (isKnown ? graphLinks.account(sandbox) : undefined),
      log: new MemoryLog(),
    });
  const ask = () => trials().refusals(graphLinks.account(sandbox), 30);
  const places = async (): Promise<readonly unknown[]> =>
    (await callDrive(sandbox, "GET", "/root:/Freight%20Mail:/children")).json.value ?? [];
  /** The window that has noted it is gone: no process has this number. */
  const end = () => {
    for (const name of notes()) {
      const path = join(folder(), name);
      const note = JSON.parse(readFileSync(path, "utf8"));
      writeFileSync(path, JSON.stringify({ ...note, by: { ...note.by, pid: 2 ** 22 + 1 } }));
    }
  };
  /** A trial whose window was killed in the middle. */
  const broken = async () => {
    sandbox.faults.arm({ step: "share", fault: "hold" });
    const trying = ask();
    trying.catch(() => {}); // Nobody hears of it.
    await until(() => sandbox.requests.some(({ step }) => step === "share"));
    http.dispose();
    await trying.catch(() => {});
    http = new HttpLine();
    sandbox.faults.clear();
  };

  it("is gone with its note when it is over", async () => {
    assert.deepEqual(await ask(), []);
    assert.deepEqual([await places(), notes()], [[], []]);
  });

  it("is deleted at the next start when its window was killed, and not by another window before", async () => {
    await broken();
    assert.equal((await places()).length, 1);
    await trials().tidy();
    assert.equal((await places()).length, 1, "it may be under way");
    end();
    await trials().tidy();
    assert.deepEqual([await places(), notes()], [[], []]);
  });

  it("is deleted later when there was no network for it", async () => {
    await broken();
    end();
    sandbox.faults.arm({ step: "look", fault: "resetBeforeBody", times: 100 });
    await trials().tidy();
    assert.equal(notes().length, 1);
    sandbox.faults.clear();
    await trials().tidy();
    assert.deepEqual([await places(), notes()], [[], []]);
  });

  it("is forgotten with its account, and a note that broke off is no hindrance", async () => {
    await broken();
    end();
    writeFileSync(join(folder(), "half.json"), '{"acc');
    await trials(false).tidy();
    assert.deepEqual(notes(), ["half.json"]);
  });
});
