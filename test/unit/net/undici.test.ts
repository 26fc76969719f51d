import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as ours from "../../../src/net/connect/agent.ts";
import { undici } from "../../support/wholeUndici.ts";

describe("What we take of undici", () => {
  it("is what undici exports under these names", () => {
    assert.equal(ours.Agent, undici.Agent);
    assert.equal(ours.Client, undici.Client);
    assert.equal(ours.buildConnector, undici.buildConnector);
  });

  it("puts no dispatcher under the built-in fetch of others", () => {
    // In a process of its own: in this one undici is loaded as a whole.
    const agent = new URL("../../../src/net/connect/agent.ts", import.meta.url).href;
    const program = `
      const keys = [1, 2].map((number) => Symbol.for("undici.globalDispatcher." + number));
      const before = keys.map((key) => globalThis[key]);
      await import(${JSON.stringify(agent)});
      console.log(keys.every((key, at) => globalThis[key] === before[at]));`;
    const said = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
    });
    assert.equal(said.trim(), "true");
  });
});
