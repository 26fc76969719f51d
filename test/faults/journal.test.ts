import assert from "node:assert/strict";
import files, { readdir, readFile, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { mock } from "node:test";
import type { SavedDelivery } from "../../src/delivery/record/delivery.ts";
import { type Journal, unwritable } from "../../src/delivery/store/disk/journal.ts";
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

describe("A disk that is full for a moment", () => {
  for (const [step, what, isMoment, expected] of [
    ["1 create", "the mail", () => true, "failed: journal-unwritable (retry); then sent"],
    ["2 bytes", "“ready”", ({ attachments: [file] }) => file?.status === "ready", "sent"],
    [
      "4 send",
      "“sending”",
      ({ phase }) => phase === "sending",
      "failed: journal-unwritable (retry); then sent",
    ],
    ["4 send", "“sent”", ({ phase }) => phase === "sent", "sent"],
  ] as const satisfies readonly (readonly [string, string, (record: SavedDelivery) => boolean, string])[])
    tried(
      {
        section,
        step,
        fault: `${what} cannot be saved at first; the window is closed in good order, and opened the next day`,
        expected,
      },
      async (desk) => {
        let failures = 0;
        const disk = full((record) => isMoment(record) && failures++ === 0);
        const window = await desk.open({ journal: disk.journal });
        const id = await compose(window, await desk.file());
        await pressSend(window, id);
        const delivery = await window.until(id, isSettled);
        assert.ok(delivery);
        while (failures === 0) await new Promise(setImmediate);
        // The upload is complete: nothing can be put any more.
        while (delivery.phase === "sent" && desk.secrets.values.size > 0) await new Promise(setImmediate);
        const seen = tell(delivery, desk, window);
        const shown = window.store.get(id);
        await window.close();
        const day = 24 * 3_600_000;
        desk.sandbox.clock.advance(day);
        const next = await desk.open({ clockOffsetMs: () => day });
        assert.deepEqual(next.store.get(id).form, shown.form);
        assert.equal(next.store.get(id).phase, shown.phase, "what was shown is on disk");
        if (delivery.phase === "sent") return seen;
        return `${seen}; then ${(await insist(next, id, desk.sandbox)).phase}`;
      },
    );

  tried(
    {
      section,
      step: "all",
      fault: "what is typed cannot be saved at first; the window is closed",
      expected: "typed",
    },
    async (desk) => {
      let isFull = false;
      const disk = full(() => isFull);
      const window = await desk.open({ journal: disk.journal });
      const id = await compose(window, await desk.file());
      await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
      await window.store.flushed(id);
      isFull = true;
      const { form } = window.store.get(id);
      await window.runner.edit(id, { ...form, revision: 1, body: "typed" });
      await assert.rejects(window.store.flushed(id), { code: "journal-unwritable" });
      assert.equal(window.store.savedRevision(id), 0, "the page keeps its own copy");
      assert.ok(window.store.get(id).trouble);
      isFull = false;
      await window.close();
      return (await desk.open()).store.get(id).form.body;
    },
  );

  tried(
    {
      section,
      step: "all",
      fault: "“sent” cannot be saved, nor while the window closes",
      expected: "sent, same key",
    },
    async (desk) => {
      const disk = full(({ phase }) => phase === "sent");
      const window = await desk.open({ journal: disk.journal });
      const id = await compose(window, await desk.file());
      await pressSend(window, id);
      await window.until(id, isSettled);
      await assert.rejects(window.store.flushed(id));
      assert.ok(window.leases.holds(id), "nobody goes on from what is not true any more");
      await window.close();
      assert.deepEqual((await readdir(desk.folder)).sort(), [`${id}.json`, `${id}.lease`]);
      await window.kill();
      const next = await desk.open();
      const delivery = await next.until(id, isSettled);
      return delivery === undefined ? "killed" : tell(delivery, desk, next);
    },
  );
});

describe("A record that another program has open", () => {
  for (const code of ["EPERM", "EACCES", "EBUSY"])
    tried(
      { section, step: "all", fault: `each rename is refused twice (${code})`, expected: "sent" },
      async (desk) => {
        const rename = files.rename;
        let calls = 0;
        mock.method(files, "rename", async (from: string, to: string) => {
          if (from.startsWith(desk.folder) && calls++ % 3 < 2)
            throw Object.assign(new Error(`${code}: operation not permitted`), { code });
          return rename(from, to);
        });
        syncBuiltinESMExports();
        try {
          const window = await desk.open();
          const id = await compose(window, await desk.file());
          await pressSend(window, id);
          const delivery = await window.until(id, isSettled);
          await window.store.flushed(id);
          assert.ok(delivery && calls > 6);
          return tell(delivery, desk, window);
        } finally {
          mock.restoreAll();
          syncBuiltinESMExports();
        }
      },
    );
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
        assert.match(second.log.join("\n"), /comes from another version of Freight Mail and is left alone/);
      }),
    );
});
