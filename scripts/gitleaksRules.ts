/**
 * Makes the table of tokens (`src/files/secrets/gitleaksRules.ts`) from the rules of gitleaks:
 * `node scripts/gitleaksRules.ts gitleaks.toml > src/files/secrets/gitleaksRules.ts && npm run fix`
 *
 * Taken are the rules that know a token by its own shape. The others look for "secret = …" beside the name of a service:
 * right for a scan of a repository that somebody reads afterwards, and too often wrong for a question before a mail.
 */
import { readFileSync } from "node:fs";

/** Rules that say less about a file than they ask: any SHA-1, lines of documentation, keys that are public. */
const LEFT_OUT =
  /^(jwt$|sourcegraph-access-token|curl-auth-|freemius|kubernetes-secret|twilio-api-key|private-key|nuget-config|flutterwave-public|sidekiq|microsoft-teams-webhook|slack-webhook|azure-ad-client-secret)/;
/** Written large in gitleaks' sentences. */
const COMMON_WORDS =
  /\b(access|admin|agent|api key|app|app-level|application|authentication|batch|bot|client|configuration|cookie|deploy|encryption|fine-grained|job|key|legacy|organization|page|personal|pipeline|refresh|registration|routable|runner|secret|service|session|token|trigger|user|workspace)\b/gi;
/** Beside the name of a service, in gitleaks' own words for it. */
const BY_NEIGHBOUR = String.raw`[\w.-]{0,50}?`;

interface Rule {
  readonly id: string;
  readonly description: string;
  readonly regex: string;
  readonly entropy: number;
  readonly keywords: readonly string[];
}

function readRules(toml: string): Rule[] {
  return toml
    .split(/^\[\[rules\]\]$/m)
    .slice(1)
    .flatMap((block) => {
      const own = block.split(/^\s*\[\[rules\.allowlists\]\]$/m)[0] ?? "";
      const text = (name: string) => new RegExp(`^${name} = (?:"(.*)"|'''(.*)''')$`, "m").exec(own);
      const regex = text("regex");
      if (regex === null) return [];
      const keywords = /^keywords = \[([^\]]*)\]/m.exec(own)?.[1] ?? "";
      return {
        id: text("id")?.[1] ?? "",
        description: text("description")?.[1] ?? "",
        regex: regex[1] ?? regex[2] ?? "",
        entropy: Number(/^entropy = ([\d.]+)$/m.exec(own)?.[1] ?? 0),
        keywords: [...keywords.matchAll(/"([^"]*)"/g)]
          .map(([, word = ""]) => word)
          .filter((word) => word !== "s."),
      };
    });
}

/** Go's expressions in JavaScript: no modifiers within (VS Code's older hosts have none), and an end that any text may follow. */
function translate(regex: string): string {
  const ignoresCase = /\(\?i[:)]/.test(regex);
  const source = regex
    // Also every property of an object called s, in a program that was made small.
    .replace("|s\\.(?i:[a-z0-9]{24})", "")
    .replace(/\(\?i\)/g, "")
    .replace(/\(\?-?[is]+:/g, "(?:")
    .replace(/\(\?P<\w+>/g, "(?:")
    .replace(/\[\[:alnum:\]\]/g, "[A-Za-z0-9]")
    .replace(/\\z/g, "$")
    .replace(/\(\?:\[\\x60'"\\s;\]\|\\\\\[nr\]\|\$(?:\|\\b)?\)$/, String.raw`(?![\w-])`)
    .replace(/\/(?<!\\\/)/g, String.raw`\/`);
  return `/${source}/${ignoresCase ? "i" : ""}`;
}

/** "Uncovered a GitHub Personal Access Token, potentially…" → "a GitHub Personal Access Token". */
function nameOf({ id, description }: Rule): string {
  const told =
    /^(?:Uncovered|Discovered|Detected|Identified|Found)\s+(?:an?\s+)?(?:pattern that may indicate\s+)?(?:possible\s+|potential\s+)?([^,.]+(?:\.io [^,.]+)?)/.exec(
      description,
    )?.[1];
  const name = (told ?? id.replaceAll("-", " ")).replace(/ posing a risk.*$/, "").trim();
  const words = name
    .replace(/credentials$/, "access key")
    .replace(/keys$/, "key")
    .replace(/Access(Token|Key)/, "access $1")
    .replace(COMMON_WORDS, (word) =>
      /^api/i.test(word) ? `API ${word.slice(4).toLowerCase()}` : word.toLowerCase(),
    );
  return /^([AEIO]|npm)/i.test(words) ? `an ${words}` : `a ${words}`;
}

const [file = ""] = process.argv.slice(2);
const rules = readRules(readFileSync(file, "utf8")).filter(
  ({ id, regex }) => !LEFT_OUT.test(id) && !regex.includes(BY_NEIGHBOUR),
);
process.stdout.write(`/**
 * Tokens that are known by their shape. Made by scripts/gitleaksRules.ts from the rules of gitleaks
 * (github.com/gitleaks/gitleaks, MIT License, Copyright (c) 2019 Zachary Rice); do not edit: what is added
 * by hand goes into secretShapes.ts.
 */

/** What it is, words of which one is in every such text (in small letters), its shape, and its least entropy in bits a letter. */
export type TokenRule = readonly [name: string, words: readonly string[], shape: RegExp, entropy: number];

export const TOKEN_RULES: readonly TokenRule[] = [
${rules
  .map(
    (rule) =>
      `  [${JSON.stringify(nameOf(rule))}, ${JSON.stringify(rule.keywords)}, ${translate(rule.regex)}, ${rule.entropy}],`,
  )
  .join("\n")}
];
`);
