/** Which files are asked about before they leave, and which are not. No key here is one: all are put together when the test runs. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { secretContent } from "../../src/files/secrets/secretContents.ts";
import { looksSecret } from "../../src/files/secrets/secretFiles.ts";
import { secretName } from "../../src/files/secrets/secretNames.ts";
import { tarOf, zipOf } from "../support/archives.ts";
import { Folder } from "../support/files.ts";

const SMALL = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const HEX = `${DIGITS}abcdef`;
const LETTERS = `${SMALL}${SMALL.toUpperCase()}${DIGITS}`;
const CAPITALS = `${SMALL.toUpperCase()}${DIGITS}`;

/** Letters that look drawn by lot, and are the same in every run. */
function drawn(length: number, alphabet = LETTERS, seed = "freight"): string {
  let text = "";
  for (let round = 0; text.length < length; round++)
    for (const byte of createHash("sha512").update(`${seed} ${round} ${length}`).digest())
      text += alphabet[byte % alphabet.length] ?? "";
  return text.slice(0, length);
}
const lines = (count: number) =>
  Array.from({ length: count }, (_, at) => drawn(64, LETTERS, `${at}`)).join("\n");
const pem = (kind: string, of = `${lines(6)}\n`) => `-----BEGIN ${kind}-----\n${of}-----END ${kind}-----\n`;
const jwt = (payload: string) =>
  [`{"alg":"HS256","typ":"JWT"}`, payload].map((part) => Buffer.from(part).toString("base64url")).join(".") +
  `.${drawn(43)}`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const chain = pem("CERTIFICATE", `${lines(24)}\n`).repeat(3);

/** A host that is nobody's example. */
const company = ["git", "corp", "internal"].join(".");

/** Words of the list that wallets take theirs from, and a password as somebody would think of it. */
const PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow";
const TYPED = ["Tr0ub", "4dor99x"].join("");
const numbered = (phrase: string) =>
  phrase
    .split(" ")
    .map((word, at) => `${at + 1}. ${word}`)
    .join("\n");

