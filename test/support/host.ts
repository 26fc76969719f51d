/**
 * A window of another process: takes one order a message, and answers with what came of it.
 * Arguments: the folder of its records, the address of the service, its key, the grant, and the file to send.
 */
import { FreightError } from "../../src/base/errors.ts";
import { startEngine } from "./engine.ts";

const [folder = "", apiUri = "", apiKey = "", grantId = "", file = ""] = process.argv.slice(2);
const engine = await startEngine({ folder, apiUri, apiKey, grantId });
await engine.store.load();
const { deliveryId = "" } = await engine.runner.compose([file], engine.account.id);
await engine.store.flushed(deliveryId);

process.on("message", async (body: string) => {
  const { form } = engine.store.get(deliveryId);
  const outcome = await engine.runner.edit(deliveryId, { ...form, revision: form.revision + 1, body }).then(
    () => "noted",
    (reason: unknown) => (reason instanceof FreightError ? reason.code : String(reason)),
  );
  process.send?.({ outcome, body: engine.store.get(deliveryId).form.body });
});
process.send?.({ deliveryId });
