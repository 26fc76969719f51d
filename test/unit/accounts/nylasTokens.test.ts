import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Account } from "../../../src/accounts/accountBook.ts";
import { NylasTokens } from "../../../src/accounts/nylasTokens.ts";
import { FreightError } from "../../../src/base/errors.ts";
import type { MailboxToken } from "../../../src/services/nylas/nylasSignIn.ts";
import { account } from "../../support/records.ts";

const MINUTE = 60_000;
const NOW = 1_000_000_000_000;
const start = (left: number) =>
  account({
    id: "a",
    grantId: "g-1",
    renewal: "signIn",
    clientId: "client-1",
    credentialExpiresAt: NOW + left,
  });
const fresh: MailboxToken = {
  accessToken: "new",
  expiresAt: NOW + 60 * MINUTE,
  grantId: "g-1",
  clientId: "client-1",
};

function setUp(left: number, renewals: readonly (MailboxToken | Error | undefined)[], elsewhere?: number) {
  let known: Account | undefined = start(left);
  let secret = "old";
  const script = [...renewals];
  const renewed: string[] = [];
  const failures: unknown[] = [];
  const clock = { now: NOW };
  const tokens = new NylasTokens({
    book: {
      find: () => known,
      credential: async () => secret,
      save: async (next, credential) => {
        known = next;
        secret = credential ?? secret;
      },
    },
    now: () => clock.now,
    endOf: async () => elsewhere,
    renew: async ({ email }) => {
      renewed.push(email);
      await setImmediate();
      assert.ok(script.length > 0, "one renewal too many");
      const next = script.shift();
      if (next instanceof Error) throw next;
      return next;
    },
    failed: (reason) => failures.push(reason),
  });
  const idle = async () => {
    for (let turn = 0; turn < 10; turn++) await setImmediate();
  };
  return { tokens, renewed, failures, clock, idle, remove: () => (known = undefined), account: () => known };
}

describe("Tokens of Nylas that end", () => {
  it("are used as they are while ten minutes are left", async () => {
    const { tokens, renewed } = setUp(10 * MINUTE, []);
    assert.equal(await tokens.of("a"), "old");
    assert.deepEqual(renewed, []);
  });

  it("are still used below that, while the next one is fetched", async () => {
    const { tokens, renewed, idle, account: now } = setUp(10 * MINUTE - 1, [fresh]);
    assert.deepEqual(await Promise.all([tokens.of("a"), tokens.of("a")]), ["old", "old"]);
    await idle();
    assert.equal(await tokens.of("a"), "new");
    assert.equal(renewed.length, 1);
    assert.equal(now()?.credentialExpiresAt, fresh.expiresAt);
  });

  it("are waited for once they have ended, by all together", async () => {
    const { tokens, renewed } = setUp(29_000, [fresh]);
    assert.deepEqual(await Promise.all([tokens.of("a"), tokens.of("a"), tokens.of("a")]), [
      "new",
      "new",
      "new",
    ]);
    assert.equal(renewed.length, 1);
  });

  it("are not asked for twice while they can be used, and once more when they cannot", async () => {
    const { tokens, renewed, clock, idle, failures } = setUp(5 * MINUTE, [undefined, undefined, fresh]);
    assert.equal(await tokens.of("a"), "old");
    await idle();
    assert.equal(await tokens.of("a"), "old");
    await idle();
    assert.deepEqual([renewed.length, failures], [1, []]);
    clock.now += 6 * MINUTE;
    await assert.rejects(tokens.of("a"), { code: "credential-missing", remedy: "updateKey" });
    // What did not go well once is no reason not to try again.
    assert.equal(await tokens.of("a"), "new");
  });

  it("say what went wrong when nothing waited for it", async () => {
    const trouble = new FreightError("network", "no network");
    const { tokens, failures, idle } = setUp(5 * MINUTE, [trouble]);
    assert.equal(await tokens.of("a"), "old");
    await idle();
    assert.deepEqual(failures, [trouble]);
  });

  it("are of the same mailbox, or not taken", async () => {
    const { tokens, account: now } = setUp(0, [{ ...fresh, grantId: "g-2" }]);
    await assert.rejects(tokens.of("a"), /That was a different mailbox than/);
    assert.deepEqual(now(), start(0));
  });

  it("are taken from another window that has renewed them", async () => {
    const { tokens, renewed, account: now } = setUp(0, [], NOW + 40 * MINUTE);
    assert.equal(await tokens.of("a"), "old");
    assert.deepEqual([renewed, now()?.credentialExpiresAt], [[], NOW + 40 * MINUTE]);
  });

  it("are of an account that is there", async () => {
    const { tokens, remove } = setUp(0, []);
    remove();
    await assert.rejects(tokens.of("a"), { code: "no-account" });
  });
});
