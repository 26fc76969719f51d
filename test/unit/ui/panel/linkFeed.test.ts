import assert from "node:assert/strict";
import { FreightError } from "../../../../src/base/errors.ts";
import { type LinkLimits, NO_LINK_LIMITS } from "../../../../src/delivery/links/linkLimits.ts";
import { LinkTrials } from "../../../../src/delivery/links/linkTrials.ts";
import type { DeliveryRecord } from "../../../../src/delivery/record/delivery.ts";
import { panelSnapshot } from "../../../../src/delivery/words/describe.ts";
import { AUDIENCES, type Audience, type AudienceRefusal } from "../../../../src/services/fileLinks.ts";
import { LinkFeed } from "../../../../src/ui/panel/linkFeed.ts";
import { MemoryLog } from "../../../support/memory.ts";
import { account, attachment, delivery, now } from "../../../support/records.ts";

const refused: readonly AudienceRefusal[] = [
  { audience: "recipients", message: "Not allowed here.", isTooLong: false },
];
const linked = (change: Partial<DeliveryRecord> = {}) =>
  delivery({ attachments: [attachment({ asLink: true })], hasLinks: true, ...change });
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("What is not allowed for the links of a mail", () => {
  function feed(answer: () => Promise<readonly AudienceRefusal[]> = async () => refused) {
    const asked: unknown[] = [];
    const state = { mail: linked(), changes: 0 };
    const log = new MemoryLog();
    const links = new LinkFeed({
      find: () => state.mail,
      ask: (...about) => {
        asked.push(about.slice(0, 2));
        return answer();
      },
      changed: () => state.changes++,
      log,
    });
    return { links, asked, state, log };
  }

  it("is asked once for what the mail is about, and said in its panel before Send", async () => {
    const { links, asked, state } = feed();
    links.update();
    links.update();
    await settled();
    assert.deepEqual(asked, [["account", 30]]);
    assert.equal(state.changes, 1);
    const view = (refusedLinks: readonly AudienceRefusal[], mail = linked()) =>
      panelSnapshot(mail, { accounts: [], notice: null, now, refusedLinks }).links?.problem;
    assert.equal(view(links.refused), "Not allowed here.");
    assert.equal(view([]), null);
    assert.equal(view(links.refused, linked({ links: { audience: "anyone", days: 30 } })), null);
  });

  it("is asked for nobody before somebody has touched a mail that an assistant has begun", async () => {
    const { links, asked, state } = feed();
    state.mail = linked({ filledBy: { who: "assistant", touched: false } });
    links.update();
    assert.deepEqual(asked, []);
    state.mail = linked({ filledBy: { who: "assistant", touched: true } });
    links.update();
    await settled();
    assert.equal(asked.length, 1);
  });

  it("is asked again for other days, or another account", async () => {
    const { links, asked, state } = feed();
    links.update();
    state.mail = linked({ links: { audience: "anyone", days: 7 } });
    links.update();
    state.mail = linked({ accountId: "other" });
    links.update();
    await settled();
    assert.deepEqual(asked, [
      ["account", 30],
      ["account", 7],
      ["other", 30],
    ]);
  });

  it("is not asked where no file goes as a link, or nothing can be changed", () => {
    const { links, asked, state } = feed();
    for (const mail of [delivery(), linked({ phase: "waiting" }), linked({ phase: "sent" })]) {
      state.mail = mail;
      links.update();
    }
    assert.deepEqual(asked, []);
  });

  it("is nothing while it cannot be found out", async () => {
    const { links, state, log } = feed(async () => {
      throw new FreightError("offline", "No network.");
    });
    links.update();
    await settled();
    assert.deepEqual([links.refused, state.changes], [[], 0]);
    assert.match(log.lines.join(), /No network/);
  });
});

describe("A trial of what a service allows", () => {
  it("is remembered for some minutes, and not where it failed", async () => {
    let clock = now;
    let trials = 0;
    let fails = true;
    let limits: LinkLimits = NO_LINK_LIMITS;
    const tried: unknown[] = [];
    const refusals = async (audiences: readonly Audience[]) => {
      trials++;
      tried.push(audiences);
      if (fails) throw new FreightError("offline", "No network.");
      return refused;
    };
    const service = { links: { refusals, newTrial: () => "place" } };
    const known = new LinkTrials({
      // @ts-expect-error only this part of it is asked
      serviceFor: async () => service,
      clock: { now: () => clock },
      limits: () => limits,
      // @ts-expect-error see test/sandbox/linkTrials.test.ts
      notes: { keep: async () => undefined, drop: async () => {} },
      find: () => account(),
      log: new MemoryLog(),
    });
    const ask = (days: number | null) => known.refusals(account(), days);
    await assert.rejects(ask(30));
    fails = false;
    assert.deepEqual(await ask(30), refused);
    assert.deepEqual(await ask(30), refused);
    assert.equal(trials, 2);
    await ask(7);
    assert.equal(trials, 3);
    clock += 11 * 60_000;
    await ask(30);
    assert.equal(trials, 4);
    limits = { audience: "recipients", days: null };
    await ask(30);
    assert.deepEqual(tried.slice(-2), [AUDIENCES, ["recipients"]]);
  });
});
