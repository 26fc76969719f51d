/** One practice mailbox per data folder: a second one is told where the first one listens. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import * as z from "zod";
import { removeFile } from "../base/heldFiles.ts";
import type { Exchange, Reply } from "./exchange.ts";
import type { Service } from "./service.ts";

const Note = z.object({ pid: z.number(), line: z.string() });
const Line = z.object({ nylas: z.object({ apiUri: z.url({ protocol: /^http$/ }), apiKey: z.string() }) });
const Proof = z.object({ proof: z.string() });

/** Loopback answers at once; a very busy machine gets some time. */
const PATIENCE_MS = 2_000;
const MAX_ANSWER = 1_000;

const path = "/neighbour";

/**
 * The line that a practice mailbox running on this folder has printed; undefined when there is none. The note
 * of a killed process stays, and its process id and port may be somebody else's by then: so whoever listens
 * there must prove that it knows the key, without being told it.
 */
export async function findOtherInstance(folder: string): Promise<string | undefined> {
  try {
    const { pid, line } = Note.parse(JSON.parse(readFileSync(notePath(folder), "utf8")));
    process.kill(pid, 0); // Throws when there is no such process.
    const { apiUri, apiKey } = Line.parse(JSON.parse(line)).nylas;
    const nonce = randomBytes(24).toString("base64url");
    const told = Buffer.from(await ask(new URL(`${path}?nonce=${nonce}`, apiUri)));
    const expected = Buffer.from(proofOf(apiKey, nonce));
    return told.length === expected.length && timingSafeEqual(told, expected) ? line : undefined;
  } catch {
    return undefined; // No note, an incomplete one, or nobody who answers as a practice mailbox would.
  }
}

/** Leaves a note for those that start later. @returns removes the note */
export function announce(folder: string, line: string): () => void {
  writeFileSync(notePath(folder), JSON.stringify({ pid: process.pid, line }), { mode: 0o600 });
  return () => removeFile(notePath(folder));
}

/** Proves to those who know the key that this is the practice mailbox of its folder. */
export class InstanceService implements Service {
  readonly name = "neighbour";
  readonly #apiKey: string;

  constructor(apiKey: string) {
    this.#apiKey = apiKey;
  }

  static serves(pathname: string): boolean {
    return pathname === path;
  }

  stepOf(): undefined {
    return undefined;
  }

  refusal(status: number, message: string): Reply {
    return { status, json: { error: { message } } };
  }

  async handle({ method, url }: Exchange): Promise<Reply> {
    const nonce = url.searchParams.get("nonce") ?? "";
    if (method !== "GET" || !/^[\w-]{32}$/.test(nonce)) return this.refusal(400, "GET with a nonce");
    return { status: 200, json: { proof: proofOf(this.#apiKey, nonce) } };
  }
}

function proofOf(apiKey: string, nonce: string): string {
  return createHmac("sha256", apiKey).update(`neighbour ${nonce}`).digest("base64url");
}

function notePath(folder: string): string {
  return join(folder, "running.json");
}

/** @throws Error when nobody answers in time, or not as expected */
function ask(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    // Its own agent: the global one may use a proxy.
    const options = { agent: new Agent(), signal: AbortSignal.timeout(PATIENCE_MS) };
    get(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER) response.destroy(new Error("too long an answer"));
      });
      response.on("error", reject);
      response.on("end", () => {
        const answer = Proof.safeParse(JSON.parse(text.startsWith("{") ? text : "null"));
        if (answer.success) resolve(answer.data.proof);
        else reject(new Error("not the answer of a neighbour"));
      });
    }).on("error", reject);
  });
}
