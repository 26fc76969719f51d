/** A calendar event whose files go as links: its text says where they are, to those who are invited. */
import assert from "node:assert/strict";
import type { EventRef } from "../../src/delivery/record/delivery.ts";
import { SendRules } from "../../src/delivery/rules/sendRules.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { HttpLine } from "../../src/net/http.ts";
import { AuditLog } from "../../src/policy/auditLog.ts";
import type { Policy } from "../../src/policy/policySchema.ts";
import type { Fault } from "../../src/sandbox/http/faultRules.ts";
import { Desk, faultsMet, isSettled } from "../support/desk.ts";
import { graph, graphAsLinks } from "../support/doors.ts";
import { sampleOf } from "../support/files.ts";
import type { Window } from "../support/window.ts";
import { callGraph, immutable } from "./graphSupport.ts";
import { send, sha256 } from "./support.ts";

const SIZE = 50_000;

describe("A calendar event whose files go as links", () => {
  let desk: Desk;
  let window: Window;
  let event: EventRef;
  beforeEach(async () => {
    desk = await Desk.set(graphAsLinks);
    window = await desk.open();
    const http = new HttpLine();
    const service = graphAsLinks.service(desk.sandbox, http, () => 0);
    const [first] = (await service.comingEvents?.(AbortSignal.timeout(60_000))) ?? [];
    http.dispose();
    assert.ok(first);
    event = first;
  });
  afterEach(() => desk.clear());

  const attach = async (name = "plan.bin"): Promise<string> => {
    const { deliveryId } = await window.runner.attachToEvent([await desk.file(name, SIZE)], "account", event);
    assert.ok(deliveryId);
    return deliveryId;
  };
  const read = async () =>
    (await callGraph(desk.sandbox, "GET", `/me/events/${encodeURIComponent(event.id)}`, undefined, immutable))
      .json;
  const text = async (): Promise<string> => (await read()).body.content;
  const cardsIn = (html: string) => html.match(/<table role="presentation" width="100%"/g)?.length ?? 0;
  const linkOf = (id: string) => window.store.get(id).attachments[0]?.link;

  it("says in its text what they are, where, and who can open them, and nobody gets a mail", async () => {
    const before = await text();
    const id = await attach();
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    const { body, attendees, hasAttachments } = await read();
    assert.equal(hasAttachments, false);
    assert.equal(desk.sandbox.deliveries, 0);
    const html: string = body.content;
    assert.ok(html.startsWith(before.replace("</body></html>", "")) && html.endsWith("</body></html>"));
    for (const word of [
      "plan.bin",
      sha256(sampleOf("plan.bin", SIZE)),
      "Only the people invited to this event can open it.",
    ])
      assert.ok(html.includes(word), word);
    const link = linkOf(id);
    const invited = attendees.map(
      ({ emailAddress }: { emailAddress: { address: string } }) => emailAddress.address,
    );
    assert.deepEqual(link?.people, invited);
    const as = async (visitor: string) => (await send(`${link?.url}?download=1&as=${visitor}`)).status;
    assert.deepEqual([await as(invited[0]), await as("stranger@elsewhere.example")], [200, 403]);
  });

  it("has the card of one more file below that of the first", async () => {
    const first = await attach();
    await window.until(first, isSettled);
    const second = await attach("other.bin");
    await window.until(second, isSettled);
    const html = await text();
    assert.equal(cardsIn(html), 2);
    assert.ok(html.indexOf("plan.bin") < html.indexOf("other.bin"));
  });

  for (const [title, fault] of [
    ["the answer to it was lost", { step: "draft", fault: "dropReplyAfterCommit" }],
    [
      "somebody has changed the event meanwhile",
      { step: "draft", fault: "refuse", status: 412, type: "ErrorIrresolvableConflict" },
    ],
    ["the answer to its link was lost", { step: "share", fault: "dropReplyAfterCommit" }],
  ] as const satisfies readonly (readonly [string, Fault])[])
    it(`says it once when ${title}`, async () => {
      desk.sandbox.faults.arm(fault);
      assert.equal((await window.until(await attach(), isSettled))?.phase, "sent");
      assert.deepEqual(desk.sandbox.faults.unmet, []);
      assert.equal(cardsIn(await text()), 1);
    });

  it("says it once when the window was killed before it heard that it is there", async () => {
    desk.sandbox.faults.arm({ step: "draft", fault: "hold", afterCommit: true });
    const id = await attach();
    await faultsMet(desk.sandbox);
    await window.kill();
    desk.sandbox.faults.clear();
    assert.equal(cardsIn(await text()), 1);
    window = await desk.open();
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.equal(cardsIn(await text()), 1);
  });

  it("keeps what somebody writes into it between our look and our change", async () => {
    desk.sandbox.faults.arm({ step: "draft", fault: "hold", times: 1 });
    const id = await attach();
    await faultsMet(desk.sandbox);
    const path = `/me/events/${encodeURIComponent(event.id)}`;
    const theirs = { body: { contentType: "html", content: "<p>Bring boots</p>" } };
    await callGraph(desk.sandbox, "PATCH", path, theirs, immutable);
    desk.sandbox.faults.clear();
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    const html = await text();
    assert.ok(html.includes("Bring boots"));
    assert.equal(cardsIn(html), 1);
  });

  for (const [while_, step] of [
    ["the file is uploaded", "upload"],
    ["its link is made", "share"],
    ["its text is written", "draft"],
  ] as const)
    it(`is open to whom somebody chooses while ${while_}, and says so`, async () => {
      desk.sandbox.faults.arm({ step, fault: "hold" });
      const id = await attach();
      await faultsMet(desk.sandbox);
      const words = () =>
        panelSnapshot(window.store.get(id), { accounts: [], notice: null, now: 0 }).links?.words;
      assert.match(words() ?? "", /Only the people invited to this event have access for 30 days\.$/);
      await window.runner.chooseLinks(id, { audience: "anyone", days: 7 });
      desk.sandbox.faults.clear();
      assert.equal((await window.until(id, isSettled))?.phase, "sent");
      assert.ok((await text()).includes("Everyone who has this link can open it."));
      assert.equal((await send(`${linkOf(id)?.url}?download=1`)).status, 200);
    });

  it("gets no link that an organization's rules do not allow", async () => {
    await window.close();
    const policy: Policy = { linkAudience: "recipients" };
    const audit = new AuditLog({ folder: () => undefined, noteFolder: "", user: "", now: Date.now });
    window = await desk.open({ rules: (parts) => new SendRules({ ...parts, policy: () => policy, audit }) });
    desk.sandbox.faults.arm({ step: "upload", fault: "hold" });
    const id = await attach();
    await faultsMet(desk.sandbox);
    await window.runner.chooseLinks(id, { audience: "anyone", days: 7 });
    desk.sandbox.faults.clear();
    const delivery = await window.until(
      id,
      ({ error, attachments }) => error !== null || attachments[0]?.status === "failed",
    );
    const problem = delivery?.error ?? delivery?.attachments[0]?.error;
    assert.match(problem?.message ?? "", /^Links that anyone can open are not allowed/);
    assert.equal(cardsIn(await text()), 0);
    await window.runner.chooseLinks(id, { audience: "recipients", days: 7 });
    await window.runner.resume(id, delivery?.attachments[0]?.id ?? "");
    assert.equal((await window.until(id, ({ phase }) => phase === "sent"))?.phase, "sent");
  });

  it("has its files attached where its account has no place for them", async () => {
    await window.close();
    window = await desk.open({ door: graph });
    const id = await attach();
    assert.equal((await window.until(id, isSettled))?.phase, "sent");
    assert.equal((await read()).hasAttachments, true);
    assert.equal(cardsIn(await text()), 0);
  });
});
