import assert from "node:assert/strict";
import { FreightError } from "../../../src/base/errors.ts";
import {
  type Environment,
  findProxy,
  type ProxySettings,
  readProxy,
} from "../../../src/net/connect/proxyRules.ts";

const unset: ProxySettings = { enabled: true, proxy: "", noProxy: [], proxyAuthorization: "" };
const api = "https://api.us.nylas.com/v3";

function chosen(url: string, settings: Partial<ProxySettings> = {}, env: Environment = {}): string {
  const found = findProxy(new URL(url), { ...unset, ...settings }, env);
  return typeof found === "string" ? found : `${found.address} of ${found.source}`;
}

describe("The choice of a proxy", () => {
  const proxy = "http://proxy.example:3128";
  const other = "http://other.example:8080";

  for (const [what, settings, env, expected] of [
    ["nothing is set", {}, {}, "unsaid"],
    ["the setting names one", { proxy }, {}, `${proxy} of setting http.proxy`],
    [
      "the setting and the environment do",
      { proxy },
      { HTTPS_PROXY: other },
      `${proxy} of setting http.proxy`,
    ],
    ["HTTPS_PROXY does", {}, { HTTPS_PROXY: proxy }, `${proxy} of variable HTTPS_PROXY`],
    ["https_proxy does", {}, { https_proxy: proxy, HTTPS_PROXY: other }, `${proxy} of variable https_proxy`],
    ["HTTP_PROXY does", {}, { HTTP_PROXY: proxy }, `${proxy} of variable HTTP_PROXY`],
    ["http_proxy does", {}, { http_proxy: proxy }, `${proxy} of variable http_proxy`],
    ["ALL_PROXY does", {}, { ALL_PROXY: proxy }, `${proxy} of variable ALL_PROXY`],
    ["all_proxy does", {}, { all_proxy: proxy, ALL_PROXY: other }, `${proxy} of variable all_proxy`],
    ["a variable is empty", {}, { HTTPS_PROXY: " ", ALL_PROXY: proxy }, `${proxy} of variable ALL_PROXY`],
    ["proxies are switched off", { enabled: false, proxy }, { HTTPS_PROXY: proxy }, "direct"],
    ["the setting excepts it", { proxy, noProxy: ["nylas.com"] }, {}, "direct"],
    [
      "the setting excepts it from the environment",
      { noProxy: ["nylas.com"] },
      { ALL_PROXY: proxy },
      "direct",
    ],
    ["the environment excepts it from the setting", { proxy }, { NO_PROXY: "x, nylas.com" }, "direct"],
    ["no_proxy does", { proxy }, { no_proxy: "nylas.com", NO_PROXY: "x" }, "direct"],
    ["NO_PROXY has blanks for commas", { proxy }, { NO_PROXY: "x nylas.com" }, "direct"],
    [
      "both except, and only the setting counts",
      { proxy, noProxy: ["x"] },
      { NO_PROXY: "nylas.com" },
      `${proxy} of setting http.proxy`,
    ],
    ["the setting's exceptions are blank", { proxy, noProxy: [" "] }, { NO_PROXY: "nylas.com" }, "direct"],
  ] as const)
    it(`is right when ${what}`, () => assert.equal(chosen(api, settings, env), expected));

  it("for http asks no variable that is for https", () =>
    assert.equal(chosen("http://mail.test/", {}, { HTTPS_PROXY: proxy }), "unsaid"));

  for (const host of [
    "localhost",
    "LOCALHOST:8080",
    "app.localhost",
    "127.0.0.1:8080",
    "127.1.2.3",
    "[::1]:8080",
    "[::ffff:127.0.0.1]",
  ])
    it(`is never one for ${host}: it is this machine`, () =>
      assert.equal(chosen(`http://${host}/`, { proxy }, { ALL_PROXY: proxy }), "direct"));

  for (const [entry, host, excepted] of [
    ["mail.test", "mail.test", true],
    ["MAIL.test", "Mail.Test", true],
    ["mail.test.", "mail.test", true],
    ["mail.test", "mail.test.", true],
    ["mail.test", "a.b.mail.test", true],
    ["mail.test", "email.test", false],
    ["mail.test", "test", false],
    [".mail.test", "a.mail.test", true],
    [".mail.test", "mail.test", true],
    ["*.mail.test", "a.mail.test", true],
    ["*.mail.test", "email.test", false],
    ["*", "mail.test", true],
    ["", "mail.test", false],
    [".", "mail.test", false],
    ["mail.test:443", "mail.test", true],
    ["mail.test:443", "mail.test:443", true],
    ["mail.test:8443", "mail.test", false],
    ["mail.test:8443", "mail.test:8443", true],
    ["192.0.2.7", "192.0.2.7", true],
    ["2.7", "192.0.2.7", false],
    ["192.0.2.7:443", "192.0.2.7:8443", false],
    ["192.0.2.0/24", "192.0.2.7", true],
    ["192.0.2.0/24", "192.0.3.7", false],
    ["192.0.2.0/24", "mail.test", false],
    ["192.0.2.0/33", "192.0.2.7", false],
    ["mail.test/8", "mail.test", false],
    ["2001:db8::7", "[2001:db8::7]", true],
    ["[2001:db8::7]", "[2001:db8::7]", true],
    ["[2001:db8::7]:8443", "[2001:db8::7]", false],
    ["2001:db8::/32", "[2001:db8::7]", true],
    ["2001:db8::/32", "[2001:db9::7]", false],
  ] as const)
    it(`with the exception “${entry}” is ${excepted ? "none" : "one"} for ${host}`, () =>
      assert.equal(chosen(`https://${host}/`, { proxy, noProxy: [entry] }) === "direct", excepted));
});