/** What a file called notes.txt may hold. */
const CONTENTS: readonly (readonly [what: RegExp, content: string])[] = [
  [/private key/, pem("PRIVATE KEY")],
  [/private key/, pem("RSA PRIVATE KEY")],
  [/private key/, pem("EC PRIVATE KEY")],
  [/private key/, pem("OPENSSH PRIVATE KEY")],
  [/private key/, pem("ENCRYPTED PRIVATE KEY")],
  [
    /private key/,
    pem("DSA PRIVATE KEY", `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${lines(4)}\n`),
  ],
  [/private key, line 79/, chain + pem("PRIVATE KEY")],
  [/private key/, `Bag Attributes\n    friendlyName: server\n${chain}${pem("RSA PRIVATE KEY")}`],
  [/private key/, pem("PGP PRIVATE KEY BLOCK", `\n${lines(8)}\n`)],
  [/private SSH key/, `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n`],
  [/private key/, JSON.stringify({ type: "service_account", private_key: pem("PRIVATE KEY") })],
  [/private key/, JSON.stringify({ kty: "RSA", n: drawn(80), e: "AQAB", d: drawn(80) })],
  [/WireGuard/, `[Interface]\nPrivateKey = ${drawn(43)}=\nAddress = 10.0.0.2/32\n`],
  [/OpenVPN/, `client\n<tls-auth>\n-----BEGIN OpenVPN Static key V1-----\n${drawn(32, HEX)}\n`],
  [
    /cluster/,
    `apiVersion: v1\nkind: Config\nusers:\n- name: kim\n  user:\n    client-key-data: ${base64(drawn(90))}\n`,
  ],
  [/cluster/, `apiVersion: v1\nkind: Config\nusers:\n- name: kim\n  user:\n    token: ${drawn(40)}\n`],
  [
    /registry/,
    JSON.stringify({ auths: { "registry.example": { auth: base64(`kim:${drawn(20)}`) } } }, null, 2),
  ],
  [/stored credentials/, `//registry.example/:_password=${base64(drawn(20))}\n`],
  [/stored credentials/, `//registry.example/:_authToken=${drawn(36)}\n`],
  [/stored credentials/, `registry=x\n_auth=${base64(`kim:${drawn(9)}`)}\n:_auth=${drawn(20)}\n`],
  [
    /stored credentials/,
    `[distutils]\nindex-servers = pypi\n\n[pypi]\nusername = kim\npassword = ${drawn(16)}\n`,
  ],
  [
    /Terraform/,
    `{\n  "version": 4,\n  "terraform_version": "1.9.0",\n  "lineage": "a",\n  "outputs": {},\n  "resources": []\n}`,
  ],
  [
    /stored credentials/,
    JSON.stringify({ client_id: "x", client_secret: drawn(24), type: "authorized_user" }),
  ],
  [/Google/, JSON.stringify({ refresh_token: `1//${drawn(60)}` })],
  [/stored passwords/, `[backup]\ntype = sftp\nuser = kim\npass = ${drawn(30)}\n`],
  [/stored passwords/, `[default]\naccess_key = x\nsecret_key = ${drawn(30)}\n`],
  [
    /repository/,
    `<settings><servers><server><id>x</id><password>${drawn(9)}</password></server></servers></settings>`,
  ],
  [/stored passwords/, `org.gradle.jvmargs=-Xmx2g\nsigning.password=${drawn(12)}\n`],
  [/stored passwords/, `nexusUser=kim\nnexusPassword=${drawn(12)}7\n`],
  [/stored passwords/, `<add key="ClearTextPassword" value="${drawn(14)}" />`],
  [/stored passwords/, `machine api.example.com\n  login kim\n  password ${drawn(12)}\n`],
  [/AWS access key/, `[default]\naws_access_key_id = AKIA${drawn(16, CAPITALS)}\n`],
  [/AWS access key, line 2/, `export A=1\nexport AWS_ACCESS_KEY_ID=ASIA${drawn(16, CAPITALS)}\n`],
  [/AWS secret key/, `aws_secret_access_key = ${drawn(40)}\n`],
  [/AWS secret key/, `User name,Access key ID,Secret access key\nkim,x,${drawn(40)}\n`],
  [/GitHub/, `token: ghp_${drawn(36)}\n`],
  [/GitHub/, `github_pat_${drawn(22)}_${drawn(59)}`],
  [/GitLab/, `glpat-${drawn(20)}`],
  [/Slack/, `xoxb-${drawn(12, DIGITS)}-${drawn(12, DIGITS)}-${drawn(24)}`],
  [/webhook/, `hooks.slack.com/services/T${drawn(8, CAPITALS)}/B${drawn(8, CAPITALS)}/${drawn(24)}`],
  [/Stripe/, `sk_live_${drawn(24)}`],
  [/OpenAI/, `sk-proj-${drawn(120)}`],
  [/OpenAI/, `sk-${drawn(48)}`],
  [/Anthropic/, `sk-ant-api03-${drawn(93)}AA`],
  [/npm/, `npm_${drawn(36)}`],
  [/Hugging Face/, `hf_${drawn(34)}`],
  [/SendGrid/, `SG.${drawn(22)}.${drawn(43)}`],
  [/DigitalOcean/, `dop_v1_${drawn(64, HEX)}`],
  [/Google API key/, `AIza${drawn(35)}`],
  [/Google OAuth/, `GOCSPX-${drawn(28)}`],
  [
    /Azure key/,
    `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${drawn(86)}==;EndpointSuffix=core.windows.net`,
  ],
  [/Azure key/, `Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=${drawn(43)}=`],
  [/Azure shared access/, `?sv=2022-11-02&ss=b&se=2026-01-01&sig=${drawn(44)}%3D`],
  [/Azure client secret/, `${drawn(3)}8Q~${drawn(34)}`],
  [/web token/, `Authorization: Bearer ${jwt('{"sub":"1234567890","name":"Kim"}')}`],
  [/PyPI/, `pypi-AgEIcHlwaS5vcmc${drawn(80)}`],
  [/Vault/, `hvs.${drawn(95)}`],
  [/Telegram/, `${drawn(10, "123456789")}:AA${drawn(33)}`],
  [/Nylas/, `nyk_v0_${drawn(40)}`],
  [/Databricks/, `dapi${drawn(32, HEX)}`],
  [/Shopify/, `shpat_${drawn(32, HEX)}`],
  [/age/i, `AGE-SECRET-KEY-1${drawn(58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")}`],
  [
    /1Password/,
    `A3-${drawn(6, CAPITALS)}-${drawn(31, CAPITALS).replace(/(.{6})(.{5})(.{5})(.{5})(.{5})(.{5})/, "$1-$2-$3-$4-$5")}`,
  ],
  [/Linear/, `lin_api_${drawn(40)}`],
  [/password/, `DATABASE_URL=postgres://kim:${drawn(14)}@db.corp.internal:5432/app`],
  [/password/, `git clone ${"https:"}//kim:${drawn(14)}@${company}/x.git`],
  [/database/, `Server=sql.corp.internal;Database=x;User Id=kim;Password=${drawn(14)};`],
  [/stored passwords/, `APP_NAME=tide\nSTRIPE_WEBHOOK_SECRET=${drawn(30)}\n`],
  [/hashes/, `root:$6$${drawn(8)}$${drawn(60)}:19000:0:99999:7:::\n`],
  [/hashes/, `kim:$apr1$${drawn(8)}$${drawn(22)}\n`],
  [/stored passwords/, JSON.stringify({ db: { user: "kim", password: `${drawn(14)}7a` } })],
  [/stored passwords/, `database:\n  user: kim\n  password: ${drawn(14)}78a\n`],
  [/stored passwords/, `[db]\npassword = "${drawn(14)}7a"\n`],
  [/stored passwords/, `export API_TOKEN=${drawn(20)}7a # of production\n`],
  [/stored passwords/, `docker run -e POSTGRES_PASSWORD=${drawn(14)}7 postgres\n`],
  [/stored passwords/, `db.corp.internal:5432:app:kim:${drawn(12)}\n`],
  [/database/, `jdbc:mysql://db.corp.internal/app?user=kim&password=${drawn(14)}7\n`],
  [/password in a command/, `curl -s -u kim:${drawn(14)} https://api.example.com/v1\n`],
  [/password in a command/, `sshpass -p ${drawn(12)} ssh kim@build.corp.internal\n`],
  [/service credentials/, `Authorization: Basic ${base64(`kim.lee:${drawn(14)}`)}\n`],
  [/service credentials/, `"Authorization": "Bearer ${drawn(30)}7"\n`],
  [/network/, `[wifi-security]\nkey-mgmt=wpa-psk\npsk=${drawn(12)}\n`],
  [/device/, `username admin privilege 15 secret 5 $1$${drawn(4)}$${drawn(22)}\n`],
  [
    /Kubernetes/,
    `apiVersion: v1\ndata:\n  password: ${base64(drawn(12))}\nkind: Secret\nmetadata:\n  name: x\n`,
  ],
  [/private key/, `untrusted comment: minisign encrypted secret key\n${drawn(100)}\n`],
  [/private key/, base64(pem("PRIVATE KEY"))],
  [/private key/, pem("PRIVATE KEY").replace(/BEGIN|END|PRIVATE|KEY/g, (word) => word.toLowerCase())],
  [/private key/, pem("PRIVATE KEY").replace(/-{5}(?=BEGIN)/, "----- ")],
  [/private key/, pem("PRIVATE KEY").replaceAll("\n", "<br>\n")],
  [/private key/, `key=${encodeURIComponent(pem("PRIVATE KEY")).replaceAll("%20", "+")}`],
  [/vault/, `$ANSIBLE_VAULT;1.1;AES256\n${drawn(80, HEX)}\n`],
  [/vault/, `password: !vault |\n          $ANSIBLE_VAULT;1.2;AES256;prod\n          ${drawn(80, HEX)}\n`],
  [/wallet/, `seed phrase: ${PHRASE}\n`],
  [/wallet/, `{"mnemonic": "${PHRASE}"}\n`.replace("}", "")],
  [/wallet/, `${PHRASE}\n`],
  [/wallet/, `${PHRASE.toUpperCase()}\n`],
  [/wallet/, `${PHRASE.replaceAll(" ", ", ")}\n`],
  [/wallet/, `${numbered(PHRASE)}\n`],
  [/wallet/, `My wallet:\n${PHRASE.replaceAll(" ", "\n")}\n`],
  [/wallet/, `PRIVATE_KEY=0x${drawn(64, HEX)}\n`],
  [/wallet/, `{"privateKey": "${drawn(64, HEX)}"}\n`],
  [/wallet/, `nsec1${drawn(58, "qpzry9x8gf2tvdw0s3jn54khce6mua7l")}\n`],
  [/wallet/, `{"crypto":{"ciphertext":"${drawn(64, HEX)}","kdf":"scrypt"}}`],
  [/one-time/, `otpauth://totp/x:kim?secret=${drawn(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}&issuer=x`],
  [/cookies/, `# Netscape HTTP Cookie File\n\n.git.corp.internal\tTRUE\t/\tTRUE\t0\tsession\t${drawn(40)}\n`],
  [/service credentials/, JSON.stringify({ name: "Cookie", value: `session=${drawn(40)}` })],
  [/service credentials/, `curl -H "X-Api-Key: ${drawn(32)}7" https://api.example.com\n`],
  [/hashes/, `Administrator:500:${drawn(32, HEX)}:${drawn(32, HEX)}:::\n`],
  [/network/, `<keyMaterial>${drawn(12)}</keyMaterial>`],
  [/network/, `%any : PSK "${drawn(12)}"\n`],
  [/device/, `password 51:b:${drawn(60, "0123456789ABCDEF")}\n`],
  [/device/, `encrypted-password "$9$${drawn(20)}";\n`],
  [/stored passwords/, `<Server><Host>x</Host><Pass encoding="base64">${base64(drawn(9))}</Pass></Server>`],
  [/AWS secret key/, `set -x AWS_SECRET_ACCESS_KEY ${drawn(40)}\n`],
  [/AWS secret key/, `  secret_key = "${drawn(40)}"\n`],
  ...[
    "PGPASSWORD=# psql -h db",
    "mysql -u root -p# app",
    "docker login -u kim -p # reg.corp.internal",
    "wget --http-user=kim --http-password=# https://api.example.com/x",
    "openssl rsa -passin pass:# -in a",
    "keytool -list -storepass #",
    "kubectl create secret generic x --from-literal=db-password=#",
    "redis-cli -h cache -a #",
    "net use z: \\\\server\\share # /user:kim",
    'ConvertTo-SecureString "#" -AsPlainText -Force',
  ].map((line) => [/password in a command/, `${line.replace("#", TYPED)}\n`] as const),
  ...[
    '#define WIFI_PASSWORD "#"',
    'const char* password = "#";',
    'String dbPassword = "#";',
    ':password => "#"',
    '<user name="kim" password="#" roles="admin"/>',
    "Passwort: #",
    "Mot de passe: #",
    "contraseña: #",
    "pwd: #",
    "pass: #",
    'DB_PASSWORD="blue horse # lamp"',
    '  "password": "blue horse # lamp",',
    "password = 'blue horse # lamp'",
  ].map((line) => [/stored passwords/, `${line.replace(/#(?!define)/, TYPED)}\n`] as const),
  [/private key/, `key: ${base64(pem("OPENSSH PRIVATE KEY")).replace(/.{76}/g, "$&\n")}`],
];

