import { rename, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { compose, type Desk, Hold, pressSend, usualSize } from "../support/desk.ts";
import { google, graph } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import type { Window } from "../support/window.ts";
import { cell } from "./cell.ts";

const section = "The file";
/** The service has confirmed a part, and the line breaks in the next: the engine waits before it goes on. */
const halfWay: readonly Fault[] = [
  { step: "upload", fault: "keepFewerBytes", bytes: 600_000 },
  { step: "upload", fault: "resetBeforeBody" },
];

type Change = (path: string, desk: Desk) => Promise<void>;

const name = "build.bin";
const other = sample(usualSize, 7);
/** From now on only the new content may arrive. */
function onlyThis(desk: Desk, bytes: Uint8Array): void {
  desk.witness.forgetFile(name);
  desk.witness.expectFile(name, bytes);
}

const rewritten: Change = async (path, desk) => {
  await writeFile(path, other);
  await utimes(path, 1_000, 1_000); // Whatever the file system's clock can tell apart.
  onlyThis(desk, other);
};
const truncated: Change = async (path, desk) => {
  await truncate(path, 900_000);
  onlyThis(desk, sample(usualSize).subarray(0, 900_000));
};
const grown: Change = async (path, desk) => {
  const bytes = sample(usualSize + 300_000);
  await writeFile(path, bytes);
  onlyThis(desk, bytes);
};
const replaced: Change = async (path, desk) => {
  await writeFile(`${path}.new`, other);
  await utimes(`${path}.new`, 1_000, 1_000);
  await rename(`${path}.new`, path);
  onlyThis(desk, other);
};
const deleted: Change = (path) => rm(path);
/** The same size and time, other bytes: only their hash tells. */
const forged: Change = async (path, desk) => {
  const { atime, mtime, size } = await stat(path);
  await utimes(path, atime, mtime); // To whole milliseconds, as the times that are set below.
  const bytes = sample(size, 7);
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
  onlyThis(desk, bytes);
};

async function begin(desk: Desk, window: Window, size = usualSize): Promise<string> {
  const path = await desk.file(name, size);
  // Times that a forger can restore exactly.
  await utimes(path, 5_000, 5_000);
  const id = await compose(window, path);
  await pressSend(window, id);
  return id;
}

describe("A file that changes", () => {
  const whileUploading = (change: Change, size?: number) => async (desk: Desk) => {
    const hold = new Hold();
    const window = await desk.open(hold.options);
    const id = await begin(desk, window, size);
    await hold.reached(window, id);
    await change(join(desk.files.path, name), desk);
    hold.release();
    return { window, id };
  };
  const whilePaused = (change: Change) => async (desk: Desk) => {
    const hold = new Hold();
    const window = await desk.open(hold.options);
    const id = await begin(desk, window);
    await hold.reached(window, id);
    const attachment = window.store.get(id).attachments[0]?.id ?? "";
    await window.runner.pause(id, attachment);
    await change(join(desk.files.path, name), desk);
    hold.release();
    await window.runner.resume(id, attachment);
    return { window, id };
  };
  const whileDead = (change: Change) => async (desk: Desk) => {
    const hold = new Hold();
    const killed = await desk.open(hold.options);
    const id = await begin(desk, killed);
    await hold.reached(killed, id);
    await killed.store.flushed(id);
    await killed.kill();
    await change(join(desk.files.path, name), desk);
    return { window: await desk.open(), id };
  };

  const changed = "failed: file-changed (uploadNewVersion); then sent";
  const changedLate = "failed: file-changed (uploadNewVersion), probed; then sent";
  for (const [fault, change, uploading, later] of [
    ["rewritten", rewritten, changedLate, changed],
    ["truncated", truncated, changedLate, changed],
    ["grown", grown, changedLate, changed],
    ["replaced", replaced, changedLate, changed],
    ["other bytes, same size and time", forged, changedLate, changed],
  ] as const) {
    cell({
      section,
      step: "while uploading",
      fault,
      expected: uploading,
      rules: halfWay,
      play: whileUploading(change),
    });
    cell({
      section,
      step: "while paused",
      fault,
      expected: later,
      rules: halfWay,
      play: whilePaused(change),
    });
    cell({ section, step: "while killed", fault, expected: later, rules: halfWay, play: whileDead(change) });
  }
  cell({
    section,
    step: "while uploading",
    fault: "deleted: finished from the open file",
    expected: "sent, probed",
    rules: halfWay,
    play: whileUploading(deleted),
  });
  for (const [step, play] of [
    ["while paused", whilePaused(deleted)],
    ["while killed", whileDead(deleted)],
  ] as const)
    cell({
      section,
      step,
      fault: "deleted; later it is back",
      expected: "failed: file-missing (retry); then sent",
      rules: halfWay,
      play,
      mend: async (desk) => {
        await desk.file(name);
        await utimes(join(desk.files.path, name), 5_000, 5_000);
      },
    });

  const whenReady = (change: Change) => async (desk: Desk) => {
    const window = await desk.open();
    const path = await desk.file(name);
    await utimes(path, 5_000, 5_000);
    const id = await compose(window, path);
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    await change(path, desk);
    await pressSend(window, id);
    return { window, id };
  };
  const touched: Change = (path) => utimes(path, 6_000, 6_000);
  for (const [fault, change, expected] of [
    ["rewritten", rewritten, changed],
    ["truncated", truncated, changed],
    ["grown", grown, changed],
    ["replaced", replaced, changed],
    ["other bytes, same size and time", forged, changed],
    ["another time, the same bytes", touched, "sent"],
    ["deleted: sent as it was uploaded", deleted, "sent"],
  ] as const)
    cell({ section, step: "while the letter is written", fault, expected, play: whenReady(change) });
  const anHour = (change: Change) => async (desk: Desk) => {
    const window = await desk.open({ clockOffsetMs: () => desk.sandbox.clock.offsetMs });
    const path = await desk.file(name);
    await utimes(path, 5_000, 5_000);
    const id = await compose(window, path);
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    await change(path, desk);
    desk.sandbox.clock.advance(65 * 60_000);
    await pressSend(window, id);
    return { window, id };
  };
  for (const [fault, change, expected] of [
    ["rewritten", rewritten, changed],
    ["other bytes, same size and time", forged, changed],
    ["another time, the same bytes", touched, "sent, new session"],
    ["deleted; later it is back", deleted, "failed: file-missing (retry); then sent"],
  ] as const)
    cell({
      section,
      step: "while the letter is written, for an hour",
      fault,
      expected,
      play: anHour(change),
      ...(change === deleted ? { mend: async (desk) => void (await desk.file(name)) } : {}),
    });
  for (const [door, what] of [
    [graph, "at Graph"],
    [google, "by the standard method"],
  ] as const)
    cell({
      section,
      step: `while the letter is written, ${what}`,
      fault: "other bytes, same size and time",
      expected: changed,
      door,
      play: whenReady(forged),
    });
  for (const [size, rules, expected] of [
    [6_000_000, [{ step: "upload", fault: "resetBeforeBody", skip: 1 }], changedLate],
    [usualSize, [{ step: "attach", fault: "resetBeforeBody" }], changed],
  ] as const)
    cell({
      section,
      step: `while uploading, at Graph, ${size === usualSize ? "at once" : "in ranges"}`,
      fault: "other bytes, same size and time",
      expected,
      door: graph,
      rules,
      play: whileUploading(forged, size),
    });
  cell({
    section,
    step: "while the letter is written",
    fault: "rewritten; the person sends it as it was",
    expected: "sent, completed again",
    play: async (desk) => {
      const { window, id } = await whenReady((path) => writeFile(path, other))(desk);
      await window.until(id, ({ attachments }) => attachments[0]?.status === "failed");
      await window.runner.keepVersion(id, window.store.get(id).attachments[0]?.id ?? "");
      return { window, id };
    },
  });
  for (const [fault, change, expected] of [
    ["deleted: what is left needs no file", deleted, "sent, completed again"],
    ["rewritten", rewritten, changed],
  ] as const)
    cell({
      section,
      step: "while killed, completion asked for",
      fault,
      expected,
      rules: [{ step: "complete", fault: "dropReplyAfterCommit" }],
      play: whileDead(change),
    });
});
