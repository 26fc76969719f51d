import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { Authority } from "../support/certificates.ts";
import { ASKS, Freight } from "../support/freight.ts";
import { openWorkbench, type WorkbenchSession } from "../support/session.ts";
import { until } from "../support/until.ts";

describe("a company that switches the check of certificates off", () => {
  let server: Server;
  let session: WorkbenchSession;
  let freight: Freight;
  /** What came through to a server whose certificate proves nothing. */
  const heard: string[] = [];

  before(async () => {
    server = createServer(new Authority().issue("other.test"), (request, response) => {
      heard.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    session = await openWorkbench({
      files: { "report.pdf": "%PDF-1.7\n" },
      env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    });
    freight = new Freight(session);
  });
  after(async () => {
    await session?.dispose();
    await new Promise((resolve) => server.close(resolve));
  });

  it("sends no key to who cannot prove its name, and says what is wrong with it", async () => {
    const { workbench } = session;
    await freight.beginNylas();
    await freight.enter(ASKS.credential, "nyk_v0_CANARYCANARY");
    await freight.choose(ASKS.region, "Custom URL…");
    await freight.enter(ASKS.address, `https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await workbench.notification("The certificate of 127.0.0.1").waitFor();
    assert.deepEqual(heard, []);
  });

  it("finds the variable in the diagnostics", async () => {
    await session.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await session.workbench.command("Freight Mail: Copy Diagnostics");
    const text = await until("the diagnostics are copied", async () => {
      const copied = await session.page.evaluate(() => navigator.clipboard.readText());
      return copied.startsWith("Freight Mail ") ? copied : undefined;
    });
    assert.match(text, /^TLS in the environment: NODE_TLS_REJECT_UNAUTHORIZED set, /m);
  });
});
