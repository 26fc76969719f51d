import assert from "node:assert/strict";
import type { Account } from "../../src/accounts/accountBook.ts";
import { NylasTokens } from "../../src/accounts/nylasTokens.ts";
import { HttpLine } from "../../src/net/http.ts";
import { beginSignIn, codeOf, exchangeCode, tokenEnd } from "../../src/services/nylas/nylasSignIn.ts";
import type { Engine } from "../support/engine.ts";
import { answerPage } from "../support/nylasPage.ts";
import { account as accountRecord } from "../support/records.ts";
import { compose, eventually, filesOf, pressSend, Shipping, settled, ship } from "../support/shipping.ts";
import { grantsOf, MiB } from "./support.ts";

const MINUTE = 60_000;

describe("A mail from an account that somebody signed in to", () => {
  let shipping: Shipping;
  let engine: Engine;
  let http: HttpLine;
  let account: Account;
  let token: string;
  let tokens: NylasTokens;
  /** How often the person was asked, and what they wait for before they press. */
  let asked: number;
  let press: () => Promise<boolean>;
  const { signal } = new AbortController();

  /** The whole road: the page, its answer, and the exchange. */
  async function signIn() {
    const { apiUri, clientId } = shipping.sandbox.nylas;
    const attempt = beginSignIn({ apiUri, clientId }, account.email);
    return exchangeCode(http, attempt, codeOf((await answerPage(attempt.page)).searchParams), signal);
  }

  beforeEach(async () => {
    shipping = await Shipping.start();
    const { clock } = shipping.sandbox;
    const now = () => Date.now() + clock.offsetMs;
    http = new HttpLine({ now });
    const { id: grantId, email } = grantsOf(shipping.sandbox).microsoft;
    account = accountRecord({ id: "account", email, grantId, renewal: "signIn" });
    asked = 0;
    press = async () => true;
    tokens = new NylasTokens({
      book: {
        find: () => account,
        credential: async () => token,
        save: async (next, credential) => {
          account = next;
          token = credential ?? token;
        },
      },
      now,
      endOf: (_, known) => tokenEnd(http, shipping.sandbox.nylas.apiUri, known, signal),
      renew: async () => {
        asked++;
        return (await press()) ? signIn() : undefined;
      },
      failed: (reason) => assert.fail(String(reason)),
    });
    const first = await signIn();
    token = first.accessToken;
    account = { ...account, credentialExpiresAt: first.expiresAt };
    engine = await shipping.engine({ apiKey: () => tokens.of("account"), grantId });
  });
  afterEach(async () => {
    http.dispose();
    await shipping.close();
  });

  const later = (minutes: number) => {
    shipping.sandbox.clock.advance(minutes * MINUTE);
    engine.clock.aheadMs += minutes * MINUTE;
  };

  it("leaves with the token of the sign-in", async () => {
    const path = await shipping.file("a.bin", 100_000);
    assert.equal((await ship(engine, path)).phase, "sent");
    await shipping.assertArrived([path]);
    assert.equal(asked, 0);
  });

  it("goes on uploading when the sign-in ends half-way, waits for the next one, and leaves once", async () => {
    let answer: (pressed: boolean) => void = () => {};
    press = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    // Its session begins with 30 minutes of the token left, and outlives it.
    later(30);
    shipping.sandbox.faults.arm({ step: "upload", fault: "hold", afterBytes: 3 * MiB });
    const path = await shipping.file("a.bin", 8 * MiB);
    const id = await compose(engine, path);
    await eventually(() => shipping.bytesReceived >= 3 * MiB);
    await pressSend(engine, id);
    later(31);
    shipping.sandbox.faults.release();
    // Every byte arrives without a token; only then is one needed.
    await eventually(() => asked === 1);
    assert.equal(shipping.bytesReceived, 8 * MiB);
    assert.deepEqual(
      shipping.requests("complete", "send").map(({ status }) => status),
      [],
    );
    answer(true);
    assert.equal((await settled(engine, id)).phase, "sent");
    await shipping.assertArrived([path]);
    assert.equal(asked, 1);
    // One upload in one go, and no request that was refused.
    assert.equal(new Set(shipping.requests("upload").map(({ path }) => path)).size, 1);
    assert.equal(shipping.bytesReceived, 8 * MiB);
    assert.ok(!shipping.sandbox.requests.some(({ status }) => status === 401));
  });

  it("leaves with the old token while that is good, and the next one is fetched once meanwhile", async () => {
    later(52);
    const path = await shipping.file("a.bin", 100_000);
    assert.equal((await ship(engine, path)).phase, "sent");
    assert.equal(asked, 1);
    const before = token;
    later(10);
    assert.equal((await ship(engine, await shipping.file("b.bin", 1_000))).phase, "sent");
    assert.deepEqual([asked, token], [1, before]);
  });

  it("stays when the person does not want to sign in, and goes on when they do", async () => {
    press = async () => false;
    later(61);
    const id = await compose(engine, await shipping.file("a.bin", 100_000));
    await engine.until(id, ({ attachments }) => attachments[0]?.status === "failed");
    const [file] = filesOf(engine, id);
    assert.deepEqual([file.error?.code, file.error?.remedy], ["credential-missing", "updateKey"]);
    press = async () => true;
    await engine.runner.resume(id, file.id);
    await pressSend(engine, id);
    assert.equal((await settled(engine, id)).phase, "sent");
    assert.equal(asked, 2);
  });
});
