/** Copy Diagnostics: what support needs and anybody can share: no addresses, file names, texts or keys. */
import * as vscode from "vscode";
import type { Account } from "../../accounts/accountBook.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { machinePolicy } from "../../policy/policyFile.ts";

export interface DiagnosticsSource {
  readonly accounts: readonly Account[];
  readonly deliveries: readonly DeliveryRecord[];
  readonly extensionVersion: string;
}

/** How many problems are listed, newest first; more than anybody reads. */
const PROBLEMS = 20;

export function diagnostics({ accounts, deliveries, extensionVersion }: DiagnosticsSource): string {
  const { env, version, workspace } = vscode;
  const http = workspace.getConfiguration("http");
  const lines = [
    `Freight Mail ${extensionVersion}, ${env.appName} ${version}, ${process.platform} ${process.arch}, Node ${process.versions.node}`,
    `Window: ${remote(env.remoteName)}, ${env.uiKind === vscode.UIKind.Web ? "browser" : "desktop"}, ${workspace.isTrusted ? "trusted" : "restricted"}`,
    `Accounts: ${counts(accounts.map(describeAccount))}`,
    `Network: ${http.get("proxy") ? "a proxy in the settings" : "no proxy in the settings"}, ${PROXY_VARIABLES.some((name) => process.env[name]) ? "a proxy in the environment" : "none in the environment"}, proxySupport ${http.get("proxySupport")}, proxyStrictSSL ${http.get("proxyStrictSSL")}, systemCertificates ${http.get("systemCertificates")}`,
    `TLS in the environment: ${TLS_VARIABLES.map((name) => `${name} ${process.env[name] ? "set" : "not set"}`).join(", ")}`,
    `Policy: ${describePolicy()}`,
    `Mails: ${counts(deliveries.map(({ phase }) => phase))}`,
    `Files: ${counts(deliveries.flatMap(({ attachments }) => attachments.map(({ status }) => status)))}`,
    "Problems, newest first:",
    ...problems(deliveries).slice(0, PROBLEMS),
  ];
  return `${lines.join("\n")}\n`;
}

const PROXY_VARIABLES = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];

/** The first cannot disable certificate checks here, but shows what other programs on this machine do. */
const TLS_VARIABLES = [
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "NODE_EXTRA_CA_CERTS",
  "NODE_OPTIONS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** The names of the policy's rules, not what they say. */
function describePolicy(): string {
  const state = machinePolicy.read();
  if (state.type !== "ruled") return state.type;
  return Object.keys(state.policy).sort().join(", ");
}

/** For example "ssh-remote" or "wsl". In a browser VS Code gives the server's address, which is not shown. */
function remote(name: string | undefined): string {
  if (name === undefined) return "local";
  return /^[a-z-]+$/.test(name) ? name : "remote";
}

/** The address of a company's gateway is confidential. */
function describeAccount({ serviceName, apiUri, provider, signIn }: Account): string {
  const known = /^https:\/\/([\w.-]+\.(nylas\.com|microsoft\.com|microsoft\.us|chinacloudapi\.cn))$/.exec(
    apiUri,
  )?.[1];
  const place = known ?? (apiUri === "" ? "this machine" : "a custom address");
  return [serviceName, place, provider, signIn === undefined ? "stored key" : "sign-in"].join(", ");
}

function problems(deliveries: readonly DeliveryRecord[]): string[] {
  return deliveries.flatMap(({ createdAt, phase, error, attachments }) =>
    [error, ...attachments.map((attachment) => attachment.error)].flatMap((problem) =>
      problem === null
        ? []
        : [
            `- ${new Date(createdAt).toISOString()} ${phase}: ${problem.code} (request ${problem.requestId ?? "unknown"})`,
          ],
    ),
  );
}

/** "2 × sent, 1 × failed"; "none". */
function counts(words: readonly string[]): string {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  return found.size === 0 ? "none" : [...found].map(([word, count]) => `${count} × ${word}`).join("; ");
}