const variable = (name: string) => `$\u007b${name}}`;

/** The same without the secret: what says how it is done, or only looks like it. */
const HARMLESS: readonly string[] = [
  "",
  chain,
  pem("PUBLIC KEY"),
  pem("PGP PUBLIC KEY BLOCK", `\n${lines(8)}\n`),
  pem("PGP SIGNATURE", `\n${lines(4)}\n`),
  'if (text.includes("-----BEGIN PRIVATE KEY-----")) return "a key";',
  "const HEAD = '-----BEGIN RSA PRIVATE KEY-----\\n' + body;",
  "A PEM file begins with `-----BEGIN PRIVATE KEY-----`.",
  `ssh-ed25519 ${drawn(68)} kim@laptop`,
  JSON.stringify({ kty: "RSA", n: drawn(80), e: "AQAB", kid: drawn(43) }),
  `[Peer]\nPublicKey = ${drawn(43)}=\n`,
  "apiVersion: v1\nkind: ConfigMap\ndata:\n  token: none\n",
  "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n",
  JSON.stringify({ auths: {} }),
  `//registry.example/:_authToken=${variable("NPM_TOKEN")}\n`,
  "registry=https://registry.example/\nsave-exact=true\n",
  "[distutils]\nindex-servers = pypi\n",
  'terraform {\n  required_version = "1.9.0"\n}',
  "[default]\nregion = eu-central-1\n",
  `<settings><server><id>x</id><password>${variable("env.PASSWORD")}</password></server></settings>`,
  "org.gradle.jvmargs=-Xmx2g\norg.gradle.daemon=true\n",
  '<add key="Password" value="%NUGET_PASSWORD%" />',
  "AKIA is the prefix of an AWS access key, ASIA of a temporary one.",
  "aws_secret_access_key = <your secret key>",
  "User name,Access key ID,Secret access key\nkim,x,\n",
  "ghp_ is how a GitHub token begins; npm_ and hf_ are others, sk-ant- and sk-proj- too.",
  "npm_config_registry=x npm_lifecycle_event=test npm_package_version=1",
  "sk-learn, task-management-and-scheduling-with-long-words",
  "SG.xxxxxx",
  "AccountKey=<key>",
  "https://x.example/c/f?sv=2022-11-02",
  "eyJhbGciOiJIUzI1NiJ9 is a header without the rest",
  "postgres://user:password@localhost:5432/app",
  "postgres://postgres:postgres@db/app",
  "mysql://root:example-password9@db.example.com/x",
  `redis://:${variable("REDIS_PASSWORD")}@cache:6379`,
  "https://user:pass@example.com/",
  "Server=localhost;Database=x;Trusted_Connection=True;",
  "API_KEY=\nSECRET_TOKEN=changeme\nDB_PASSWORD=password\n",
  `STRIPE_SECRET=$(cat file)\nAPI_TOKEN=${variable("TOKEN")}\n`,
  'const MAX_TOKENS = 4096;\nconst tokenCount = "12345678901234";\n',
  "password: string;\nsecret?: Buffer;\ntoken = readToken(12345678);\n",
  "root:x:0:0:root:/root:/bin/bash\n",
  `integrity sha512-${drawn(86)}==`,
  `commit ${drawn(40, HEX)}\nAuthor: Kim <kim@x.example>\n`,
  `${drawn(8, HEX)}-${drawn(4, HEX)}-4${drawn(3, HEX)}-a${drawn(3, HEX)}-${drawn(12, HEX)}`,
  base64("A letter that is long enough to look like a key, and says nothing that is one. ".repeat(5)),
  `data:image/png;base64,${drawn(800)}`,
  drawn(5000),
  '{ "password": "", "token": null, "secret": "changeme", "apiKey": "your-api-key" }',
  '{ "js-tokens": "^4.0.0", "cancellation-token": "1.2.3" }',
  "password: {{ vault_password }}\ntoken: Uint8Array\nsecret: <secret>\n",
  "interface Login {\n  token: Uint8Array,\n  secret: base64url,\n}\n",
  "curl -u user:password https://example.com/ -u $USER:$TOKEN\n",
  "Authorization: Bearer <token>\nAuthorization: Basic dXNlcjpwYXNz\n",
  "https://x.example/?password=&token=none&api_key={key}",
  "kind: Secret\nmetadata:\n  name: x\ndata: {}\n",
  "-----begin public key-----",
  "Vault files begin with ANSIBLE_VAULT and a version.",
  "the quick brown fox jumps over lazy dogs that run away from him\n",
  "abandon ability able about above absent absorb abstract\n",
  "Seed: plant them in rows, and water them once a week when it is dry\n",
  "1. open the door\n2. close the door\n3. go\n",
  "wallet = useWallet()\nmnemonic: string\nseed: number\n",
  "private_key=0x\nprivate key: see the manual\n",
  `transaction 0x${drawn(64, HEX)}\n`,
  "otpauth://totp/{label}?secret={secret}",
  '{"name":"Cookie","value":""}',
  "X-Api-Key: <your key>\nX-Auth-Token: none\n",
  "mysql -u root -p app\nmysqldump -p$PASSWORD x\ndocker login -u kim --password-stdin\n",
  "wget --password=PASSWORD x\ntool --password <password>\n",
  "openssl rsa -passin pass:secret\nopenssl rsa -passin env:PASS\nkeytool -storepass changeit\n",
  "PGPASSWORD=$PASSWORD psql\nnet use z: \\\\server\\share /user:kim\n",
  '<input type="password" name="password2" autocomplete="current-password">',
  '"password": "Your password must have at least 8 letters",\n"password": "Enter it 2 times"\n',
  "pass: 12 of 12 tests\ncompass: north\nbypass: true\npwd: /srv/kim\n",
  "passes = 3\n// pass: the 2nd argument\nPasswort vergessen? Passwort: ********\n",
  "a line =\nthat goes on =\nand on\n",
  'const lines = ["-----BEGIN PRIVATE KEY-----", ...body, "-----END PRIVATE KEY-----"];',
  "x = '-----BEGIN PRIVATE KEY-----\\n' + privateKeyOfTheService.replace(a, b);",
];

