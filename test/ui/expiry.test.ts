import assert from "node:assert/strict";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { becomes } from "../support/until.ts";

const MINUTE = 60_000;

describe("an upload that soon runs out", () => {
  let sandbox: Sandbox;
  let session: WorkbenchSession;
  let freight: Freight;

  before(async () => {
    sandbox = await startSandbox();
    session = await openWorkbench({ files: { "late.bin": "late", "later.bin": "later" } });
    freight = new Freight(session);
    await freight.addAccount(sandbox);
  });
  beforeEach(() => freight.tidy());
  after(async () => {
    await session?.dispose();
    await sandbox?.close();
  });

  /** The service says with its answer that most of the hour is over already. */
  const uploadWith = async (name: string, minutesLeft: number) => {
    const passed = 60 * MINUTE - minutesLeft * MINUTE - 25_000;
    sandbox.faults.arm({ step: "create", fault: "timePasses", afterCommit: true, ms: passed });
    const panel = await freight.send(name);
    await panel.attachment(name).says("ready");
    return panel;
  };

  it("is warned of once, and leaves with the message's button", async () => {
    const panel = await uploadWith("late.bin", 9);
    const warning = session.workbench.notification("The upload for “late.bin” expires in 9 min.");
    await warning.waitFor();
    await becomes(() => warning.getByRole("button", { name: "Upload Again When Sending" }).count(), 1);
    await panel.to.fill("ada@example.com");
    await panel.body.focus();
    await warning.getByRole("button", { name: "Send Now" }).click();
    await panel.says(/^Sent/);
    assert.equal(sandbox.deliveries, 1);
    assert.equal(sandbox.requests.filter(({ step }) => step === "create").length, 1);
  });

  it("is shown in its panel when Send Now lacks a reader", async () => {
    const panel = await uploadWith("later.bin", 5);
    const warning = session.workbench.notification("The upload for “later.bin” expires in 5 min.");
    await panel.body.fill("To be kept.");
    await freight.closeEditors();
    await warning.getByRole("button", { name: "Send Now" }).click();
    await panel.attachment("later.bin").says("ready");
    assert.equal(sandbox.deliveries, 1);
  });
});
