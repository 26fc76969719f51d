import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { send } from "../sandbox/support.ts";

describe("The sandbox's faults, from a file", () => {
  const main = join(import.meta.dirname, "../../src/sandbox/main.ts");
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "freight-mail-faults-"));
  });
  after(() => rm(folder, { recursive: true }));
  /** Starts a sandbox of its own with the file; it ends when its input does. */
  const start = async (text: string) => {
    const file = join(folder, "faults.json");
    await writeFile(file, text);
    return spawn(process.execPath, [main, "--parent", "--control", "--faults", file]);
  };

  it("are armed from the start", async () => {
    const child = await start('[{"step": "send", "fault": "delay", "ms": 100000}]');
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const { faults } = (await send(JSON.parse(String(line)).control)).json;
    assert.deepEqual(faults, [{ rule: { step: "send", fault: "delay", ms: 100_000 }, met: 0, spent: false }]);
    child.stdin.end();
    await once(child, "exit");
  });

  for (const [title, text, words] of [
    ["no JSON", "[", /--faults .*faults\.json cannot be read as JSON/],
    ["no list", "{}", /is not a list of faults:.*expected array/s],
    [
      "an unknown step",
      '[{"step": "send", "fault": "delay", "ms": 1}, {"step": "nowhere", "fault": "stall"}]',
      /is not a list of faults:.*"sendDraft".*at \[1\]\.step/s,
    ],
  ] as const)
    it(`are refused with a reason for ${title}`, async () => {
      const child = await start(text);
      let errors = "";
      child.stderr.on("data", (piece) => {
        errors += piece;
      });
      assert.deepEqual(await once(child, "close"), [2, null]);
      assert.match(errors, words);
    });
});
