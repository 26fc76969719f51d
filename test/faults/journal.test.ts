import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SavedDelivery } from "../../src/delivery/delivery.ts";
import { type Journal, unwritable } from "../../src/delivery/journal.ts";
import { compose, type Desk, Hold, insist, isSettled, pressSend } from "../support/desk.ts";
import type { Window } from "../support/window.ts";
import { cell, tell, tried } from "./cell.ts";

const section = "Saved state";

/** A disk that is full whenever a record is to be saved that `isRefused`. */
function full(isRefused: (record: SavedDelivery) => boolean) {
  let mended = false;
  return {
    journal: (inner: Journal): Journal => ({
      readAll: () => inner.readAll(),
      read: (id) => inner.read(id),
      write: async (id, value) => {
        // What the store hands over is a record.
        if (!mended && isRefused(value as SavedDelivery)) throw unwritable(new Error("ENOSPC"));
        await inner.write(id, value);
      },
      remove: (id) => inner.remove(id),
      setAside: (id) => inner.setAside(id),
    }),
    mend: async () => {
      mended = true;
    },
  };
}

describe("A disk that is full", () => {
  for (const [step, fault, isRefused, expected] of [
    ["1 create", "nothing can be saved", () => true, "failed: journal-unwritable (retry); then sent"],
    [
      "2 bytes",
      "what was confirmed cannot be saved",
      ({ attachments: [file] }) => file?.status === "uploading" && file.accepted > 0,
      "sent",
    ],
    [
      "3 complete",
      "“completing” cannot be saved",
      ({ attachments: [file] }) => file?.status === "completing",
      "failed: journal-unwritable (retry); then sent",
    ],
    [
      "4 send",
      "key and body cannot be saved",
      ({ phase }) => phase === "sending",
      "failed: journal-unwritable (retry); then sent",
    ],
    ["4 send", "“sent” cannot be saved", ({ phase }) => phase === "sent", "sent"],
  ] as const satisfies readonly (readonly [string, string, (record: SavedDelivery) => boolean, string])[]) {
    const disk = full(isRefused);
    const forbidden = { "1 create": "upload", "2 bytes": "", "3 complete": "complete", "4 send": "send" }[
      step
    ];
    cell({
      section,
      step,
      fault,
      expected,
      rules: [{ step: "upload", fault: "keepFewerBytes", bytes: 300_000 }].slice(
        step === "1 create" ? 1 : 0,
      ) as [],
      options: { journal: disk.journal },
      mend: async (desk) => {
        if (expected !== "sent")
          assert.deepEqual(
            desk.sandbox.requests.filter((request) => request.step === forbidden),
            [],
          );
        await disk.mend();
      },
    });
  }

  cell({
    section,
    step: "4 send",
    fault: "“sent” cannot be saved, and the window is killed",
    expected: "sent, same key",
    play: async (desk) => {
      const killed = await desk.open({ journal: full(({ phase }) => phase === "sent").journal });
      const id = await compose(killed, await desk.file());
      await pressSend(killed, id);
      await killed.until(id, isSettled);
      await killed.kill();
      return { window: await desk.open(), id };
    },
  });
});

describe("A file of the journal that nobody can read", () => {
  const isAside = async (second: Window, folder: string, spoilt: string, _text: string) => {
    const names = await readdir(folder);
    assert.ok(names.includes(`${spoilt}.json.unreadable`) && !names.includes(`${spoilt}.json`));
    assert.match(second.log.join("\n"), /cannot be read and was set aside/);
  };
  /** Two mails of which one's record is spoilt while no window is open. */
  const spoil =
    (change: (text: string) => string, check = isAside) =>
    async (desk: Desk) => {
      const hold = new Hold();
      desk.sandbox.faults.arm({ step: "upload", fault: "resetBeforeBody", times: 2 });
      const first = await desk.open(hold.options);
      const [kept, spoilt] = [
        await compose(first, await desk.file("a")),
        await compose(first, await desk.file("b")),
      ];
      for (const id of [kept, spoilt]) {
        await pressSend(first, id);
        await hold.reached(first, id);
      }
      await first.close();
      const path = join(desk.folder, `${spoilt}.json`);
      const text = change(await readFile(path, "utf8"));
      await writeFile(path, text);
      const second = await desk.open();
      assert.equal(second.store.find(spoilt), undefined);
      await check(second, desk.folder, spoilt, text);
      return tell(await insist(second, kept, desk.sandbox), desk, second).replace(/,.*/, "");
    };
  for (const [fault, change] of [
    ["torn", (text: string) => text.slice(0, text.length / 2)],
    ["empty", () => ""],
    ["of another program", () => '{"name":"freight","version":1}'],
    ["of another mail", (text: string) => text.replace(/"id":"./, '"id":"x')],
  ] as const)
    tried(
      {
        section,
        step: "all",
        fault: `a record ${fault}: set aside and told, the others go on`,
        expected: "sent",
      },
      spoil(change),
    );

  for (const [fault, change] of [
    ["of a later version", (text: string) => text.replace('"version":1', '"version":2')],
    ["with a value that is new", (text: string) => text.replace('"type":"send"', '"type":"reply"')],
  ] as const)
    tried(
      {
        section,
        step: "all",
        fault: `a record ${fault}: left alone and told, the others go on`,
        expected: "sent",
      },
      spoil(change, async (second, folder, spoilt, text) => {
        assert.equal(await readFile(join(folder, `${spoilt}.json`), "utf8"), text);
        assert.deepEqual(
          (await readdir(folder)).filter((name) => name.startsWith(spoilt)),
          [`${spoilt}.json`],
          "nobody drives it here",
        );
        assert.match(second.log.join("\n"), /of another version of Freight Mail and is left alone/);
      }),
    );
});
