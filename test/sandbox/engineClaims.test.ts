/** Conditional Access asks for more of a sign-in while it is used: handed on to VS Code once, which asks the person. */
import assert from "node:assert/strict";
import type { Account } from "../../src/accounts/accountBook.ts";
import { MailServices } from "../../src/accounts/mailServices.ts";
import { HttpLine } from "../../src/net/http.ts";
import type { MailService } from "../../src/services/mailService.ts";
import { type Authentication, silentToken } from "../../src/ui/accounts/pages/signInToken.ts";
import { compose, Desk, isSettled, pressSend } from "../support/desk.ts";
import { graph } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { MiB } from "./support.ts";

describe("A sign-in of which more is asked while it is used", () => {
  let desk: Desk;
  let window: Window;
  let line: HttpLine;
  let service: MailService | undefined;
  let asked: { readonly challenge: string; readonly isSilent: boolean }[];
  /** Whether the person does what Microsoft asks for. */
  let isWilling: boolean;
  const signIn = {
    provider: "microsoft",
    scopes: ["https://graph.microsoft.com/Mail.Send"],
    accountId: "ada",
  };

  beforeEach(async () => {
    asked = [];
    isWilling = true;
    const account = (sandbox: Desk["sandbox"]): Account => ({ ...graph.account(sandbox), signIn });
    desk = await Desk.set({ name: "Graph", account, service: () => service ?? assert.fail() });
    const { issueToken } = desk.sandbox.graph;
    const ada = { id: "ada", label: "ada@example.com" };
    let proves: readonly string[] = [];
    const authentication = {
      getAccounts: async () => [ada],
      getSession: async (
        _: string,
        wanted: string[] | { wwwAuthenticate: string },
        how: { silent?: boolean },
      ) => {
        if (!Array.isArray(wanted)) {
          const isSilent = how.silent === true;
          asked.push({ challenge: wanted.wwwAuthenticate, isSilent });
          if (isSilent) return undefined;
          if (!isWilling) throw new Error("User did not consent to login.");
          proves = ["c1"];
        }
        return { accessToken: issueToken({ proves }), account: ada };
      },
    } as unknown as Authentication;
    line = new HttpLine();
    const services = new MailServices({
      http: line,
      practice: { addresses: () => assert.fail() },
      permit: () => {},
      credential: () => assert.fail(),
      nylasToken: () => assert.fail(),
      signInToken: ({ email, signIn: known }, challenge) =>
        silentToken(authentication, known, email, challenge),
    });
    service = await services.serviceOf(account(desk.sandbox));
    window = await desk.open();
  });
  afterEach(async () => {
    await desk.clear();
    line.dispose();
  });

  const claimsOf = (challenge: string): unknown => {
    const [, claims = ""] = /claims="([^"]+)"/.exec(challenge) ?? [];
    return JSON.parse(Buffer.from(claims, "base64").toString());
  };

  for (const [what, size] of [
    ["a small file", 100_000],
    ["a large one", 4 * MiB],
  ] as const)
    it(`is asked for once when ${what} is attached, and the mail is sent once`, async () => {
      desk.sandbox.graph.behaviour.conditionalAccess = "c1";
      const id = await compose(window, await desk.file("a.bin", size));
      await pressSend(window, id);
      const { phase, error } = (await window.until(id, isSettled)) ?? assert.fail();
      assert.equal(phase, "sent", error?.message);
      assert.equal(desk.sandbox.deliveries, 1);
      assert.deepEqual(
        asked.map(({ isSilent }) => isSilent),
        [true, false],
      );
      assert.deepEqual(claimsOf(asked[0]?.challenge ?? ""), {
        access_token: { acrs: { essential: true, value: "c1" } },
      });
    });

  it("is asked for between the upload and Send as well", async () => {
    const id = await compose(window, await desk.file("a.bin", 100_000));
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    desk.sandbox.graph.behaviour.conditionalAccess = "c1";
    await pressSend(window, id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.deepEqual([desk.sandbox.deliveries, asked.length], [1, 2]);
  });

  it("that the person does not want to prove is told with its button, and asked for once", async () => {
    isWilling = false;
    const id = await compose(window, await desk.file("a.bin", 100_000));
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    desk.sandbox.graph.behaviour.conditionalAccess = "c1";
    await pressSend(window, id);
    const refused = await window.until(id, isSettled);
    assert.deepEqual(
      [refused?.phase, refused?.error?.code, refused?.error?.remedy],
      ["failed", "credential-rejected", "updateKey"],
    );
    assert.equal(asked.length, 2);
    isWilling = true;
    await pressSend(window, id);
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.equal(desk.sandbox.deliveries, 1);
  });
});
