/** Passwords as written in commands and programs; and what opens a wallet or an account by itself. */

import type { SecretKind } from "./secretWords.ts";
import { lettersOf } from "./stretches.ts";

/** What it is, words (lower case) of which any text with it has one (none: it is a phrase), and its shape. */
export type Shape = readonly [what: SecretKind, words: readonly string[], shape: RegExp];

const WORD = "[a-z]{3,8}";
/** No wallet's word list has these words, and few sentences are without one. */
const PROSE = "(?!(?:the|and|for|with|that|this|from|are|not|you|can|has|was|will|when|which|into|but)\\b)";
/** Twelve words, fifteen and so on to twenty-four, and what separates them. */
const phrase = (between: string) =>
  `${PROSE}${WORD}(?:${between}${PROSE}${WORD}){11}(?:(?:${between}${PROSE}${WORD}){3}){0,4}`;
/** The letters that a phrase and its separators consist of, and its least length. */
export const PHRASE_LETTERS = lettersOf(/[A-Za-z0-9.):,"'\s]/);
export const PHRASE_LENGTH = 12 * 3 + 11;

export const WALLET_SHAPES: readonly Shape[] = [
  [
    "the words of a wallet",
    ["mnemonic", "seed", "recovery phrase", "secret phrase", "wallet"],
    new RegExp(
      `\\b(?:mnemonic|seed|recovery|secret|wallet)[^\\n]{0,40}[:=]\\s{0,9}["']?(?:1[.)] ?)?${phrase("[ ,\\r\\n]{1,4}(?:\\d\\d?[.)] ?)?")}["']?[ \\t]*\\r?$`,
      "im",
    ),
  ],
  // A line of nothing else, or a numbered list. No word is in all of these, but a phrase is.
  ["the words of a wallet", [], new RegExp(`^[ \\t"']{0,8}${phrase("(?:,? |,)")}["']?[ \\t]*\\r?$`, "im")],
  [
    "the words of a wallet",
    [],
    new RegExp(
      `^[ \\t]{0,8}1[.):]? ?${phrase("[ \\t]*\\r?\\n[ \\t]{0,8}\\d\\d?[.):]? ?")}[ \\t]*\\r?$`,
      "im",
    ),
  ],
  ["the private key of a wallet", ["xprv", "zprv", "yprv"], /\b[xyz]prv[1-9A-HJ-NP-Za-km-z]{100}/],
  ["the private key of a wallet", ["nsec1"], /\bnsec1[a-z0-9]{58}\b/],
  [
    "the private key of a wallet",
    ["private key", "private_key", "privatekey"],
    /\bprivate[_ ]?key["']?[ \t]*[:=][ \t]*["']?(?:(?:0x)?[0-9a-f]{64}|[5KL][1-9A-HJ-NP-Za-km-z]{50,51})\b/i,
  ],
  ["the private key of a wallet", ['"ciphertext"'], /"ciphertext"\s*:\s*"[0-9a-f]{64}"[\s\S]{0,400}"kdf"/],
  [
    "the secret of a one-time password",
    ["otpauth://"],
    /\botpauth:\/\/[^\s"']{0,200}[?&]secret=[A-Z2-7]{16}/i,
  ],
  ["an encrypted vault", ["$ansible_vault;"], /\$ANSIBLE_VAULT;1\.[12];/],
  [
    "cookies of a session",
    ["# netscape http cookie"],
    /^# Netscape HTTP Cookie File[\s\S]{0,2000}^[^\t\n]{1,200}\t(?:TRUE|FALSE)\t[^\t\n]{1,200}\t/m,
  ],
  [
    "service credentials",
    ['"authorization"', '"cookie"', '"set-cookie"', '"x-api-key"', '"x-auth-token"'],
    // As browsers save their requests (HAR).
    /"name"\s*:\s*"(?:authorization|(?:set-)?cookie|x-api-key|x-auth-token)"\s*,\s*"value"\s*:\s*"[^"]{20}/i,
  ],
  ["password hashes", [":::"], /^[^:\n]{1,100}:\d{1,10}:[0-9a-f]{32}:[0-9a-f]{32}:::/im],
  ["a network password", ["keymaterial"], /<keyMaterial>[^<]{8}/],
  ["a network password", ["psk "], /^[^#\n]{0,200}: PSK "[^"]{6}/m],
  ["a device password", ["password 51:b:"], /^password 51:b:[0-9A-F]{40}/m],
  ["a device password", ["encrypted-password"], /\bencrypted-password "\$\d?\w{0,2}\$[^"]{8}/],
  ["stored passwords", ["<pass "], /<Pass encoding="base64">[A-Za-z0-9+/=]{4}/],
];

/** A password for a command: it contains a digit, which those in manuals seldom do. */
const GIVEN = `["']?((?=[^\\s"']*\\d)[^\\s"'\`$<>(){}|\\\\][^\\s"'\`$<>(){}|\\\\]{5,200})`;
const command = (shape: string) => new RegExp(shape + GIVEN, "g");
const IN_COMMAND = "a password in a command";

/** Their group is the value. */
export const PASSWORD_SHAPES: readonly Shape[] = [
  [
    IN_COMMAND,
    ["pgpassword=", "mysql_pwd=", "sshpass=", "rediscli_auth="],
    command("\\b(?:PGPASSWORD|MYSQL_PWD|SSHPASS|REDISCLI_AUTH)="),
  ],
  [
    IN_COMMAND,
    ["--password", "--http-password", "--pass"],
    command("\\s--(?:[a-z]{1,12}-)?pass(?:word|wd)?[ =]"),
  ],
  [IN_COMMAND, ["mysql"], command("\\bmysql(?:dump|admin)?[ \\t][^\\n]{0,200}?[ \\t]-p")],
  [
    IN_COMMAND,
    [" login "],
    command("\\b(?:docker|podman|az|oc|helm registry) login[ \\t][^\\n]{0,200}?[ \\t]-p[ \\t]*"),
  ],
  [
    IN_COMMAND,
    ["-asplaintext"],
    /ConvertTo-SecureString\s+(?:-String\s+)?["']([^"'$\n]{4,200})["']\s+-AsPlainText/gi,
  ],
  [IN_COMMAND, [" pass:"], command("\\s-pass(?:in|out)?[ \\t]+pass:")],
  [IN_COMMAND, ["-storepass", "-keypass"], command("\\s-(?:store|key)pass[ \\t]+")],
  [
    IN_COMMAND,
    ["--from-literal="],
    command("--from-literal=[\\w.-]{0,60}?(?:password|passwd|secret|token|key)[\\w.-]{0,20}="),
  ],
  [IN_COMMAND, ["redis-cli"], command("\\bredis-cli\\b[^\\n]{0,200}?[ \\t]-a[ \\t]+")],
  [IN_COMMAND, ["/user:"], command("\\bnet[ \\t]+use[ \\t]+[^\\n]{0,100}?\\\\\\\\\\S{1,200}[ \\t]+")],
  [
    "service credentials",
    ["x-api-key", "x-auth-token"],
    /\bx-(?:api-key|auth-token)["']?[ \t]*[:=,][ \t]*["'`]?((?=[^\s"'`]*\d)[\w.~+/-]{20,400})/gi,
  ],
  // Capitals, small letters and digits in quotes after the word, as in programs and XML.
  [
    "stored passwords",
    ["password", "passwd", "passphrase"],
    /(?:[Pp]assword|[Pp]asswd|[Pp]assphrase|PASSWORD|PASSWD|PASSPHRASE)["']?[ \t]*(?:=|=>|:)?[ \t]*["']((?=[^"'\n]*\d)(?=[^"'\n]*[a-z])(?=[^"'\n]*[A-Z])[^\s"'`$<>(){}[\],;\\]{8,200})["']/g,
  ],
  // Several words in quotes, with a digit or a sign among them that sentences do not have.
  [
    "stored passwords",
    ["password", "passwd", "passphrase"],
    /^[ \t{,]{0,40}(?:export[ \t]+)?["']?[\w.-]{0,60}(?:password|passwd|passphrase)["']?[ \t]*[:=][ \t]*["']((?=[^"'\n]*\d)(?![^"'\n]*\b(?:the|your|must|please|enter|is|at|least|invalid|characters?|to|for|of|and|or|not|a|an)\b)[^\s"'`$<>(){}[\],;\\]{1,40}(?: [^\s"'`$<>(){}[\],;\\]{1,40}){1,7})["'][ \t]*[,}]?[ \t]*\r?$/gim,
  ],
  // The word in other languages, and its short forms.
  [
    "stored passwords",
    ["passwort", "kennwort", "wachtwoord", "mot de passe", "contrase", "senha", "pwd", "pass:", "pass ="],
    /^[ \t]{0,40}["']?(?:[\w.-]{0,60}[_.-])?(?:passwort|kennwort|wachtwoord|mot de passe|contrase\S{1,2}a|senha|pwd|pass)["']?[ \t]*[:=][ \t]*["']?((?=(?:[^\s\d]*\d){2})(?=\S*[a-z])[^\s"'`$<>(){}[\],;\\]{8,200})["']?[ \t]*\r?$/gim,
  ],
];
