import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeliveryRecord, EventRef } from "../../src/delivery/record/delivery.ts";
import { SendRules } from "../../src/delivery/rules/sendRules.ts";
import { HttpLine } from "../../src/net/http.ts";
import { AuditLog } from "../../src/policy/auditLog.ts";
import { PolicyFile } from "../../src/policy/policyFile.ts";
import { Desk, faultsMet, isSettled } from "../support/desk.ts";
import { graph } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { callGraph, immutable } from "./graphSupport.ts";

describe("A calendar event under an organization's rules", () => {
  let desk: Desk;
  let window: Window;
  let event: EventRef;
  let policyPath: string;

  beforeEach(async () => {
    desk = await Desk.set(graph);
    policyPath = join(desk.files.path, "policy.json");
    const file = new PolicyFile([policyPath]);
    const audit = new AuditLog({
      folder: () => file.rules.auditLog,
      noteFolder: join(desk.files.path, "notes"),
      user: "kim",
      now: Date.now,
    });
    window = await desk.open({
      rules: (parts) => new SendRules({ ...parts, policy: () => file.rules, audit }),
    });
    const http = new HttpLine();
    const [first] =
      (await graph.service(desk.sandbox, http, () => 0).comingEvents?.(AbortSignal.timeout(60_000))) ?? [];
    http.dispose();
    assert.ok(first);
    event = first;
  });
  afterEach(() => desk.clear());

  const rule = (policy: unknown) =>
    writeFile(policyPath, typeof policy === "string" ? policy : JSON.stringify(policy));
  const attach = async (...paths: readonly string[]): Promise<string> => {
    const { deliveryId = "", problems } = await window.runner.attachToEvent(paths, "account", event);
    assert.deepEqual(problems, []);
    return deliveryId;
  };
  const settled = async (id: string) => (await window.until(id, isSettled))?.attachments ?? [];
  const errors = (attachments: DeliveryRecord["attachments"]) =>
    attachments.map(({ error }) => `${error?.code}: ${error?.message}`);
  const attached = async (): Promise<string[]> => {
    const path = `/me/events/${encodeURIComponent(event.id)}/attachments`;
    const { json } = await callGraph(desk.sandbox, "GET", path, undefined, immutable);
    return json.value.map(({ name }: { name: string }) => name).sort();
  };
  const uploads = () =>
    desk.sandbox.requests.filter(({ step }) => step === "create" || step === "upload").length;

  const PEOPLE = /^policy-refused: Files cannot be attached to calendar events here\. Managed by your org/;
  const SIZE = /^policy-refused: This mail is .*; the limit is 1 MB\. Managed by your organization\.$/;
  for (const [what, policy, message] of [
    // Whoever takes part gets the file, and nobody can tell who that is.
    ["only some domains may be written to", { recipients: { allowed: ["company.example"] } }, PEOPLE],
    ["nobody may be written to", { recipients: { allowed: [] } }, PEOPLE],
    ["a domain is refused", { recipients: { refused: ["gmail.com"] } }, PEOPLE],
    ["domains are asked about", { recipients: { asked: ["*"] } }, PEOPLE],
    ["outside recipients are asked about", { questions: { outside: true } }, PEOPLE],
    ["new recipients are asked about", { questions: { firstTime: true } }, PEOPLE],
    ["many recipients are asked about", { questions: { manyRecipients: 20 } }, PEOPLE],
    ["the files are larger together than a mail may be", { largestMailMB: 1 }, SIZE],
    ["the policy is broken", "{ broken", /^policy-unusable: .*nothing is sent or uploaded/],
    ["the policy has an unknown key", { recipient: {} }, /^policy-unusable: /],
  ] as const)
    it(`gets nothing where ${what}`, async () => {
      await rule(policy);
      const id = await attach(await desk.file("a.bin", 500_000), await desk.file("b.bin", 500_000));
      for (const error of errors(await settled(id))) assert.match(error, message);
      assert.equal(uploads(), 0);
      assert.deepEqual(await attached(), []);
    });

  for (const [what, policy] of [
    ["there are no rules", {}],
    ["no question is wanted", { questions: { outside: false, firstTime: false } }],
    ["the files are as large as a mail may be", { largestMailMB: 2 }],
    [
      "the rules are about other things",
      { services: ["graph"], apiKeys: false, assistants: false, ownDomains: ["company.example"] },
    ],
  ] as const)
    it(`gets its files where ${what}`, async () => {
      await rule(policy);
      const id = await attach(await desk.file("a.bin", 500_000), await desk.file("b.bin", 500_000));
      await settled(id);
      assert.equal(window.store.get(id).phase, "sent");
      assert.deepEqual(await attached(), ["a.bin", "b.bin"]);
    });

  it("does not get a file that has grown beyond the largest mail since it was chosen", async () => {
    await rule("{ broken");
    const id = await attach(await desk.file("log.bin", 400_000));
    const [first] = await settled(id);
    await desk.file("log.bin", 1_500_000);
    await rule({ largestMailMB: 1 });
    await window.runner.uploadNewVersion(id, first?.id ?? "");
    for (const error of errors(await settled(id))) assert.match(error, SIZE);
    assert.equal(uploads(), 0);
  });

  it("gets no file for which the rules change while it waits for another", async () => {
    await rule({});
    desk.sandbox.faults.arm({ step: "upload", fault: "hold" });
    const id = await attach(await desk.file("a.bin", 4_000_000), await desk.file("b.bin", 4_000_000));
    await faultsMet(desk.sandbox);
    await rule({ recipients: { allowed: ["company.example"] } });
    desk.sandbox.faults.release();
    const [a, b] = await settled(id);
    assert.deepEqual([a?.status, b?.error?.code], ["ready", "policy-refused"]);
    assert.deepEqual(await attached(), ["a.bin"]);
  });
});
