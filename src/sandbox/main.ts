/**
 * Runs the practice mailbox as a separate process: its command line, and the one line of JSON that it prints on stdout
 * as soon as it listens. What it runs: `server.ts`.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as z from "zod";
import { Fault } from "./http/faultRules.ts";
import { announce, findOtherInstance } from "./http/singleInstance.ts";
import { type Sandbox, startSandbox } from "./server.ts";

const usage = `Usage: sandbox [--port N] [--data DIR] [--parent] [--control] [--faults FILE]

  --port N     listen on this port; 0 takes a free one (with --data the last one, if it is free)
  --data DIR   keep uploads, drafts and the outbox here; otherwise they go when the process ends
  --parent     end when stdin closes, that is, with the process that started this one; with --data, when
               another one runs there already, print where that one listens and end at once
  --control    also print the control endpoint, which moves the clock and arms faults
  --faults FILE
               go wrong as the rules in FILE say, for example
               [{"step": "upload", "fault": "resetMidBody", "afterBytes": 1000000, "times": 3},
                {"step": "send", "fault": "refuse", "status": 504, "afterCommit": true}]
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      data: { type: "string" },
      parent: { type: "boolean", default: false },
      control: { type: "boolean", default: false },
      faults: { type: "string" },
    },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) throw new Error(`--port ${values.port} is not a port`);
  return { ...values, port, rules: values.faults === undefined ? [] : readFaults(values.faults) };
}

/** Reads the rules in a file. @throws Error that names the rule and what is wrong with it */
function readFaults(file: string): Fault[] {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (reason) {
    throw new Error(
      `--faults ${file} cannot be read as JSON: ${reason instanceof Error ? reason.message : reason}`,
    );
  }
  const rules = z.array(Fault).safeParse(json);
  if (!rules.success)
    throw new Error(`--faults ${file} is not a list of faults:\n${z.prettifyError(rules.error)}`);
  return rules.data;
}

function fail(message: string, code: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function describe(sandbox: Sandbox, withControl: boolean): string {
  const { apiUri, apiKey, clientId, grants } = sandbox.nylas;
  return JSON.stringify({
    nylas: {
      apiUri,
      apiKey,
      clientId,
      grants: grants.map(({ id, provider, email }) => ({ id, provider, email })),
    },
    // A client appends the version, `/v1.0`, to the base URL.
    graph: { baseUrl: sandbox.graph.baseUrl, accessToken: sandbox.graph.accessToken },
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
  const line = await findOtherInstance(options.data);
  if (line !== undefined) {
    process.stdout.write(`${line}\n`);
    process.exit(0);
  }
}

let sandbox: Sandbox;
try {
  const { port, data } = options;
  sandbox = await startSandbox({ port, ...(data === undefined ? {} : { dataDir: data }) });
  sandbox.faults.arm(...options.rules);
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
// Whoever reads the line may be gone already; that is no reason to leave files behind.
process.stdout.on("error", end);
if (options.parent) process.stdin.on("end", end).on("error", end).resume();

process.stdout.write(`${line}\n`);
