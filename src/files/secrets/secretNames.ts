/** Names of files that contain secrets. */
import { withoutHidden } from "../../shared/foreignText.ts";
import type { SecretKind } from "./secretWords.ts";

/** Shows others how to write such a file. */
const EXAMPLE = /(?:^|[._-])(?:example|sample|template|dist|tmpl|tpl|schema|defaults?)(?:[._-]|$)/i;
/** Programs, pages and pictures often have these words in their names: only their contents count. */
const CODE =
  /\.(?:[cm]?[jt]sx?|d\.ts|vue|svelte|py|pyi|pyc|rb|go|rs|java|kt|kts|scala|swift|cs|fs|vb|php|pl|pm|lua|r|jl|ex|exs|erl|hs|ml|clj|dart|zig|c|cc|cpp|cxx|h|hpp|m|mm|asm|sql|gql|proto|html?|css|s[ac]ss|less|md|mdx|rst|adoc|tex|map|svg|png|jpe?g|gif|webp|ico|woff2?|ttf|class|wasm|o|so|dll|exe|snap|feature|po|mo)$/i;
const DOCUMENT = /\.(?:pdf|docx?|odt|rtf|pptx?|odp|key|pages|epub)$/i;
/** What follows the name of a copy: `id_rsa.bak`, `.env~`, `id_rsa copy`. */
const KEPT =
  /(?:[._ -](?:bak|backup|old|orig|save|copy|new|tmp|\d{1,8})|~|\.sw[op]| copy(?: \d+)?| \(\d+\))$/i;
/** The public half of a key pair. */
const PUBLIC = /\.pub$|-cert\.pub$|(?:^|[._-])public(?:[._-]|$)/i;

const NAMES: readonly (readonly [RegExp, SecretKind])[] = [
  [
    /(?:^|[._-])id[_-](?:rsa|dsa|ecdsa|ed25519|xmss)(?:_sk)?(?![a-z])|^[\w-]+_(?:rsa|dsa|ecdsa|ed25519)$|^ssh_host_\w+_key$|^identity$/i,
    "a private SSH key",
  ],
  [
    /\.(?:pfx|p12|jks|jceks|bks|keystore|kdbx?|ppk|key|p8|pk8|keytab|wallet|agilekeychain|opvault|1pif|kwallet|tpm|snk|pvk|keychain(?:-db)?|1pux)$|^UTC--\d{4}-\d\d-\d\dT|^secring\.gpg$|^(?:signing|upload|release|master)[._-]key(?:\.\w{2,4})?$/i,
    "a key store",
  ],
  [
    /^priv(?:ate)?(?:key)?\d*\.(?:pem|der|asc|xml)$|(?<!pub(?:lic)?)(?:^|[._-]|my|priv|server|client|host|tls|ssl|rsa|ec|api|ssh|sign|deploy)key\d*\.(?:pem|der)$|^(?:gcp|gcloud|google|firebase|azure|aws|sa|svc)[._-]key\.json$/i,
    "a private key",
  ],
  [
    /^(?:key|keystore|signing)\.properties$|\.htpasswd$|^\.?xauthority$|^\.?ansible[._-]vault|^logins?\.csv$|^wallet\.json$|^seed[._-]?phrase|^privatekey\.\w{2,4}$|^kube[._-]config(?:\.ya?ml)?$|^(?:(?:access|bearer|api|auth|git(?:hub|lab)|npm|bot)[._ -])?tokens?(?:\.txt)?$/i,
    "stored secrets",
  ],
  [/\.(?:kirbi|ccache)$|^krb5cc(?:_|$)|^lsass\S*\.dmp$/i, "a Kerberos ticket or key"],
  [
    /^(?:2fa|totp|otp|aegis|andotp|authenticator)(?:[._ -](?:backup|codes?|export|secrets?|accounts?)){0,3}\.(?:txt|json|xml|csv)$/i,
    "the secrets of one-time passwords",
  ],
  [/\.ovpn$|\.tblk$|\.pcf$|^wg\d*\.conf$/i, "network credentials"],
  [
    /^[._]netrc$|^\.(?:pgpass|my\.cnf|mylogin\.cnf|git-credentials|ht(?:passwd|digest)|dockercfg|dockerconfigjson|s3cfg|boto|pypirc|authinfo(?:\.gpg)?|vault-token|terraformrc|databrickscfg|cloudflared|npmrc-auth|esmtprc|msmtprc|fetchmailrc|smbcredentials|passwd)$/i,
    "stored passwords",
  ],
  [
    /^(?:rclone\.conf|application_default_credentials\.json|local\.settings\.json|auth\.json|service[-_.]?account\S*\.json|\S*firebase-adminsdk\S*\.json|logins\.json|key[34]\.db|signons\.sqlite|cookies(?:\.sqlite|\.txt)?|login data(?: for account)?|web data|local state|wallet\.dat|shadow-?|gshadow-?|ntds\.dit|filezilla\.xml|sitemanager\.xml|recentservers\.xml|winscp\.ini|wp-config\.php|(?:\w+_)?accesskeys?\.csv|rootkey\.csv|accesstokens\.json|msal_token_cache\.\w+|token\.pickle|pgpass\.conf|(?:auto)?unattend\.xml|\.dev\.vars|\.flaskenv|[\w.-]+\.secret\.exs)$|^(?:bitwarden|lastpass|1password|keepassx?c?|dashlane|enpass|nordpass|keeper|proton ?pass)(?:[._ -].*)?\.(?:csv|json|xml|zip|html)$/i,
    "stored passwords",
  ],
  [/\.tfstate(?:\.\w+)*$|\.tfvars(?:\.json)?$/i, "Terraform settings, which hold secrets"],
  [
    /^\.?(?:bash|zsh|sh|ksh|ash|fish|python|node_repl|psql|mysql|sqlite|rediscli|mongo|irb|pry|lesshst|dbshell|scala|php)_?history$|^\.lesshst$|^ConsoleHost_history\.txt$|^\.viminfo$/i,
    "a shell history",
  ],
  [/^kubeconfig|\.kubeconfig$|^admin\.conf$/i, "cluster credentials"],
];

