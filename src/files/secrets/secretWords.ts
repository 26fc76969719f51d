/** Says in a person's language what secret was found; shapes and searching threads know only its kind. */
import { t } from "../../shared/l10n.ts";

/** What looks like a secret, and where. */
export interface SecretFinding {
  /** In English: "a private key", or with a product's own name, "an AWS access key". */
  readonly kind: string;
  /** From 1. */
  readonly line?: number;
  readonly isNearEnd?: boolean;
  /** The name of the file, if it is in an archive. */
  readonly entry?: string;
}

const KINDS = {
  "a database password": () => t("a database password"),
  "a device password": () => t("a device password"),
  "a Kerberos ticket or key": () => t("a Kerberos ticket or key"),
  "a key store": () => t("a key store"),
  "a network password": () => t("a network password"),
  "a password database": () => t("a password database"),
  "a password in a command": () => t("a password in a command"),
  "a private key": () => t("a private key"),
  "a private PGP key": () => t("a private PGP key"),
  "a private SSH key": () => t("a private SSH key"),
  "a private SSH key (PuTTY)": () => t("a private SSH key (PuTTY)"),
  "a shell history": () => t("a shell history"),
  "a signed storage URL": () => t("a signed storage URL"),
  "a Terraform state, which holds secrets": () => t("a Terraform state, which holds secrets"),
  "a URL with a password": () => t("a URL with a password"),
  "a webhook secret": () => t("a webhook secret"),
  "a webhook URL": () => t("a webhook URL"),
  "an encrypted vault": () => t("an encrypted vault"),
  "an environment file": () => t("an environment file"),
  "browser passwords": () => t("browser passwords"),
  "cluster credentials": () => t("cluster credentials"),
  "cookies of a session": () => t("cookies of a session"),
  "network credentials": () => t("network credentials"),
  "password hashes": () => t("password hashes"),
  "registry passwords": () => t("registry passwords"),
  "repository passwords": () => t("repository passwords"),
  "service credentials": () => t("service credentials"),
  "stored credentials": () => t("stored credentials"),
  "stored passwords": () => t("stored passwords"),
  "stored secrets": () => t("stored secrets"),
  "Terraform settings, which hold secrets": () => t("Terraform settings, which hold secrets"),
  "the private key of a wallet": () => t("the private key of a wallet"),
  "the secret of a one-time password": () => t("the secret of a one-time password"),
  "the secrets of one-time passwords": () => t("the secrets of one-time passwords"),
  "the words of a wallet": () => t("the words of a wallet"),
};

type Capital =
  | "A"
  | "B"
  | "C"
  | "D"
  | "E"
  | "F"
  | "G"
  | "H"
  | "I"
  | "J"
  | "K"
  | "L"
  | "M"
  | "N"
  | "O"
  | "P"
  | "Q"
  | "R"
  | "S"
  | "T"
  | "U"
  | "V"
  | "W"
  | "X"
  | "Y"
  | "Z";
/** A kind with a translation, or one by the name of a product. */
export type SecretKind = keyof typeof KINDS | `${"a" | "an"} ${Capital | "npm "}${string}`;

/** "an AWS access key". @param kind a `SecretKind`, or a name from `TOKEN_RULES` */
export function kindInWords(kind: string): string {
  if (isKnown(kind)) return KINDS[kind]();
  const [, article, name = kind] = /^(an?) (.*)$/.exec(kind) ?? [];
  return article === "an" ? t("an {0}", name) : t("a {0}", name);
}

function isKnown(kind: string): kind is keyof typeof KINDS {
  return Object.hasOwn(KINDS, kind);
}

/** "an AWS access key, line 12" */
export function secretInWords({ kind, line, isNearEnd, entry }: SecretFinding): string {
  const what = kindInWords(kind);
  if (entry !== undefined) return t("{0} in it: {1}", what, entry);
  if (line !== undefined) return t("{0}, line {1}", what, String(line));
  return isNearEnd ? t("{0}, near its end", what) : what;
}
