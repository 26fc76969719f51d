/** What a person does while the links of a mail are being opened: the mail that leaves is open to whom it says. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { compose, Desk, faultsMet } from "../support/desk.ts";
import { graphLinks } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import type { Window } from "../support/window.ts";
import { callDrive } from "./graphSupport.ts";
import { type Answer, send } from "./support.ts";

const FIRST = "first@example.com";
const SECOND = "second@example.com";

describe("While the link of a file is being opened, and a person", () => {
  let desk: Desk;
  let window: Window;
  beforeEach(async () => {
    desk = await Desk.set(graphLinks);
    window = await desk.open();
  });
  afterEach(() => desk.clear());

  const children = async (): Promise<Answer["json"][]> =>
    (await callDrive(desk.sandbox, "GET", "/root:/Freight%20Mail:/children")).json.value ?? [];
  const eventually = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
  };
  const opens = async (url: string, as: string) => (await send(`${url}?download=1&as=${as}`)).status === 200;

  /** A mail whose link is being opened to the first recipient. */
  async function opening(audience: "recipients" | "anyone" = "recipients") {
    const id = await compose(window, await desk.file());
    const file = window.store.get(id).attachments[0]?.id ?? "";
    await window.runner.chooseWay(id, file, true);
    await window.runner.chooseLinks(id, { audience, days: 7 });
    await window.until(id, ({ attachments }) => attachments.every(({ status }) => status === "ready"));
    const press = (to: string) => {
      const { form } = window.store.get(id);
      return window.runner.send(id, { ...form, revision: form.revision + 1, to, subject: `x (${id})` });
    };
    desk.sandbox.faults.arm({ step: "share", fault: "hold" });
    await press(FIRST);
    await faultsMet(desk.sandbox);
    return { id, file, press };
  }

  async function sent(id: string): Promise<string> {
    desk.sandbox.faults.release();
    await window.until(id, ({ phase }) => phase === "sent");
    return window.store.get(id).attachments[0]?.link?.url ?? "";
  }

  it("sends it to somebody else, it is open to them and not to whom it was for before", async () => {
    const { id, press } = await opening();
    await window.runner.withdraw(id);
    await press(SECOND);
    const url = await sent(id);
    assert.deepEqual([await opens(url, FIRST), await opens(url, SECOND)], [false, true]);
  });

  it("chooses fewer people, it is open to no more", async () => {
    const { id } = await opening("anyone");
    await window.runner.chooseLinks(id, { audience: "recipients", days: 7 });
    const url = await sent(id);
    assert.ok(await opens(url, FIRST));
    assert.ok(!(await opens(url, "")));
  });

  it("chooses fewer people, it does not matter that more were refused", async () => {
    desk.sandbox.graph.drive.sharing = "guests";
    const { id } = await opening("anyone");
    await window.runner.chooseLinks(id, { audience: "recipients", days: 7 });
    assert.ok(await opens(await sent(id), FIRST));
  });

  it("chooses another time, it ends then", async () => {
    const { id } = await opening();
    await window.runner.chooseLinks(id, { audience: "recipients", days: 90 });
    await sent(id);
    const until = window.store.get(id).attachments[0]?.link?.until ?? 0;
    assert.ok(until > Date.now() + 80 * 24 * 3_600_000, new Date(until).toISOString());
  });

  it("wants the new version, the link is to that", async () => {
    const { id, file } = await opening();
    const path = window.store.get(id).attachments[0]?.path ?? "";
    const newer = sample(2000, 7);
    desk.witness.expectFile("build.bin", newer);
    await writeFile(path, newer);
    await window.runner.uploadNewVersion(id, file);
    const url = await sent(id);
    const { status, headers } = await send(`${url}?download=1&as=${FIRST}`);
    assert.deepEqual([status, headers["content-length"]], [200, String(newer.length)]);
    await eventually(async () => (await children()).length === 1);
  });

  it("has it attached instead, it is not in the place of links", async () => {
    const { id, file } = await opening();
    await window.runner.chooseWay(id, file, false);
    await sent(id);
    assert.equal(desk.sandbox.mails[0]?.attachments.length, 1);
    assert.equal(window.store.get(id).attachments[0]?.link, null);
    await eventually(async () => (await children()).length === 0);
  });

  it("discards the mail, neither link nor file is left", async () => {
    const { id } = await opening();
    await window.runner.forget(id);
    desk.sandbox.faults.release();
    await eventually(async () => (await children()).length === 0);
    assert.equal(desk.sandbox.deliveries, 0);
  });
});