/** Ways in which a key may stand in a file of another kind. */
const ENCODINGS: readonly (readonly [how: string, encode: (text: string) => string | Uint8Array])[] = [
  [
    "UTF-16 behind a line of ASCII",
    (text) => Buffer.concat([Buffer.from(`${"head ".repeat(200)}\n`), wide(text)]),
  ],
  ["UTF-16 between other letters", (text) => wide(`${"私たちの鍵はここにあります。".repeat(40)}\n${text}`)],
  ["UTF-16 from an odd byte on", (text) => Buffer.concat([Buffer.from("x"), wide(text)])],
  [
    "UTF-16 at an odd end",
    (text) => Buffer.concat([wide(`${"a ".repeat(60_000)}\n${text}`), Buffer.from("\n")]),
  ],
  ["UTF-32", (text) => Buffer.from([...text].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0]))],
  [
    "UTF-32, the other way",
    (text) => Buffer.from([...text].flatMap((letter) => [0, 0, 0, letter.charCodeAt(0)])),
  ],
  ["base64 in short lines", (text) => base64(text).replace(/.{20}/g, "$&\n")],
  ["base64, indented", (text) => `key: |\n${base64(text).replace(/.{64}/g, "    $&\n")}`],
  ["base64 behind a path", (text) => `/abc/${base64(text)}`],
  ["base64 of base64", (text) => base64(base64(text))],
  ["base64 of UTF-16", (text) => wide(text).toString("base64")],
  ["hexadecimal", (text) => Buffer.from(text).toString("hex")],
  ["hexadecimal in pairs", (text) => Buffer.from(text).toString("hex").replace(/../g, "$& ")],
  ["an address", (text) => `https://x.example.com/?x=${encodeURIComponent(text)}`],
  ["JSON in JSON", (text) => JSON.stringify(JSON.stringify({ a: text }))],
  ["JSON with numbers for letters", (text) => JSON.stringify({ a: text }).replaceAll("-", "\\u002d")],
  ["XML", (text) => `<a>${text.replaceAll("-", "&#45;").replaceAll("\n", "&#10;")}</a>`],
  [
    "lines of a program",
    (text) =>
      text
        .split("\n")
        .map((line) => `"${line}\\n" +`)
        .join("\n"),
  ],
  ["what cannot be seen inside of words", (text) => text.replace(/[A-Z]/g, "$&\u200b")],
  ["soft hyphens inside of words", (text) => text.replaceAll("E", "E\u00ad")],
  ["blanks that do not break", (text) => text.replaceAll(" ", "\u00a0")],
  [
    "letters as wide as those of Chinese",
    (text) => text.replace(/[!-~]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  ],
  ["a mail's lines", (text) => text.replaceAll("=", "=3D").replace(/[^\n]{20}/g, "$&=\n")],
  [
    "a mail's lines, with all that is no letter by its number",
    (text) => text.replace(/[^\w\n]/g, (letter) => `=${letter.charCodeAt(0).toString(16).toUpperCase()}`),
  ],
  ["numbers in a list", (text) => JSON.stringify(Buffer.from(text))],
  [
    "numbers of a program",
    (text) => [...Buffer.from(text)].map((byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(", "),
  ],
  ["an address in an address", (text) => encodeURIComponent(encodeURIComponent(text))],
  ["JavaScript's longer escapes", (text) => text.replaceAll("-", "\\u{2d}")],
  ["lines with blanks at their ends", (text) => text.replaceAll("\n", "  \n")],
];
const wide = (text: string) => Buffer.from(text, "utf16le");

/** Keys and stores that are no text, by their first bytes. */
const BINARY: readonly (readonly [what: RegExp, hex: string])[] = [
  [/private key/, "308204bd020100300d06092a864886f70d0101010500048204a7"],
  [/private key/, "308204a40201000282010100"],
  [/private key/, "30770201010420"],
  [/private key/, "308204f6302806092a864886f70d01050d"],
  [/key store/, "308209a10201033082096706092a864886f70d010701"],
  [/key store/, "feedfeed0000000200000001"],
  [/password database/, "03d9a29a67fb4bb500000400"],
  [/private SSH key/, Buffer.from("openssh-key-v1\0").toString("hex")],
  [/Kerberos/, "0504000c00010008"],
  [/Kerberos/, "0502000000"],
  [/private PGP key/, "95039804600000000108"],
  [
    /browser passwords/,
    Buffer.from("SQLite format 3\0...CREATE TABLE logins (password_value BLOB)").toString("hex"),
  ],
];
const HARMLESS_BINARY = [
  "3082030a0282010100",
  "30820122300d06092a864886f70d01010105000382010f00",
  "89504e470d0a1a0a",
  "99010d0460000000",
];

const SECRET_NAMES = `
  .env .env.local .env.production .env-prod .env_local .env~ .envrc .ENV .env.bak prod.env production.env env.production
  app.env.local secrets.env .env.js id_rsa id_rsa.bak id_rsa_work id_rsa-2024 id_ed25519.old id_ed25519_sk id_dsa id_ecdsa
  id_rsa. id_rsa::$DATA ID_RSA ssh_host_ed25519_key credentials credentials.csv credentials.json aws-credentials.txt
  secrets.yaml secret.txt client_secret.json my.secret.toml db-credentials.ini creds.txt team-passwords.docx password.pdf passwords.txt passwords.xlsx
  api_keys.txt recovery-codes.txt private-key.txt server.key release.p12 cert.pfx app.jks upload.keystore vault.kdbx
  login.ppk AuthKey_X1.p8 krb5.keytab office.ovpn wg0.conf .netrc _netrc .pgpass .my.cnf .git-credentials .htpasswd
  .dockercfg .dockerconfigjson .s3cfg .pypirc .boto .vault-token .terraformrc terraform.tfstate terraform.tfstate.backup
  prod.tfvars prod.auto.tfvars prod.tfvars.json application_default_credentials.json rclone.conf local.settings.json auth.json
  firebase-adminsdk-x.json logins.json key4.db cookies.sqlite .bash_history .zsh_history .python_history .psql_history
  ConsoleHost_history.txt wallet.dat shadow kubeconfig kubeconfig.yaml prod.kubeconfig secring.gpg privkey.pem server-key.pem tls_key.pem private.pem private.asc gcp-key.json rootkey.csv kim_accessKeys.csv
  my_id_rsa backup-id_ed25519 deploy_rsa github_ed25519 key.properties users.htpasswd .Xauthority .ansible-vault logins.csv
  wallet.json seedphrase.txt privatekey.txt kube_config token.txt github-token admin.kirbi krb5cc_1000 lsass.dmp office.pcf
  2fa.txt totp-secrets.json aegis-backup.json authenticator.csv
  msal_token_cache.json accessTokens.json token.pickle pgpass.conf unattend.xml .dev.vars .flaskenv prod.secret.exs login.keychain-db
  bitwarden_export.json lastpass_export.csv KeePass.csv 1password.1pux vault_pass.txt .vault_pass mnemonic.txt seed-phrase.txt
  Passwörter.xlsx kennwort.txt contraseñas.txt wachtwoorden.txt пароли.txt 密码.txt UTC--2024-01-31T12-00-00.000Z--8aee`
  .trim()
  .split(/\s+/)
  .concat("id_rsa ", "id_rsa copy", "id_rsa (2)", "Login Data", ".env copy 2", "mots de passe.xlsx")
  .concat("Passwörter.txt".normalize("NFD"), "pass\u200bwords.txt", "ｐａｓｓｗｏｒｄｓ.txt");

const HARMLESS_NAMES = `
  .env.example .env.sample .env.prod.sample env.template example.env .environment environment.ts env.d.ts env.js vite-env.d.ts
  id_rsa.pub id_ed25519-cert.pub id_token.ts identity.ts keyboard.json monkey.png keynote.pdf secretary.pdf secretariat.xlsx
  credentials.py secrets.rs secret.svg CredentialProvider.java password-strength.js passwords.html forgot-password.tsx
  build.zip public.key public-key.txt server.crt chain.pem main.tf variables.tf history.txt tokens.json design-tokens.css
  password-policy.pdf secret-santa.docx env-report.pdf config.json settings.xml package.json .npmrc .gitignore .editorconfig Dockerfile Makefile README.md report.pdf data.csv
  envoy.yaml envelope.txt development.log environment.yml shadow.css keys.ts api.json fullchain.pem cert.pem pubkey.pem public-key.pem monkey.pem wachtwoordbeleid.pdf
  token.ts tokens.css token.svg key.ts otp.ts totp.md authenticator.py seed.sql logins.ts vault.ts id_token.json grid-id_rsapublic.ts
  keepass-manual.pdf 1password-logo.png token.json UTC.txt private.ts`
  .trim()
  .split(/\s+/);

describe("The question about secrets", () => {
  let folder: Folder;
  let count = 0;
  before(async () => {
    folder = await Folder.make();
  });
  after(() => folder.remove());

  const look = async (content: string | Uint8Array, name = "notes.txt") =>
    looksSecret(await folder.file(name, content));

  it("comes for every kind of content, and says what it is and where", async () => {
    for (const [what, content] of CONTENTS) {
      const found = await look(content);
      assert.match(found ?? `nothing in ${content.slice(0, 60)}`, what);
      assert.match(found ?? "", /, line \d+$/);
      count++;
    }
    console.log(`      ${CONTENTS.length} kinds of content`);
  });

  it("never says the secret itself", async () => {
    for (const [, content] of CONTENTS) {
      const found = (await look(content)) ?? "";
      for (let at = 0; at + 12 <= found.length; at++) {
        const part = found.slice(at, at + 12);
        assert.ok(!/\d/.test(part) || !content.includes(part), found);
      }
    }
  });

  it("comes for each of them behind much other text, at the end of a large file, and in UTF-16", async () => {
    const filler = "Nothing to see in this line of a log.\n";
    const secrets = CONTENTS.filter(([, content]) => content.length < 4_000);
    for (const [whatAndWhere, content] of secrets) {
      const what = new RegExp(whatAndWhere.source.replace(/, line.*/, ""), "i");
      assert.match((await look(filler.repeat(1_500) + content)) ?? content.slice(0, 60), what);
      const atEnd = (await look(`${filler.repeat(40_000)}\n${content}`)) ?? content.slice(0, 60);
      assert.match(atEnd, what);
      assert.match(atEnd, /near its end$/);
      const little = Buffer.from(`${filler}${content}`, "utf16le");
      const big = Buffer.from(little).swap16();
      const mark = Buffer.from("\ufeff", "utf16le");
      for (const bytes of [
        little,
        big,
        Buffer.concat([mark, little]),
        Buffer.concat([Buffer.from(mark).swap16(), big]),
      ])
        assert.match((await look(bytes)) ?? content.slice(0, 60), what);
      count += 6;
    }
    console.log(`      ${secrets.length} × 6 places and encodings`);
  });

  it("comes for a key however it is encoded", async () => {
    for (const [how, encode] of ENCODINGS) {
      const found = await look(encode(pem("PRIVATE KEY")));
      assert.match(found ?? how, /private key, (line \d+|near its end)$/, how);
      assert.equal(await look(encode(pem("PUBLIC KEY"))), undefined, how);
    }
    console.log(`      ${ENCODINGS.length} encodings`);
  });

  it("comes wherever a secret crosses the bounds of what is read", async () => {
    const filler = "Nothing to see in this line of a log.\n".repeat(10_000);
    const token = `ghp_${drawn(36)}`;
    for (const secret of [
      token,
      pem("PRIVATE KEY", `${lines(1)}\n`),
      wide(` token of GitHub: ${token}`).toString("latin1"),
    ])
      for (const [before, after] of [
        [64 * 1024 - 1, 100_000],
        [64 * 1024 - secret.length + 1, 100_000],
        [64 * 1024 - 20, 100],
        [200_000, 4 * 1024 - secret.length + 1],
        [200_000, 4 * 1024 - 1],
      ] as const) {
        const text = `${filler.slice(0, before - 1)}\n${secret}\n${filler.slice(0, after - 1)}`;
        assert.notEqual(await look(Buffer.from(text, "latin1")), undefined, `${before}, ${after}`);
      }
  });

  it("comes for keys and stores that are no text", async () => {
    const file = (hex: string) => Buffer.concat([Buffer.from(hex, "hex"), Buffer.from(drawn(900))]);
    for (const [what, hex] of BINARY) assert.match((await look(file(hex))) ?? hex, what);
    for (const hex of HARMLESS_BINARY) assert.equal(await look(file(hex)), undefined, hex);
  });

  it("does not come for their harmless twins", async () => {
    for (const content of HARMLESS) assert.equal(await look(content), undefined, content.slice(0, 80));
    console.log(`      ${HARMLESS.length} harmless twins`);
  });

  it("comes for names, and not for those that only look like them", () => {
    assert.deepEqual(
      SECRET_NAMES.filter((name) => secretName(name) === undefined),
      [],
    );
    assert.deepEqual(
      HARMLESS_NAMES.filter((name) => secretName(name) !== undefined),
      [],
    );
    console.log(`      ${SECRET_NAMES.length} names, ${HARMLESS_NAMES.length} harmless ones`);
  });

  it("comes for what archives have in them, by name", async () => {
    const names = ["app/readme.md", "app/deploy/id_rsa", "app/main.js"];
    const long = [`${"deep/".repeat(40)}readme.md`, `${"deep/".repeat(40)}prod.env`];
    for (const [name, bytes] of [
      ["a.zip", await zipOf(names)],
      ["a.jar", await zipOf(["META-INF/MANIFEST.MF", "app/id_rsa"])],
      ["a.zip", Buffer.concat([await zipOf(names), Buffer.alloc(0)])],
      ["a.tar", tarOf(names)],
      ["a.tgz", gzipSync(tarOf(names))],
      ["long.tar", tarOf(long)],
      ["long.tar.gz", gzipSync(tarOf(long))],
      ["pax.tar", tarOf(long, "pax")],
    ] as const)
      assert.match((await look(bytes, name)) ?? name, / in it: (id_rsa|prod\.env)$/);
    for (const [name, bytes] of [
      ["b.zip", await zipOf(["app/readme.md", "app/env/main.js", "credentials/"])],
      ["b.tar", tarOf(["app/readme.md"])],
      ["b.tgz", gzipSync(tarOf(["app/readme.md"]))],
      ["b.gz", gzipSync("not a tar")],
      ["broken.zip", (await zipOf(names)).subarray(0, 200)],
      ["broken.tgz", gzipSync(tarOf(["a.txt"])).subarray(0, 30)],
    ] as const)
      assert.equal(await look(bytes, name), undefined, name);
  });

  it("comes seldom for the files of ten well-known projects", () => {
    const modules = join(import.meta.dirname, "../../node_modules");
    const projects =
      "typescript undici zod markdown-it nodemailer mocha esbuild @azure underscore playwright-core".split(
        " ",
      );
    let files = 0;
    const asked: string[] = [];
    const looks: Promise<void>[] = [];
    for (const project of projects) {
      const entries = readdirSync(join(modules, project), { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name));
      assert.ok(paths.length > 5, project);
      files += paths.length;
      for (const path of paths)
        looks.push(
          looksSecret(path).then((what) => {
            if (what !== undefined) asked.push(`${path.slice(modules.length + 1)}: ${what}`);
          }),
        );
    }
    return Promise.all(looks).then(() => {
      console.log(`      ${asked.length} of ${files} files are asked about`);
      assert.ok(files > 3_000, `${files}`);
      assert.ok(asked.length <= files * 0.02, asked.join("\n"));
    });
  });

  it("is through with any text: no shape reads far", () => {
    const bytes = 64 * 1024;
    const seeds = [
      ..."\n \t=:;\"'<[{-_.@/aA0",
      ...'\r\n| =|a=|://a:|password=|Password=a;|[a]\n|<server>|<RSAKeyValue>|machine a\n|kind: Config\n|client-key-data:|"kty":|"kty":"RSA"|"d":"|"auths":{|eyJa.|eyJaaaaaaaaaaaaa|sig=a|&se=a|AWS_SECRET=|A_SECRET|export |PASSWORD=a1|xoxb-1-|SG.a|-----BEGIN |-----BEGIN PRIVATE KEY|"private_key":"|"terraform_version":"1"|[pypi]|Secret access key\n|aws_secret_access_key|a:$6$|twilio SK|discord bot Ma|sc_a.|signing.password=|pat.a.|a.aPassword=|:_auth=|curl -u a|curl -u a:|Authorization: Basic |psk=|kind: Secret\ndata:\n a: b\n|"password":"a1|password: a1|%41|&#65;|\\u0041|a:5432:|untrusted comment: minisign|mnemonic: abandon |abandon |1. abandon\n|0x41, |65, |=\n|a=\n|mysql a -pa |docker login a -p|--from-literal=password|redis-cli -a|net use \\\\a |password="a A1|password: "a 1 |# Netscape HTTP Cookie File\n|"name":"cookie","value":"|otpauth://?|%25|\u200b|a:1:|_pass: 1a|&token=a1|enable secret 5 ,-'.split(
        "|",
      ),
    ];
    for (const seed of seeds)
      for (const other of [
        "",
        "password secret token apikey ://",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "\n",
      ]) {
        const text = (seed + other).repeat(Math.ceil(bytes / (seed + other).length)).slice(0, bytes);
        secretContent(Buffer.from(text));
        count++;
      }
    console.log(`      ${count} texts in all`);
  });
});
