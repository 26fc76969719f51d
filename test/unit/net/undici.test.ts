import assert from "node:assert/strict";
import * as undici from "undici";
import * as ours from "../../../src/net/agent.ts";

describe("What we take of undici", () => {
  it("is what undici exports under these names", () => {
    assert.equal(ours.Agent, undici.Agent);
    assert.equal(ours.Client, undici.Client);
    assert.equal(ours.buildConnector, undici.buildConnector);
  });
});
