import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { isGone, isRunning, isSameBoot, machineMark, thisProcess } from "../../src/base/processIdentity.ts";

describe("The identity of a process", () => {
  const here = thisProcess();

  it("is this one's, always the same, and alive", () => {
    assert.equal(here.pid, process.pid);
    assert.equal(thisProcess(), here);
    assert.equal(isGone(here), false);
  });

  it("tells whether another one of this machine is gone", async () => {
    const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const identity = { ...here, pid: other.pid ?? 0, started: "" };
    assert.equal(isGone(identity), false);
    other.kill("SIGKILL");
    await once(other, "exit");
    assert.equal(isGone(identity), true);
  });

  it("knows nothing of processes of other hosts, containers or starts of the machine", () => {
    const gone = { ...here, pid: spawnSync(process.execPath, ["--version"]).pid };
    assert.equal(isGone(gone), true);
    assert.equal(isGone({ ...gone, host: `${here.host}x` }), false);
    assert.equal(isGone({ ...gone, boot: `${here.boot}x` }), false);
  });

  it("tells a number that was given out again, where the system says when a process started", () => {
    assert.equal(isGone({ ...here, started: `${here.started}0` }), process.platform === "linux");
    assert.equal(isGone({ ...here, started: "" }), false, "unless the other one did not know it");
  });

  it("allows the second of a start to be a little off, and an id not", () => {
    const boot = (value: string) => ({ ...here, boot: value });
    assert.ok(isSameBoot(boot("1000"), boot("1059")));
    assert.ok(!isSameBoot(boot("1000"), boot("1061")));
    assert.ok(!isSameBoot(boot("a"), boot("b")));
    assert.ok(!isSameBoot(boot("1000"), boot("b")));
  });

  it("takes numbers that are no process's for none", () => {
    for (const pid of [0, -1, Number.NaN, 1.5]) assert.equal(isRunning(pid), false);
  });

  it("marks the machine in a few characters for names of files", () => {
    assert.match(machineMark(), /^[0-9a-f]{8}$/);
    assert.notEqual(machineMark({ ...here, host: "b" }), machineMark({ ...here, host: "a" }));
    assert.equal(machineMark({ ...here, boot: "1000" }), machineMark({ ...here, boot: "1001" }));
    assert.notEqual(machineMark({ ...here, boot: "a-1" }), machineMark({ ...here, boot: "a-2" }));
  });
});
