import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import type { EventRef } from "../../src/delivery/record/delivery.ts";
import { HttpLine } from "../../src/net/http.ts";
import { Desk, faultsMet, isSettled } from "../support/desk.ts";
import { graph } from "../support/doors.ts";
import type { Window } from "../support/window.ts";
import { callGraph, immutable } from "./graphSupport.ts";

const { signal } = new AbortController();

describe("A calendar event", () => {
  let desk: Desk;
  let window: Window;
  let event: EventRef;

  beforeEach(async () => {
    desk = await Desk.set(graph);
    window = await desk.open();
    const http = new HttpLine();
    const [first] = (await graph.service(desk.sandbox, http, () => 0).comingEvents?.(signal)) ?? [];
    http.dispose();
    assert.ok(first);
    event = first;
  });
  afterEach(() => desk.clear());

  async function attach(...paths: readonly string[]): Promise<string> {
    const { deliveryId, problems } = await window.runner.attachToEvent(paths, "account", event);
    assert.deepEqual(problems, []);
    assert.ok(deliveryId);
    return deliveryId;
  }

  /** What hangs on the event: names, and the SHA-256 of their bytes. */
  async function attached(): Promise<[string, string][]> {
    const path = `/me/events/${encodeURIComponent(event.id)}/attachments`;
    const { json } = await callGraph(desk.sandbox, "GET", path, undefined, immutable);
    return Promise.all(
      json.value.map(async ({ id, name }: { id: string; name: string }) => {
        const { baseUrl, accessToken } = desk.sandbox.graph;
        const answer = await fetch(`${baseUrl}/v1.0${path}/${encodeURIComponent(id)}/$value`, {
          headers: { authorization: `Bearer ${accessToken}` },
        });
        return [name, digest(new Uint8Array(await answer.arrayBuffer()))];
      }),
    );
  }

  const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

  it("is found with its subject and its time", () => {
    assert.notEqual(event.subject, "");
    assert.ok(event.startsAt > Date.now());
  });

  for (const size of [1_000_003, 10 * 1024 * 1024])
    it(`gets a file of ${size} bytes, and nobody gets a mail`, async () => {
      const path = await desk.file("plan.bin", size);
      const id = await attach(path);
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      assert.deepEqual(await attached(), [["plan.bin", digest(await readFile(path))]]);
      assert.equal(desk.sandbox.deliveries, 0);
    });

  it("gets the file after the window was killed half-way, once", async () => {
    const path = await desk.file("plan.bin", 9_000_000);
    desk.sandbox.faults.arm({ step: "upload", fault: "stall", skip: 1 });
    const id = await attach(path);
    await faultsMet(desk.sandbox);
    await window.store.flushed(id);
    await window.kill();
    window = await desk.open();
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.deepEqual(await attached(), [["plan.bin", digest(await readFile(path))]]);
  });

  it("keeps a file of the same name that somebody else has attached", async () => {
    await window.until(await attach(await desk.file("plan.bin", 1000)), isSettled);
    const before = await attached();
    const id = await attach(await desk.file("plan.bin", 2000, 2));
    const { attachments } = (await window.until(id, isSettled)) ?? {};
    assert.match(attachments?.[0]?.error?.message ?? "", /already has a file “plan.bin”/);
    assert.deepEqual(await attached(), before);
    await window.runner.rename(id, attachments?.[0]?.id ?? "", "plan 2.bin");
    await window.runner.resume(id, attachments?.[0]?.id ?? "");
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.deepEqual((await attached()).map(([name]) => name).sort(), ["plan 2.bin", "plan.bin"]);
  });

  it("stays as it was when the upload is cancelled and the entry removed", async () => {
    desk.sandbox.faults.arm({ step: "upload", fault: "stall", skip: 1 });
    const id = await attach(await desk.file("plan.bin", 9_000_000));
    await faultsMet(desk.sandbox);
    await window.runner.cancel(id, window.store.get(id).attachments[0]?.id ?? "");
    await window.runner.forget(id);
    await window.close();
    assert.deepEqual(await attached(), []);
    assert.equal(desk.sandbox.requests.filter(({ step }) => step === "cancel").length, 1);
    assert.equal(desk.sandbox.requests.filter(({ step }) => step === "discard").length, 0);
  });

  it("is done without a file that could not be sent and was removed", async () => {
    const path = await desk.file("gone.bin", 9_000_000);
    desk.sandbox.faults.arm({ step: "upload", fault: "refuse", status: 403, times: 3 });
    const id = await attach(path);
    await window.until(id, isSettled);
    await rm(path);
    await window.runner.detach(id, window.store.get(id).attachments[0]?.id ?? "");
    assert.equal(window.store.find(id), undefined);
  });
});
