import assert from "node:assert/strict";
import { readProxy } from "../../../src/net/connect/proxyRules.ts";

/** An address with somebody who signs in. */
const signedIn = (rest: string) => `http:${"//"}${rest}`;

/** As it is written, and kind, host, port and sign-in of the proxy that is meant. */
const WRITTEN: readonly (readonly [string, string])[] = [
  ["http://proxy.example:3128", "http proxy.example 3128"],
  ["proxy.example:3128", "http proxy.example 3128"],
  ["proxy.example", "http proxy.example 80"],
  ["proxy.example:3128/", "http proxy.example 3128"],
  [" http://proxy.example:3128 ", "http proxy.example 3128"],
  ['"http://proxy.example:3128"', "http proxy.example 3128"],
  ["'proxy.example:3128'", "http proxy.example 3128"],
  ["\u200bhttp://proxy.example:3128\u202c", "http proxy.example 3128"],
  ["HTTP://PROXY.EXAMPLE:3128", "http proxy.example 3128"],
  ["http:\\\\proxy.example:3128", "http proxy.example 3128"],
  [signedIn("DOMAIN\\user:password@proxy.example:8080"), "http proxy.example 8080 DOMAIN\\user password"],
  ["DOMAIN\\user:password@proxy.example:8080", "http proxy.example 8080 DOMAIN\\user password"],
  [
    signedIn("DOMAIN%5Cuser:pass%40word@proxy.example:8080"),
    "http proxy.example 8080 DOMAIN\\user pass@word",
  ],
  [signedIn("user:p@ss@proxy.example:8080"), "http proxy.example 8080 user p@ss"],
  [signedIn("user:a#b/c?d@proxy.example:8080"), "http proxy.example 8080 user a#b/c?d"],
  [signedIn("user:100%@proxy.example:8080"), "http proxy.example 8080 user 100%"],
  [signedIn("user:a:b@proxy.example:8080"), "http proxy.example 8080 user a:b"],
  [
    signedIn("user@company.example:secret@proxy.example:8080"),
    "http proxy.example 8080 user@company.example secret",
  ],
  [signedIn("user:pä ss@proxy.example:8080"), "http proxy.example 8080 user pä ss"],
  [signedIn("user:[x]@[::1]:8080"), "http ::1 8080 user [x]"],
  ["PROXY proxy.example:8080; DIRECT", "http proxy.example 8080"],
  ["HTTPS proxy.example:443", "https proxy.example 443"],
  ["SOCKS5 proxy.example:1080", "socks proxy.example 1080"],
  ["http=a.example:80;https=b.example:8080", "http b.example 8080"],
  ["http=a.example:8080;ftp=b.example:21", "http a.example 8080"],
  ["socks5h://proxy.example", "socks proxy.example 1080"],
  ["http=a.example:80 https=b.example:8080", "http b.example 8080"],
  ["ftp=b.example:21;socks=c.example:1080", "socks c.example 1080"],
  ["a.example:8080;b.example:8081", "http a.example 8080"],
  ["http://a.example:8080, http://b.example:8081", "http a.example 8080"],
  ["PROXY a.example:8080; PROXY b.example:8081; DIRECT", "http a.example 8080"],
  ["proxy.example 8080", "http proxy.example 8080"],
  ["proxy.example : 8080", "http proxy.example 8080"],
  ["PROXY 8080", "http proxy 8080"],
  ["http:/proxy.example:8080", "http proxy.example 8080"],
  ["http//proxy.example:8080", "http proxy.example 8080"],
  ["http://proxy.example：８０８０", "http proxy.example 8080"],
  ["“http://proxy.example:8080”", "http proxy.example 8080"],
  ["<http://proxy.example:8080>", "http proxy.example 8080"],
  ['export HTTPS_PROXY="http://proxy.example:8080"', "http proxy.example 8080"],
  ["set http_proxy=proxy.example:8080", "http proxy.example 8080"],
  ['$env:ALL_PROXY="socks5://proxy.example"', "socks proxy.example 1080"],
  [signedIn("a=b:c=d;e@proxy.example:8080"), "http proxy.example 8080 a=b c=d;e"],
];

describe("A proxy's address as people and systems write it", () => {
  for (const [address, meant] of WRITTEN)
    it(`is read: ${JSON.stringify(address)}`, () => {
      const { kind, hostname, port, user, name } = readProxy({ address, source: "test" }, "");
      const signIn = user === undefined ? "" : ` ${user.name} ${user.password}`;
      assert.equal(`${kind} ${hostname} ${port}${signIn}`, meant);
      assert.ok(user === undefined || !name.includes(user.password), "a name shows no password");
    });

  for (const address of [
    "",
    "http://",
    "ftp://proxy.example",
    signedIn("user:password@"),
    "SOCKS4 proxy.example",
    "DIRECT",
    "ftp=proxy.example:21",
    "https=",
  ])
    it(`is refused in words: ${JSON.stringify(address)}`, () =>
      assert.throws(() => readProxy({ address, source: "test" }, ""), { code: "proxy-unusable" }));
});
