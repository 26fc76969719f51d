/** Which files look as if they held a secret: asked about before anything of them leaves the machine. */
import { basename } from "node:path";
import { readHead, realPathOf } from "./fileSource.ts";

/** Of a file's beginning; keys and tokens stand there, and more would hold up whoever sends a large file. */
const HEAD_BYTES = 1024;

const NAMES: readonly (readonly [RegExp, string])[] = [
  // Not what shows others how to write one, nor names that only begin like it (.environment).
  [/^\.env(rc|[^a-z0-9].*)?(?<!\.(example|sample|template|dist))$/i, "an environment file"],
  [/^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/i, "a private SSH key"],
  [/\.(pfx|p12|jks|keystore|kdbx|ppk|key)$/i, "a key store"],
  [/^(\.netrc|_netrc|\.pgpass|\.my\.cnf|\.git-credentials|\.htpasswd|\.dockercfg)$/i, "stored passwords"],
  [/^(secrets?|credentials)(\.(json|ya?ml|toml|ini))?$/i, "stored secrets"],
  [/^kubeconfig$|\.kubeconfig$/i, "access to a cluster"],
];

/** Token shapes that their makers have made easy to recognise. */
const CONTENTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, "a private key"],
  [/\bAKIA[0-9A-Z]{16}\b/, "an AWS access key"],
  [/\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22}/, "a GitHub token"],
  [/\bglpat-[\w-]{20}/, "a GitLab token"],
  [/\bxox[abprs]-[\w-]{10}/, "a Slack token"],
  [/\b[rs]k_live_[A-Za-z0-9]{16}/, "a Stripe key"],
  [/\bAIza[\w-]{35}/, "a Google API key"],
  [/\bnyk_v\d_\w{8}/, "a Nylas API key"],
  [/"private_key"\s*:\s*"|_authToken\s*=\s*\S/, "stored credentials"],
];

/**
 * What a file looks like, or the one that a link of it leads to; undefined when it looks like nothing secret, or cannot
 * be read.
 */
export async function looksSecret(path: string): Promise<string | undefined> {
  const real = await realPathOf(path);
  for (const each of new Set([path, real])) {
    // Some lines of a file are as secret as the whole.
    const byName = secretName(basename(each).replace(/(-L\d+)+(?=\.[^.]+$|$)/, ""));
    if (byName !== undefined) return byName;
  }
  // Whoever sends it is told why it cannot be read.
  return secretContent(await readHead(path, HEAD_BYTES).catch(() => ""));
}

/** What a file of this name, with these bytes at its beginning, looks like. */
export function secretOf(name: string, beginning: Uint8Array): string | undefined {
  return secretName(name) ?? secretContent(Buffer.from(beginning.subarray(0, HEAD_BYTES)).toString("latin1"));
}

function secretContent(head: string): string | undefined {
  return CONTENTS.find(([pattern]) => pattern.test(head))?.[1];
}

/** What a file of this name looks like; undefined for any other. */
export function secretName(name: string): string | undefined {
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}