/** Words of which one is enough, between dots, dashes and the like. */
const WORDS: readonly (readonly [RegExp, SecretKind])[] = [
  [/^env(?:rc)?$/, "an environment file"],
  [/^(?:secrets?|credentials?|creds?)$/, "stored secrets"],
  [/^(?:passwords?|passwd|passphrases?|apikeys?|mnemonics?)$/, "stored passwords"],
  [
    /^(?:(?:pass|kenn)w(?:ö|o|oe)rt(?:er)?|contraseñas?|senhas?|wachtwoord(?:en)?|has(?:ł|l)[ao]|lösenord|парол[ьи]|密码|パスワード)$/,
    "stored passwords",
  ],
];
/** The same in two words. */
const PAIRS =
  /(?:^|[._ -])(?:(?:api|access|private|secret|recovery|backup)[._ -](?:keys?|tokens?|codes?)|vault[._ -]pass|(?:seed|recovery)[._ -]phrase|mots?[._ -]de[._ -]passe)(?:[._ -]|$)/i;

/**
 * The kind of secret that a file of this name seems to contain; undefined for none.
 * @param name without a folder
 */
export function secretName(name: string): SecretKind | undefined {
  const plain = plainName(name);
  if (PUBLIC.test(plain)) return undefined;
  const found = NAMES.find(([pattern]) => pattern.test(plain))?.[1];
  if (found !== undefined) return found;
  if (EXAMPLE.test(plain)) return undefined;
  // `.env.js` still is one; `env.js` is a program.
  const isDotEnv = /^\.env(?:rc|[^a-z0-9].*)?$/i.test(plain);
  if (isDotEnv) return "an environment file";
  if (CODE.test(plain)) return undefined;
  const words = plain.toLowerCase().split(/[._\s-]+/);
  // A document about passwords does not contain them: in a longer name, only a plural word counts.
  if (DOCUMENT.test(plain) && words.length > 2 && !words.some((word) => /s$/.test(word) && isOne(word)))
    return undefined;
  const byWord = WORDS.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
  return byWord ?? (PAIRS.test(plain) ? "stored secrets" : undefined);
}

function isOne(word: string): boolean {
  return WORDS.some(([pattern]) => pattern.test(word));
}

/**
 * The name by which the file is opened: Windows drops dots and blanks at its end, and a stream's name after
 * it. Also drops what marks a copy.
 */
function plainName(name: string): string {
  const seen = withoutHidden(name.normalize("NFKC"));
  const opened = seen.replace(/::?\$?[\w$]*(?::\$DATA)?$/i, "").replace(/[. ]+$/, "");
  let plain = opened;
  for (let before = ""; before !== plain; ) {
    before = plain;
    plain = plain.replace(KEPT, "");
  }
  return plain === "" ? opened : plain;
}