describe("A proxy's address", () => {
  const read = (address: string, authorization = "") => readProxy({ address, source: "test" }, authorization);
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  for (const [address, kind, hostname, port, user] of [
    ["http://proxy.example:3128", "http", "proxy.example", 3128, undefined],
    ["HTTPS://proxy.example/", "https", "proxy.example", 443, undefined],
    ["proxy.example:3128", "http", "proxy.example", 3128, undefined],
    ["proxy.example", "http", "proxy.example", 80, undefined],
    ["http://[::1]:3128", "http", "::1", 3128, undefined],
    ["http://ann:pass@proxy.example:3128", "http", "proxy.example", 3128, "ann:pass"],
    ["http://corp%5Cann:a%40b%3Ac@proxy.example", "http", "proxy.example", 80, "corp\\ann:a@b:c"],
    ["http://ann@proxy.example", "http", "proxy.example", 80, "ann:"],
    ["http://ann:100%@proxy.example", "http", "proxy.example", 80, "ann:100%"],
    ["ann:pass@proxy.example:3128", "http", "proxy.example", 3128, "ann:pass"],
    ["socks5://ann:a%40b@proxy.example", "socks", "proxy.example", 1080, "ann:a@b"],
    ["socks5h://proxy.example:9", "socks", "proxy.example", 9, undefined],
    ["socks://[::1]", "socks", "::1", 1080, undefined],
  ] as const)
    it(`is understood: ${address}`, () => {
      const proxy = read(address);
      assert.deepEqual([proxy.kind, proxy.hostname, proxy.port], [kind, hostname, port]);
      assert.equal(proxy.user && `${proxy.user.name}:${proxy.user.password}`, user);
      assert.equal(proxy.authorization, user && basic(user));
      assert.ok(!proxy.name.includes("@") && !proxy.name.includes("pass"), proxy.name);
    });

  it("gives way to the authorization of the settings", () =>
    assert.equal(read("http://ann:pass@proxy.example", "Bearer abc").authorization, "Bearer abc"));

  for (const address of [
    "http:/" + "/",
    "zoe:geheim@",
    "socks4://zoe:geheim@proxy.example",
    "ftp://zoe:geheim@h.example",
  ])
    it(`is refused without its password being said: ${address}`, () =>
      assert.throws(
        () => read(address),
        (reason: unknown) => {
          assert.ok(reason instanceof FreightError);
          assert.equal(reason.code, "proxy-unusable");
          assert.equal(reason.remedy, "openProxySettings");
          assert.doesNotMatch(reason.message, /zoe|geheim/);
          return true;
        },
      ));
});
