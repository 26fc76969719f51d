/**
 * What secrets look like in a text: the shapes here are for files in which programs keep secrets, and for the
 * most common tokens, a little wider than their makers promise; `gitleaksRules.ts` has the rest.
 */
import { PASSWORD_SHAPES, type Shape, WALLET_SHAPES } from "./passwordShapes.ts";

/**
 * Keys as lines of text, or with `\n` and the like between the lines, as in a program's strings; but not a
 * header that a program prints around a key.
 */
const PEM =
  /-{4,5} ?BEGIN[ +](?:[A-Z0-9]+[ +]){0,4}PRIVATE[ +]KEY(?:[ +]BLOCK)? ?-{4,5}(?:$|[ \t]{0,20}[\r\n]|(?:\\r)?\\n(?!["'`])| (?=[A-Za-z0-9+/])|(?:\\+(?:n|r|par|line)|<\/?(?:br|p|div)\b|[^A-Za-z0-9]){1,24}(?=[A-Za-z0-9+/]{40}))/i;

export const SHAPES: readonly Shape[] = [
  ["a private key", ["private key", "private+key"], PEM],
  ["a private SSH key", ["private key"], /---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----/],
  ["an OpenVPN key", ["openvpn static key"], /-----BEGIN OpenVPN Static key V1-----/],
  ["a private SSH key (PuTTY)", ["putty-user-key-file"], /^PuTTY-User-Key-File-\d:/m],
  ["a private key", ["<rsakeyvalue>"], /<RSAKeyValue>[\s\S]{0,4000}<D>[A-Za-z0-9+/=\s]{40}/],
  [
    "a private key",
    ['"kty"'],
    /"kty"\s*:\s*"(?:RSA|EC|OKP)"[^}]{0,4000}"d"\s*:\s*"[\w-]{40}|"d"\s*:\s*"[\w-]{40,400}"[^}]{0,4000}"kty"\s*:/,
  ],
  ["a WireGuard private key", ["privatekey =", "privatekey="], /^PrivateKey[ \t]*=[ \t]*[A-Za-z0-9+/]{43}=/m],
  [
    "a private key",
    ["secret key", "ed25519v1-secret"],
    /^untrusted comment: (?:minisign|signify)[^\n]{0,200} secret key\r?\n\S{10}|^== ed25519v1-secret:/m,
  ],
  ["an AWS access key", ["akia", "asia", "abia", "acca"], /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/],
  [
    "an AWS secret key",
    ["aws", "secret_key"],
    /\baws_?(?:secret_?access_?key|session_?token)["']?(?:\s*[=:>]{1,2}\s*|[ \t]+)["']?[A-Za-z0-9/+]{40}|\bsecret_key\s*=\s*"[A-Za-z0-9/+]{40}"/i,
  ],
  [
    "an AWS secret key",
    ["secretaccesskey", "secret access key"],
    /"SecretAccessKey"\s*:\s*"[A-Za-z0-9/+]{40}"|\bSecret access key\b[^\n]{0,400}\n[^\n]{0,400}[A-Za-z0-9/+]{40}/,
  ],
  [
    "a GitHub token",
    ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
    /\bgh[pousr]_[A-Za-z0-9]{30}|\bgithub_pat_\w{22}/,
  ],
  ["a GitLab token", ["glpat-"], /\bglpat-[\w-]{20}/],
  ["a Slack token", ["xox", "xapp-"], /\bxox[abeprs](?:\.xox[bp])?-[\w-]{10}|\bxapp-\d-\w+/],
  [
    "a webhook URL",
    ["hooks.slack.com", "webhook.office.com"],
    /\bhooks\.slack\.com\/(?:services|workflows|triggers)\/T\w+\/\w+\/\w{16}|\.webhook\.office\.com\/webhookb2\/[\w@/-]{40}/,
  ],
  ["a webhook URL", ["/api/webhooks/"], /\bdiscord(?:app)?\.com\/api\/webhooks\/\d{10,}\/[\w-]{40}/],
  ["a Stripe key", ["k_live_", "k_test_", "k_prod_"], /\b[rs]k_(?:live|test|prod)_[A-Za-z0-9]{16}/],
  ["a webhook secret", ["whsec_"], /\bwhsec_[A-Za-z0-9+/]{24}/],
  ["a Google API key", ["aiza"], /\bAIza[\w-]{35}/],
  [
    "a Google OAuth secret",
    ["gocspx-", "ya29.", "refresh_token"],
    /\bGOCSPX-[\w-]{20}|\bya29\.[\w-]{30}|"refresh_token"\s*:\s*"1\/\/[\w-]{20}/,
  ],
  ["a Nylas API key", ["nyk_v"], /\bnyk_v\d_\w{8}/],
  ["an Anthropic API key", ["sk-ant-"], /\bsk-ant-[\w-]{20}/],
  ["an OpenAI API key", ["\bsk-"], /\bsk-(?:proj|svcacct|admin|or-v1|lf)-[\w-]{20}|\bsk-[A-Za-z0-9]{40}/],
  ["an npm token", ["npm_"], /\bnpm_[A-Za-z0-9]{30}/],
  ["a Hugging Face token", ["hf_"], /\bhf_[A-Za-z0-9]{30}/],
  ["a SendGrid API key", ["sg."], /\bSG\.[\w-]{16,64}\.[\w-]{16}/],
  ["a Mailgun API key", ["key-"], /\bkey-[0-9a-f]{32}\b/],
  ["a Mailchimp API key", ["-us"], /\b[0-9a-f]{32}-us\d{1,2}\b/],
  ["a DigitalOcean token", ["dop_v1_", "doo_v1_", "dor_v1_"], /\bdo[opr]_v1_[a-f0-9]{40}/],
  ["a PyPI token", ["pypi-"], /\bpypi-[\w-]{50}/],
  ["a Telegram bot token", [":aa"], /\b\d{8,10}:AA[\w-]{33}\b/],
  ["a Discord bot token", ["discord", "bot"], /\b[MNO][A-Za-z\d]{23,25}\.[\w-]{6}\.[\w-]{27,38}\b/],
  ["a Twilio key", ["twilio"], /\b(?:AC|SK)[0-9a-f]{32}\b/],
  [
    "an Azure client secret",
    Array.from({ length: 10 }, (_, digit) => `${digit}q~`),
    /\b[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31}/,
  ],
  ["an Azure key", ["accountkey=", "sharedaccesskey="], /\b(?:Account|SharedAccess)Key=[A-Za-z0-9+/]{40}/],
  [
    "an Azure shared access signature",
    ["sig="],
    /[?&]sig=[A-Za-z0-9%+/]{40,200}&[^\s"']{0,400}\bs[evpr]=|[?&]s[evpr]=[^\s"']{1,400}&sig=[A-Za-z0-9%+/]{40}/,
  ],
  ["a signed storage URL", ["-signature="], /\bX-(?:Amz|Goog)-Signature=[0-9a-f]{64}/],
  ["a Vault token", ["hvs.", "hvb."], /\bhv[sb]\.[\w-]{24}/],
  ["a JSON web token", ["eyj"], /\beyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{10}/],
  // What programs store.
  ["cluster credentials", ["client-key-data"], /^[ \t-]*client-key-data:[ \t]*\S/m],
  [
    "cluster credentials",
    ["kind: config"],
    /^kind:[ \t]*Config\b[\s\S]{0,4000}?^[ \t]+(?:token|password):[ \t]*\S{8}|^[ \t]+(?:token|password):[ \t]*\S{8}[\s\S]{0,4000}?^kind:[ \t]*Config\b/m,
  ],
  [
    "a Kubernetes secret",
    ["kind: secret"],
    /^kind:[ \t]*Secret\b[\s\S]{0,4000}?^(?:d|stringD)ata:[ \t]*\r?\n[ \t]+[\w.-]{1,100}:[ \t]*[\w"'+/|>]|^(?:d|stringD)ata:[ \t]*\r?\n[ \t]+[\w.-]{1,100}:[ \t]*[\w"'+/|>][\s\S]{0,4000}?^kind:[ \t]*Secret\b/m,
  ],
  [
    "browser passwords",
    ["password_value", "encrypted_value", "moz_cookies", "nssprivate"],
    /^SQLite format 3\0[\s\S]*\b(?:password_value|encrypted_value|moz_cookies|nssPrivate)\b/,
  ],
  ["stored passwords", [":5432:"], /^[\w.*-]{1,100}:5432:[^:\s]{1,100}:[^:\s]{1,100}:\S{4}/m],
  [
    "a device password",
    ["secret ", "password "],
    /^[ \t]*(?:enable|username)\b[^\n]{0,100}\b(?:secret|password) [5-9] \S{10}/m,
  ],
  [
    "registry passwords",
    ['"auths"', '"auth"'],
    /"auths?"\s*:\s*(?:\{[\s\S]{0,2000}"(?:auth|identitytoken|password)"\s*:\s*)?"(?=[^"]*[\d=])[A-Za-z0-9+/=]{12}/,
  ],
  [
    "stored credentials",
    ["_authtoken", "_password", ":_auth"],
    /(?:_authToken|_password|:_auth)[ \t]*=[ \t]*(?![ \t"']*(?:\$|<|%|\{))[^\s;,(){}]/,
  ],
  [
    "stored credentials",
    ["[pypi]", "[testpypi]", "[distutils]"],
    /^[ \t]*\[(?:pypi|testpypi|distutils)\][\s\S]{0,2000}^[ \t]*password[ \t]*[:=][ \t]*\S/m,
  ],
  [
    "stored passwords",
    ["machine "],
    /^[ \t]*machine[ \t]+\S{1,200}[ \t\r\n]+login[ \t]+\S{1,200}[ \t\r\n]+password[ \t]+\S/m,
  ],
  [
    "repository passwords",
    ["<server>"],
    /<server>[\s\S]{0,2000}?<(?:password|passphrase)>(?!\s*(?:\$\{|<))\s*\S/,
  ],
  ["stored passwords", ["password"], /<add\s+key="(?:ClearText)?Password"\s+value="(?!%)[^"]{3}/i],
  [
    "stored passwords",
    ["password", "secret", "token", "apikey"],
    /^[ \t]*(?:[a-z][\w.]{0,60}\.)?[a-z]\w{0,40}(?:Password|Secret|Token|ApiKey)[ \t]*=[ \t]*(?!\$)(?=[^\s]*\d)[^\s"'`;,(){}<>[\]]{6,200}[ \t]*\r?$/m,
  ],
  [
    "stored passwords",
    ["password="],
    /^[ \t]*(?:[a-z][\w.]{0,60}\.)?password=(?![$<{])[^\s"'`;,(){}<>[\]]{6,200}[ \t]*\r?$/m,
  ],
  ["stored credentials", ['"private_key"'], /"private_key"\s*:\s*"(?!<|\$|\.\.\.)[^"]{20}/],
  ["stored credentials", ["client_secret"], /"client_secret"\s*:\s*"(?!<|\$|your)(?=[^"]*\d)[\w~.-]{16}/i],
  [
    "stored passwords",
    ["pass =", "password =", "secret_key =", "access_token =", "client_secret ="],
    /^\[[^\]\r\n]{1,100}\][ \t]*\r?\n(?:[^[\n]{0,400}\n){0,30}?[ \t]*(?:pass|password|secret_key|access_token|client_secret)[ \t]*=[ \t]*(?![<${%"'])(?=\S*\d)[^\s<>()]{8}/m,
  ],
  ["stored credentials", ["oauth_token"], /^[ \t]*oauth_token:[ \t]*\S{20}/m],
  [
    "password hashes",
    [":$1$", ":$2", ":$5$", ":$6$", ":$7$", ":$y$", ":$apr1$", ":$argon2"],
    /^[a-z_][\w.-]{0,100}:\$(?:1|2[abxy]|5|6|7|y|apr1|argon2\w{0,2})\$\S{20}/m,
  ],
  ["password hashes", [":{sha}"], /^[a-z_][\w.-]{0,100}:\{SHA\}[A-Za-z0-9+/=]{20}/m],
  ["a database password", ["db_password"], /\bDB_PASSWORD['"]\s*,\s*['"](?!password_here)[^'"]{3}/],
  [
    "a Terraform state, which holds secrets",
    ['"lineage"', '"terraform_version"'],
    /"(?:terraform_version|lineage)"\s*:\s*"[^"]{1,100}"[\s\S]{0,4000}"(?:resources|modules)"\s*:\s*\[/,
  ],
  ...WALLET_SHAPES,
];

/** Shapes whose value may be an example, as in documentation. Groups: the value, and the host it is for. */
export const WITH_VALUE: readonly Shape[] = [
  // For a database, a repository or a proxy.
  ["a URL with a password", ["://"], /:\/\/[^\s:/@"'`<>]{0,100}:([^\s:/@"'`<>]{3,200})@([\w.[\]-]{1,253})/g],
  [
    "a database password",
    ["pwd=", "password="],
    /;[ \t]*(?:Password|Pwd)[ \t]*=[ \t]*([^\s;"'<>{}$]{4,200})/gi,
  ],
  [
    "a database password",
    ["password=", "pwd=", "token=", "key=", "secret="],
    /[?&](?:password|passwd|pwd|access_token|auth_?token|api_?key|client_secret)=((?=[^\s&"']*\d)[^\s&"'`<>{}$%\\]{8,200})/gi,
  ],
  [
    "a password in a command",
    ["sshpass", "curl "],
    /\b(?:sshpass[ \t]+-p|curl\b[^\n]{0,300}?[ \t](?:-u|--user)[ =]["']?[^\s:'"$<]{1,100}:)[ \t]*["']?([^\s'"`$<>{}]{4,200})/g,
  ],
  [
    "service credentials",
    ["authorization"],
    /\bauthorization["']?[ \t]*[:=,][ \t]*["'`]?(?:basic[ \t]+(?!dXNlc|QWxhZG|Zm9vO|dGVzd|YWRtaW46YWRtaW4)|(?:bearer|token)[ \t]+(?=[^\s"']*\d))([\w.~+/-]{16,2000})/gi,
  ],
  ["a network password", ["psk="], /^[ \t]*psk=["']?([^\s"']{8,63})["']?[ \t]*\r?$/gm],
  [
    "stored passwords",
    ["password", "passwd", "passphrase", "secret", "token", "apikey", "api_key", "api-key", "access"],
    /["'][\w.-]{0,60}?(?:password|passwd|passphrase|secret|token|api[_-]?key|access_?key)["'][ \t]*:[ \t]*["']((?=[^"']*\d)(?=[^"']*[a-z])[^\s"'`$<>(){}[\],;\\]{8,200})["']/gi,
  ],
  // In settings: YAML, TOML and the like. Names of types and functions have one digit at most, no quotes.
  [
    "stored passwords",
    [
      "password",
      "passwd",
      "passphrase",
      "secret",
      "token",
      "apikey",
      "api_key",
      "api-key",
      "accesskey",
      "access_key",
    ],
    /^[ \t{,-]{0,40}(?:export[ \t]+)?["']?[\w.-]{0,60}?(?:password|passwd|passphrase|secret|token|api[_-]?key|access_?key)["']?[ \t]*(?::|=|=>)[ \t]*((?=["'])["'](?=[^"']*\d)(?=[^"']*[a-z])[^\s"'`$<>(){}[\],;\\]{8,200}["']|(?=(?:[^\s\d]*\d){2})(?=\S*[a-z])[^\s"'`$<>(){}[\],;\\]{8,200}(?![,;]))[ \t]*,?[ \t]*(?:#[^\n]*)?\r?$/gim,
  ],
  [
    "stored passwords",
    [" -e ", "--env", "--build-arg"],
    /[ \t](?:-e|--env|--build-arg)[ =]["']?[A-Z][A-Z0-9_]{0,60}?(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|ACCESS_?KEY)[A-Z0-9_]{0,60}=["']?((?=[^\s"']*\d)[^\s"'`$<>(){}]{8,200})/g,
  ],
  // A line of an environment file, whatever its name. Code has blanks around “=”, documentation no digits.
  [
    "stored passwords",
    [
      "secret",
      "password",
      "passwd",
      "token",
      "apikey",
      "api_key",
      "access_key",
      "private_key",
      "credential",
    ].flatMap((word) => [`${word}=`, `${word}s=`, `${word}_id=`]),
    /^[ \t]*(?:export[ \t]+|ENV[ \t]+|set[ \t]+)?[A-Z][A-Z0-9_]{0,60}?(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|CREDENTIALS?)[A-Z0-9_]{0,60}=["']?((?=[^\s"']*\d)[^\s"'$<>(){}]{12,200})["']?[ \t]*\r?$/gm,
  ],
  ...PASSWORD_SHAPES,
];
