// The practice mailbox as a process of its own. Prints one line of JSON on stdout as soon as it listens.
import { parseArgs } from "node:util";
import { announce, findNeighbour } from "./neighbour.ts";
import { type Sandbox, startSandbox } from "./server.ts";

const usage = `Usage: sandbox [--port N] [--data DIR] [--parent] [--control]

  --port N     listen on this port; 0 takes a free one (with --data the last one, if it is free)
  --data DIR   keep uploads, drafts and the outbox here; otherwise they go when the process ends
  --parent     end when stdin closes, that is, with the process that started this one; with --data, when
               another one runs there already, print where that one listens and end at once
  --control    also print the control endpoint, which moves the clock and arms faults
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      data: { type: "string" },
      parent: { type: "boolean", default: false },
      control: { type: "boolean", default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) throw new Error(`--port ${values.port} is no port`);
  return { ...values, port };
}

function fail(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function describe(sandbox: Sandbox, withControl: boolean): string {
  const { apiUri, apiKey, grants } = sandbox.nylas;
  return JSON.stringify({
    nylas: { apiUri, apiKey, grants: grants.map(({ id, provider, email }) => ({ id, provider, email })) },
    outbox: sandbox.outbox,
    ...(withControl ? { control: sandbox.control } : {}),
  });
}

let options: ReturnType<typeof readOptions>;
try {
  options = readOptions();
} catch (reason) {
  fail(`${reason instanceof Error ? reason.message : reason}\n${usage}`, 2);
}

if (options.parent && options.data !== undefined) {
  const line = findNeighbour(options.data);
  if (line !== undefined) {
    process.stdout.write(`${line}\n`);
    process.exit(0);
  }
}

let sandbox: Sandbox;
try {
  const { port, data } = options;
  sandbox = await startSandbox({ port, ...(data === undefined ? {} : { dataDir: data }) });
} catch (reason) {
  fail(`The practice mailbox could not start: ${reason instanceof Error ? reason.message : reason}`, 1);
}

const line = describe(sandbox, options.control);
const withdrawNote = options.data === undefined ? () => {} : announce(options.data, line);
let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  withdrawNote();
  await sandbox.close();
  process.exit(0);
}
process.on("SIGTERM", end);
process.on("SIGINT", end);
// The reader of the line may be gone already; that is no reason to leave files behind.
process.stdout.on("error", end);
if (options.parent) process.stdin.on("end", end).on("error", end).resume();

process.stdout.write(`${line}\n`);
