import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import type { MailService } from "../../src/services/mailService.ts";
import { compose, Desk } from "../support/desk.ts";
import { type Door, nylas } from "../support/doors.ts";
import type { Machine } from "../support/machine.ts";

/** VS Code ends the host of its extensions so long after it has asked them to end. */
const VSCODE_MS = 5_000;
/** What is still to be saved then must fit in, too. */
const WELL_BELOW_MS = VSCODE_MS - 1_000;
/** Who breaks off when it is told to is not waited for longer. */
const SOON_MS = 2_000;

/** A service that never answers when it is told that an upload is over. */
function silent(hears: boolean, onAsked: () => void): Door {
  const cancel: MailService["cancel"] = (_upload, signal) => {
    onAsked();
    return new Promise((_resolve, reject) => {
      if (hears) signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  };
  return {
    ...nylas,
    service: (...args) => {
      const service = nylas.service(...args);
      return new Proxy(service, {
        get: (_target, name) => {
          if (name === "cancel") return cancel;
          const value: unknown = Reflect.get(service, name, service);
          return typeof value === "function" ? value.bind(service) : value;
        },
      });
    },
  };
}

describe("A window that closes while a service does not answer that something is over", () => {
  let desk: Desk;
  let machine: Machine;
  beforeEach(async () => {
    desk = await Desk.set();
    machine = desk.machine(false);
  });
  afterEach(async () => {
    await machine.during("clearing", desk.clear());
    machine.dispose();
  });

  for (const [what, hears, mostMs] of [
    ["and breaks off when it is told to", true, SOON_MS],
    ["and goes on waiting whatever it is told", false, WELL_BELOW_MS],
  ] as const)
    it(`${what} is over before VS Code ends it, and leaves its mails to the next window`, async () => {
      let asked = 0;
      const door = silent(hears, () => asked++);
      const window = await machine.during("opening", desk.open({ machine, door }));
      const id = await machine.during("composing", compose(window, await desk.file()));
      const isReady = () => window.store.get(id).attachments.every(({ status }) => status === "ready");
      assert.ok(await machine.passUntil(isReady));
      const [file] = window.store.get(id).attachments;
      await machine.during(
        "taking it out",
        window.act(() => window.runner.detach(id, file?.id ?? "")),
      );
      assert.ok(await machine.passUntil(() => asked > 0));
      const begun = machine.time.awakeMs;
      await machine.during("closing", window.close());
      const tookMs = machine.time.awakeMs - begun;
      assert.ok(tookMs <= mostMs, `${tookMs} ms`);
      // No lease: the next window need not find out first that nobody is there.
      assert.deepEqual(await readdir(desk.folder), [`${id}.json`]);
      const next = await machine.during("opening", desk.open({ machine }));
      assert.ok(await machine.passUntil(() => next.store.get(id).remoteCleanup.length === 0));
    });
});
