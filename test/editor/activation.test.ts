import * as assert from "node:assert/strict";
import { createServer } from "node:http";
import * as vscode from "vscode";

/** The part of package.json that we compare with what is registered. */
interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension("freight-mail.freight-mail");
  assert.ok(found, "VS Code does not know freight-mail.freight-mail");
  return found;
}

describe("the extension in its host", () => {
  before(async () => {
    await extension().activate();
  });

  it("activates", () => {
    assert.equal(extension().isActive, true);
  });

  it("registers every command that its manifest names", async () => {
    const manifest: Manifest = extension().packageJSON;
    const named = manifest.contributes.commands.map(({ command }) => command);
    assert.notEqual(named.length, 0);
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      named.filter((command) => !registered.has(command)),
      [],
    );
  });

  // Loading undici puts its dispatcher under the built-in fetch of the whole extension host. On Node 22 that fetch then
  // refuses every request that names its content-length, unless VS Code's proxy support happens to stand in between.
  it("leaves no dispatcher of its own to the extensions around it", async () => {
    const dispatchers = () =>
      ["undici.globalDispatcher.1", "undici.globalDispatcher.2"].map((name) =>
        Reflect.get(globalThis, Symbol.for(name)),
      );
    const before = dispatchers();
    await import("../../src/net/connect/agent.ts");
    const after = dispatchers();
    for (const [at, dispatcher] of after.entries()) assert.equal(dispatcher, before[at]);
  });

  it("leaves other extensions' fetch alone", async () => {
    await import("../../src/net/connect/agent.ts");
    const server = createServer((request, response) => {
      request.resume().on("end", () => response.end(request.headers["content-length"]));
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    try {
      const address = server.address();
      assert.ok(typeof address === "object" && address);
      const response = await fetch(`http://127.0.0.1:${address.port}/`, {
        method: "PUT",
        headers: { "content-length": "5" },
        body: "hello",
      });
      assert.equal(await response.text(), "5");
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
